"""What a revision asks of a pod, read once a start; or why it gets none here."""

from typing import NamedTuple

from poorwill.kinds import quantity
from poorwill.kinds.autoscaling import autoscaling
from poorwill.kinds.kind import Object
from poorwill.kinds.objects import annotations
from poorwill.local.pods.images import Images, Program, Refusal
from poorwill.local.pods.readiness import Probe, probe_of
from poorwill.local.pods.template import Template, of_revision
from poorwill.local.pods.volumes import Files, mounted
from poorwill.local.revision import Failure, RevisionKey

_TIMEOUT_SECONDS = 300  # of Knative's config-defaults; also the grace period


class Plan(NamedTuple):
    """All that pods of one revision, or of one Job, have in common."""

    key: RevisionKey  # the maker's namespace and name
    template: Template
    container: Object
    program: Program
    probe: Probe | None  # None: it is ready as soon as it runs
    memory_limit_bytes: int  # 0 for none
    cpu_limit: float | None  # CPUs
    grace_seconds: float
    deadline_seconds: float
    files: tuple[Files, ...] = ()


def key_of_revision(revision: Object) -> RevisionKey:
    """Return which revision an object is."""
    return RevisionKey(revision["metadata"]["namespace"], revision["metadata"]["name"])


def plan(revision: Object, images: Images) -> Plan | Failure:
    """Return what to start for a revision, or why nothing is."""
    spec = revision["spec"]
    if len(spec["containers"]) != 1:
        return unsupported("spec.containers: the twin runs one container a pod")
    container: Object = spec["containers"][0]
    program = images.program(container)
    if isinstance(program, Refusal):
        return program.failure()
    probe = probe_of(container)
    files = mounted(spec, container)
    if isinstance(probe, str) or isinstance(files, str):
        return unsupported(files if isinstance(files, str) else str(probe))
    memory_limit_bytes, cpu_limit = limits_of(container)
    return Plan(
        key=key_of_revision(revision),
        template=of_revision(revision, container["name"]),
        container=container,
        program=program,
        probe=probe,
        memory_limit_bytes=memory_limit_bytes,
        cpu_limit=cpu_limit,
        grace_seconds=spec.get("timeoutSeconds") or _TIMEOUT_SECONDS,
        deadline_seconds=autoscaling(
            annotations(revision), spec.get("containerConcurrency") or 0
        ).progress_deadline_seconds,
        files=files,
    )


def limits_of(container: Object) -> tuple[int, float | None]:
    """Return a container's limits: of memory in bytes, 0 for none, and of CPUs, None for none."""
    limits = (container.get("resources") or {}).get("limits") or {}
    cpu_limit = quantity.cpus(limits["cpu"]) if "cpu" in limits else None
    return quantity.whole_bytes(limits.get("memory", 0)), cpu_limit


def unsupported(words: str) -> Failure:
    """Return that something can't be had on the twin."""
    return Failure("UnsupportedByTwin", words)
