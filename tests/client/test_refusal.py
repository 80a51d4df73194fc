"""A server's problem details become the error that raised them, faults, request id and all."""

import msgspec
import pytest

from poorwill import errors
from poorwill.client.refusal import refusal
from poorwill.client.transport import Reply
from poorwill.errors import Fault, PoorwillError
from poorwill.serving.protocol.problem import problem

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PoorwillError)]
FAULTS = (Fault("a", "b", "c", "d"), Fault("e", "f", "g", "h"))


def made(kind):
    return kind(*FAULTS, allow="GET") if kind is errors.MethodNotAllowedError else kind(*FAULTS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_of_ours_comes_back_as_itself(kind):
    answer = problem(made(kind), "r-1")

    error = refusal(Reply(answer.status, dict(answer.headers), answer.body), "GET /")

    assert (type(error), error.faults, error.request_id) == (kind, FAULTS, "r-1")


def test_what_a_refusal_says_of_time_and_methods_is_kept():
    busy = refusal(Reply(503, {"retry-after": "7"}, b""), "GET /")
    wrong = refusal(Reply(405, {"allow": "GET"}, b'{"type":"urn:poorwill:error:method-not-allowed"}'), "POST /")

    assert (busy.retry_after_seconds, wrong.allow) == (7, "GET")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequestError),
        (404, errors.NotFoundError),
        (413, errors.TooLargeError),
        (429, errors.UnavailableError),
        (502, errors.UnavailableError),
        (500, PoorwillError),
        (302, PoorwillError),
    ],
)
@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"faults":1}', b'{"error":{}}', b"[" * 100_000])
def test_a_refusal_of_another_server_is_told_by_its_status(status, kind, body):
    error = refusal(Reply(status, {"x-request-id": "r-2"}, body), "GET /v2")

    assert (type(error), error.request_id) == (kind, "r-2")
    assert error.faults[0].found == str(status)


def test_the_protocols_own_error_text_is_shown():
    body = msgspec.json.encode({"error": "no such model" + "!" * 1000})

    error = refusal(Reply(404, {}, body), "GET /v2/models/a")

    assert error.faults[0].found == ("404, no such model" + "!" * 1000)[:505]
