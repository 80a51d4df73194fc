"""A PingSource tells where its events go (pkg/reconciler/pingsource); eventing/pings.py sends them."""

import msgspec

from poorwill.kinds.kind import Object
from poorwill.local.control.conditions import Conditions, condition
from poorwill.local.control.destinations import Scene, resolve
from poorwill.local.control.event_conditions import mark_identity
from poorwill.local.control.plan import Note, Plan
from poorwill.local.eventing.addresses import PING, ping_source

_DEPENDENTS = ("SinkProvided", "Deployed", "OIDCIdentityCreated")


def reconcile(source: Object, scene: Scene, now: str) -> Plan:
    """Return what a PingSource wants."""
    conditions = Conditions(source, _DEPENDENTS, now)
    status: Object = dict(source.get("status") or {})
    mark_identity(conditions)
    found = resolve(source["spec"]["sink"], source["metadata"]["namespace"], scene)
    if found.problem:
        conditions.false("SinkProvided", "NotFound", found.problem)
        words = f"Sink not found: {msgspec.json.encode(source['spec']['sink']).decode()}"
        is_new = condition(source, "SinkProvided").status != "False"
        notes = (Note("Warning", "SinkNotFound", words),) if is_new else ()
        return Plan(status=conditions.told(source, status), notes=notes)
    status["sinkUri"] = found.url
    conditions.true("SinkProvided")
    conditions.true("Deployed")
    status["ceAttributes"] = [{"type": PING, "source": ping_source(source)}]
    return Plan(status=conditions.told(source, status))
