"""Go's durations, as Knative's annotations have them: 1h30m, 90s, 1.5m, 300ms."""

import re

_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5
    "μs": 1_000,  # U+03BC
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_TERM = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_LONGEST_NS = 2**63 - 1


def nanoseconds(text: str) -> int:
    """Return a duration as Go's time.ParseDuration does, ns; ValueError for what it refuses."""
    sign, rest = (-1 if text[:1] == "-" else 1), text[1:] if text[:1] in {"-", "+"} else text
    if rest == "0":
        return 0
    total, end = 0, 0
    for term in _TERM.finditer(rest):
        whole, fraction, unit = term.groups()
        if term.start() != end or not (whole or fraction):
            break
        total += int(whole or "0") * _UNITS[unit]
        if fraction:
            total += int(fraction) * _UNITS[unit] // 10 ** len(fraction)
        end = term.end()
    if not rest or end != len(rest) or total > _LONGEST_NS + (sign < 0):
        raise ValueError("not a duration such as 1m30s")
    return sign * total


def seconds(text: str) -> float:
    """Return a duration in seconds; ValueError for what Go refuses."""
    return nanoseconds(text) / 1e9


def written(duration_ns: int) -> str:
    """Return a duration as Go writes it: 1m30s, 1.5s, 300ms, 0s."""
    sign, left_ns = ("-" if duration_ns < 0 else ""), abs(duration_ns)
    if left_ns == 0:
        return "0s"
    if left_ns < _UNITS["s"]:
        unit = next(name for name in ("ms", "µs", "ns") if left_ns >= _UNITS[name])
        return f"{sign}{_decimal(left_ns, _UNITS[unit])}{unit}"
    minutes, rest_ns = divmod(left_ns, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{head}{_decimal(rest_ns, _UNITS['s'])}s"


def _decimal(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    fraction = str(rest + unit)[1:].rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)
