"""Traffic moves between versions by the model route; every caller is answered rightly while it does."""

import json

import pytest

from tests.e2e.behaviour.ground import counted, within_binomial_bounds

COUNT = 400


@pytest.fixture(scope="module")
def both(ground):
    ground.deploy("digits@1")
    ground.deploy("digits@2")
    return ground


def traffic(ground):
    """Return percent by tag, as the route's status has it."""
    return {entry.get("tag"): entry.get("percent", 0) for entry in ground.show("rt", "digits")["status"]["traffic"]}


def test_a_second_version_gets_no_traffic_until_it_is_given_some(both):
    assert set(counted(both.ask_often(both.host("rt", "digits"), 20))) == {"1"}


def test_a_split_is_kept_within_its_binomial_bounds_and_each_version_has_its_own_host(both):
    both.poorwill("split", "digits", "v1=80", "v2=20")

    shares = counted(both.ask_often(both.host("rt", "digits"), COUNT))
    assert within_binomial_bounds(shares["2"], COUNT, 20), shares
    assert traffic(both) == {"v1": 80, "v2": 20}
    for tag, version in (("v1", "1"), ("v2", "2")):
        assert counted(both.ask_often(both.host("rt", "digits", tag), 20)) == {version: 20}


def test_a_change_of_split_under_load_loses_no_request(both):
    host = both.host("rt", "digits")
    assert both.ask(host).right

    with both.asking(host) as answers:
        for split in (("v1=0", "v2=100"), ("v1=50", "v2=50"), ("v1=100", "v2=0")):
            both.poorwill("split", "digits", *split)

    assert set(counted(answers)) == {"1", "2"}
    assert counted(both.ask_often(host, 20)) == {"1": 20}


def test_a_rollback_goes_to_the_last_good_split_and_shows_it_before(both):
    both.poorwill("split", "digits", "v1=90", "v2=10")
    both.poorwill("split", "digits", "v1=10", "v2=90")

    shown = both.poorwill("rollback", "digits", "--dry-run", "--output", "json")
    assert traffic(both) == {"v1": 10, "v2": 90}
    both.poorwill("rollback", "digits", "--yes")

    assert json.loads(shown.stdout)["to"] == {"v1": 90, "v2": 10}
    assert traffic(both) == {"v1": 90, "v2": 10}


def test_a_version_that_sleeps_wakes_for_its_share(both):
    both.poorwill("split", "digits", "v1=50", "v2=50")
    both.await_sleep("digits-v1")
    both.await_sleep("digits-v2")

    assert set(counted(both.ask_at_once(both.host("rt", "digits"), 32))) == {"1", "2"}


def test_the_status_shows_versions_shares_and_urls(both):
    both.poorwill("split", "digits", "v1=60", "v2=40")

    (model,) = json.loads(both.poorwill("status", "--output", "json").stdout)["models"]

    assert model["model"] == "digits"
    assert {version["version"]: version["percent"] for version in model["versions"]} == {1: 60, 2: 40}
    assert model["url"].endswith(both.host("rt", "digits"))
