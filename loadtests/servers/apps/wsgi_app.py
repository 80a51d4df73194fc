"""The predictor as a WSGI application, for bjoern, fastpysgi and granian."""

from collections.abc import Callable
from typing import Any

from predict import SLOW_PATH, predict, slow


def app(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]) -> list[bytes]:
    """Answer one request."""
    if environ["PATH_INFO"] == SLOW_PATH:
        answer = slow()
    else:
        answer = predict(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
