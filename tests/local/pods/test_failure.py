"""When a revision is failed: as a real Knative 1.23 was seen to say it."""

from datetime import UTC, datetime

from poorwill.local.pods.failure import judge
from poorwill.local.pods.pod_object import Life, Termination
from poorwill.local.revision import Failure

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OLD = Failure("ExitCode1", "Container failed with: what was")


def life(*, exit_code=None, words="", **more):
    last = None if exit_code is None else Termination(exit_code, "Error", words, NOW, NOW)
    return Life("a", NOW, last=last, **more)


def judged(*lives, was=None, achieved=False, overdue=False):
    return judge(lives, was, achieved=achieved, overdue=overdue)


def test_a_ready_pod_ends_a_failure():
    assert judged(life(ready=True), was=OLD) is None


def test_before_the_deadline_a_crash_at_start_is_no_failure():
    assert judged(life(exit_code=3)) is None


def test_at_the_deadline_a_crash_is_told_with_its_last_words():
    assert judged(life(exit_code=3, words="boom"), overdue=True) == Failure("ExitCode3", "Container failed with: boom")


def test_an_end_without_an_error_is_told_so():
    told = judged(life(exit_code=0), overdue=True)

    assert told == Failure("ExitCode0", "Container failed with: container exited with no error")


def test_a_crash_after_readiness_is_told_at_once():
    assert judged(life(exit_code=137, was_ready=True), achieved=True).reason == "ExitCode137"


def test_a_crash_beside_a_ready_pod_is_none_of_the_revision():
    assert judged(life(exit_code=137, was_ready=True), life(ready=True), achieved=True) is None


def test_a_wake_that_fails_after_the_revision_was_ready_once_shows_in_its_pods_alone():
    assert judged(life(exit_code=1), achieved=True, overdue=True) is None


def test_a_failure_stays_while_nothing_is_ready():
    assert judged(was=OLD) == OLD
    assert judged(life(), was=OLD) == OLD
