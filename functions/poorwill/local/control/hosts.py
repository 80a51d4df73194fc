"""The names under which a Route and its tags are called (pkg/reconciler/route/domains)."""

from typing import NamedTuple

from poorwill.kinds.kind import Object
from poorwill.kinds.objects import labels
from poorwill.local.control.labels import VISIBILITY_LABEL

_CLUSTER_DOMAIN = "svc.cluster.local"
_HTTP_PORT = 80


def hostname(route: str, tag: str = "") -> str:
    """Return the first label of a Route's or a tag's host; the placeholder that holds it is called so, too."""
    return f"{tag}-{route}" if tag else route


def is_cluster_local(route: Object) -> bool:
    """Return whether a Route is only called from within."""
    return labels(route).get(VISIBILITY_LABEL) == "cluster-local"


class Hosts(NamedTuple):
    """Where the gateway is called from without."""

    domain: str
    port: int

    def url(self, route: Object, tag: str = "") -> str:
        """Return the URL of a Route or of one of its tags."""
        metadata = route["metadata"]
        name = f"{hostname(metadata['name'], tag)}.{metadata['namespace']}"
        if is_cluster_local(route):
            return f"http://{name}.{_CLUSTER_DOMAIN}"
        return f"http://{name}.{self.domain}" + ("" if self.port == _HTTP_PORT else f":{self.port}")

    def external_name(self, route: Object, tag: str = "") -> str:
        """Return the host of a Route or a tag as its placeholder has it."""
        return self.url(route, tag).removeprefix("http://").partition(":")[0]


def address(route: Object) -> str:
    """Return the URL by which functions of the same cluster call a Route."""
    metadata = route["metadata"]
    return f"http://{metadata['name']}.{metadata['namespace']}.{_CLUSTER_DOMAIN}"
