"""When a revision is failed, and in which words: what Knative's revision reconciler makes of a Deployment and its pods.

https://github.com/knative/serving/blob/knative-v1.23.0/pkg/reconciler/revision/reconcile_resources.go
"""

from collections.abc import Sequence

from poorwill.local.pods.images import COMMAND_REFUSED
from poorwill.local.pods.pod_object import Life, Termination
from poorwill.local.revision import Failure


def judge(lives: Sequence[Life], was: Failure | None, *, achieved: bool, overdue: bool) -> Failure | None:
    """Return why a revision is failed, None where it is not.

    Args:
        lives: of the pods that are wanted, oldest first.
        was: what was said before, which stays true until a pod is ready.
        achieved: whether the revision ever had a ready pod. Once it had, a wake that fails shows in its pods alone.
        overdue: whether the progress deadline has passed.
    """
    if any(life.ready for life in lives):
        return None
    refused = [life.waiting for life in lives if not life.started_at and life.waiting.reason == COMMAND_REFUSED]
    if refused and not achieved:
        return Failure(*refused[0])
    # a crash is looked at when the Deployment's status changes: as its last ready pod goes, or at the deadline
    looked_at = lives if overdue and not achieved else [life for life in lives if life.was_ready]
    ends = [life.last for life in looked_at if life.last]
    if ends:
        return _exited(ends[0])
    if overdue and not achieved:
        return Failure("ProgressDeadlineExceeded", "Initial scale was never achieved", "ResourcesAvailable")
    return was


def _exited(end: Termination) -> Failure:
    words = end.message if end.message or end.exit_code else "container exited with no error"
    return Failure(f"ExitCode{end.exit_code}", f"Container failed with: {words}")
