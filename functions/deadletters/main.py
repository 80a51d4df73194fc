# noqa: INP001 - a function's folder, no package
"""A Broker's dead letter sink as a functions-framework function: it keeps events that nobody took.

export POORWILL_STORE=./store
functions-framework --source functions/deadletters/main.py --target deadletters
python functions/deadletters/main.py event.json
"""

import os
import sys
from typing import Any

from poorwill.delivery.function.carrier import Carried
from poorwill.pipeline.function.carrier import open_function
from poorwill.pipeline.function.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("deadletters", os.environ, sys.argv[1:]))

_function = open_function("deadletters", os.environ)


def deadletters(request: Any) -> Carried:
    """Answer one event; see docs/pipelines.md."""
    return _function(request)
