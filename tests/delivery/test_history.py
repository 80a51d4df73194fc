"""Which splits were good, and which one a rollback brings back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.delivery.history import ANNOTATION, LONGEST, after, encoded, history_of, last_good
from poorwill.delivery.traffic import Split, all_to, parse_split
from poorwill.errors import NotFoundError
from tests.delivery.test_traffic import splits

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = range(1, 100)


def route(history=(), *, generation=1, ready="True", observed=None, ingress="True", served=()):
    return {
        "metadata": {"name": "digits", "generation": generation, "annotations": {ANNOTATION: encoded(tuple(history))}},
        "status": {
            "observedGeneration": generation if observed is None else observed,
            "conditions": [{"type": "Ready", "status": ready}, {"type": "IngressReady", "status": ingress}],
            "traffic": [{"revisionName": name, "percent": percent} for name, percent in served],
        },
    }


def shares(split):
    return {tag: percent for tag, percent in split.by_tag().items() if percent}


@given(st.lists(splits(), min_size=2, max_size=2 * LONGEST))
def test_rollbacks_walk_back_over_the_splits_that_differ_and_never_forward(walk):
    history, now = (), walk[0]
    good = []  # the newest last; each once, where it was left last
    for wanted in walk[1:]:
        history = after(history, now, route(history), wanted, NOW)
        if shares(now) != shares(wanted):
            good = [*(older for older in good if shares(older) != shares(now)), now]
        now = wanted
    assert history_of(route(history)) == history
    assert len(history) <= LONGEST

    for wanted in reversed(good[-LONGEST:]):
        if shares(wanted) == shares(now):
            continue
        back, history = last_good(history, now, ALL)
        assert back == wanted
        now = back
    with pytest.raises(NotFoundError):
        last_good(history, now, ALL)


@pytest.mark.parametrize(
    "at",
    [route(ready="False"), route(ready="Unknown"), route(generation=3, observed=2)],
    ids=["False", "Unknown", "old"],
)
def test_a_split_that_knative_had_not_programmed_was_not_good(at):
    assert after((), all_to(1), at, all_to(2), NOW) == ()


def test_a_split_that_served_while_a_dead_version_of_0_percent_held_the_route_back_was_good():
    at = route(ready="False", served=[("digits-v1-00001", 90), ("digits-v2-00003", 10), ("digits-v3-00001", 0)])

    (good,) = after((), parse_split(["v1=90", "v2=10", "v3=0"]), at, all_to(2), NOW)

    assert good.split == "v1=90 v2=10 v3=0"


@pytest.mark.parametrize(
    "at",
    [
        route(ready="False", served=[("digits-v2-00001", 100)]),
        route(ready="False", served=[("others", 100)]),
        route(ready="Unknown", ingress="Unknown", served=[("digits-v1-00001", 100)]),
    ],
    ids=["another", "other-targets", "on-its-way"],
)
def test_a_split_that_nobody_was_led_by_was_not_good(at):
    assert after((), all_to(1), at, all_to(3), NOW) == ()


def test_a_good_split_is_kept_with_its_generation_and_the_time_it_ended():
    (good,) = after((), parse_split(["v1=90", "v2=10"]), route(generation=4), all_to(2), NOW)

    assert (good.split, good.generation, good.until) == ("v1=90 v2=10", 4, "2026-11-22T12:00:00Z")


def test_a_version_at_0_more_makes_no_other_split():
    assert after((), all_to(1), route(), parse_split(["v1=100", "v2=0"]), NOW) == ()


def test_a_split_whose_versions_have_gone_is_passed_over():
    history = after((), all_to(1), route(), all_to(2), NOW)
    history = after(history, all_to(2), route(), all_to(3), NOW)

    back, left = last_good(history, all_to(3), {1, 3})

    assert (back, left) == (all_to(1), ())


def test_a_version_of_0_percent_that_has_gone_does_not_stand_in_the_way():
    history = after((), parse_split(["v1=100", "v2=0"]), route(), all_to(3), NOW)

    assert last_good(history, all_to(3), {1, 3})[0] == parse_split(["v1=100", "v2=0"])


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '[{"split":"v1=90","generation":1,"until":""}]', '[{"split":"rm -rf"}]', "[" * 10_000]
)
def test_an_annotation_that_is_not_ours_is_no_history(text):
    assert history_of({"metadata": {"annotations": {ANNOTATION: text}}}) == ()


def test_the_longest_history_fits_an_annotation():
    history = ()
    for number in range(1, 30):
        now = Split(all_to(number).shares)
        history = after(history, now, route(), all_to(number + 1), NOW)

    assert len(history) == LONGEST
    assert len(encoded(history)) < 2000
