"""Which requests waited for a process to start, told by the answers' own marks; pure."""

from bisect import bisect_right
from collections.abc import Sequence

from loadtests.asked import Asked
from loadtests.timeline import Timeline

WAITED_RATIO = 0.2  # of a start: who came when it was nearly done did not pay for it


def cold_ones(asked: Sequence[Asked], timeline: Timeline) -> list[bool]:
    """Return, request by request, whether it waited for a start.

    Cold is the first answer of a process, which says so itself, and what was under way when that came and had waited
    for it. Where answers have no marks (events: a Broker keeps headers to itself), what was sent while its version had
    no process.
    """
    firsts: dict[str, list[tuple[float, float]]] = {}
    for one in asked:
        if one.start_ms:
            firsts.setdefault(one.served_by, []).append((one.ended_seconds, one.start_ms))
    for found in firsts.values():
        found.sort()
    return [_is_cold(one, firsts.get(one.served_by, []), timeline) for one in asked]


def _is_cold(one: Asked, firsts: Sequence[tuple[float, float]], timeline: Timeline) -> bool:
    if one.start_ms is None:
        return timeline.processes(one.served_by, one.sent_seconds) == 0
    if one.start_ms:
        return True
    place = bisect_right(firsts, one.sent_seconds, key=lambda first: first[0])
    if place == len(firsts):
        return False
    first_seconds, start_ms = firsts[place]
    # callers who waited together read their answers in any order, some before the first one is read
    ended_late = one.ended_seconds > first_seconds - start_ms / 2000
    return ended_late and one.took_ms >= WAITED_RATIO * start_ms
