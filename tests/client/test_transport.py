"""Requests are sent anew where that is safe, for as long as the caller waits, and no longer."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from poorwill.client.transport import Transport, backoff_seconds, retry_after_seconds
from poorwill.errors import UnavailableError


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def transport(server, pauses):
    transport = Transport(server.url, timeout_seconds=10, wait_seconds=10, sleep=pauses.append)
    yield transport
    transport.close()


def busy(status=503, seconds="3"):
    return (status, b"", {"retry-after": seconds})


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_when_it_says(transport, server, pauses, status):
    server.script += [busy(status), busy(status), (200, b"done")]

    reply = transport.send("GET", "/")

    assert (reply.status, reply.body, pauses) == (200, b"done", [3, 3])


def test_the_waits_together_are_bounded(transport, server, pauses):
    server.script += [busy()] * 9

    reply = transport.send("GET", "/")

    assert (reply.status, pauses) == (503, [3, 3, 3])


def test_a_wait_over_the_bound_is_not_begun(transport, server, pauses):
    server.script += [busy(seconds="11")]

    assert (transport.send("GET", "/").status, pauses) == (503, [])


def test_a_server_that_gives_no_time_is_asked_ever_less_often(transport, server, pauses):
    server.script += [(503, b"")] * 50

    transport.send("GET", "/")

    assert pauses[0] <= 0.1
    assert max(pauses) > 0.5
    assert sum(pauses) <= 10


@pytest.mark.parametrize("status", [400, 404, 500, 502, 504])
def test_other_refusals_are_final(transport, server, pauses, status):
    server.script += [(status, b"")]

    assert (transport.send("GET", "/").status, pauses) == (status, [])


def test_a_silence_is_not_asked_again(server, pauses):
    server.script += ["silence"]
    transport = Transport(server.url, timeout_seconds=0.2, wait_seconds=10, sleep=pauses.append)

    with pytest.raises(UnavailableError) as caught:
        transport.send("POST", "/", body=b"1")
    transport.close()

    assert caught.value.faults[0].wanted == "an answer within 0.2 s"
    assert (pauses, len(server.seen)) == ([], 1)


def test_a_connection_that_closed_is_replaced_once(transport, server, pauses):
    server.script += ["close", (200, b"done")]

    assert transport.send("POST", "/", body=b"1").status == 200
    assert len(pauses) == 1


def test_a_server_that_closes_again_is_given_up(transport, server, pauses):
    server.script += ["close"] * 9

    with pytest.raises(UnavailableError):
        transport.send("POST", "/", body=b"1")

    assert (len(pauses), len(server.seen)) == (1, 2)


def test_a_server_that_is_away_is_waited_for(pauses, unserved_url):
    transport = Transport(unserved_url, timeout_seconds=1, wait_seconds=2, sleep=pauses.append)

    with pytest.raises(UnavailableError) as caught:
        transport.send("GET", "/")

    assert caught.value.faults[0].found == "no connection"
    assert len(pauses) > 3


def test_retry_after_may_be_seconds_or_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)

    assert retry_after_seconds("7") == 7
    assert 3500 < retry_after_seconds(later) <= 3600
    assert retry_after_seconds("Thu, 01 Jan 1970 00:00:00 GMT") == 0
    assert [retry_after_seconds(value) for value in ("", "-1", "soon", "1.5", "²")] == [0] * 5


def test_the_backoff_grows_to_a_bound():
    assert 0.05 <= backoff_seconds(0) <= 0.1
    assert 1 <= backoff_seconds(100) <= 2
