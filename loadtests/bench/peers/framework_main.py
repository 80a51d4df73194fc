"""The model under functions-framework, as its documentation writes an HTTP function."""

from typing import Any

import flask
import functions_framework
from onnx_answer import answer, load

SESSION = load()


@functions_framework.http
def infer(request: flask.Request) -> dict[str, Any]:
    """Answer one infer request."""
    tensor = request.get_json()["inputs"][0]
    return {"model_name": "small", "outputs": [answer(SESSION, tensor["shape"], tensor["data"])]}
