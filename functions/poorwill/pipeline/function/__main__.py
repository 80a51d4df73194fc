"""What an image of a pipeline runs: the function that its one argument names, or the Job of it.

python -m poorwill.pipeline.function ingest
"""

import os
import runpy
import sys
from importlib.util import find_spec

from poorwill.delivery.function.source import main_file
from poorwill.errors import Fault, PoorwillError, UsageError
from poorwill.pipeline.function.command import EVENT_PATH, run_command
from poorwill.pipeline.names import FUNCTIONS
from poorwill.settings import read

_NEEDED = ("functions_framework", "pyarrow")


def main(arguments: list[str]) -> int:
    """Serve, or do a Job and return its exit code."""
    if len(arguments) != 1 or arguments[0] not in FUNCTIONS:
        wanted = f"one of {', '.join(FUNCTIONS)}"
        fault = Fault("poorwill.pipeline.function", wanted, "something else", "name a function")
        sys.stderr.write(f"{fault}\n")
        return UsageError.exit_code
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:  # told now, and not by each event
        advice = "pip install 'poorwill[train]'"
        sys.stderr.write(f"{Fault('installation', ' and '.join(missing), 'none of that name', advice)}\n")
        return UsageError.exit_code
    (name,) = arguments
    if os.environ.get(EVENT_PATH):
        return run_command(name, os.environ, [])
    source = ["--source", str(main_file(name)), "--target", name]
    try:
        sys.argv = ["functions-framework", *source, "--host", read(os.environ).host]
        runpy.run_module("functions_framework", run_name="__main__")
    except PoorwillError as error:  # of a spec or a setting: what a pod says last is told by its Service
        sys.stderr.write(f"{error.title}\n{error}\n")
        return error.exit_code
    return 0


sys.exit(main(sys.argv[1:]))
