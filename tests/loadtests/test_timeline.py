"""Processes over time: how long, how many, at what cost."""

import pytest

from loadtests.timeline import Seen, Timeline
from loadtests.watch import Prices, prices


@pytest.fixture
def timeline():
    found = Timeline()
    found.add(Seen(10, {}))
    found.add(Seen(20, {"tail-001@1": 2}, {"tail-001@1": 0.5}))
    found.add(Seen(30, {"tail-001@1": 1, "tail-002@1": 1}, {"tail-001@1": 0.25, "tail-002@1": 0.25}))
    return found


def test_process_seconds_are_counted_inside_a_span_alone(timeline):
    assert timeline.process_seconds(25, 34) == {"tail-001@1": 2 * 5 + 4, "tail-002@1": 4}


def test_what_processes_cost_is_their_time_at_their_price(timeline):
    assert timeline.usd(25, 34) == 5 * 0.5 + 4 * 0.5
    assert timeline.only({"tail-002"}).usd(25, 34) == 4 * 0.25


def test_a_model_is_asleep_while_it_has_no_process(timeline):
    assert timeline.asleep_percent(4, 10, 40) == pytest.approx(100 * (1 - (1 * 10 + 2 * 10) / 30 / 4))


def test_before_the_first_look_nothing_is_known(timeline):
    assert timeline.processes("tail-001@1", 9) is None
    assert timeline.processes("tail-001@1", 10) == 0
    assert timeline.processes("tail-001@1", 29) == 2
    assert Timeline().asleep_percent(4, 0, 10) is None


def test_the_prices_in_the_repository_can_be_read_and_a_pod_costs_what_it_asks_for():
    assert prices().usd_per_cpu_hour > 0
    assert Prices(0.04, 0.004).usd_per_second(0.5, 2 << 30) == pytest.approx((0.02 + 0.008) / 3600)
