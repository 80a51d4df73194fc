"""What data looks like, column by column: learnt from a reference in one pass, kept as JSON that people may change."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from poorwill.errors import Fault, RefusedError
from poorwill.kinds import structure
from poorwill.pipeline.heldout import mixed
from poorwill.pipeline.table import Batch, Numbers, Table, Words

_BINS = 10
_SAMPLE_ROWS = 10_000  # bins of what has no more are exact; else an index of drift is some 0.001 off
_SAMPLE_VALUES = 4_000_000  # in memory, of all columns together
_MOST_CATEGORIES = 1_000
_LONGEST_CATEGORY = 200
_FEW = 20  # values that are categories, however few the rows are


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One object of a profile."""


class ColumnProfile(_Part, frozen=True, kw_only=True):
    """One column of the reference."""

    name: str
    kind: Literal["number", "text"]
    missing: int = 0  # of the reference's rows
    whole: bool = False  # every number is
    lowest: float | None = None
    highest: float | None = None
    mean: float | None = None
    edges: tuple[float, ...] = ()  # of bins: up to the first, over each up to the next, over the last
    categories: tuple[str, ...] = ()  # of text; none where any text may come
    counts: tuple[int, ...] = ()  # of each bin or category, in a sample of the rows if they are many

    @property
    def bins(self) -> int:
        """Return how many counts there are, new categories apart."""
        return len(self.edges) + 1 if self.kind == "number" else len(self.categories)


class Profile(_Part, frozen=True, kw_only=True):
    """What a reference looks like."""

    format: Literal[1]
    target: str
    rows: int
    columns: tuple[ColumnProfile, ...]


def learn(table: Table) -> Profile:
    """Return what a table looks like; text is never kept where its values are many or long."""
    numbers = [column.name for column in table.columns if column.kind == "number"]
    sample = _Sample(numbers)
    numeric = {name: _Range() for name in numbers}
    text = {column.name: _Categories() for column in table.columns if column.kind == "text"}
    for batch in table.batches():
        sample.add(batch)
        for name, values in batch.columns.items():
            if isinstance(values, Words):
                text[name].add(values)
            else:
                numeric[name].add(values)
    columns = tuple(
        numeric[column.name].profile(column.name, sample)
        if column.kind == "number"
        else text[column.name].profile(column.name, table.rows)
        for column in table.columns
    )
    return Profile(format=1, target=table.source.layout.target, rows=table.rows, columns=columns)


def profile_json(profile: Profile) -> bytes:
    """Return a profile as people read and change it."""
    return msgspec.json.format(msgspec.json.encode(profile), indent=1) + b"\n"


def read_profile(document: bytes, name: str) -> Profile:
    """Return a profile from its JSON.

    Raises:
        RefusedError: with every fault of it; `name` is what people call it.
    """
    try:
        value = msgspec.json.decode(document)
    except msgspec.DecodeError:
        fault = Fault(name, "a profile in JSON", "another content", "write it by `poorwill pipeline learn`")
        raise RefusedError(fault) from None
    faults = [departure.fault for departure in structure.departures(value, Profile)]
    profile = None if faults else structure.read(structure.tidied(value, Profile), Profile)
    if profile:
        faults = [fault for at, column in enumerate(profile.columns) for fault in _rules(column, f"columns[{at}]")]
    if faults or not profile:
        raise RefusedError(*(fault._replace(where=f"{name}, {fault.where or 'the whole'}") for fault in faults))
    return profile


def bin_of(values: Numbers, edges: tuple[float, ...]) -> NDArray[np.intp]:
    """Return the bin of each number."""
    return np.searchsorted(np.array(edges), values, side="left")


def _rules(column: ColumnProfile, where: str) -> Iterator[Fault]:
    if list(column.edges) != sorted(set(column.edges)):
        yield Fault(f"{where}.edges", "numbers that rise", "others", "sort them, each once")
    if column.counts and len(column.counts) != column.bins:
        found = str(len(column.counts))
        yield Fault(f"{where}.counts", f"{column.bins}, one a bin or category", found, "remove counts, or set all")
    if len(set(column.categories)) != len(column.categories):
        yield Fault(f"{where}.categories", "each once", "one twice", "remove one of the two")
    ends = (column.lowest, column.highest)
    if column.kind == "number" and None not in ends and not ends[0] <= ends[1]:  # type: ignore[operator]
        yield Fault(f"{where}.lowest", "at most highest", "more", "correct one of them")


class _Sample:
    """The rows whose numbers, well mixed, are lowest: the same ones each time, from wherever in the file."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._most_rows = min(_SAMPLE_ROWS, max(_FEW * _BINS, _SAMPLE_VALUES // max(1, len(names))))
        self._ranks = np.zeros(0, np.uint64)
        self._rows = np.zeros((0, len(names)))

    def add(self, batch: Batch) -> None:
        ranks = mixed(np.arange(batch.first_row, batch.first_row + batch.rows, dtype=np.uint64))
        if len(self._ranks) == self._most_rows:
            chosen = np.flatnonzero(ranks < self._ranks[-1])
        else:
            chosen = np.arange(batch.rows)
        if not self._names or not len(chosen):
            return
        rows = np.column_stack([np.asarray(batch.columns[name])[chosen] for name in self._names])
        ranks, rows = np.concatenate((self._ranks, ranks[chosen])), np.concatenate((self._rows, rows))
        order = np.argsort(ranks)[: self._most_rows]
        self._ranks, self._rows = ranks[order], rows[order]

    def values(self, name: str) -> Numbers:
        """Return the sampled numbers of a column, without gaps."""
        values: Numbers = self._rows[:, self._names.index(name)]
        return values[~np.isnan(values)]


class _Range:
    def __init__(self) -> None:
        self._missing, self._count, self._sum = 0, 0, 0.0
        self._whole, self._lowest, self._highest = True, np.inf, -np.inf

    def add(self, values: Numbers) -> None:
        finite = values[np.isfinite(values)]
        self._missing += int(np.isnan(values).sum())
        if not len(finite):
            return
        self._count += len(finite)
        self._sum += float(finite.sum())
        self._lowest, self._highest = min(self._lowest, finite.min()), max(self._highest, finite.max())
        self._whole = self._whole and bool(np.all(finite == np.trunc(finite)))

    def profile(self, name: str, sample: _Sample) -> ColumnProfile:
        if not self._count:
            return ColumnProfile(name=name, kind="number", missing=self._missing)
        values = sample.values(name)
        ends = np.clip(values, self._lowest, self._highest)  # an infinite number has no place among the edges
        steps = np.linspace(0, 1, _BINS + 1)[1:-1]
        cuts = np.unique(np.quantile(ends, steps, method="inverted_cdf")) if len(ends) else np.zeros(0)
        edges = tuple(map(float, cuts[cuts < self._highest]))  # nothing is over the highest
        counts = np.bincount(bin_of(values, edges), minlength=len(edges) + 1)
        return ColumnProfile(
            name=name,
            kind="number",
            missing=self._missing,
            whole=self._whole,
            lowest=float(self._lowest),
            highest=float(self._highest),
            mean=self._sum / self._count,
            edges=edges,
            counts=tuple(map(int, counts)),
        )


class _Categories:
    def __init__(self) -> None:
        self._missing, self._any = 0, False
        self._counts: dict[str, int] = {}

    def add(self, words: Words) -> None:
        missing = words.codes < 0
        self._missing += int(missing.sum())
        if self._any:
            return
        counts = np.bincount(words.codes[~missing], minlength=len(words.values))
        for word, count in zip(words.values, counts, strict=True):
            self._counts[word] = self._counts.get(word, 0) + int(count)
        if len(self._counts) > _MOST_CATEGORIES or max(map(len, words.values), default=0) > _LONGEST_CATEGORY:
            self._any, self._counts = True, {}

    def profile(self, name: str, rows: int) -> ColumnProfile:
        counts: Mapping[str, int] = self._counts
        if len(counts) > max(_FEW, rows / 2):  # names, or numbers of things: the next data has others
            counts = {}
        kept: list[tuple[str, Any]] = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return ColumnProfile(
            name=name,
            kind="text",
            missing=self._missing,
            categories=tuple(word for word, _ in kept),
            counts=tuple(count for _, count in kept),
        )


def profile_beside(folder: Path, name: str) -> Profile:
    """Return the profile that lies in a file beside a spec."""
    return read_profile((folder / name).read_bytes(), name)
