"""Every setting: one row with type, default, unit and sentence; the environment is read here and nowhere else."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, get_args

import msgspec

from poorwill.errors import Fault, UsageError


class Row(NamedTuple):
    """What a setting means: `store` is `--store` on the command line and `POORWILL_STORE` in the environment."""

    default: str | int | float
    sentence: str
    unit: str = ""
    lowest: float = 0
    highest: float = 2**40
    variable: str = ""  # only where Knative or the platform fixes the name
    used_by: str = "serve"  # the commands that read it, joined by commas: serve, deliver, pipeline, twin, predict
    secret: bool = False  # no flag: a command line is there for every process to read


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was set, by command line, environment or default."""

    store: Annotated[str, Row("./store", "Folder, or s3://, gs:// or az:// bucket, that holds versions and blobs.")]
    model: Annotated[str, Row("", "Version to serve: name@number or name@alias.")]
    digest: Annotated[str, Row("", "Digest that the version must have, sha256:<hex>; any other is refused.")]
    pack_digests: Annotated[
        str,
        Row("", "Start packs that may be used where a digest is demanded, by their own digests, joined by commas."),
    ]
    function: Annotated[str, Row("", "Folder of a function of your own, around the model or in its place.")]
    host: Annotated[str, Row("127.0.0.1", "Address to listen on.")]
    port: Annotated[int, Row(8080, "Port for requests and events; 0 picks a free one.", highest=65535, variable="PORT")]
    metrics_port: Annotated[
        int,
        Row(-1, "Port for Prometheus, on the same address; 0 picks a free one, -1 is none.", lowest=-1, highest=65535),
    ]
    metrics_push_url: Annotated[str, Row("", "Where the last metrics are PUT when the process ends (a Pushgateway).")]
    body_limit_bytes: Annotated[int, Row(33_554_432, "Largest body, packed and unpacked; else 413.", "bytes")]
    concurrency_limit: Annotated[int, Row(256, "Requests accepted at once for the model; else 503.", "requests", 1)]
    connection_limit: Annotated[int, Row(2048, "Connections open at once; else 503.", "connections", 1)]
    threads: Annotated[int, Row(0, "Threads that run a heavy model; 0 takes the CPUs it may use.", "threads")]
    batch_rows: Annotated[
        int,
        Row(0, "Most rows of requests that share a run of the model; 0 is as a timed run says, 1 shares none.", "rows"),
    ]
    batch_limit_ms: Annotated[float, Row(20.0, "Longest that a run may take that requests share.", "milliseconds")]
    providers: Annotated[
        str, Row("CPUExecutionProvider", "onnxruntime's execution providers, best first, joined by commas.")
    ]
    receive_timeout_seconds: Annotated[float, Row(30.0, "Time for a whole request to arrive; else 408.", "seconds")]
    idle_timeout_seconds: Annotated[float, Row(120.0, "Time that a silent connection is kept open.", "seconds")]
    grace_seconds: Annotated[float, Row(30.0, "Time that running requests get after SIGTERM.", "seconds")]
    fetch_timeout_seconds: Annotated[float, Row(20.0, "Time to reach the store, retries included.", "seconds")]
    slow_ms: Annotated[float, Row(1000.0, "An answer slower than this is always logged.", "milliseconds")]
    log_ratio: Annotated[
        float, Row(0.01, "Share of ordinary answers that are logged; errors always are.", "0 to 1", highest=1)
    ]
    sample_ratio: Annotated[
        float, Row(0.0, "Share of predictions sent to the Broker as events, for drift to show.", "0 to 1", highest=1)
    ]
    sample_without: Annotated[
        str, Row("", "Inputs, outputs, or input:column, that samples leave out, joined by commas; texts always are.")
    ]
    revision: Annotated[str, Row("", "Revision that this process belongs to.", variable="K_REVISION")]
    authentication: Annotated[
        str, Row("", "What callers show: api-keys, jwt or both with a comma; empty takes what is configured, or none.")
    ]
    api_keys: Annotated[str, Row("", "Who has a key, and its SHA-256: name=sha256:<hex>, joined by commas or lines.")]
    api_keys_file: Annotated[
        str, Row("", "The same in a file, or one file a name in a folder; read again when changed.")
    ]
    jwt_issuer: Annotated[str, Row("", "Issuer that a JWT must have (iss).")]
    jwt_audience: Annotated[str, Row("", "Audience that a JWT must be for (aud).")]
    jwt_subjects: Annotated[str, Row("", "Subjects (sub) that are let in, joined by commas; empty lets in all.")]
    jwks: Annotated[str, Row("", "The issuer's keys as a JWKS: https:// URL, file, or the JSON itself.")]
    jwt_leeway_seconds: Annotated[
        float, Row(30.0, "By how much the issuer's clock and this one may differ.", "seconds", highest=600)
    ]
    trusted_keys: Annotated[
        str, Row("", "File or folder of public keys (PEM); a version that none of them has signed is refused.")
    ]
    token: Annotated[str, Row("", "API key or JWT to show to a server.", used_by="predict", secret=True)]
    token_file: Annotated[str, Row("", "File with an API key or JWT to show to a server.", used_by="predict")]
    kubeconfig: Annotated[
        str, Row("", "File that says which cluster; else the twin's.", variable="KUBECONFIG", used_by="deliver")
    ]
    namespace: Annotated[str, Row("", "Namespace to work in; empty takes the kubeconfig's.", used_by="deliver")]
    image: Annotated[
        str, Row("ghcr.io/poorwill/serve:0.1.0", "Image of a version service, best by digest.", used_by="deliver")
    ]
    deploy_with: Annotated[
        str,
        Row("", "Components that the deploy function makes new versions with, joined by commas.", used_by="deliver"),
    ]
    pipeline: Annotated[
        str, Row("./pipeline.yaml", "A pipeline's spec, or the folder of its pipeline.yaml.", used_by="pipeline")
    ]
    data: Annotated[
        str, Row("", "Folder or bucket that arriving objects lie in; empty takes the store.", used_by="pipeline")
    ]
    live_days: Annotated[
        float, Row(30.0, "How long samples and feedback are kept; 0 keeps them.", "days", used_by="pipeline")
    ]
    step_image: Annotated[
        str, Row("", "Image that steps run in, by digest: another one does train anew.", used_by="pipeline")
    ]
    signing_key_file: Annotated[
        str, Row("", "Private key (PEM) that signs the provenance of versions.", used_by="pipeline")
    ]
    broker_url: Annotated[
        str,
        Row("", "Broker's URL that samples go to, and the reply of a step that is a Job.", used_by="serve, pipeline"),
    ]
    gateway: Annotated[
        str,
        Row("", "Host and port that stand for all hosts in the cluster; the twin sets it.", used_by="serve, pipeline"),
    ]
    twin: Annotated[str, Row(".poorwill", "Folder of the twin: its state, kubeconfig and logs.", used_by="twin")]
    twin_port: Annotated[
        int, Row(8090, "Port of the twin's gateway; 0 picks a free one.", highest=65535, used_by="twin")
    ]


class Setting(NamedTuple):
    """One row with its names, as command line, documentation and tests want it."""

    name: str
    type: type
    row: Row

    @property
    def variable(self) -> str:
        """Return the environment variable's name."""
        return self.row.variable or f"POORWILL_{self.name.upper()}"

    @property
    def flag(self) -> str:
        """Return the command line's name."""
        return "--" + self.name.replace("_", "-")


SETTINGS = tuple(Setting(name, *get_args(hint)) for name, hint in Settings.__annotations__.items())
SERVED = tuple(setting for setting in SETTINGS if "serve" in setting.row.used_by)
"""What `poorwill serve` reads, which is what a pod's environment may hold."""


def table() -> str:
    """Return all settings as a Markdown table, as the documentation has it."""
    lines = ["| flag | variable | used by | default | unit | meaning |", "|---|---|---|---|---|---|"]
    for setting in SETTINGS:
        row = setting.row
        default = f"`{row.default}`" if row.default != "" else ""
        flag = "" if row.secret else f"`{setting.flag}`"
        cells = (flag, f"`{setting.variable}`", row.used_by, default, row.unit, row.sentence)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def read(environment: Mapping[str, str], flags: Mapping[str, str] | None = None) -> Settings:
    """Return the settings: a flag wins over the environment, the environment over the default.

    Args:
        environment: usually os.environ.
        flags: values from the command line by setting name.

    Raises:
        UsageError: with one fault for each value that can't be used.
    """
    values: dict[str, Any] = {}
    faults = []
    for setting in SETTINGS:
        text = (flags or {}).get(setting.name) or environment.get(setting.variable)
        try:
            values[setting.name] = _value(setting, text) if text else setting.row.default
        except ValueError:
            faults.append(_fault(setting))
    if faults:
        raise UsageError(*faults)
    return Settings(**values)


def _value(setting: Setting, text: str) -> Any:
    value = setting.type(text)
    if setting.type is not str and not setting.row.lowest <= value <= setting.row.highest:
        raise ValueError
    return value


def _fault(setting: Setting) -> Fault:
    row = setting.row
    return Fault(
        f"{setting.flag} ({setting.variable})",
        f"a number from {row.lowest:g} to {row.highest:g}",
        "something else",
        f"leave it out for {row.default} {row.unit}".rstrip(),
    )
