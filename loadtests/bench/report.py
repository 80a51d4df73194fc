"""Goals with what was found, tables in Markdown, and the pages that carry them. Nothing here measures or writes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

_LARGE = 100


class Goal(NamedTuple):
    """A ratio that was promised: `found` must be at least, or at most, `wanted`; None where it was not measured."""

    sentence: str
    wanted: float
    found: float | None
    at_least: bool

    @property
    def verdict(self) -> str:
        """Return met, not met or not measured."""
        if self.found is None:
            return "not measured"
        return "met" if (self.found >= self.wanted) == self.at_least or self.found == self.wanted else "**not met**"


def goal_table(promised: Sequence[Goal]) -> str:
    """Return a row for each goal: what was wanted, what was found, and the verdict."""
    return table(
        ("goal", "wanted", "found", ""),
        (
            (
                goal.sentence,
                f"{'at least' if goal.at_least else 'at most'} {_short(goal.wanted)}",
                number(goal.found, 0 if goal.wanted >= _LARGE else 2),
                goal.verdict,
            )
            for goal in promised
        ),
    )


def replace_between_markers(page: str, content: str, mark: str) -> str:
    """Return the page with what stands between the mark's two comments replaced.

    Raises:
        ValueError: one of them is missing.
    """
    first, last = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"wanted {first} and {last} in the page")
    return f"{before}{begin}\n{content}{end}{after}"


def members(value: object) -> object:
    """Return a value with its tuples' names, for JSON."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: members(each) for name, each in value._asdict().items()}
    if isinstance(value, dict):
        return {name: members(each) for name, each in value.items()}
    return [members(each) for each in value] if isinstance(value, list) else value


def number(value: float | None, digits: int) -> str:
    """Return a number for a table, a dash for none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose first column is words."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= _LARGE else f"{value:.2g}"
