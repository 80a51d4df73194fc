"""The words of faults that many rules share; never a caller's value."""

from collections.abc import Iterator, Sequence

from poorwill.errors import Fault


def missing(*where: str) -> Fault:
    """Return the fault of fields of which one has to be there."""
    wanted = "exactly one of them" if len(where) > 1 else "a value"
    return Fault(", ".join(sorted(where)), wanted, "none", "set it")


def several(*where: str) -> Fault:
    """Return the fault of fields that exclude each other."""
    return Fault(", ".join(sorted(where)), "exactly one of them", "more", "remove all but one")


def forbidden(where: str, found: str = "a value", advice: str = "remove it") -> Fault:
    """Return the fault of a field that must not be set."""
    return Fault(where, "no value: the cluster's features do not allow the field", found, advice)


def unknown(where: str) -> Fault:
    """Return the fault of a field that the kind does not have."""
    return Fault(where, "a field of this kind", "none of that name", "correct the name or remove it")


def outside(where: str, low: float, high: float, unit: str = "") -> Fault:
    """Return the fault of a number out of its range, both ends included."""
    unit = f" {unit}" if unit else ""
    return Fault(where, f"{low:g} to {high:g}{unit}", "a number outside", "choose one within")


def unreadable(where: str, wanted: str) -> Fault:
    """Return the fault of a text that is not what it has to be."""
    return Fault(where, wanted, "a value that is none", "write it so")


def twice(names: Sequence[str], where: str) -> Iterator[Fault]:
    """Yield the fault of each element of a list whose name another one had before."""
    seen: set[str] = set()
    for at, name in enumerate(names):
        if name in seen:
            yield Fault(f"{where}[{at}]", "names that differ", "one name twice", "rename or remove one")
        seen.add(name)
