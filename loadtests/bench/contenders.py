"""Who is measured: what each installs, and how it is started and asked."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from loadtests.bench.environments import OURS

PEERS = Path(__file__).parent / "peers"
INFER = "/v2/models/small/infer"


class Place(NamedTuple):
    """Where a contender runs: its environment's bin folder, the store, its port and a second one for metrics."""

    bin: Path
    store: Path
    port: int
    metrics_port: int


class Contender(NamedTuple):
    """One row of the table."""

    name: str
    environment: str
    selection: tuple[str, ...]
    command: Callable[[Place], list[str]]
    path: str = INFER


def ours(place: Place, model: str = "small") -> list[str]:
    """Return our command as people use it, with metrics served and logging as it comes."""
    return [*_bare(place, model), "--metrics-port", str(place.metrics_port)]


def ours_silent(place: Place) -> list[str]:
    """Return our command without metrics and without a line for ordinary answers."""
    return [*_bare(place, "small"), "--log-ratio", "0"]


def _bare(place: Place, model: str) -> list[str]:
    address = ["--host", "127.0.0.1", "--port", str(place.port)]
    return [str(place.bin / "poorwill"), "serve", f"{model}@1", "--store", str(place.store), *address]


def functions_framework(place: Place) -> list[str]:
    """Return functions-framework's command, nothing tuned."""
    source = ["--source", str(PEERS / "framework_main.py"), "--target", "infer"]
    return [str(place.bin / "functions-framework"), *source, "--host", "127.0.0.1", "--port", str(place.port)]


def fastapi(place: Place) -> list[str]:
    """Return uvicorn's command with its access log off, which is kind to it: a line a request costs it a third."""
    options = ["--app-dir", str(PEERS), "--host", "127.0.0.1", "--port", str(place.port), "--no-access-log"]
    return [str(place.bin / "uvicorn"), "fastapi_main:app", *options]


POORWILL, SILENT, FRAMEWORK, FASTAPI = (
    "poorwill",
    "poorwill, no metrics or logs",
    "functions-framework",
    "FastAPI + uvicorn",
)
CONTENDERS = (
    Contender(POORWILL, "ours", OURS, ours),
    Contender(SILENT, "ours", OURS, ours_silent),
    Contender(FRAMEWORK, "framework", ("--only-group", "bench-framework"), functions_framework, path="/"),
    Contender(FASTAPI, "fastapi", ("--only-group", "bench-fastapi"), fastapi),
)
