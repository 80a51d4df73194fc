# noqa: INP001 - a function's folder, no package
"""Keeps what versions answered, and what turned out to be true, as a functions-framework function.

export POORWILL_STORE=./store
functions-framework --source functions/feedback/main.py --target feedback
python functions/feedback/main.py event.json
"""

import os
import sys
from typing import Any

from poorwill.delivery.function.carrier import Carried
from poorwill.pipeline.function.carrier import open_function
from poorwill.pipeline.function.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("feedback", os.environ, sys.argv[1:]))

_function = open_function("feedback", os.environ)


def feedback(request: Any) -> Carried:
    """Answer one event; see docs/pipelines.md."""
    return _function(request)
