"""Who is measured: what each is installed from, and how it is started and asked."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from loadtests.bench.running import Form, open_inference
from loadtests.peers import prepared
from loadtests.peers.forms import INFER, bentoml_form, mlflow_form
from loadtests.peers.place import PROGRAMS, Place

OURS = "poorwill"
ALWAYS = ("functions-framework", "func-python", "fastapi", "mlserver", "kserve")
BY_NAME = ("litserve", "bentoml", "ray", "pytriton", "mlflow")


class Row(NamedTuple):
    """One server of the tables.

    Attributes:
        name: in the tables.
        packages: whose versions are told; none are ours.
        command: that starts it.
        variables: of its environment, beside what all have.
        prepare: what it needs made once in its place's folder.
        form: in which it is asked for a model of that name.
    """

    name: str
    packages: tuple[str, ...]
    command: Callable[[Place], list[str]]
    variables: Callable[[Place], Mapping[str, str]] = lambda _: {}
    prepare: Callable[[Place], None] = lambda _: None
    form: Callable[[str], Form] = lambda name: open_inference(INFER.format(model=name))


def ours(place: Place) -> list[str]:
    """Return our command as people use it: metrics served, logging as it comes, the start pack that the push made."""
    metrics = ["--metrics-port", str(place.ports[1])]
    serve = [str(place.bin / "poorwill"), "serve", f"{place.sample.name}@1", "--store", str(place.store)]
    return [*serve, *place.address, *metrics]


def program(name: str) -> Callable[[Place], list[str]]:
    """Return how one of programs/ is started."""
    return lambda place: [str(place.bin / "python"), str(PROGRAMS / name)]


def functions_framework(place: Place) -> list[str]:
    """Return its command, nothing tuned: gunicorn, one worker, its own number of threads."""
    source = ["--source", str(PROGRAMS / "framework_main.py"), "--target", "infer"]
    return [str(place.bin / "functions-framework"), *source, *place.address]


def fastapi(place: Place) -> list[str]:
    """Return uvicorn's command without its access log: a line a request costs it a third."""
    options = ["--app-dir", str(PROGRAMS), *place.address, "--no-access-log"]
    return [str(place.bin / "uvicorn"), "fastapi_main:app", *options]


def bentoml(place: Place) -> list[str]:
    """Return its command."""
    return [str(place.bin / "bentoml"), "serve", "bentoml_main:Model", "--working-dir", str(PROGRAMS), *place.address]


def mlflow(place: Place) -> list[str]:
    """Return its command."""
    serve = [str(place.bin / "mlflow"), "models", "serve", "--model-uri", str(place.folder / "saved")]
    return [*serve, "--env-manager", "local", *place.address, "--workers", "1"]


ROWS = {
    OURS: Row("Poorwill", (), ours),
    "functions-framework": Row("functions-framework", ("functions-framework",), functions_framework),
    "func-python": Row(
        "func-python",
        ("func-python",),
        program("func_main.py"),
        lambda place: {"LISTEN_ADDRESS": f"127.0.0.1:{place.ports[0]}"},
    ),
    "fastapi": Row("FastAPI + uvicorn", ("fastapi", "uvicorn"), fastapi),
    "mlserver": Row(
        "MLServer",
        ("mlserver",),
        lambda place: [str(place.bin / "mlserver"), "start", str(place.folder)],
        prepared.mlserver_variables,
        prepared.mlserver,
    ),
    "kserve": Row("KServe", ("kserve",), program("kserve_main.py")),
    "litserve": Row("LitServe", ("litserve",), program("litserve_main.py"), form=lambda _: open_inference("/predict")),
    "bentoml": Row(
        "BentoML",
        ("bentoml",),
        bentoml,
        lambda place: {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": str(place.folder / "home")},
        form=bentoml_form,
    ),
    "ray": Row(
        "Ray Serve",
        ("ray",),
        program("ray_main.py"),
        lambda place: {"RAY_USAGE_STATS_ENABLED": "0", "RAY_TMPDIR": str(place.folder)},
    ),
    "pytriton": Row("PyTriton", ("nvidia-pytriton",), program("pytriton_main.py"), prepared.pytriton_variables),
    "mlflow": Row(
        "MLflow",
        ("mlflow",),
        mlflow,
        lambda _: {"MLFLOW_DISABLE_TELEMETRY": "true", "UVICORN_ACCESS_LOG": "false"},
        prepared.mlflow,
        mlflow_form,
    ),
}
