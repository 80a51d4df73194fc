"""The good splits that a model route had before the one it has: an annotation on the Route itself, newest first.

Good is a split that Knative had programmed: the Route was Ready at the generation that brought it, or served by its
percents though a version of 0 % held it back. That is known when the next change reads the Route, and written together
with that change, so that history and traffic never disagree.
"""

from collections.abc import Container
from datetime import UTC, datetime

import msgspec

from poorwill.delivery.traffic import Split, parse_split, split_of
from poorwill.errors import ConflictError, Fault, NotFoundError, UsageError
from poorwill.kinds.kind import Object
from poorwill.kinds.objects import annotations, is_true, observed

ANNOTATION = "poorwill.dev/good-splits"
LONGEST = 10  # splits


class GoodSplit(msgspec.Struct, frozen=True):
    """A split that was good until another took its place."""

    split: str  # v2=90 v3=10
    generation: int  # of the Route
    until: str  # RFC 3339, UTC


History = tuple[GoodSplit, ...]


def history_of(route: Object) -> History:
    """Return the good splits before the one that a Route has; none where its annotation is not ours."""
    text = annotations(route).get(ANNOTATION, "[]")
    try:
        found = msgspec.json.decode(text, type=History)
        for good in found:
            parse_split(good.split.split())
    except (msgspec.MsgspecError, UsageError):
        return ()
    return found


def after(history: History, now: Split, route: Object, wanted: Split, moment: datetime) -> History:
    """Return the history once `wanted` has taken the place of `now`, which joins it if it was good and is another."""
    if not _programmed(route, now) or _shares(now) == _shares(wanted):
        return history
    until = moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    newest = GoodSplit(str(now), route["metadata"]["generation"], until)
    others = (older for older in history if _shares(_split(older)) != _shares(now))
    return (newest, *others)[:LONGEST]


def last_good(history: History, now: Split, deployed: Container[int]) -> tuple[Split, History]:
    """Return the split to go back to, and the history as it is once there: what was newer is forgotten.

    Raises:
        NotFoundError: none that differs from the one there is and whose versions with traffic are all still deployed.
    """
    for at, good in enumerate(history):
        split = _split(good)
        carrying = [share.version for share in split.shares if share.percent]
        if _shares(split) != _shares(now) and all(version in deployed for version in carrying):
            return split, history[at + 1 :]
    found = (
        f"{len(history)} in its history, none of another kind with all its versions" if history else "none before this"
    )
    raise NotFoundError(Fault("rollback", "a good split to go back to", found, "say which with `poorwill split`"))


def encoded(history: History) -> str:
    """Return the annotation's value."""
    return msgspec.json.encode(history).decode()


def _programmed(route: Object, now: Split) -> bool:
    """Return whether callers were led by this split."""
    if observed(route) and is_true(route, "Ready"):
        return True
    served = (route.get("status") or {}).get("traffic") or ()
    try:
        return is_true(route, "IngressReady") and _shares(split_of(route["metadata"]["name"], served)) == _shares(now)
    except ConflictError:
        return False


def _split(good: GoodSplit) -> Split:
    return parse_split(good.split.split())


def _shares(split: Split) -> dict[str, int]:
    """Return who gets traffic; a version at 0 more or less makes no other split."""
    return {tag: percent for tag, percent in split.by_tag().items() if percent}
