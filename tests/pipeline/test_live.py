"""What versions answered and what turned out to be true is kept once, found by its time, and forgotten in the end."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from poorwill.errors import InvalidRequestError
from poorwill.events.event import Event
from poorwill.pipeline.live import forget_live, keep_live, read_live
from poorwill.store.folder import FolderStore

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "0" * 64


def sampled(number, *, at=NOON, version=1, model="digits", **attributes):
    data = {"model": model, "version": version, "digest": DIGEST, "predictions": [{"id": f"p{number}"}]}
    return event(f"s{number}", "dev.poorwill.prediction.completed", data, at, {"sampled": "true"}, **attributes)


def feedback(number, truths, *, at=NOON):
    return event(f"f{number}", "dev.poorwill.feedback.received", {"model": "digits", "truths": truths}, at, {})


def event(event_id, type_, content, at, marks, **attributes):
    found = Event(
        id=event_id,
        source="/tests",
        type=type_,
        time=at.isoformat() if at else None,
        extensions=marks,
        data=msgspec.json.encode(content),
    )
    return msgspec.structs.replace(found, **attributes)


def ids(live, version=1):
    return {prediction.id for samples in live.samples.get(version, []) for prediction in samples.predictions}


def test_an_event_that_comes_again_is_kept_once(store):
    for _ in range(2):
        assert keep_live(store, sampled(1)) == "1 predictions of digits@1"
    keep_live(store, feedback(1, {"p1": 7}))
    keep_live(store, feedback(1, {"p1": 7}))

    assert len(list(store.list("live/"))) == 2


def test_versions_are_kept_apart_and_feedback_is_of_them_all(store):
    keep_live(store, sampled(1, version=1))
    keep_live(store, sampled(2, version=2))
    keep_live(store, feedback(1, {"p1": 7, "p2": [1, 2]}))
    keep_live(store, sampled(3, model="other"))

    live = read_live(store, "digits", NOON, 1)

    assert (ids(live, 1), ids(live, 2)) == ({"p1"}, {"p2"})
    assert live.truths == {"p1": (7,), "p2": (1, 2)}


def test_what_a_truth_was_said_to_be_last_is_what_counts_in_whatever_order_it_came(store):
    keep_live(store, feedback(2, {"p1": "late"}, at=NOON - timedelta(minutes=1)))
    keep_live(store, feedback(1, {"p1": "soon"}, at=NOON - timedelta(minutes=9)))

    assert read_live(store, "digits", NOON, 1).truths == {"p1": ("late",)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@example([-60, -59, 0, 1], 1.0, 0)
@given(
    st.lists(st.integers(-300, 60), max_size=12, unique=True),
    st.floats(0.01, 5),
    st.sampled_from([0, -5, 9]),
)
def test_a_window_holds_just_what_happened_in_it_whatever_the_clock_it_was_told_by(tmp_path, minutes, hours, zone):
    store = FolderStore(tmp_path / str(abs(hash((tuple(minutes), hours, zone)))), create=True)
    for number in minutes:
        moment = NOON + timedelta(minutes=number)
        keep_live(store, sampled(number, at=moment.astimezone(timezone(timedelta(hours=zone)))))

    found = ids(read_live(store, "digits", NOON, hours))

    assert found == {f"p{number}" for number in minutes if -hours * 60 < number <= 0}


def test_what_is_too_old_is_forgotten_and_nothing_else(store):
    keep_live(store, sampled(1, at=NOON - timedelta(days=31)))
    keep_live(store, sampled(2, at=NOON - timedelta(days=29)))
    store.put("live/digits/notes.txt", b"somebody's")

    keep_live(store, sampled(3, at=NOON - timedelta(days=30) + timedelta(minutes=40)))

    assert forget_live(store, "digits", NOON - timedelta(days=30) + timedelta(minutes=30)) == 1
    assert ids(read_live(store, "digits", NOON, 24 * 60)) == {"p2", "p3"}
    assert store.get("live/digits/notes.txt").data == b"somebody's"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (sampled(1, extensions={}), "sampled"),
        (sampled(1, type="dev.poorwill.data.arrived"), "feedback.received"),
        (sampled(1, time=None), "RFC 3339"),
        (sampled(1, time="yesterday"), "RFC 3339"),
        (sampled(1, time="2026-11-28T12:00:00"), "RFC 3339"),
        (sampled(1, data=b"{"), "predictions"),
        (sampled(1, model="../../blobs"), "name of a model"),
        (sampled(1, version=0), "a number from 1"),
        (feedback(1, {}), "truths"),
        (feedback(1, {"p1": {"a": 1}}), "truths"),
    ],
)
def test_what_is_neither_a_sample_nor_feedback_is_refused_in_words(store, wrong, words):
    with pytest.raises(InvalidRequestError, match=words):
        keep_live(store, wrong)

    assert list(store.list("")) == []
