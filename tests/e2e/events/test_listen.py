"""`poorwill listen` shows what a Broker gets, and leaves nothing behind."""

import json
import signal

import pytest

from tests.e2e.events.hearing import listed, watching

START_SECONDS = 120

pytestmark = pytest.mark.parametrize("_place", ["envoy"], indirect=True)


def left(twin):
    kinds = ("ksvc", "trigger")
    return [
        obj["metadata"]["name"] for kind in kinds for obj in listed(twin, kind) if "listen" in obj["metadata"]["name"]
    ]


def test_it_shows_the_events_that_were_asked_for_and_ends_after_so_many(twin):
    process = watching(twin, "--type", "org.example.wanted", "--count", "1")

    twin.poorwill("send", "org.example.other")
    twin.poorwill("send", "org.example.wanted", "--subject", "it", "--data", '{"n": 1}')

    output, _ = process.communicate(timeout=START_SECONDS)
    (event,) = map(json.loads, output.splitlines())
    assert (event["type"], event["subject"], event["data"]) == ("org.example.wanted", "it", {"n": 1})
    assert process.returncode == 0
    assert left(twin) == []


def test_ctrl_c_takes_the_listener_away(twin):
    process = watching(twin)

    process.send_signal(signal.SIGINT)

    process.communicate(timeout=START_SECONDS)
    assert process.returncode == 130
    assert left(twin) == []
