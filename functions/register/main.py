# noqa: INP001 - a function's folder, no package
"""The step register as a functions-framework function: it makes the model a version.

export POORWILL_STORE=./store POORWILL_PIPELINE=functions/examples/digits
functions-framework --source functions/register/main.py --target register
python functions/register/main.py event.json
"""

import os
import sys
from typing import Any

from poorwill.delivery.function.carrier import Carried
from poorwill.pipeline.function.carrier import open_function
from poorwill.pipeline.function.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("register", os.environ, sys.argv[1:]))

_function = open_function("register", os.environ)


def register(request: Any) -> Carried:
    """Answer one event; see docs/pipelines.md."""
    return _function(request)
