"""A lease is one worker's at a time, and no longer than it is renewed."""

import threading

import pytest

from poorwill.errors import Fault, UnavailableError
from poorwill.pipeline.lease import Lease, take_lease
from tests.registry.interleaving import Watched

KEY = "sha256:" + "0" * 64


class Times:
    """A clock that a test moves."""

    now_seconds = 1000.0

    def __call__(self):
        return self.now_seconds


@pytest.fixture
def clock():
    """Stop the time."""
    return Times()


def take(store, clock, holder="a", lease_seconds=60.0):
    return take_lease(store, KEY, "run", holder, lease_seconds=lease_seconds, clock=clock)


def test_a_lease_is_one_holders_until_it_runs_out(store, clock):
    assert isinstance(take(store, clock), Lease)
    clock.now_seconds += 59
    assert take(store, clock, "b") == 1
    clock.now_seconds += 1
    assert isinstance(take(store, clock, "b"), Lease)


def test_a_lease_is_given_back_after_the_work(store, clock):
    with take(store, clock).kept():
        assert take(store, clock, "b") == 60

    assert isinstance(take(store, clock, "b"), Lease)


def test_a_lease_is_renewed_beside_the_work(store, clock):
    renewed = threading.Event()
    lease = take(Watched(store, lambda name: None, lambda name: renewed.set() if name == "put_if_match" else None),
                 clock, lease_seconds=0.05)  # fmt: skip
    clock.now_seconds += 1

    with lease.kept():
        renewed.wait(30)

        assert not isinstance(take(store, clock, "b", lease_seconds=0.05), Lease)


def test_a_lease_that_was_lost_is_neither_renewed_nor_given_back(store, clock):
    lease = take(store, clock)
    clock.now_seconds += 60

    with lease.kept():
        take(store, clock, "b")

    assert take(store, clock, "c") == 60


def test_a_clock_that_runs_ahead_holds_nobody_up_for_longer_than_a_lease(store, clock):
    take(store, lambda: clock() + 1e9)

    assert take(store, clock, "b") == 60


def test_a_store_that_goes_away_does_not_end_the_work(store, clock):
    gone = []

    def away(name):
        if gone:
            raise UnavailableError(Fault("store", "an answer", "none", "repeat"))

    with take(Watched(store, away), clock).kept():
        gone.append(True)

    assert take(store, clock, "b") == 60
