"""Split plans: what people write, what a Route has, what a change makes of it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from poorwill.delivery.split import servable as may_be_named
from poorwill.delivery.traffic import Share, Split, all_to, changed, parse_split, split_of, traffic_of
from poorwill.errors import ConflictError, UsageError


@st.composite
def splits(draw):
    versions = sorted(draw(st.sets(st.integers(1, 40), min_size=1, max_size=6)))
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(versions) - 1, max_size=len(versions) - 1)))
    percents = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    return Split(tuple(map(Share, versions, percents)))


@given(splits())
def test_a_split_is_read_as_it_is_written(split):
    assert parse_split(str(split).split()) == split


@given(splits(), st.randoms())
def test_the_order_of_the_words_makes_no_difference(split, chance):
    words = str(split).split()
    chance.shuffle(words)

    assert parse_split(words) == split


@given(splits(), st.data())
def test_a_sum_that_is_not_100_is_refused(split, data):
    at = data.draw(st.integers(0, len(split.shares) - 1))
    percent = data.draw(st.integers(0, 100))
    assume(percent != split.shares[at].percent)
    shares = list(split.shares)
    shares[at] = shares[at]._replace(percent=percent)

    with pytest.raises(UsageError, match="sum to 100"):
        parse_split(str(Split(tuple(shares))).split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "found none"),
        (["v1=101"], "0 to 100 percent, found 101"),
        (["v1=50", "v1=50"], "each version once"),
        (["digits-v1=100"], "word 1: wanted v<number>=<percent>"),
        (["v1=100", "v0=0"], "word 2"),
        (["v1=99.5"], "word 1"),
        (["v1=-1"], "word 1"),
        (["v\uff11=100"], "word 1"),
    ],
    ids=str,
)
def test_words_that_are_no_split_are_refused(words, said):
    with pytest.raises(UsageError) as caught:
        parse_split(words)

    assert said in str(caught.value)


def test_all_faults_are_told_at_once():
    with pytest.raises(UsageError) as caught:
        parse_split(["one=1", "v2=200", "v2=1", "x"])

    assert len(caught.value.faults) == 4


@given(splits())
def test_a_route_has_a_split_as_tagged_configurations_that_say_the_same(split):
    traffic = traffic_of("digits", split)

    assert split_of("digits", traffic) == split
    assert [target["tag"] for target in traffic] == [f"v{share.version}" for share in split.shares]
    assert all(target["configurationName"] == f"digits-{target['tag']}" for target in traffic)


def test_a_pinned_revision_is_taken_for_its_version():
    traffic = [
        {"revisionName": "digits-v2-00003", "percent": 40, "latestRevision": False},
        {"configurationName": "digits-v2", "tag": "v2"},
        {"configurationName": "digits-v1", "percent": 60},
    ]

    assert split_of("digits", traffic) == Split((Share(1, 60), Share(2, 40)))


@pytest.mark.parametrize("name", ["digits", "other-v1", "digits-v1x", "digits-v1-001", "digits-v01", ""])
def test_a_target_that_is_no_version_is_a_conflict_that_names_its_place(name):
    traffic = [{"configurationName": "digits-v1", "percent": 100}, {"configurationName": name, "percent": 0}]

    with pytest.raises(ConflictError, match=r"spec\.traffic\[1\]"):
        split_of("digits", traffic)


@given(splits(), splits(), st.dictionaries(st.integers(1, 40), st.booleans()))
def test_a_change_gives_what_was_asked_and_keeps_the_tags_of_all_that_can_serve(now, wanted, servable):
    change = changed(now, wanted, servable)

    assert sum(share.percent for share in change.split.shares) == 100
    assert {share.version: share.percent for share in change.split.shares if share.percent} == {
        share.version: share.percent for share in wanted.shares if share.percent
    }
    able = {version for version in now.versions if servable.get(version)}
    assert change.split.versions == wanted.versions | able
    assert set(change.dropped) == now.versions - change.split.versions
    assert [share.version for share in change.split.shares] == sorted(change.split.versions)


@given(splits())
def test_the_same_split_again_changes_nothing(split):
    servable = dict.fromkeys(split.versions, True)

    assert changed(split, split, servable) == (split, ())


def test_the_first_version_gets_all():
    assert str(all_to(7)) == "v7=100"


@pytest.mark.parametrize(
    ("created", "ready", "configurations", "named"),
    [
        ("digits-v1-00001", "digits-v1-00001", "True", True),
        ("digits-v1-00001", "digits-v1-00001", "False", False),  # was Ready once, and crashes now
        ("digits-v1-00001", "digits-v1-00001", "Unknown", False),
        ("digits-v1-00002", "digits-v1-00001", "False", True),  # the newer one fails, the other goes on
        ("digits-v1-00001", "", "Unknown", False),
    ],
)
def test_a_route_may_name_a_version_whose_latest_ready_revision_is_ready_still(created, ready, configurations, named):
    condition = {"type": "ConfigurationsReady", "status": configurations}
    status = {"latestCreatedRevisionName": created, "latestReadyRevisionName": ready, "conditions": [condition]}

    assert may_be_named({"status": status}) is named
