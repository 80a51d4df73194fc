"""Where a revision stands between zero and its load."""

import math
from enum import StrEnum
from typing import NamedTuple

from poorwill.local.scaling.policy import Policy

UNKNOWN = -1
"""No decision yet."""


class Activity(StrEnum):
    """The status of the condition Active."""

    ACTIVATING = "Unknown"
    """Pods are wanted and fewer than needed are ready."""
    ACTIVE = "True"
    """Enough pods are ready."""
    INACTIVE = "False"
    """None is wanted."""


class Reason(StrEnum):
    """The reason of the condition Active, in Knative's words."""

    NONE = ""
    NO_TRAFFIC = "NoTraffic"
    QUEUED = "Queued"
    TIMED_OUT = "TimedOut"

    @property
    def message(self) -> str:
        """Return the message that goes with it."""
        return _MESSAGES[self]


_MESSAGES = {
    Reason.NONE: "",
    Reason.NO_TRAFFIC: "The target is not receiving traffic.",
    Reason.QUEUED: "Requests to the target are being buffered as resources are provisioned.",
    Reason.TIMED_OUT: "The target could not be activated.",
}


class Hold(StrEnum):
    """Why pods are kept though no load wants them."""

    NONE = ""
    DISABLED = "scale to zero is disabled"
    ACTIVATING = "the first pods are still being started"
    WINDOW = "it has been active for less than its window"
    RETENTION = "the retention period of the last pod has not passed"
    GRACE = "the activator has been in the path for less than the grace period"


class Standing(NamedTuple):
    """Where a revision stands; times are in the clock's seconds."""

    pods: int
    """To be run."""
    desired: int
    """What the status shows: 0 while the last pod is kept for a grace, UNKNOWN before the first decision."""
    activity: Activity
    reason: Reason
    since: float
    """When activity or reason last changed."""
    initialized: bool
    """Whether the initial scale was once reached."""
    proxied: bool
    """Whether the activator is in the path on purpose."""
    backed_since: float | None
    """Since when the activator answers, on purpose or for lack of ready pods; None while pods do. -inf: always."""
    hold: Hold = Hold.NONE


def first_standing(policy: Policy, last_pods: int | None, now: float) -> Standing:
    """Return where a revision starts.

    Args:
        policy: of the revision.
        last_pods: how many pods it was given when it was last seen, None for a new revision.
        now: in the clock's seconds.
    """
    asleep = last_pods == 0
    return Standing(
        pods=policy.initial_scale if last_pods is None else last_pods,
        desired=0 if asleep else UNKNOWN,
        activity=Activity.INACTIVE if asleep else Activity.ACTIVATING,
        reason=Reason.NO_TRAFFIC if asleep else Reason.QUEUED,
        since=now,
        initialized=last_pods is not None,
        proxied=True,
        backed_since=-math.inf if asleep else now,
    )
