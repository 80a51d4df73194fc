# noqa: INP001 - a function's folder, no package
"""The step train as a functions-framework function: it runs the user's train function, and keeps the model.

export POORWILL_STORE=./store POORWILL_PIPELINE=functions/examples/digits
functions-framework --source functions/train/main.py --target train
python functions/train/main.py event.json
"""

import os
import sys
from typing import Any

from poorwill.delivery.function.carrier import Carried
from poorwill.pipeline.function.carrier import open_function
from poorwill.pipeline.function.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("train", os.environ, sys.argv[1:]))

_function = open_function("train", os.environ)


def train(request: Any) -> Carried:
    """Answer one event; see docs/pipelines.md."""
    return _function(request)
