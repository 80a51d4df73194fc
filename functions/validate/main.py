# noqa: INP001 - a function's folder, no package
"""The step validate as a functions-framework function: it holds data against what was learnt from a reference.

export POORWILL_STORE=./store POORWILL_PIPELINE=functions/examples/digits
functions-framework --source functions/validate/main.py --target validate
python functions/validate/main.py event.json
"""

import os
import sys
from typing import Any

from poorwill.delivery.function.carrier import Carried
from poorwill.pipeline.function.carrier import open_function
from poorwill.pipeline.function.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("validate", os.environ, sys.argv[1:]))

_function = open_function("validate", os.environ)


def validate(request: Any) -> Carried:
    """Answer one event; see docs/pipelines.md."""
    return _function(request)
