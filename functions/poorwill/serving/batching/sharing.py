"""Which calls share a run, and whose rows are whose; no clock, no queue, no bytes of any protocol.

A call whose rows can't be told, or of which a run in company fails, runs by itself: nobody's fault is another's.
"""

from collections.abc import Iterator, Sequence
from time import perf_counter_ns
from typing import NamedTuple

import numpy as np

from poorwill.registry.rows import split, stack
from poorwill.serving.model import Model
from poorwill.serving.protocol.infer_wire import Call

Outcome = dict[str, np.ndarray] | Exception
"""A call's own outputs, or what its run by itself raised."""

Shape = tuple[tuple[int, ...], ...]
"""Of a row of each input."""


class Ran(NamedTuple):
    """What came of one call: its place among those given, and the run's times on the clock of a Passage."""

    place: int
    outcome: Outcome
    start_ns: int
    end_ns: int
    calls: int  # that shared the run


class Sharer:
    """Runs the calls of one model, several at once.

    Args:
        model: whose rows do not mind one another.
        rows_limit: of several calls in one run; a call with more has a run of its own.
        rows_least: in a shared run; fewer would take longer than one by one.
        row_values: of all inputs in one row, when the limit was found; rows of twice as many count twice.
    """

    __slots__ = ("_first", "_fixed", "_inputs", "_model", "_row_values", "_rows_least", "rows_limit")

    def __init__(self, model: Model, *, rows_limit: int, rows_least: int = 2, row_values: int = 1) -> None:
        self.rows_limit = rows_limit
        self._rows_least = rows_least
        self._model = model
        self._inputs = tuple(spec.name for spec in model.signature.inputs)
        self._first = self._inputs[0]
        self._row_values = max(1, row_values)
        # where all rows are of one size, as of most models, one input tells all there is to know
        self._fixed = all(min(spec.sizes[1:], default=0) >= 0 for spec in model.signature.inputs)

    def weight(self, call: Call) -> int:
        """Return how many of the limit's rows a call counts for."""
        inputs = call.inputs
        rows = len(inputs[self._first])
        if self._fixed:
            return rows
        values = sum(inputs[name].size for name in self._inputs)
        return max(rows, -(-values // self._row_values))

    def run(self, calls: Sequence[Call]) -> Iterator[list[Ran]]:
        """Yield what came of the calls of each run as soon as it has ended, in any order."""
        if len(calls) == 1:
            yield [self._alone(calls[0], 0)]
            return
        for places in self._shares(calls):
            if len(places) > 1 and (together := self._together(calls, places)):
                yield together
                continue
            for place in places:
                yield [self._alone(calls[place], place)]

    def _shares(self, calls: Sequence[Call]) -> list[list[int]]:
        """Return the places of the calls of each run: of one shape, and within the limit."""
        shares: list[list[int]] = []
        unfilled: dict[Shape, tuple[list[int], int]] = {}
        for place, call in enumerate(calls):
            shape, weight = self._shape(call), self.weight(call)
            if shape is None:
                shares.append([place])
                continue
            places, taken = unfilled.get(shape, ([], 0))
            if not places or taken + weight > self.rows_limit:
                places, taken = [], 0
                shares.append(places)
            places.append(place)
            unfilled[shape] = places, taken + weight
        return shares

    def _shape(self, call: Call) -> Shape | None:
        """Return what calls in one run must have in common; None for one whose inputs have no rows, or not as many."""
        rows = len(call.inputs[self._first])
        if not rows:
            return None
        if self._fixed and len(self._inputs) == 1:
            return ()
        arrays = [call.inputs[name] for name in self._inputs]
        if any(len(array) != rows for array in arrays):
            return None
        return tuple(array.shape[1:] for array in arrays)

    def _together(self, calls: Sequence[Call], places: Sequence[int]) -> list[Ran]:
        """Return what came of calls that share a run; nothing where they are too few, it failed, or lost a row."""
        counts = [len(calls[place].inputs[self._first]) for place in places]
        if sum(counts) < self._rows_least:
            return []
        start_ns = perf_counter_ns()
        try:
            outputs = self._model.run(stack([calls[place].inputs for place in places]), _wanted(calls, places))
            end_ns = perf_counter_ns()
            own = list(split(outputs, counts))
        except Exception:  # noqa: BLE001 - each is asked for by itself next, and fails by itself if it must
            return []
        return [Ran(place, part, start_ns, end_ns, len(places)) for place, part in zip(places, own, strict=True)]

    def _alone(self, call: Call, place: int) -> Ran:
        wanted = None if call.outputs is None else [output.name for output in call.outputs]
        outcome: Outcome
        start_ns = perf_counter_ns()
        try:
            outcome = self._model.run(call.inputs, wanted)
        except Exception as error:  # noqa: BLE001 - the caller's answer tells of it
            outcome = error
        return Ran(place, outcome, start_ns, perf_counter_ns(), 1)


def _wanted(calls: Sequence[Call], places: Sequence[int]) -> list[str] | None:
    """Return the outputs that any of the calls wants, None for all of them."""
    names: dict[str, None] = {}
    for place in places:
        outputs = calls[place].outputs
        if outputs is None:
            return None
        names.update((output.name, None) for output in outputs)
    return list(names)
