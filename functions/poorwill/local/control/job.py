"""A Job tells how its pods end, and when that is enough (k8s.io/kubernetes 1.35, pkg/controller/job)."""

from datetime import datetime
from typing import Any, NamedTuple

from poorwill.kinds.kind import Object
from poorwill.kinds.objects import is_true
from poorwill.local.control.plan import Note, Plan
from poorwill.local.job_run import JobRun

COMPLETE, FAILED = "Complete", "Failed"
_COMPLETED = "CompletionsReached", "Reached expected number of succeeded pods"
_NEW = JobRun()


class _End(NamedTuple):
    type: str
    reason: str
    message: str


def is_finished(job: Object) -> bool:
    """Return whether a Job has come to its end, a good one or another."""
    return is_true(job, COMPLETE) or is_true(job, FAILED)


def finished_at(job: Object) -> datetime | None:
    """Return when a Job came to its end, None where it has not."""
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition["type"] in {COMPLETE, FAILED} and condition["status"] == "True":
            return datetime.fromisoformat(condition["lastTransitionTime"])
    return None


def deadline_passed(job: Object, now: datetime) -> bool:
    """Return whether a Job has been at work for longer than it may be."""
    limit: int | None = job["spec"].get("activeDeadlineSeconds")
    began: str = (job.get("status") or {}).get("startTime", "")
    return bool(limit is not None and began and (now - datetime.fromisoformat(began)).total_seconds() >= limit)


def wanted_pods(job: Object, run: JobRun) -> int:
    """Return how many pods of a Job are to run at once, given how those before ended."""
    spec = job["spec"]
    if is_finished(job) or spec.get("suspend") or run.failure:
        return 0
    completions: int | None = spec.get("completions")
    parallelism: int = spec.get("parallelism", 1)
    if completions is None:  # they share some work out among themselves, and one that succeeds says that it is done
        return run.active if run.succeeded else parallelism
    return max(0, min(parallelism, completions - run.succeeded))


def reconcile(job: Object, *, run: JobRun | None, now: str) -> Plan:
    """Return what a Job wants; None is from before anybody looked at it."""
    run = run or _NEW
    was: Object = job.get("status") or {}
    if is_finished(job):
        return Plan(status={name: value for name, value in was.items() if name != "active"} | {"ready": 0})
    counts = {"active": run.active, "succeeded": run.succeeded, "failed": run.failed}
    status: Object = {name: value for name, value in was.items() if name not in counts}
    status |= {name: count for name, count in counts.items() if count}
    status |= {"ready": run.ready, "terminating": 0, "uncountedTerminatedPods": {}}
    if job["spec"].get("suspend"):
        return Plan(status=_suspended(status, now))
    if is_true(job, "Suspended"):
        status["conditions"] = [_condition("Suspended", "False", "JobResumed", "Job resumed", now)]
    status.setdefault("startTime", now)
    end = _end({**job, "status": status}, run, now)
    if end is None:
        return Plan(status=status, notes=(Note("Warning", "FailedCreate", run.missing),) if run.missing else ())
    first = "SuccessCriteriaMet" if end.type == COMPLETE else "FailureTarget"
    ends = [_condition(type_, "True", end.reason, end.message, now) for type_ in (first, end.type)]
    status = {name: value for name, value in status.items() if name != "active"} | {"ready": 0}
    if end.type == COMPLETE:
        status["completionTime"] = now
    elif run.failed + run.active:
        status["failed"] = run.failed + run.active  # those that still run are ended
    note = Note("Normal", "Completed", "Job completed") if end.type == COMPLETE else Note("Warning", *end[1:])
    return Plan(status={**status, "conditions": [*status.get("conditions", ()), *ends]}, notes=(note,))


def _end(job: Object, run: JobRun, now: str) -> _End | None:
    spec = job["spec"]
    if run.failure:
        return _End(FAILED, run.failure.reason, run.failure.message)
    limit = spec.get("backoffLimit", 6)
    if run.failed > limit or (run.retries and run.retries >= limit):
        return _End(FAILED, "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    if deadline_passed(job, datetime.fromisoformat(now)):
        return _End(FAILED, "DeadlineExceeded", "Job was active longer than specified deadline")
    completions = spec.get("completions")
    enough = (run.succeeded and not run.active) if completions is None else run.succeeded >= completions
    return _End(COMPLETE, *_COMPLETED) if enough else None


def _suspended(status: Object, now: str) -> Object:
    rest = {name: value for name, value in status.items() if name != "startTime"}
    told = [one for one in rest.get("conditions", ()) if one["type"] == "Suspended" and one["status"] == "True"]
    return rest | {"conditions": told or [_condition("Suspended", "True", "JobSuspended", "Job suspended", now)]}


def _condition(type_: str, status: str, reason: str, message: str, now: str) -> dict[str, Any]:
    times = {"lastProbeTime": now, "lastTransitionTime": now}
    return {"type": type_, "status": status, **times, "reason": reason, "message": message}
