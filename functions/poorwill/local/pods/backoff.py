"""How long a container that ended waits for its next start: kubelet's CrashLoopBackOff."""

FIRST_SECONDS, LONGEST_SECONDS = 10.0, 300.0
"""https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy"""

FORGIVEN_SECONDS = 600.0
"""A container that ran this long begins anew."""


def next_wait(last_seconds: float | None, ran_seconds: float) -> float:
    """Return the seconds until the next start of a container that has just ended.

    Args:
        last_seconds: the wait before the start that ended now; None where that was the pod's first.
        ran_seconds: how long it ran.
    """
    if last_seconds is None or ran_seconds >= FORGIVEN_SECONDS:
        return 0.0
    return min(last_seconds * 2, LONGEST_SECONDS) or FIRST_SECONDS
