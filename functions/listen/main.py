# noqa: INP001 - a function's folder, no package
"""Prints each event that it is sent, as a functions-framework function: `poorwill listen` reads its log.

functions-framework --source functions/listen/main.py --target listen
python functions/listen/main.py event.json
"""

import os
import sys
from typing import Any

from poorwill.delivery.function.carrier import Carried
from poorwill.pipeline.function.carrier import open_function
from poorwill.pipeline.function.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("listen", os.environ, sys.argv[1:]))

_function = open_function("listen", os.environ)


def listen(request: Any) -> Carried:
    """Answer one event; see docs/eventing.md."""
    return _function(request)
