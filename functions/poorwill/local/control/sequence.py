"""A Sequence tells how its channels and subscriptions are: one of each for every step (pkg/reconciler/sequence)."""

from poorwill.kinds.kind import Object
from poorwill.kinds.objects import Condition
from poorwill.local.control.conditions import Conditions
from poorwill.local.control.destinations import Scene, resolve
from poorwill.local.control.event_conditions import mark_policies
from poorwill.local.control.plan import Plan
from poorwill.local.eventing.addresses import channel_url, step_channel

_DEPENDENTS = ("ChannelsReady", "SubscriptionsReady", "Addressable", "EventPoliciesReady")
_READY = Condition("True", "", "")


def reconcile(sequence: Object, scene: Scene, now: str) -> Plan:
    """Return what a Sequence wants."""
    conditions = Conditions(sequence, _DEPENDENTS, now)
    status: Object = dict(sequence.get("status") or {})
    namespace, spec = sequence["metadata"]["namespace"], sequence["spec"]
    template = spec.get("channelTemplate") or {}
    names = [step_channel(sequence["metadata"]["name"], step) for step in range(len(spec["steps"]))]
    subscriptions = [_subscription(sequence, step, scene) for step in range(len(names))]
    status["address"] = {"url": channel_url(names[0], namespace)}
    conditions.true("Addressable")
    conditions.true("ChannelsReady")
    if all(told.status == "True" for told in subscriptions):
        conditions.true("SubscriptionsReady")
    else:
        words = "Subscriptions are not ready yet, or there are none"
        conditions.unknown("SubscriptionsReady", "SubscriptionsNotReady", words)
    mark_policies(conditions)
    channel = {"apiVersion": template.get("apiVersion", ""), "kind": template.get("kind", "")}
    subscription = {"apiVersion": "messaging.knative.dev/v1", "kind": "Subscription"}
    for field, part, kind, told in (
        ("channelStatuses", "channel", channel, [_READY] * len(names)),
        ("subscriptionStatuses", "subscription", subscription, subscriptions),
    ):
        was = status.get(field) or []
        status[field] = [
            {
                part: {**kind, "name": name, "namespace": namespace},
                "ready": _entry(told[step], was[step]["ready"] if step < len(was) else {}, now),
            }
            for step, name in enumerate(names)
        ]
    return Plan(status=conditions.told(sequence, status))


def _subscription(sequence: Object, step: int, scene: Scene) -> Condition:
    """Return how the subscription of a step is (pkg/reconciler/subscription)."""
    namespace, spec = sequence["metadata"]["namespace"], sequence["spec"]
    wanted = [("Subscriber", "subscriber.ref" if spec["steps"][step].get("ref") else "subscriber", spec["steps"][step])]
    if step == len(spec["steps"]) - 1 and spec.get("reply"):
        wanted.append(("Reply", "reply", spec["reply"]))
    dead = (spec["steps"][step].get("delivery") or {}).get("deadLetterSink")
    if dead:
        wanted.append(("DeadLetterSink", "delivery.deadLetterSink", dead))
    for part, field, destination in wanted:
        found = resolve(destination, namespace, scene)
        if found.problem:
            return Condition("False", f"{part}ResolveFailed", f"Failed to resolve spec.{field}: {found.problem}")
    return _READY


def _entry(told: Condition, was: Object, now: str) -> Object:
    entry: Object = {"type": "Ready", "status": told.status}
    entry |= {name: text for name, text in (("reason", told.reason), ("message", told.message)) if text}
    same = entry == {name: value for name, value in was.items() if name != "lastTransitionTime"}
    return {"lastTransitionTime": was["lastTransitionTime"] if same else now, **entry}
