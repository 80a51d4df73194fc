# noqa: INP001 - a function's folder, no package
"""Delivery as a functions-framework function: it deploys, splits, rolls back, shows and deletes, and takes events.

POORWILL_STORE=s3://poorwill POORWILL_API_KEYS=ci=sha256:...
  functions-framework --source functions/deploy/main.py --target deploy
"""

import os
from typing import Any

from poorwill.delivery.function.carrier import Carried, open_function
from poorwill.pipeline.function.deployed import open_keeper

_function = open_function(os.environ, open_keeper(os.environ))


def deploy(request: Any) -> Carried:
    """Answer one request; see docs/delivery.md."""
    return _function(request)
