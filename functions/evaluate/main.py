# noqa: INP001 - a function's folder, no package
"""The step evaluate as a functions-framework function: it judges the model on held-out data.

export POORWILL_STORE=./store POORWILL_PIPELINE=functions/examples/digits
functions-framework --source functions/evaluate/main.py --target evaluate
python functions/evaluate/main.py event.json
"""

import os
import sys
from typing import Any

from poorwill.delivery.function.carrier import Carried
from poorwill.pipeline.function.carrier import open_function
from poorwill.pipeline.function.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("evaluate", os.environ, sys.argv[1:]))

_function = open_function("evaluate", os.environ)


def evaluate(request: Any) -> Carried:
    """Answer one event; see docs/pipelines.md."""
    return _function(request)
