"""A Trigger tells whether events of its Broker get to its subscriber (pkg/reconciler/broker/trigger)."""

from typing import Any

import msgspec

from poorwill.kinds.kind import BROKER, Key, Object, named
from poorwill.kinds.objects import annotations, is_true, observed
from poorwill.local.control.broker import is_ours
from poorwill.local.control.conditions import Conditions, condition, is_ready
from poorwill.local.control.destinations import Scene, resolve
from poorwill.local.control.event_conditions import (
    DEAD_LETTER_URI,
    dead_letters,
    mark_identity,
    mark_identity_unsupported,
)
from poorwill.local.control.plan import Note, Plan, failed

_DEPENDENTS = (
    "BrokerReady",
    "SubscriptionReady",
    "DependencyReady",
    "SubscriberResolved",
    "DeadLetterSinkResolved",
    "OIDCIdentityCreated",
)
_DEPENDENCY = "knative.dev/dependency"
_SUBSCRIBER = "subscriberUri"


def broker_of(trigger: Object) -> Key:
    """Return which Broker a Trigger takes events from."""
    return Key(BROKER, trigger["metadata"]["namespace"], trigger["spec"].get("broker", ""))


def dependency_of(trigger: Object) -> Key | None:
    """Return which source a Trigger depends on, None where it names none, or one of a kind that isn't here."""
    reference = _dependency(trigger)
    kind = named(str(reference.get("apiVersion")), str(reference.get("kind")))
    return Key(kind, trigger["metadata"]["namespace"], str(reference.get("name"))) if kind else None


def is_subscribed(trigger: Object) -> bool:
    """Return whether a Trigger once got as far as to take events; it goes on until it, or its Broker, is deleted."""
    return is_true(trigger, "SubscriptionReady")


def reconcile(trigger: Object, scene: Scene, now: str) -> Plan:
    """Return what a Trigger wants."""
    broker = scene.find(broker_of(trigger))
    if broker is not None and not is_ours(broker):
        return Plan()
    conditions = Conditions(trigger, _DEPENDENTS, now)
    status: Object = dict(trigger.get("status") or {})
    if not _has_broker(trigger, broker, conditions) or broker is None:
        return Plan(status=conditions.told(trigger, status))
    status, notes = _resolved(trigger, broker, status, conditions, scene)
    return Plan(status=conditions.told(trigger, status), notes=_new(trigger, notes))


def _has_broker(trigger: Object, broker: Object | None, conditions: Conditions) -> bool:
    """Say how the Broker is, and return whether it is ready."""
    if conditions.status("OIDCIdentityCreated") != "True":
        mark_identity_unsupported(conditions)
    if broker is None:
        words = f'Broker "{trigger["spec"].get("broker", "")}" does not exist'
        conditions.false("BrokerReady", "BrokerDoesNotExist", words)
        return False
    told = condition(broker, "Ready")
    if told.status:
        conditions.take("BrokerReady", told)
    else:
        conditions.unknown("BrokerReady", "BrokerNotConfigured", "Broker has not yet been reconciled.")
    return is_ready(broker)


def _resolved(
    trigger: Object, broker: Object, status: Object, conditions: Conditions, scene: Scene
) -> tuple[Object, tuple[Note, ...]]:
    """Say where events go, the dead ones too; in the order of Knative's reconciler, up to the first failure."""
    found = resolve(trigger["spec"]["subscriber"], trigger["metadata"]["namespace"], scene)
    status = {name: value for name, value in status.items() if name != _SUBSCRIBER}
    if found.problem:
        conditions.false("SubscriberResolved", "Unable to get the Subscriber's URI", found.problem)
        return status, (failed(found.problem),)
    status[_SUBSCRIBER] = found.url
    conditions.true("SubscriberResolved")
    if (trigger["spec"].get("delivery") or {}).get("deadLetterSink") or not _falls_back(broker):
        dead = dead_letters(trigger, status, conditions, scene)
        if not dead.resolved:
            return dead.status, dead.notes
        status = dead.status
    else:
        status[DEAD_LETTER_URI] = broker["status"][DEAD_LETTER_URI]
        conditions.true("DeadLetterSinkResolved")
    mark_identity(conditions)
    conditions.true("SubscriptionReady")
    return status, _mark_dependency(trigger, conditions, scene)


def _falls_back(broker: Object) -> bool:
    return bool((broker.get("status") or {}).get(DEAD_LETTER_URI))


def _mark_dependency(trigger: Object, conditions: Conditions, scene: Scene) -> tuple[Note, ...]:
    if _DEPENDENCY not in annotations(trigger):
        conditions.true("DependencyReady")
        return ()
    key = dependency_of(trigger)
    source = scene.find(key) if key else None
    if source is None:
        words = f'Dependency does not exist: "{_dependency(trigger).get("name")}" not found'
        conditions.false("DependencyReady", "DependencyDoesNotExist", words)
        return (failed(words),)
    if not observed(source):
        words = "The dependency's metadata.generation is not equal to its status.observedGeneration."
        conditions.unknown("DependencyReady", "GenerationNotEqual", words)
        return ()
    conditions.take("DependencyReady", condition(source, "Ready"))
    return ()


def _dependency(trigger: Object) -> dict[str, Any]:
    try:
        return msgspec.json.decode(annotations(trigger).get(_DEPENDENCY, "{}"), type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def _new(trigger: Object, notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Return the notes of what was not so at the last look."""
    known = {entry.get("message") for entry in (trigger.get("status") or {}).get("conditions") or ()}
    return tuple(note for note in notes if note.message not in known)
