"""Events as tests of functions send them."""

import json
from typing import Any

ARRIVED = {"pipeline": "flowers", "object": "incoming/november.csv"}


def event(data: Any = ARRIVED, *, type: str = "dev.poorwill.data.arrived", **attributes: str) -> dict[str, Any]:  # noqa: A002
    """Return an event in CloudEvents' JSON format."""
    return {"specversion": "1.0", "id": "1", "source": "/shop", "type": type, **attributes, "data": data}


def text(data: Any = ARRIVED, **more: str) -> str:
    """Return an event as its text."""
    return json.dumps(event(data, **more))
