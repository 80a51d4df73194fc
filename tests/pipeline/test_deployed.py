"""A run ends when the deploy function has deployed what it registered."""

import msgspec
import pytest

from poorwill.events.event import EventType
from poorwill.events.reply import reply_to
from poorwill.pipeline import run_store
from poorwill.pipeline.function.deployed import keep_deployed, open_keeper
from poorwill.pipeline.runner import run_through
from tests.pipeline import works

SPEC = works.SPEC + "  - step: deploy\n    percent: 10\n"


@pytest.fixture
def registered(store, tmp_path):
    """Run a pipeline up to the event that the deploy function takes; return it."""
    shop = works.shop(store, works.write_pipeline(tmp_path / "deployed", SPEC))
    passage = run_through(shop, works.steps(), works.arrived(), watch=lambda seen: None)
    assert passage.state == "waiting"
    return passage.last


def reply(event, time="2026-11-28T14:00:00Z", **changes):
    """Return the deploy function's reply to an event."""
    data = {"model": "sum", "version": 1, "service": "sum-v1", "url": "http://sum-v1", "percent": 10, "image": "x"}
    content = msgspec.json.encode(data | changes)
    return reply_to(event, type=EventType.MODEL_DEPLOYED, source="/namespaces/default", data=content, time=time)


def test_the_end_of_a_run_is_kept_once(store, registered, tmp_path):
    keep = open_keeper({"POORWILL_STORE": str(tmp_path / "store")})

    keep(registered, reply(registered))
    keep(registered, reply(registered, time="2026-11-29T00:00:00Z", percent=90))

    record = run_store.find_step(store, registered.subject, "deploy")
    assert (record.state, record.ended) == ("completed", "2026-11-28T14:00:00Z")
    assert record.facts == {"service": "sum-v1", "url": "http://sum-v1", "percent": 10}


@pytest.mark.parametrize("changes", [{"version": 2}, {"model": "other"}])
def test_another_version_than_the_run_registered_ends_nothing(store, registered, changes):
    keep_deployed(store, registered, reply(registered, **changes))

    assert run_store.find_step(store, registered.subject, "deploy") is None


@pytest.mark.parametrize("run", [None, "sums-0123456789abcdef", "../../models", 7])
def test_an_event_of_no_run_changes_nothing(store, registered, run):
    before = sorted(entry.key for entry in store.list(""))
    others = {name: value for name, value in registered.extensions.items() if name != "run"}
    event = msgspec.structs.replace(registered, extensions=others | ({} if run is None else {"run": run}))

    keep_deployed(store, event, reply(event))

    assert sorted(entry.key for entry in store.list("")) == before
