"""What the API server refuses in a Job: k8s.io/kubernetes 1.35, pkg/apis/batch/validation."""

from collections.abc import Iterator

from poorwill.errors import Fault
from poorwill.kinds import job_pod_rules, metadata, refusals
from poorwill.kinds.job import ExitCodes, Job, JobSpec, PodFailureRule
from poorwill.kinds.job_defaults import NAME_LABELS, UID_LABELS
from poorwill.kinds.kind import Object
from poorwill.kinds.policy_rules import selector_faults

_ACTIONS = {"Count", "FailIndex", "FailJob", "Ignore"}
_MOST_RULES = 20
_INDEXED = "Indexed"
_INDEXED_LIMIT = 100_000
_PLACEMENT = {"affinity", "nodeSelector", "tolerations", "schedulingGates"}
_FIXED = ("selector", "template", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy")


def job_faults(job: Job, obj: Object, old: Object | None) -> Iterator[Fault]:
    """Yield what is wrong with a Job; what its pods are made from never changes."""
    yield from spec_faults(job.spec, "spec")
    yield from _name_faults(job)
    if old is None:
        yield from selection_faults(job.spec, job.metadata.name, "spec")
        return
    before, after = old["spec"], obj["spec"]
    if before.get("suspend") and not old.get("status", {}).get("startTime"):
        before, after = _without_placement(before), _without_placement(after)
    for name in (*_FIXED, "successPolicy", *(() if job.spec.completion_mode == _INDEXED else ("completions",))):
        if before.get(name) != after.get(name):
            yield Fault(f"spec.{name}", "the value it was created with", "another", "make another Job")


def _without_placement(spec: Object) -> Object:
    """Return a spec without what may change of a Job that has not begun: where its pods run, and their labels."""
    template = spec["template"]
    named = {name: value for name, value in template["metadata"].items() if name not in {"labels", "annotations"}}
    pod = {name: value for name, value in template["spec"].items() if name not in _PLACEMENT}
    return {**spec, "template": {"metadata": named, "spec": pod}}


def spec_faults(spec: JobSpec, where: str) -> Iterator[Fault]:
    """Yield what is wrong with a defaulted Job's spec, whose selector may be yet to come."""
    numbers = {
        "parallelism": spec.parallelism,
        "completions": spec.completions,
        "activeDeadlineSeconds": spec.active_deadline_seconds,
        "backoffLimit": spec.backoff_limit,
        "ttlSecondsAfterFinished": spec.ttl_seconds_after_finished,
        "backoffLimitPerIndex": spec.backoff_limit_per_index,
        "maxFailedIndexes": spec.max_failed_indexes,
    }
    for name, number in numbers.items():
        if number is not None and not 0 <= number < 2**31:
            yield refusals.outside(f"{where}.{name}", 0, 2**31 - 1)
    yield from _mode_faults(spec, where)
    yield from _manager_faults(spec.managed_by, f"{where}.managedBy")
    yield from _failure_faults(spec, where)
    if spec.selector is not None:
        yield from selector_faults(spec.selector, f"{where}.selector")
    template = f"{where}.template"
    yield from metadata.label_faults(spec.template.metadata.labels, f"{template}.metadata.labels")
    yield from metadata.annotation_faults(spec.template.metadata.annotations, f"{template}.metadata.annotations")
    yield from job_pod_rules.pod_faults(spec.template.spec, f"{template}.spec")
    policy = spec.template.spec.restart_policy
    if policy not in {"OnFailure", "Never"}:
        yield refusals.unreadable(f"{template}.spec.restartPolicy", "OnFailure or Never")
    elif spec.pod_failure_policy is not None and policy != "Never":
        yield refusals.unreadable(f"{template}.spec.restartPolicy", "Never, where there is a podFailurePolicy")


def _mode_faults(spec: JobSpec, where: str) -> Iterator[Fault]:
    if spec.completion_mode not in {None, "NonIndexed", _INDEXED}:
        yield refusals.unreadable(f"{where}.completionMode", "NonIndexed or Indexed")
    indexed = {
        "backoffLimitPerIndex": spec.backoff_limit_per_index,
        "maxFailedIndexes": spec.max_failed_indexes,
        "successPolicy": spec.success_policy,
    }
    if spec.completion_mode != _INDEXED:
        for name, value in indexed.items():
            if value is not None:
                yield Fault(f"{where}.{name}", "none but with completionMode Indexed", "one", "remove it")
    else:
        yield from _indexed_faults(spec, where)


def _indexed_faults(spec: JobSpec, where: str) -> Iterator[Fault]:
    if spec.completions is None:
        yield refusals.missing(f"{where}.completions")
    if spec.parallelism is not None and spec.parallelism > _INDEXED_LIMIT:
        yield refusals.outside(f"{where}.parallelism", 0, _INDEXED_LIMIT)
    if spec.max_failed_indexes is not None:
        most = min(_INDEXED_LIMIT, spec.completions or 0)
        if spec.max_failed_indexes > most:
            yield refusals.outside(f"{where}.maxFailedIndexes", 0, most)
        if spec.backoff_limit_per_index is None:
            yield refusals.missing(f"{where}.backoffLimitPerIndex")
    if spec.success_policy is not None and not spec.success_policy.get("rules"):
        yield refusals.missing(f"{where}.successPolicy.rules")


def _manager_faults(manager: str | None, where: str) -> Iterator[Fault]:
    if manager is None:
        return
    host, slash, path = manager.partition("/")
    if not (slash and path and metadata.is_dns_1123_subdomain(host)) or len(manager) > metadata.LONGEST_LABEL_VALUE:
        yield refusals.unreadable(where, "a host, a slash and a name, of at most 63 letters in all")


def _failure_faults(spec: JobSpec, where: str) -> Iterator[Fault]:
    policy, replacement = spec.pod_failure_policy, f"{where}.podReplacementPolicy"
    if policy is None:
        if spec.pod_replacement_policy not in {None, "Failed", "TerminatingOrFailed"}:
            yield refusals.unreadable(replacement, "Failed or TerminatingOrFailed")
        return
    if spec.pod_replacement_policy not in {None, "Failed"}:
        yield refusals.unreadable(replacement, "Failed, where there is a podFailurePolicy")
    rules = f"{where}.podFailurePolicy.rules"
    if len(policy.rules) > _MOST_RULES:
        yield refusals.outside(rules, 0, _MOST_RULES, "rules")
    pod = spec.template.spec
    names = {container.name for container in (*pod.containers, *pod.init_containers)}
    for at, rule in enumerate(policy.rules):
        yield from _rule_faults(rule, names, f"{rules}[{at}]", by_index=spec.backoff_limit_per_index is not None)


def _rule_faults(rule: PodFailureRule, names: set[str], where: str, *, by_index: bool) -> Iterator[Fault]:
    if rule.action not in _ACTIONS:
        yield refusals.unreadable(f"{where}.action", "Count, FailIndex, FailJob or Ignore")
    elif rule.action == "FailIndex" and not by_index:
        yield refusals.unreadable(f"{where}.action", "another than FailIndex, where there is no backoffLimitPerIndex")
    if (rule.on_exit_codes is None) == (not rule.on_pod_conditions):
        yield Fault(where, "exactly one of onExitCodes and onPodConditions", "none or both", "set one of them")
    if rule.on_exit_codes is not None:
        yield from _exit_code_faults(rule.on_exit_codes, names, f"{where}.onExitCodes")
    for at, pattern in enumerate(rule.on_pod_conditions):
        if not metadata.is_qualified_name(pattern.type):
            yield refusals.unreadable(f"{where}.onPodConditions[{at}].type", "a condition's type")
        if pattern.status not in {"True", "False", "Unknown"}:
            yield refusals.unreadable(f"{where}.onPodConditions[{at}].status", "True, False or Unknown")


def _exit_code_faults(codes: ExitCodes, names: set[str], where: str) -> Iterator[Fault]:
    if codes.operator not in {"In", "NotIn"}:
        yield refusals.unreadable(f"{where}.operator", "In or NotIn")
    if codes.container_name is not None and codes.container_name not in names:
        yield refusals.unreadable(f"{where}.containerName", "the name of a container of the pod")
    if not codes.values:
        yield refusals.missing(f"{where}.values")
    elif codes.values != sorted(set(codes.values)):
        yield refusals.unreadable(f"{where}.values", "codes that differ, in their order")
    elif codes.operator == "In" and 0 in codes.values:
        yield refusals.unreadable(f"{where}.values[{codes.values.index(0)}]", "a code that is not 0")


def _name_faults(job: Job) -> Iterator[Fault]:
    if job.spec.completion_mode != _INDEXED or not job.spec.completions or not job.metadata.name:
        return
    if not metadata.is_dns_1123_label(f"{job.metadata.name}-{job.spec.completions - 1}"):
        yield refusals.unreadable("metadata.name", "a name that is a label with an index behind it")


def selection_faults(spec: JobSpec, name: str, where: str) -> Iterator[Fault]:
    """Yield what is wrong with a new Job's selector, and with labels that the server sets.

    Args:
        spec: of the Job.
        name: the Job's, "" where it has none yet.
        where: the spec's path.
    """
    selector, labels = spec.selector, spec.template.metadata.labels
    places = f"{where}.template.metadata.labels"
    if spec.manual_selector:
        if selector is None:
            yield refusals.missing(f"{where}.selector")
        elif not selector.match_labels.items() <= labels.items():
            yield refusals.unreadable(places, "labels that the selector selects")
        return
    for label in (*NAME_LABELS, *UID_LABELS):
        if label in labels and (label in UID_LABELS or labels[label] != name):
            wanted = "no value but the server's own"
            yield Fault(f"{places}[{label}]", wanted, "another", "remove it: the server sets it")
    if selector is not None and (selector.match_labels or selector.match_expressions):
        yield Fault(f"{where}.selector", "none but with manualSelector", "one", "remove it: the server sets it")
