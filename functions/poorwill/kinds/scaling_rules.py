"""What Knative refuses in the annotations of autoscaling: pkg/apis/autoscaling/annotation_validation.go of 1.23.0.

Stricter in one thing: NaN and hexadecimal fractions are no numbers here. An unknown annotation of the group is let
through, as Knative does.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from poorwill.errors import Fault
from poorwill.kinds import duration, refusals
from poorwill.kinds.autoscaling import GROUP, HPA, KPA, SMALLEST_TARGET, spelled

_INT32 = 2**31 - 1
_INT64 = 2**63
_WHOLE = re.compile(r"[+-]?[0-9]{1,4000}", re.ASCII)  # Python reads 4300 digits at most
_DIGITS = r"[0-9](?:_?[0-9])*"
_NUMBER = re.compile(
    rf"[+-]?(?:(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:e[+-]?[0-9]+)?|inf(?:inity)?)", re.ASCII | re.IGNORECASE
)
_SHORTEST_WINDOW_SECONDS, _LONGEST_WINDOW_SECONDS = 6, 3600
_PERCENTS = {
    "panic-window-percentage": (1, 100),
    "panic-threshold-percentage": (110, 1000),
    "target-utilization-percentage": (1, 100),
}


class _Annotation(NamedTuple):
    where: str
    text: str


def annotation_faults(annotations: Mapping[str, str], where: str) -> Iterator[Fault]:
    """Yield what is wrong with a revision's annotations of autoscaling."""
    rules = _Rules(annotations, where)
    yield from rules.scaling_class()
    yield from rules.scale()
    yield from rules.numbers()
    yield from rules.durations()
    yield from rules.metric()
    yield from rules.initial_scale()


def misplaced(annotations: Mapping[str, str], where: str) -> Iterator[Fault]:
    """Yield the fault of annotations of autoscaling on what is no revision's template."""
    if any(key.startswith(GROUP) for key in annotations):
        advice = "put it under spec.template.metadata.annotations"
        yield Fault(where, "no annotation of autoscaling", "at least one", advice)


def number(text: str) -> float:
    """Return what Go's ParseFloat makes of a decimal number; ValueError for what is none."""
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("not a number")
    read = float(text)
    if math.isinf(read) and "inf" not in text.lower():
        raise ValueError("too large a number")
    return read


class _Rules:
    def __init__(self, annotations: Mapping[str, str], where: str) -> None:
        self._annotations, self._where = annotations, where

    def _found(self, name: str) -> _Annotation | None:
        found = spelled(self._annotations, name)
        return None if found is None else _Annotation(f"{self._where}.{found[0]}", found[1])

    def scaling_class(self) -> Iterator[Fault]:
        found = self._found("class")
        if found and found.text.endswith(".knative.dev") and found.text not in {KPA, HPA}:
            yield refusals.unreadable(found.where, f"{KPA}, {HPA} or a class of another domain")

    def scale(self) -> Iterator[Fault]:
        low, faults = self._pods("min-scale")
        yield from faults
        high, faults = self._pods("max-scale")
        yield from faults
        if high and high < low:
            where = ", ".join(f"{self._where}.{GROUP}/{name}" for name in ("max-scale", "min-scale"))
            yield Fault(where, "max-scale of 0 or at least min-scale", "less", "raise one or lower the other")
        first = self._found("activation-scale")
        if first is None:
            return
        if _WHOLE.fullmatch(first.text) is None or not -_INT32 - 1 <= int(first.text) <= _INT32:
            yield refusals.unreadable(first.where, "a whole number above 1, as a string")
        elif low > int(first.text):
            yield Fault(first.where, "at least min-scale", "less", "raise it or lower min-scale")
        elif 0 != high < int(first.text):
            yield Fault(first.where, "at most max-scale", "more", "lower it or raise max-scale")
        elif int(first.text) < 2:
            yield Fault(first.where, "more than 1", "less", "raise it or remove it")

    def _pods(self, name: str) -> tuple[int, tuple[Fault, ...]]:
        found = self._found(name)
        if found is None:
            return 0, ()
        if _WHOLE.fullmatch(found.text) is None:
            return 0, (refusals.unreadable(found.where, "a whole number of pods, as a string"),)
        if not 0 <= int(found.text) <= _INT32:
            return 0, (refusals.outside(found.where, 0, _INT32, "pods"),)
        return int(found.text), ()

    def numbers(self) -> Iterator[Fault]:
        for name, (low, high) in _PERCENTS.items():
            yield from self._number(name, low, high)
        yield from self._number("target", SMALLEST_TARGET, float("inf"))
        burst = self._found("target-burst-capacity")
        if burst is not None and not self._is_burst(burst.text):
            yield refusals.unreadable(burst.where, "-1 for always, 0 for never, or a number of requests")

    @staticmethod
    def _is_burst(text: str) -> bool:
        try:
            return number(text) >= 0 or number(text) == -1
        except ValueError:
            return False

    def _number(self, name: str, low: float, high: float) -> Iterator[Fault]:
        found = self._found(name)
        if found is None:
            return
        try:
            if not low <= number(found.text) <= high:
                yield refusals.outside(found.where, low, high, "percent" if "percentage" in name else "")
        except ValueError:
            yield refusals.unreadable(found.where, "a number, as a string")

    def durations(self) -> Iterator[Fault]:
        yield from self._duration("window", _SHORTEST_WINDOW_SECONDS, whole_seconds=True)
        yield from self._duration("scale-to-zero-pod-retention-period", 0, whole_seconds=False)
        yield from self._duration("scale-down-delay", 0, whole_seconds=True)

    def _duration(self, name: str, least_seconds: int, *, whole_seconds: bool) -> Iterator[Fault]:
        found = self._found(name)
        if found is None:
            return
        try:
            nanoseconds = duration.nanoseconds(found.text)
        except ValueError:
            yield refusals.unreadable(found.where, "a duration such as 1m30s")
            return
        if not least_seconds * 10**9 <= nanoseconds <= _LONGEST_WINDOW_SECONDS * 10**9:
            yield refusals.outside(found.where, least_seconds, _LONGEST_WINDOW_SECONDS, "seconds")
        elif whole_seconds and nanoseconds % 10**9:
            yield Fault(found.where, "whole seconds", "a part of one", "round it")

    def metric(self) -> Iterator[Fault]:
        scaling_class = self._annotations.get(f"{GROUP}/class", KPA)
        found = self._found("metric")
        known = {KPA: found is None or found.text in {"concurrency", "rps"}, HPA: found is None or found.text != ""}
        if found is not None and not known.get(scaling_class, True):
            yield refusals.unreadable(found.where, "concurrency or rps" if scaling_class == KPA else "a metric")
        algorithm = self._found("metric-aggregation-algorithm")
        # Knative looks at it only where the class is written out
        if algorithm is None or self._annotations.get(f"{GROUP}/class") != KPA:
            return
        if algorithm.text not in {"", "linear", "weighted-exponential", "weightedExponential"}:
            yield refusals.unreadable(algorithm.where, "linear or weighted-exponential")

    def initial_scale(self) -> Iterator[Fault]:
        found = self._found("initial-scale")
        if found is None:
            return
        if _WHOLE.fullmatch(found.text) is None or not 1 <= int(found.text) < _INT64:
            yield refusals.unreadable(found.where, "a whole number above 0: the cluster does not allow 0")
