# noqa: INP001 - a function's folder, no package
"""Holds what versions see and answer beside what they were made from, as a functions-framework function.

export POORWILL_STORE=./store POORWILL_PIPELINE=functions/examples/digits
functions-framework --source functions/drift/main.py --target drift
python functions/drift/main.py event.json
"""

import os
import sys
from typing import Any

from poorwill.delivery.function.carrier import Carried
from poorwill.pipeline.function.carrier import open_function
from poorwill.pipeline.function.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("drift", os.environ, sys.argv[1:]))

_function = open_function("drift", os.environ)


def drift(request: Any) -> Carried:
    """Answer one event; see docs/pipelines.md."""
    return _function(request)
