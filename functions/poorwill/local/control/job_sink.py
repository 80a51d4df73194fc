"""A JobSink tells where it takes events, and how its Jobs are found (pkg/reconciler/jobsink)."""

from poorwill.kinds.kind import Object
from poorwill.local.control.conditions import Conditions
from poorwill.local.control.destinations import Scene
from poorwill.local.control.event_conditions import mark_policies
from poorwill.local.control.plan import Plan
from poorwill.local.eventing.addresses import job_sink_url

NAME_LABEL, ID_LABEL = "sinks.knative.dev/job-sink-name", "sinks.knative.dev/job-sink-id"
_DEPENDENTS = ("Addressable", "EventPoliciesReady")


def reconcile(job_sink: Object, _: Scene, now: str) -> Plan:
    """Return what a JobSink wants."""
    conditions = Conditions(job_sink, _DEPENDENTS, now)
    status: Object = {
        **(job_sink.get("status") or {}),
        "address": {"name": "http", "url": job_sink_url(job_sink)},
        "job": {"selector": f"{NAME_LABEL}={job_sink['metadata']['name']}"},
    }
    conditions.true("Addressable")
    mark_policies(conditions)
    return Plan(status=conditions.told(job_sink, status))
