"""Conditions as knative.dev/pkg/apis writes them: which one makes Ready what it is, and when one last changed."""

from typing import Any

from poorwill.kinds import objects
from poorwill.kinds.kind import Object
from poorwill.kinds.objects import Condition, observed

_HAPPY = "Ready"
_ABSENT = Condition("", "", "")


def condition(obj: Object, type_: str) -> Condition:
    """Return one condition of an object; one with an empty status where it has none of that type."""
    return objects.condition(obj, type_) or _ABSENT


def is_ready(obj: Object) -> bool:
    """Return whether the object is Ready, as it is asked to be now."""
    return observed(obj) and condition(obj, _HAPPY).status == "True"


def is_failed(obj: Object) -> bool:
    """Return whether the object is known not to be Ready, as it is asked to be now."""
    return observed(obj) and condition(obj, _HAPPY).status == "False"


class Conditions:
    """The conditions of one object through one pass: Ready follows from those that it depends on.

    Of several that are not True, the one that changed last speaks, False before Unknown
    (knative.dev/pkg/apis/condition_set.go).
    """

    def __init__(self, obj: Object, dependents: tuple[str, ...], now: str) -> None:
        entries = obj.get("status", {}).get("conditions", ())
        self._was: dict[str, dict[str, Any]] = {entry["type"]: entry for entry in entries}
        self._is = {type_: condition(obj, type_) for type_ in self._was}
        self._changes: dict[str, int] = {}
        self._dependents = dependents
        self._now = now
        self._initialize()
        if not observed(obj):
            self.unknown(_HAPPY, "NewObservedGenFailure", "unsuccessfully observed a new generation")

    def status(self, type_: str) -> str:
        """Return True, False, Unknown, or "" for a condition that is not set."""
        return self._is.get(type_, _ABSENT).status

    def true(self, type_: str, reason: str = "", message: str = "") -> None:
        """Set a condition to True, and Ready to what the others make of it."""
        self._set(type_, Condition("True", reason, message))
        self._set(_HAPPY, self._unhappy() or Condition("True", "", ""))

    def false(self, type_: str, reason: str, message: str) -> None:
        """Set a condition to False, and Ready with it where it depends on it."""
        self._set(type_, Condition("False", reason, message))
        if type_ in self._dependents:
            self._set(_HAPPY, Condition("False", reason, message))

    def unknown(self, type_: str, reason: str = "", message: str = "") -> None:
        """Set a condition to Unknown, and Ready with it where it depends on it and nothing failed."""
        self._set(type_, Condition("Unknown", reason, message))
        if any(self.status(dependent) == "False" for dependent in self._dependents):
            if self.status(_HAPPY) != "False":
                self._set(_HAPPY, Condition("False", reason, message))
        elif type_ in self._dependents:
            self._set(_HAPPY, Condition("Unknown", reason, message))

    def take(self, type_: str, told: Condition) -> None:
        """Set a condition to what another object's condition says; to nothing where that isn't said yet."""
        match told.status:
            case "True":
                self.true(type_)
            case "False":
                self.false(type_, told.reason, told.message)
            case "Unknown":
                self.unknown(type_, told.reason, told.message)

    def told(self, obj: Object, status: Object) -> Object:
        """Return a status as it is written, with these conditions."""
        return {**status, "observedGeneration": obj["metadata"]["generation"], "conditions": self.entries()}

    def entries(self) -> list[dict[str, str]]:
        """Return the conditions as status has them; the time of one that is as it was stays."""
        return [self._entry(type_) for type_ in sorted(self._is)]

    def _initialize(self) -> None:
        self._is.setdefault(_HAPPY, Condition("Unknown", "", ""))
        for dependent in self._dependents:
            self._is.setdefault(dependent, Condition("True" if self.status(_HAPPY) == "True" else "Unknown", "", ""))

    def _set(self, type_: str, wanted: Condition) -> None:
        if self._is.get(type_) != wanted:
            self._is[type_] = wanted
            self._changes[type_] = len(self._changes) + 1

    def _unhappy(self) -> Condition | None:
        """Return the condition that keeps Ready from being True, None where there is none."""
        latest = sorted(sorted(self._dependents), key=self._recency, reverse=True)
        for status in ("False", "Unknown"):
            for dependent in latest:
                if self.status(dependent) == status:
                    return self._is[dependent]
        return None

    def _recency(self, type_: str) -> tuple[int, str]:
        return self._changes.get(type_, 0), self._was.get(type_, {}).get("lastTransitionTime", "")

    def _entry(self, type_: str) -> dict[str, str]:
        is_ = self._is[type_]
        entry = {"type": type_, "status": is_.status}
        if type_ not in self._dependents and type_ != _HAPPY:
            entry["severity"] = "Info"
        entry |= {name: text for name, text in (("reason", is_.reason), ("message", is_.message)) if text}
        was = self._was.get(type_, {})
        same = entry == {name: value for name, value in was.items() if name != "lastTransitionTime"}
        return {"lastTransitionTime": was["lastTransitionTime"] if same else self._now, **entry}
