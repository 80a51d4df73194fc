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
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?|[+-]?[.,][0-9]+", re.ASCII)
_LARGEST = 2**15 - 1
"""In tenths, of each of the period's parts: they are kept in 16 bits."""


def seconds(text: str) -> float:
    """Return a period in seconds, each part cut to tenths; ValueError for what Knative refuses, or reads wrongly."""
    if text == "P0":
        return 0.0
    sign, rest = (-1 if text[:1] == "-" else 1), text[1:] if text[:1] in {"-", "+"} else text
    if rest[:1] != "P":
        raise ValueError("not a period such as PT0.2S")
    date, _, time = rest[1:].partition("T")
    parts = [*_parts(date, _SECONDS), *_parts(time, _TIME_SECONDS)]
    if not parts or any(abs(tenths) > _LARGEST for tenths, _ in parts):
        raise ValueError("not a period such as PT0.2S")
    return sign * sum(tenths * size for tenths, size in parts) / 10


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
    if _NUMBER.fullmatch(number) is None:
        raise ValueError("not a number of a period")
    whole, _, fraction = number.replace(",", ".").partition(".")
    return int(whole + (fraction[:1] or "0"))
