"""ISO 8601's periods, as Knative's delivery has them: PT0.2S, PT1M30S, P1D; read as github.com/rickb777/date does."""

import re
from collections.abc import Mapping

_SECONDS = {
    "Y": 365.2425 * 86400,
    "M": 30.436875 * 86400,
    "W": 7 * 86400,
    "D": 86400,
}
_TIME_SECONDS = {"H": 3600, "M": 60, "S": 1}
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_LONGEST_SECONDS = 2**63 / 1e9  # what Go's durations hold


def seconds(text: str) -> float:
    """Return a period in seconds, each part cut to tenths; ValueError for what Knative refuses."""
    if text == "P0":
        return 0.0
    sign, rest = (-1 if text[:1] == "-" else 1), text[1:] if text[:1] in {"-", "+"} else text
    if rest[:1] != "P":
        raise ValueError("not a period such as PT0.2S")
    date, _, time = rest[1:].partition("T")
    parts = [*_parts(date, _SECONDS), *_parts(time, _TIME_SECONDS)]
    total = sum(tenths * size for tenths, size in parts) / 10
    if not parts or abs(total) >= _LONGEST_SECONDS:
        raise ValueError("not a period such as PT0.2S")
    return sign * total


def _parts(text: str, sizes: Mapping[str, float]) -> list[tuple[int, float]]:
    found = []
    for mark, size in sizes.items():
        number, there, rest = text.partition(mark)
        if there and number:
            found.append((_tenths(number), size))
            text = rest
    if text:
        raise ValueError("not a period such as PT0.2S")
    return found


def _tenths(number: str) -> int:
    whole, mark, fraction = number.partition("." if "." in number else ",")
    text = whole + (fraction[:1] or "0") if mark else number + "0"
    if _WHOLE.fullmatch(text) is None:
        raise ValueError("not a number of a period")
    return int(text)
