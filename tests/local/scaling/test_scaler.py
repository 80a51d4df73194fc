import math

import pytest

from poorwill.kinds.autoscaling import Autoscaling
from poorwill.local.revision import RevisionKey
from poorwill.local.scaling.defaults import KNATIVE
from poorwill.local.scaling.standing import Activity, Hold, Reason
from tests.local.scaling.life import DEFAULT, KEY, Life


def asleep(autoscaling=DEFAULT):
    life = Life(autoscaling)
    life.born(last_wanted=0)
    return life


def test_a_new_revision_starts_a_pod_to_prove_itself():
    life = Life()
    life.scaler.track(KEY, Autoscaling(), reachable=True)

    before = life.scaler.observe(KEY, 0)
    after = life.scaler.observe(KEY, 1)

    assert (before.wanted, before.activity, before.reason, before.initialized) == (
        1,
        Activity.ACTIVATING,
        Reason.QUEUED,
        False,
    )
    assert (after.wanted, after.active, after.reason, after.initialized) == (1, True, Reason.NONE, True)


def test_a_sleeping_revision_is_woken_by_its_first_request_without_waiting_for_a_tick():
    life = asleep()
    life.now += 0.3

    decision = life.scaler.poke(KEY)

    assert (decision.wanted, decision.desired, decision.activity) == (1, 1, Activity.ACTIVATING)
    assert decision.reason.message.startswith("Requests to the target are being buffered")


def test_sixty_four_requests_that_wait_for_a_wake_count_as_one_until_they_are_measured():
    life = asleep()

    decisions = {life.scaler.poke(KEY) for _ in range(64)}

    assert {decision.wanted for decision in decisions} == {1}


def test_waiting_requests_are_measured_and_bring_the_pods_that_they_need():
    life = asleep(Autoscaling(target=4.0))
    life.scaler.poke(KEY)
    life.scaler.record(KEY, 64, 64)
    life.now += 1

    assert life.scaler.tick({KEY: 0})[KEY].wanted == 23  # 64 / 2.8


def test_no_request_that_woke_it_is_counted_twice():
    life = asleep()
    for _ in range(3):
        life.scaler.poke(KEY)
    life.scaler.record(KEY, 3, 3)

    assert life.scaler.tick({KEY: 1})[KEY].load == (3.0, 3.0)


def test_an_awake_revision_is_not_scaled_by_a_poke():
    life = Life(Autoscaling(target=1.0))
    life.born()
    for _ in range(4):
        life.second(1)

    assert life.scaler.poke(KEY).wanted == life.ready


def test_a_revision_that_slept_before_a_restart_starts_nothing():
    life = Life(Autoscaling(scale_to_zero_pod_retention_seconds=60.0))

    decision = life.born(last_wanted=0)

    assert (decision.wanted, decision.desired, decision.activity) == (0, 0, Activity.INACTIVE)
    assert (decision.reason, decision.hold) == (Reason.NO_TRAFFIC, Hold.NONE)
    assert {life.second(0).wanted for _ in range(200)} == {0}


def test_a_revision_that_was_awake_before_a_restart_gets_its_pods_again():
    life = Life(Autoscaling(initial_scale=5))

    assert life.born(last_wanted=3).wanted == 3


def test_the_last_pod_goes_a_window_after_the_last_request():
    life = Life(Autoscaling(window_seconds=10))
    life.born()
    for _ in range(20):
        life.second(1)

    assert life.seconds_until(pods=0) == 10


def test_the_last_pod_goes_a_grace_period_later_where_the_activator_was_out_of_the_path():
    life = Life(Autoscaling(window_seconds=10, target_burst_capacity=0.0))
    life.born()
    for _ in range(20):
        assert not life.second(1).excess_burst
    assert life.second(0).proxied is False

    assert life.seconds_until(pods=0) == 9 + KNATIVE.grace_period_seconds


def test_a_grace_that_was_over_before_a_restart_is_not_kept_again():
    life = asleep(Autoscaling(window_seconds=6))
    life.second(1)

    assert life.seconds_until(pods=0) < KNATIVE.grace_period_seconds


def test_while_the_last_pod_is_kept_the_status_says_zero_and_why():
    life = Life(Autoscaling(window_seconds=10, scale_to_zero_pod_retention_seconds=60.0))
    life.born()
    life.second(1)
    decision = [life.second(0) for _ in range(20)][-1]

    assert (decision.wanted, decision.desired, decision.activity, decision.reason, decision.hold) == (
        1,
        0,
        Activity.INACTIVE,
        Reason.NO_TRAFFIC,
        Hold.RETENTION,
    )


def test_a_request_during_the_walk_to_zero_keeps_the_pod():
    life = Life(Autoscaling(window_seconds=10, scale_to_zero_pod_retention_seconds=60.0))
    life.born()
    life.second(1)
    for _ in range(20):
        life.second(0)

    decision = life.scaler.poke(KEY)

    assert (decision.wanted, decision.desired, decision.active, decision.hold) == (1, 1, True, Hold.NONE)


def test_a_revision_that_no_route_names_keeps_no_pods():
    life = Life(Autoscaling(min_scale=3, window_seconds=6, scale_to_zero_pod_retention_seconds=500.0))
    life.born()
    assert life.second(0).wanted == 3

    life.born(reachable=False)

    assert life.seconds_until(pods=0) < 60


def test_nothing_is_scaled_to_zero_where_that_is_disabled():
    life = Life(Autoscaling(window_seconds=6), KNATIVE._replace(scale_to_zero=False))
    life.born()
    decision = [life.second(0) for _ in range(100)][-1]

    assert (decision.wanted, decision.hold) == (1, Hold.DISABLED)


def test_a_revision_that_never_gets_ready_is_given_up_after_its_deadline():
    life = Life(Autoscaling(progress_deadline_seconds=20.0))
    life.scaler.track(KEY, life.autoscaling, reachable=True)
    wanted = [life.second(0, ready=False).wanted for _ in range(60)]

    assert wanted.index(0) == 20 + 30


def test_a_revision_that_is_named_by_a_route_again_gets_its_smallest_scale_out_of_its_sleep():
    life = Life(Autoscaling(min_scale=2))
    assert life.born(reachable=False, last_wanted=0).wanted == 0
    assert life.second(0).wanted == 0

    assert life.born().wanted == 2


def test_every_tracked_revision_has_a_decision_at_each_tick():
    life = Life()
    keys = [RevisionKey("default", f"digits-v{number}-00001") for number in range(200)]
    for key in keys:
        life.scaler.track(key, Autoscaling(), reachable=True, last_wanted=0)

    decisions = life.scaler.tick({})

    assert list(decisions) == keys
    assert {decision.wanted for decision in decisions.values()} == {0}


def test_what_is_measured_of_a_forgotten_revision_is_ignored():
    life = Life()
    life.born()
    life.scaler.forget(KEY)
    life.scaler.forget(KEY)

    life.scaler.record(KEY, 1, 1)

    assert life.scaler.tick({KEY: 1}) == {}
    with pytest.raises(KeyError):
        life.scaler.poke(KEY)


@pytest.mark.parametrize(
    ("target", "burst", "excess"),
    [(math.inf, 211.0, 2**31 - 1), (100.0, math.inf, -(2**31)), (math.inf, math.inf, 0), (100.0, 1e300, -(2**31))],
)
def test_numbers_without_an_end_are_the_largest_that_go_has_for_pods(target, burst, excess):
    life = Life(Autoscaling(target=target, target_burst_capacity=burst))
    life.scaler.track(KEY, life.autoscaling, reachable=True)

    assert life.scaler.observe(KEY, 0).excess_burst == excess
    life.scaler.record(KEY, 3, 3)
    life.now += 2
    decision = life.scaler.tick({KEY: 1})[KEY]

    assert (decision.wanted, decision.excess_burst) == (1, excess)
    assert decision.activators >= 2
