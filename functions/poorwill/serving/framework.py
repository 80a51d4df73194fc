"""The same application under functions-framework: the only user of Flask, and no part of the fast way."""

import atexit
import os
from functools import cache

import flask

from poorwill.errors import Fault, TooLargeError
from poorwill.serving.carry import last_words
from poorwill.serving.message import Answer, Request
from poorwill.serving.wake import Awake, wake
from poorwill.settings import read


@cache
def awake() -> Awake:
    """Return the served version, loaded once in a process, with its metrics on a port of their own."""
    loaded = wake(read(os.environ))
    settings = loaded.settings
    loaded.log.line("INFO", "ready", cold_start=loaded.application.ledger.report())
    if settings.metrics_port >= 0:
        from poorwill.serving.exposition import Exposition

        Exposition(loaded.application).listen(settings.host, settings.metrics_port)
    atexit.register(last_words, loaded)
    return loaded


# gunicorn, which functions-framework starts, forks its worker: load in it, before its first request. A session made
# before the fork would wait for threads that were not copied.
os.register_at_fork(after_in_child=awake)


def predict(request: flask.Request) -> flask.Response:
    """Answer one request as `poorwill serve` would."""
    loaded = awake()
    headers = {name.lower(): value for name, value in request.headers.items()}
    refused = loaded.gate.refusal(request.method, request.path, headers) if loaded.gate else None
    if refused is not None:
        return _response(loaded, loaded.application.refuse(refused))
    limit_bytes = loaded.settings.body_limit_bytes
    if (request.content_length or 0) > limit_bytes:
        error = TooLargeError(Fault("body", f"at most {limit_bytes} bytes", "more", "send less at once"))
        return _response(loaded, loaded.application.refuse(error))
    body = request.get_data(cache=False)
    return _response(loaded, loaded.application.answer(Request(request.method, request.path, headers, body)))


def _response(loaded: Awake, answer: Answer) -> flask.Response:
    response = flask.Response(answer.body, answer.status, content_type=answer.content_type)
    for name, value in (*loaded.application.common_headers, *answer.headers):
        response.headers[name] = value
    return response
