"""What a process may use."""

import os

import pytest

from poorwill.local.pods.limits import cpus_for, memory_bytes


def test_memory_of_a_process_grows_with_what_it_holds_and_is_nothing_when_it_is_gone():
    before = memory_bytes(os.getpid())
    held = bytearray(os.urandom(1) * (64 << 20))

    assert memory_bytes(os.getpid()) - before > len(held) * 0.9
    assert memory_bytes(2**30) == 0


@pytest.mark.parametrize(
    ("limit", "there", "turn", "cpus"),
    [
        (None, 4, 0, set()),
        (4.0, 4, 0, set()),
        (8.0, 4, 0, set()),
        (2.0, 4, 0, {0, 1}),
        (2.0, 4, 1, {2, 3}),
        (0.5, 4, 5, {1}),
        (1.5, 4, 0, {0, 1}),
        (3.0, 4, 1, {3, 0, 1}),
    ],
)
def test_a_cpu_limit_below_the_machines_is_so_many_cpus_rounded_up(monkeypatch, limit, there, turn, cpus):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(there)))

    assert cpus_for(limit, turn) == cpus
