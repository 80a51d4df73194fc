"""The predictor under functions-framework, as shipped."""

import flask
import functions_framework

from predict import SLOW_PATH, predict, slow


@functions_framework.http
def infer(request: flask.Request) -> flask.Response:
    """Answer one request."""
    answer = slow() if request.path == SLOW_PATH else predict(request.get_data())
    return flask.Response(answer, content_type="application/json")
