"""What the objects of eventing say of features that are off, and of what they send to."""

from typing import NamedTuple

from poorwill.kinds.kind import Object
from poorwill.local.control.conditions import Conditions
from poorwill.local.control.destinations import Scene, resolve
from poorwill.local.control.plan import Note, failed

_OIDC = "authentication-oidc"
_NO_DEAD_LETTER_SINK = "DeadLetterSinkNotConfigured", "No dead letter sink is configured."
DEAD_LETTER_URI = "deadLetterSinkUri"


def mark_policies(conditions: Conditions) -> None:
    """Say that there are no policies, and why (pkg/auth/event_policy.go)."""
    conditions.true("EventPoliciesReady", "OIDCDisabled", f'Feature "{_OIDC}" must be enabled to support Authorization')


def mark_identity(conditions: Conditions) -> None:
    """Say that nobody sends with an identity, and why (pkg/auth/serviceaccount.go)."""
    conditions.true("OIDCIdentityCreated", f"{_OIDC} feature disabled")


def mark_identity_unsupported(conditions: Conditions) -> None:
    """Say what a Trigger says before it has a Broker (pkg/apis/eventing/v1/trigger_lifecycle.go)."""
    conditions.true("OIDCIdentityCreated", f"{_OIDC} feature not yet supported for this Broker class")


class DeadLetters(NamedTuple):
    """Where dead events go."""

    status: Object  # with that URL, where there is one
    notes: tuple[Note, ...] = ()
    resolved: bool = True


def dead_letters(obj: Object, status: Object, conditions: Conditions, scene: Scene) -> DeadLetters:
    """Say where an object's own dead letter sink is, or that it has none."""
    rest = {name: value for name, value in status.items() if name != DEAD_LETTER_URI}
    sink = (obj["spec"].get("delivery") or {}).get("deadLetterSink")
    if not sink:
        mark_no_dead_letters(conditions)
        return DeadLetters(rest)
    found = resolve(sink, obj["metadata"]["namespace"], scene)
    if found.problem:
        conditions.false("DeadLetterSinkResolved", "Unable to get the dead letter sink's URI", found.problem)
        return DeadLetters(rest, (failed(found.problem),), resolved=False)
    conditions.true("DeadLetterSinkResolved")
    return DeadLetters(rest | {DEAD_LETTER_URI: found.url})


def mark_no_dead_letters(conditions: Conditions) -> None:
    """Say that dead events go nowhere."""
    conditions.true("DeadLetterSinkResolved", *_NO_DEAD_LETTER_SINK)
