"""A Broker tells where it takes events, and through which channel its Triggers get them (pkg/reconciler/broker)."""

import yaml

from poorwill.kinds.kind import CONFIG_MAP, Key, Object
from poorwill.kinds.objects import annotations
from poorwill.local.control.conditions import Conditions
from poorwill.local.control.destinations import Scene
from poorwill.local.control.event_conditions import dead_letters, mark_policies
from poorwill.local.control.plan import Find, Plan, failed
from poorwill.local.eventing.addresses import broker_url, channel_url, trigger_channel

CLASS, OURS = "eventing.knative.dev/broker.class", "MTChannelBasedBroker"
_DEPENDENTS = (
    "IngressReady",
    "TriggerChannelReady",
    "FilterReady",
    "Addressable",
    "DeadLetterSinkResolved",
    "EventPoliciesReady",
)
_TEMPLATE, _NAMES = "channel-template-spec", ("kind", "apiVersion")


class _TemplateError(ValueError):
    """Carries why a Broker has no channel."""


def is_ours(broker: Object) -> bool:
    """Return whether a Broker is of the class that this control cares for."""
    return annotations(broker).get(CLASS) == OURS


def config(broker: Object) -> Key | None:
    """Return which ConfigMap says how a Broker's channel is made; None where it names none."""
    named = (broker.get("spec") or {}).get("config") or {}
    if named.get("kind") != "ConfigMap" or not named.get("namespace") or not named.get("name"):
        return None
    return Key(CONFIG_MAP, named["namespace"], named["name"])


def reconcile(broker: Object, scene: Scene, now: str) -> Plan:
    """Return what a Broker wants; nothing for one of another class, which nobody here cares for."""
    if not is_ours(broker):
        return Plan()
    conditions = Conditions(broker, _DEPENDENTS, now)
    status: Object = dict(broker.get("status") or {})
    try:
        template = _template(broker, scene.find)
    except _TemplateError as error:
        words = f"Error on setting up the ChannelTemplate: {error}"
        conditions.false("TriggerChannelReady", "ChannelTemplateFailed", words)
        return Plan(status=conditions.told(broker, status), notes=(failed(str(error)),))
    name = trigger_channel(broker["metadata"]["name"])
    status["annotations"] = {
        "knative.dev/channelAddress": channel_url(name, broker["metadata"]["namespace"]),
        "knative.dev/channelKind": template["kind"],
        "knative.dev/channelAPIVersion": template["apiVersion"],
        "knative.dev/channelName": name,
    }
    for part in ("TriggerChannelReady", "FilterReady", "IngressReady"):
        conditions.true(part)
    dead = dead_letters(broker, status, conditions, scene)
    status = dead.status
    if not dead.resolved:
        return Plan(status=conditions.told(broker, status), notes=dead.notes)
    status["address"] = {"name": "http", "url": broker_url(broker)}
    conditions.true("Addressable")
    mark_policies(conditions)
    return Plan(status=conditions.told(broker, status))


def _template(broker: Object, find: Find) -> Object:
    """Return what the Broker's channel would be made from; here the journal stands in for each."""
    named = (broker.get("spec") or {}).get("config")
    if not named:
        raise _TemplateError("failed to find channelTemplate")
    if named.get("kind") != "ConfigMap":
        raise _TemplateError("Broker.Spec.Config configuration not supported, only [kind: ConfigMap, apiVersion: v1]")
    key = config(broker)
    if key is None:
        raise _TemplateError("Broker.Spec.Config name and namespace are required")
    found = find(key)
    if found is None:
        raise _TemplateError(f'configmap "{key.name}" not found')
    try:
        template = yaml.safe_load((found.get("data") or {}).get(_TEMPLATE, ""))
    except yaml.YAMLError:
        template = None
    if not isinstance(template, dict) or not all(isinstance(template.get(name), str) for name in _NAMES):
        raise _TemplateError(f"{_TEMPLATE} in configmap {key.namespace}/{key.name} names no kind of channel")
    return template
