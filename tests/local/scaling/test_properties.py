"""What holds of every decision, whatever the load was."""

from hypothesis import given, settings
from hypothesis import strategies as st

from poorwill.kinds.autoscaling import Autoscaling
from poorwill.local.scaling.decision import Load, Panic, excess_burst, suggest
from poorwill.local.scaling.defaults import KNATIVE
from poorwill.local.scaling.policy import policy
from poorwill.local.scaling.standing import Activity, Hold, Reason, Standing
from poorwill.local.scaling.to_zero import Seen, settle
from tests.local.scaling.life import KEY, Life

NOW = 5000.0

amounts = st.floats(0, 5000).map(lambda amount: round(amount, 2))
loads = st.builds(Load, amounts, amounts)
panics = st.one_of(
    st.just(Panic()),
    st.builds(Panic, st.floats(NOW - 100, NOW), st.integers(0, 60)),
)


@st.composite
def scalings(draw):
    low = draw(st.integers(0, 3))
    high = draw(st.sampled_from([0, low + 1, low + 5]))
    return Autoscaling(
        algorithm=draw(st.sampled_from(["linear", "weighted-exponential"])),
        metric=draw(st.sampled_from(["concurrency", "rps"])),
        target=draw(st.sampled_from([0.5, 1.0, 4.0, 100.0])),
        target_burst_capacity=draw(st.sampled_from([-1.0, 0.0, 10.0, 211.0])),
        min_scale=low,
        max_scale=high,
        initial_scale=draw(st.integers(1, high or 4)),
        activation_scale=draw(st.integers(max(2, low), high or 6)) if high != 1 else 0,
        window_seconds=draw(st.sampled_from([6, 10, 20])),
        panic_window_seconds=draw(st.integers(1, 4)),
        scale_down_delay_seconds=draw(st.sampled_from([0.0, 3.0, 9.0])),
        scale_to_zero_pod_retention_seconds=draw(st.sampled_from([0.0, 15.0])),
    )


policies = st.builds(lambda one, reachable: policy(one, KNATIVE, reachable=reachable), scalings(), st.booleans())
spells = st.lists(
    st.tuples(st.integers(1, 25), st.sampled_from([0.0, 0.0, 0.1, 1.0, 7.5, 300.0])), min_size=1, max_size=6
)
standings = st.builds(
    Standing,
    pods=st.integers(0, 5),
    desired=st.integers(-1, 5),
    activity=st.sampled_from(Activity),
    reason=st.sampled_from(Reason),
    since=st.floats(NOW - 900, NOW),
    initialized=st.booleans(),
    proxied=st.booleans(),
    backed_since=st.none() | st.floats(NOW - 900, NOW),
    hold=st.sampled_from(Hold),
)
seens = st.builds(Seen, st.integers(-1, 9), st.integers(-300, 300), st.integers(0, 9))


@given(policies, loads, st.integers(0, 50), panics)
def test_a_panic_never_wants_fewer_pods_than_it_once_reached(rules, load, ready, panic):
    suggested = suggest(rules, load, ready, panic, NOW)

    if suggested.panic.since is not None:
        assert suggested.wanted == suggested.panic.peak >= panic.peak
    else:
        assert suggested.panic == Panic()


@given(policies, loads, loads, st.integers(0, 50), panics)
def test_more_load_never_wants_fewer_pods(rules, load, more, ready, panic):
    higher = Load(load.stable + more.stable, load.panic + more.panic)
    wanted = suggest(rules, load, ready, panic, NOW).wanted

    assert suggest(rules, higher, ready, panic, NOW).wanted >= wanted


@given(policies, loads, st.integers(0, 50), panics)
def test_one_decision_goes_no_further_than_its_rates_allow(rules, load, ready, panic):
    wanted = suggest(rules, load, ready, panic, NOW).wanted
    pods = max(1, ready)

    assert wanted <= max(pods * 1000, rules.activation_scale, panic.peak)
    assert wanted >= (pods // 2 if rules.reachable else 0)


@given(policies, amounts, amounts, st.integers(0, 50))
def test_more_load_never_leaves_more_room_for_a_burst(rules, load, more, ready):
    assert excess_burst(rules, load + more, ready) <= excess_burst(rules, load, ready)


@given(policies, standings, seens)
def test_a_standing_settles_and_stays_settled(rules, standing, seen):
    settled = settle(rules, standing, seen, NOW)

    assert settle(rules, settled, seen, NOW) == settled


@given(policies, standings, seens)
def test_what_is_wanted_is_run_at_once_and_within_its_bounds(rules, standing, seen):
    settled = settle(rules, standing, seen, NOW)

    if seen.wanted > 0 and not (rules.reachable and rules.initial_scale > seen.wanted):
        lowest, highest = rules.min_scale, rules.max_scale or seen.wanted
        assert settled.pods == max(lowest, min(seen.wanted, highest))


@given(scalings(), spells)
@settings(max_examples=25)  # each is minutes of a life
def test_pods_are_always_within_the_smallest_and_the_largest_scale(autoscaling, spells):
    life = Life(autoscaling)
    life.born()
    for seconds, load in spells:
        for _ in range(seconds):
            wanted = life.second(load).wanted

            assert wanted >= autoscaling.min_scale
            assert wanted <= (autoscaling.max_scale or wanted)


@given(scalings(), spells)
@settings(max_examples=25)  # each is minutes of a life
def test_the_last_pod_goes_only_after_a_window_without_load(autoscaling, spells):
    life = Life(autoscaling)
    life.born()
    idle_seconds, wanted = 0, 1
    for seconds, load in [*spells, (160, 0.0)]:
        for _ in range(seconds):
            before, wanted = wanted, life.second(load).wanted
            idle_seconds = 0 if load else idle_seconds + 1

            if wanted == 0 < before:
                # the newest second of a window is the one that has just begun
                assert idle_seconds >= autoscaling.window_seconds - 1
    assert (wanted == 0) == (autoscaling.min_scale == 0)


@given(scalings(), st.integers(0, 150))
@settings(max_examples=25)  # each is minutes of a life
def test_a_request_always_wakes(autoscaling, idle_seconds):
    life = Life(autoscaling)
    life.born()
    for _ in range(idle_seconds):
        life.second(0)

    assert life.scaler.poke(KEY).wanted >= max(1, autoscaling.activation_scale if life.ready == 0 else 0)
