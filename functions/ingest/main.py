# noqa: INP001 - a function's folder, no package
"""The step ingest as a functions-framework function: it copies the object that an event names, by digest.

export POORWILL_STORE=./store POORWILL_PIPELINE=functions/examples/digits
functions-framework --source functions/ingest/main.py --target ingest
python functions/ingest/main.py event.json
"""

import os
import sys
from typing import Any

from poorwill.delivery.function.carrier import Carried
from poorwill.pipeline.function.carrier import open_function
from poorwill.pipeline.function.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("ingest", os.environ, sys.argv[1:]))

_function = open_function("ingest", os.environ)


def ingest(request: Any) -> Carried:
    """Answer one event; see docs/pipelines.md."""
    return _function(request)
