"""What Knative refuses in a Trigger's filters: knative/eventing 1.22, pkg/apis/eventing/v1/trigger_validation.go."""

import re
from collections.abc import Iterator, Mapping, Sequence

from poorwill.errors import Fault
from poorwill.kinds import refusals
from poorwill.kinds.eventing import EventFilter

_ATTRIBUTE = re.compile(r"[a-z][a-z0-9]*", re.ASCII)


def attribute_faults(attributes: Mapping[str, str], where: str) -> Iterator[Fault]:
    """Yield what is wrong with the names of attributes."""
    if any(_ATTRIBUTE.fullmatch(name) is None for name in attributes):
        yield refusals.unreadable(where, "as keys names of small letters and digits that begin with a letter")


def filters_faults(filters: Sequence[EventFilter], where: str) -> Iterator[Fault]:
    """Yield what is wrong with filters and with those inside them."""
    for at, one in enumerate(filters):
        yield from _filter_faults(one, f"{where}[{at}]")


def _filter_faults(one: EventFilter, where: str) -> Iterator[Fault]:
    tests = {"exact": one.exact, "prefix": one.prefix, "suffix": one.suffix}
    joined = {"all": one.all, "any": one.any}
    there = [name for name, value in {**tests, **joined, "not": one.not_, "cesql": one.cesql}.items() if value]
    if len(there) > 1:
        yield Fault(where, "one of exact, prefix, suffix, all, any and not", "more", "write each as one of all")
    for name, attributes in tests.items():
        yield from attribute_faults(attributes, f"{where}.{name}")
    for name, inner in joined.items():
        yield from filters_faults(inner, f"{where}.{name}")
    if one.not_ is not None:
        yield from _filter_faults(one.not_, f"{where}.not")
    if one.cesql:
        wanted = "exact, prefix, suffix, all, any or not"
        yield Fault(f"{where}.cesql", wanted, "CESQL, which the twin does not run", "write it with these")
