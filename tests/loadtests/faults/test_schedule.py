"""A schedule is drawn once for all from its seed."""

import pytest

from loadtests.faults.harm import HARMS
from loadtests.faults.schedule import FOLLOWING, Fault, schedule


def test_a_seed_always_gives_the_same_schedule_and_another_seed_another_one():
    assert schedule(7) == schedule(7)
    assert schedule(7) != schedule(8)


@pytest.mark.parametrize("seed", range(20))
def test_every_fault_comes_once_and_the_second_kill_right_behind_the_first_one_of_the_same_version(seed):
    blows = schedule(seed)

    faults = [blow.fault for blow in blows]
    assert sorted(faults) == sorted(Fault)
    for later, first in FOLLOWING.items():
        place = faults.index(later)
        assert faults[place - 1] == first
        assert blows[place].version == blows[place - 1].version


def test_there_is_a_way_to_do_each_fault():
    assert HARMS.keys() == set(Fault)
