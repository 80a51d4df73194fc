"""The cold-start ledger says where the time of a start went."""

import time

from poorwill.serving.ledger import Ledger, process_start_ns


def test_phases_are_reported_in_the_order_of_a_start():
    ledger = Ledger(began_ns=time.monotonic_ns() - 10_000_000)
    start_ns = time.monotonic_ns()
    for name in ("session", "imports", "warm_up"):
        ledger.add(name, start_ns, 2_000_000)
    ledger.ready()
    ledger.answered(start_ns)

    report = ledger.report()

    assert [phase.name for phase in report.phases] == ["interpreter", "imports", "session", "warm_up", "first_answer"]
    assert report.phases[0].duration_ms >= 10
    assert report.phases[1].duration_ms == 2
    assert report.ready_ms <= report.first_answer_ms


def test_ready_is_when_requests_are_taken_not_when_the_model_was_warm():
    ledger = Ledger()
    ledger.ready()
    warm_ns = ledger.ready_ns
    ledger.ready()

    assert warm_ns < ledger.ready_ns


def test_what_has_not_happened_is_not_reported():
    report = Ledger().report()

    assert (report.ready_ms, report.first_answer_ms) == (None, None)


def test_a_process_began_before_now():
    now_ns = time.monotonic_ns()

    assert 0 < now_ns - process_start_ns(now_ns) < now_ns
