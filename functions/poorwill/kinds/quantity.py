"""Kubernetes' quantities: 500m of a CPU, 128Mi of memory; exact, and written as the API server writes them."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_FORM = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([KMGTPE]i|[numkMGTPE]?|[eE][+-]?[0-9]{1,4})", re.ASCII)
_LARGEST = Fraction(2**63 - 1)
_SMALLEST = Fraction(1, 10**9)
_LARGEST_PLAIN = 1e21  # from there on Go writes a number with an exponent
_MAX_DIGITS = 18


class _Parts(NamedTuple):
    text: str
    sign: int
    whole: str
    fraction: str
    suffix: str

    @property
    def power(self) -> int:
        """Return the suffix's power of ten."""
        return int(self.suffix[1:]) if len(self.suffix) > 1 else _DECIMAL[self.suffix]


def parse(value: str | float) -> Fraction:
    """Return what a quantity amounts to in its base unit; ValueError for what is none.

    As apimachinery does: finer than a billionth is rounded away from zero; in binary units 2^63 - 1 is the most.
    """
    parts = _parts(value)
    number = Fraction(f"{parts.whole or 0}.{parts.fraction or 0}")
    if parts.suffix in _BINARY:
        amount = min(number * Fraction(1024) ** _BINARY[parts.suffix], _LARGEST)
    else:
        amount = number * Fraction(10) ** parts.power
    return parts.sign * (-(-amount // _SMALLEST)) * _SMALLEST


def _parts(value: str | float) -> _Parts:
    text = value.strip() if isinstance(value, str) else _json(value)
    form = _FORM.fullmatch(text)
    if form is None or not text:
        raise ValueError("not a quantity such as 500m or 128Mi")
    return _Parts(text, -1 if form[1] == "-" else 1, form[2], form[3] or "", form[4])


def _json(number: float) -> str:
    """Return a number as Go's JSON has it; nothing for true and false."""
    if isinstance(number, bool):
        return ""
    return repr(number) if abs(number) >= _LARGEST_PLAIN else format(Decimal(repr(number)).normalize(), "f")


def cpus(value: str | float) -> float:
    """Return a quantity of CPU, in CPUs."""
    return float(min(max(parse(value), -_LARGEST), _LARGEST))


def whole_bytes(value: str | float) -> int:
    """Return a quantity of memory, bytes, rounded up."""
    return -int(-parse(value) // 1)


def canonical(value: str | float) -> str:
    """Return a quantity as the API server writes it: 1000m is 1, 1024Mi is 1Gi, 0.5 is 500m."""
    parts, amount = _parts(value), parse(value)
    suffix = parts.suffix
    if not amount:
        return "0"
    if _kept(parts):
        return parts.text
    if suffix in _BINARY and abs(amount) >= 1024 and amount.denominator == 1:
        return _largest(amount, {name: Fraction(1024) ** power for name, power in _BINARY.items()})
    if len(suffix) > 1 and suffix[0] in "eE":
        return _exponential(amount)
    return _largest(amount, {name: Fraction(10) ** power for name, power in _DECIMAL.items()})


def canonical_or_same(value: str | float) -> str | float:
    """Return an amount in the server's own form; what is none comes back as it is, for a rule to refuse."""
    try:
        return canonical(value)
    except ValueError:
        return value


def _kept(parts: _Parts) -> bool:
    """Return whether the server keeps a text as it is, since it looks canonical to it, +1 and 5. included."""
    whole = parts.whole.lstrip("0") or "0"
    if parts.suffix in _BINARY:
        digits = 14 - len(whole) - 3 * _BINARY[parts.suffix]
        return not parts.fraction and digits >= 0 and int(whole) % 8 != 0
    shifted, scale = whole + parts.fraction, parts.power - len(parts.fraction)
    return (
        len(shifted) <= _MAX_DIGITS and scale >= -9 and scale % 3 == 0 and shifted[-3:] != "000" and shifted[0] != "0"
    )


def _largest(amount: Fraction, units: dict[str, Fraction]) -> str:
    """Return an amount in the largest unit that leaves a whole number."""
    fitting = [(unit, name) for name, unit in units.items() if (amount / unit).denominator == 1]
    if not fitting:
        return str(amount)
    unit, name = max(fitting)
    return f"{amount / unit}{name}"


def _exponential(amount: Fraction) -> str:
    powers = [power for power in range(-9, 19, 3) if (amount / Fraction(10) ** power).denominator == 1]
    power = max(powers)
    return f"{amount / Fraction(10) ** power}" + (f"e{power}" if power else "")
