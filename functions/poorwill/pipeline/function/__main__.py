"""What an image of a pipeline runs: the function that its one argument names, or the Job of it.

python -m poorwill.pipeline.function ingest
"""

import os
import runpy
import sys

from poorwill.delivery.function.source import main_file
from poorwill.errors import Fault, UsageError
from poorwill.pipeline.function.command import EVENT_PATH, run_command
from poorwill.pipeline.names import FUNCTIONS
from poorwill.settings import read


def main(arguments: list[str]) -> int:
    """Serve, or do a Job and return its exit code."""
    if len(arguments) != 1 or arguments[0] not in FUNCTIONS:
        wanted = f"one of {', '.join(FUNCTIONS)}"
        fault = Fault("poorwill.pipeline.function", wanted, "something else", "name a function")
        sys.stderr.write(f"{fault}\n")
        return UsageError.exit_code
    (name,) = arguments
    if os.environ.get(EVENT_PATH):
        return run_command(name, os.environ, [])
    source = ["--source", str(main_file(name)), "--target", name]
    sys.argv = ["functions-framework", *source, "--host", read(os.environ).host]
    runpy.run_module("functions_framework", run_name="__main__")
    return 0


sys.exit(main(sys.argv[1:]))
