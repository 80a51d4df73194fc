"""What a Job asks of a pod; or why it gets none here."""

from poorwill.kinds.kind import JOB, Object
from poorwill.local.pods.images import Images, Refusal
from poorwill.local.pods.plan import Plan, limits_of, unsupported
from poorwill.local.pods.template import Template, reference
from poorwill.local.pods.volumes import mounted
from poorwill.local.revision import Failure, RevisionKey

EVENT_VOLUME, EVENT_PATH = "jobsink-event", "K_EVENT_PATH"
"""The volume that a JobSink gives its Jobs, and the variable that says where it is."""

_UNKNOWN = ("podFailurePolicy", "successPolicy", "backoffLimitPerIndex", "maxFailedIndexes", "managedBy")
_GRACE_SECONDS = 30


def job_plan(job: Object, images: Images) -> Plan | Failure:
    """Return what to start for a Job, or why nothing is."""
    pod = job["spec"]["template"]["spec"]
    problem = _problem(job["spec"], pod)
    if problem:
        return unsupported(problem)
    container: Object = pod["containers"][0]
    program = images.program(container)
    if isinstance(program, Refusal):
        return program.failure()
    files = mounted(pod, container)
    if isinstance(files, str):
        return unsupported(f"spec.template.{files}")
    memory_limit_bytes, cpu_limit = limits_of(container)
    return Plan(
        key=RevisionKey(job["metadata"]["namespace"], job["metadata"]["name"]),
        template=_template(job, pod),
        container=container,
        program=program,
        probe=None,
        memory_limit_bytes=memory_limit_bytes,
        cpu_limit=cpu_limit,
        grace_seconds=pod.get("terminationGracePeriodSeconds", _GRACE_SECONDS),
        deadline_seconds=0.0,
        files=files,
    )


def _problem(spec: Object, pod: Object) -> str:
    there = [f"spec.{name}" for name in _UNKNOWN if spec.get(name) is not None]
    if spec.get("completionMode") == "Indexed":
        there.append("spec.completionMode Indexed")
    if pod.get("initContainers"):
        there.append("spec.template.spec.initContainers")
    if there:
        return f"{', '.join(there)}: the twin's Jobs have pods that are all alike, of one container each"
    return "" if len(pod["containers"]) == 1 else "spec.template.spec.containers: the twin runs one container a pod"


def _template(job: Object, pod: Object) -> Template:
    given = job["spec"]["template"].get("metadata") or {}
    kept = {"serviceAccountName", "automountServiceAccountToken", "enableServiceLinks", "volumes"}
    return Template(
        prefix=f"{job['metadata']['name']}-",
        owner=reference(JOB.api_version, JOB.kind, job["metadata"]),
        labels=given.get("labels") or {},
        annotations=given.get("annotations") or {},
        spec={name: value for name, value in pod.items() if name in kept},
        variables={},
        restart_policy=pod["restartPolicy"],
    )
