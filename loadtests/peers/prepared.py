"""What some peers need besides a command: files that are made before they start, settings of their own."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

from loadtests.peers.place import PROGRAMS, Place


def mlserver(place: Place) -> None:
    """Write the model's settings."""
    settings = {"name": place.sample.name, "implementation": "mlserver_runtime.OnnxRuntime"}
    (place.folder / "model-settings.json").write_text(json.dumps(settings))


def mlserver_variables(place: Place) -> dict[str, str]:
    """Return its settings: the model in the process that serves it, which is faster here than its pool of one."""
    ports = zip(("HTTP", "GRPC", "METRICS"), place.ports, strict=True)
    found = {f"MLSERVER_{name}_PORT": str(port) for name, port in ports}
    return found | {"MLSERVER_HOST": "127.0.0.1", "MLSERVER_PARALLEL_WORKERS": "0", "MLSERVER_DEBUG": "false"}


def mlflow(place: Place) -> None:
    """Save the model in its format, with the session's options in it."""
    command = [str(place.bin / "python"), str(PROGRAMS / "mlflow_save.py"), "saved"]
    environment = os.environ | place.variables
    subprocess.run(command, cwd=place.folder, env=environment, check=True, capture_output=True)


def pytriton_variables(place: Place) -> dict[str, str]:
    """Return where the library of the environment's own Python is, which Triton's backend loads."""
    return {"LD_LIBRARY_PATH": _library_folder(place.bin)}


@cache
def _library_folder(bin_folder: Path) -> str:
    code = "import sysconfig; print(sysconfig.get_config_var('LIBDIR'))"
    return subprocess.run(
        [str(bin_folder / "python"), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
