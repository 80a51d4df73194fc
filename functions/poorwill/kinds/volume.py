"""The structure of a revision's volumes, as in the CRDs of Knative Serving 1.23.0; kinds behind a feature are open."""

from msgspec import field

from poorwill.kinds.structure import Open, Part, Quantity


class KeyToPath(Part, frozen=True):
    """Which file a key becomes."""

    key: str
    path: str
    mode: int | None = None


class SecretVolume(Part, frozen=True):
    """A Secret as files."""

    secret_name: str = ""
    default_mode: int | None = None
    items: list[KeyToPath] = field(default_factory=list)
    optional: bool | None = None


class ConfigMapVolume(Part, frozen=True):
    """A ConfigMap as files."""

    name: str = field(default_factory=str)
    default_mode: int | None = None
    items: list[KeyToPath] = field(default_factory=list)
    optional: bool | None = None


class MapProjection(Part, frozen=True):
    """A ConfigMap or a Secret among other files."""

    name: str = field(default_factory=str)
    items: list[KeyToPath] = field(default_factory=list)
    optional: bool | None = None


class TokenProjection(Part, frozen=True):
    """A service account's token as a file."""

    path: str
    audience: str = ""
    expiration_seconds: int | None = None


class FieldReference(Part, frozen=True):
    """One field of the pod."""

    field_path: str
    api_version: str = ""


class ResourceReference(Part, frozen=True):
    """One of a container's resources."""

    resource: str
    container_name: str = ""
    divisor: Quantity = field(default_factory=lambda: "0")


class DownwardFile(Part, frozen=True):
    """What of the pod becomes a file."""

    path: str
    field_ref: FieldReference | None = None
    mode: int | None = None
    resource_field_ref: ResourceReference | None = None


class DownwardProjection(Part, frozen=True):
    """The pod's own fields as files."""

    items: list[DownwardFile] = field(default_factory=list)


class Projection(Part, frozen=True):
    """One source of a projected volume."""

    config_map: MapProjection | None = None
    downward_api: DownwardProjection | None = field(default=None, name="downwardAPI")
    secret: MapProjection | None = None
    service_account_token: TokenProjection | None = None


class ProjectedVolume(Part, frozen=True):
    """Several sources as files of one volume."""

    sources: list[Projection] | None = field(default_factory=lambda: None)
    default_mode: int | None = None


class EmptyDir(Part, frozen=True, forbid_unknown_fields=False):
    """A folder that begins empty and ends with the pod."""

    medium: str = ""
    size_limit: Quantity | None = None


class Volume(Part, frozen=True):
    """Files that containers share or are given."""

    name: str
    secret: SecretVolume | None = None
    config_map: ConfigMapVolume | None = None
    projected: ProjectedVolume | None = None
    empty_dir: EmptyDir | None = None
    csi: Open | None = None
    ephemeral: Open | None = None
    host_path: Open | None = None
    image: Open | None = None
    persistent_volume_claim: Open | None = None
