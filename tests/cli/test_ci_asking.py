"""The requests of `poorwill ci`, asked of a real server."""

from pathlib import Path

import msgspec
import pytest
from functions.examples.served import free_port, push, serve

from poorwill.cli.ci_asking import Asking, GoldenAsked
from poorwill.cli.infer_request import read_infer_request
from poorwill.errors import UnavailableError
from poorwill.pipeline.golden import Golden
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store

DIGITS = Path(__file__).parents[2] / "functions" / "examples" / "digits"
REQUEST = (DIGITS / "sample.json").read_bytes()
TRUTH = 7  # what the sample shows


def golden(name, label=TRUTH, **changes):
    request = msgspec.json.decode(REQUEST)
    request["inputs"][0] |= changes
    content = msgspec.json.encode(request)
    return GoldenAsked(Golden(name, content, {"label": [label]}, 0.0), read_infer_request(content, name, []))


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """Serve the first of two versions; yield what asks that URL as if a version were there."""
    folder = tmp_path_factory.mktemp("asking") / "store"
    for name in ("digits.onnx", "digits_wide.onnx"):
        push({"digits": DIGITS / name}, folder)
    store = open_store(str(folder))
    records = {number: Registry(store).resolve(VersionName("digits", number, None)) for number in (1, 2)}
    with serve("digits@1", folder, free_port()) as url:
        yield lambda number, at=url: Asking(store, records[number], at)


def asked(asking, requests=()):
    with asking.client("", "") as client:
        return list(asking.ask(client, list(requests)))


def test_without_golden_requests_the_answer_must_be_what_the_model_says_here(asking):
    ((row, faults),) = asked(asking(1))

    assert (row, faults) == ({"name": "sample request", "state": "passed", "said": ""}, [])


def test_an_answer_of_another_version_is_none_however_right_it_is(asking):
    ((row, faults),) = asked(asking(2), [golden("seven.json")])

    assert row["state"] == "failed"
    assert [fault.found for fault in faults] == ["one of another version"]


def test_each_request_is_asked_though_one_before_it_was_refused(asking):
    requests = [golden("narrow.json", shape=[2, 32]), golden("eight.json", 8), golden("seven.json")]

    rows = [row for row, _ in asked(asking(1), requests)]

    assert [row["state"] for row in rows] == ["failed", "failed", "passed"]
    assert rows[1]["said"] == "label: 1 of 1 off, the first is [0]"


def test_an_ingress_is_asked_with_the_versions_own_host(asking):
    found = asking(1, "http://v1-digits.models.example.com").client("http://127.0.0.1:9", "")

    with found:
        assert found._transport._headers["host"] == "v1-digits.models.example.com"


def test_a_version_that_does_not_answer_at_all_ends_it(asking):
    found = asking(1, f"http://127.0.0.1:{free_port()}")
    client = found.client("", "")
    client._transport._wait_seconds = 0  # nobody will come

    with client, pytest.raises(UnavailableError):
        list(found.ask(client, [golden("seven.json")]))
