"""Kubernetes' quantities: 500m of a CPU, 128Mi of memory; exact, and written as the API server writes them."""

import re
from decimal import Decimal
from fractions import Fraction

_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_FORM = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]?|[eE][+-]?[0-9]{1,4})", re.ASCII)
_LARGEST = Fraction(2**63 - 1)
_SMALLEST = Fraction(1, 10**9)


def parse(value: str | float) -> Fraction:
    """Return what a quantity amounts to in its base unit; ValueError for what is none.

    As apimachinery does: finer than a billionth is rounded away from zero, more than 2^63 - 1 is that.
    """
    sign, number, suffix = _parts(value)
    exponent = suffix[:1] in {"e", "E"} and len(suffix) > 1
    if suffix in _BINARY:
        factor = Fraction(1024) ** _BINARY[suffix]
    else:
        factor = Fraction(10) ** (int(suffix[1:]) if exponent else _DECIMAL[suffix])
    amount = min(Fraction(number) * factor, _LARGEST)
    return sign * (-(-amount // _SMALLEST)) * _SMALLEST


def _parts(value: str | float) -> tuple[int, Decimal, str]:
    text = value if isinstance(value, str) else "" if isinstance(value, bool) else format(Decimal(repr(value)), "f")
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError("not a quantity such as 500m or 128Mi")
    return -1 if form[1] == "-" else 1, Decimal(form[2]), form[3]


def cpus(value: str | float) -> float:
    """Return a quantity of CPU, in CPUs."""
    return float(parse(value))


def whole_bytes(value: str | float) -> int:
    """Return a quantity of memory, bytes, rounded up."""
    return -int(-parse(value) // 1)


def canonical(value: str | float) -> str:
    """Return a quantity as the API server writes it: 1000m is 1, 1024Mi is 1Gi, 0.5 is 500m."""
    _, _, suffix = _parts(value)
    amount = parse(value)
    if not amount:
        return "0"
    if suffix in _BINARY and abs(amount) >= 1024 and amount.denominator == 1:
        return _largest(amount, {name: Fraction(1024) ** power for name, power in _BINARY.items()})
    if len(suffix) > 1 and suffix[0] in "eE":
        return _exponential(amount)
    return _largest(amount, {name: Fraction(10) ** power for name, power in _DECIMAL.items()})


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
