"""What a fault cost is told from the requests around it."""

from loadtests.asked import BROKEN, NO_REPLY, Outcome
from loadtests.faults.documented import CALLER
from loadtests.faults.harm import Struck
from loadtests.faults.recovery import outside, recovered
from loadtests.faults.schedule import Fault
from tests.loadtests.asking import asked, many


def steady(count, begin_seconds, **more):
    return many(count, begin_seconds, **({"kind": "infer JSON"} | more))


def struck(fault=Fault.FUNCTION, begin_seconds=10.0, end_seconds=20.0, own=()):
    return Struck(fault, 1, begin_seconds, begin_seconds, begin_seconds + 1, end_seconds, list(own))


def failed(sent_seconds, said, **more):
    return asked(sent_seconds, outcome=Outcome.LOST, said=said, **({"kind": "infer JSON"} | more))


def test_recovery_ends_when_the_version_that_was_killed_answers_and_as_many_come_as_before():
    before, others, after = steady(100, 0.0), steady(15, 10.0, version="2"), steady(60, 13.0)

    (found,) = recovered([*before, *others, *after], [struck()])

    assert round(found.first_right_seconds, 2) == 3.01
    assert 2.7 <= found.rate_back_seconds <= 3.1
    assert (found.lasted_seconds, found.right, found.told.total()) == (1.0, 75, 0)


def test_what_never_comes_back_has_no_time():
    (found,) = recovered(steady(100, 0.0), [struck()])

    assert (found.first_right_seconds, found.rate_back_seconds) == (None, None)


def test_what_was_told_is_held_against_what_is_documented_for_the_fault_and_who_asked():
    told = [failed(10.5, "502"), failed(10.6, BROKEN), failed(10.7, "502", kind="event"), failed(5.0, "502")]

    (found,) = recovered([*steady(100, 0.0), *told], [struck()])

    assert found.told == {"502": 2, BROKEN: 1}
    assert found.undocumented == {"502": 1, BROKEN: 1}
    assert round(found.last_failure_seconds, 2) == 0.71
    assert outside(told, [struck()]) == [told[-1]]


def test_an_event_is_lost_when_it_was_acknowledged_and_had_no_reply():
    events = [asked(11.0, kind="event"), failed(11.1, NO_REPLY, kind="event"), failed(11.2, "503", kind="event")]

    (found,) = recovered(events, [struck(Fault.FULL_DISK)])

    assert (found.events, found.events_lost) == (2, 1)
    assert found.undocumented == {NO_REPLY: 1}


def test_a_request_belongs_to_the_last_fault_that_had_begun_when_it_ended():
    slow = asked(9.0, took_ms=2000.0, kind=CALLER, outcome=Outcome.WRONG)

    first, second = recovered([], [struck(begin_seconds=5.0, own=[slow]), struck(begin_seconds=10.0)])

    assert (first.wrong, second.wrong) == (0, 1)
