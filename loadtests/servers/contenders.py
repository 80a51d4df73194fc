"""Who is compared: what each installs, how it is started, and when its wheel was last released (pypi.org)."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
APPS = Path(__file__).parent / "apps"
INFER = "/v2/models/small/infer"
MODEL = ("onnxruntime==1.31.1", "numpy==2.4.6", "msgspec==0.22.0")


class Contender(NamedTuple):
    """One row of the table."""

    name: str
    requires: tuple[str, ...]
    command: Callable[[Path, int], list[str]]  # from the environment's bin folder and a port
    released: str


def script(name: str) -> Callable[[Path, int], list[str]]:
    """Return how to start a program of apps/."""
    return lambda bin_folder, port: [str(bin_folder / "python"), str(APPS / name), str(port)]


def granian(bin_folder: Path, port: int) -> list[str]:
    """Return granian's command for WSGI, with the one thread that suits a light model and the timeout it has."""
    options = ["--interface", "wsgi", "--blocking-threads", "1", "--http1-header-read-timeout", "1000", "--no-ws"]
    address = ["--host", "127.0.0.1", "--port", str(port)]
    return [str(bin_folder / "granian"), *options, *address, "--working-dir", str(APPS), "wsgi_app:app"]


def functions_framework(bin_folder: Path, port: int) -> list[str]:
    """Return functions-framework's command, nothing tuned."""
    source = ["--source", str(APPS / "framework_main.py"), "--target", "infer"]
    return [str(bin_folder / "functions-framework"), *source, "--host", "127.0.0.1", "--port", str(port)]


def uvicorn(bin_folder: Path, port: int) -> list[str]:
    """Return uvicorn's command, its access log off."""
    options = ["--app-dir", str(APPS), "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    return [str(bin_folder / "uvicorn"), "fastapi_app:app", *options]


CONTENDERS = (
    Contender(
        "Poorwill's own", (f"poorwill @ {ROOT.as_uri()}", "httptools==0.9.0"), script("poorwill_main.py"), "here"
    ),
    Contender("bjoern", ("bjoern-binary==3.2.2",), script("bjoern_main.py"), "2026-06 (source: 2022-09)"),
    Contender("fastpysgi", ("fastpysgi==0.6",), script("fastpysgi_main.py"), "2026-04"),
    Contender("granian, WSGI, 1 thread", ("granian==2.8.7",), granian, "2026-10"),
    Contender("granian, RSGI, embedded", ("granian==2.8.7",), script("granian_main.py"), "2026-10"),
    Contender("functions-framework (gunicorn)", ("functions-framework==3.10.2",), functions_framework, "2026-06"),
    Contender("FastAPI + uvicorn", ("fastapi==0.163.2", "uvicorn[standard]==0.54.0"), uvicorn, "2026-11"),
)
