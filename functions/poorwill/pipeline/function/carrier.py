"""A function of a pipeline under functions-framework, which hands over Flask's requests."""

from collections.abc import Callable, Mapping
from typing import Any

from poorwill.delivery.function.carrier import Carried, carry
from poorwill.pipeline.function.endpoint import Endpoint
from poorwill.pipeline.function.handling import open_handle


def open_function(name: str, environment: Mapping[str, str]) -> Callable[[Any], Carried]:
    """Return what answers Flask's requests; raises as `open_handle` does."""
    opened = open_handle(name, environment)
    limit_bytes = opened.settings.body_limit_bytes
    endpoint = Endpoint(opened.handle, opened.log, limit_bytes)
    return lambda request: carry(endpoint, request, limit_bytes)
