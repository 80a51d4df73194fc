"""What Knative refuses in a list of traffic targets: pkg/apis/serving/v1/route_validation.go of 1.23.0."""

from collections.abc import Iterator, Sequence

from poorwill.errors import Fault
from poorwill.kinds import refusals
from poorwill.kinds.metadata import is_dns_1035_label, is_qualified_name
from poorwill.kinds.serving import TrafficTarget

_QUALIFIED = "a name of at most 63 letters, digits, - _ . that begins and ends with a letter or digit"


def traffic_faults(traffic: Sequence[TrafficTarget], where: str, *, owned: bool) -> Iterator[Fault]:
    """Yield what is wrong with targets.

    Args:
        traffic: defaulted.
        where: their path.
        owned: in a Service, whose own Configuration every target means that names no revision.
    """
    seen: dict[str, int] = {}
    for at, target in enumerate(traffic):
        yield from _target_faults(target, f"{where}[{at}]", owned=owned)
        if not target.tag:
            continue
        if not is_dns_1035_label(target.tag):
            # so Knative writes this one path
            label = "a label of at most 63 small letters, digits and -, from a letter to a letter or digit"
            yield refusals.unreadable(f"{where}.tag[{at}]", label)
        if target.tag in seen:
            places = f"{where}[{seen[target.tag]}].tag, {where}[{at}].tag"
            yield Fault(places, "tags that differ", "one tag twice", "rename one")
        seen.setdefault(target.tag, at)
    total = sum(target.percent or 0 for target in traffic)
    if total != 100:
        yield Fault(where, "percents that sum to 100", "another sum", "correct them")


def _target_faults(target: TrafficTarget, where: str, *, owned: bool) -> Iterator[Fault]:
    pinned = target.revision_name != ""
    if target.latest_revision is not None and target.latest_revision == pinned:
        wanted = "true without revisionName and false with it"
        yield Fault(f"{where}.latestRevision", wanted, "the contrary", "remove it, or set or remove revisionName")
    yield from _named(target, where, owned=owned)
    if target.percent is not None and not 0 <= target.percent <= 100:
        yield refusals.outside(f"{where}.percent", 0, 100, "percent")
    if target.url:
        yield refusals.forbidden(f"{where}.url", "one", "remove it: Knative writes it into the status")


def _named(target: TrafficTarget, where: str, *, owned: bool) -> Iterator[Fault]:
    revision, configuration = f"{where}.revisionName", f"{where}.configurationName"
    if owned and target.configuration_name:
        advice = "remove it: a Service splits between its own revisions; split between Services by a Route"
        yield Fault(configuration, "no value in a Service", "a name", advice)
    elif target.revision_name and target.configuration_name:
        yield refusals.several(revision, configuration)
    elif target.revision_name:
        if not is_qualified_name(target.revision_name):
            yield refusals.unreadable(revision, _QUALIFIED)
    elif target.configuration_name:
        if not is_qualified_name(target.configuration_name):
            yield refusals.unreadable(configuration, _QUALIFIED)
    elif not owned:
        yield refusals.missing(revision, configuration)
