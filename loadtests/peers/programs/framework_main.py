"""The model under functions-framework, as its documentation writes an HTTP function."""

from typing import Any

import flask
import functions_framework
from onnx_answer import answered, load

SESSION = load()


@functions_framework.http
def infer(request: flask.Request) -> dict[str, Any]:
    """Answer one infer request."""
    return answered(SESSION, request.get_json())
