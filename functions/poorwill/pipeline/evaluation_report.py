"""What an evaluation found, as a record for programs and as a page for people."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from poorwill.pipeline.page import Html, Tone, grid, interval, page, paragraph, section, text, toned
from poorwill.pipeline.verdict import Judged, Word, better

TONES: Mapping[Word, Tone] = {"pass": "pass", "fail": "fail", "inconclusive": "unsure"}
"""A verdict's colour."""
_VERDICTS: Mapping[Word, str] = {
    "pass": "The model passes every limit",
    "fail": "The model fails a limit: nothing is registered",
    "inconclusive": "The held-out rows do not settle it: there are too few of them for limits this close",
}
_FIRST: tuple[Word, ...] = ("fail", "inconclusive", "pass")


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """A metric on a part of the rows."""

    column: str
    part: str
    metric: str
    value: float
    low: float
    high: float
    rows: int


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluation found; the same for the same model, rows, limits and version that serves."""

    format: int = 1
    pipeline: str
    data: str
    model: str  # digest
    rows: int
    confidence_percent: float
    verdict: Word
    serving: str  # the version that it was compared with; "" for none
    known_by: str
    not_compared: str  # why that version could not be asked the same
    limits: tuple[Judged, ...]
    slices: tuple[Slice, ...]
    whole: float  # of all rows, what the slices are parts of


def report_page(evaluation: Evaluation) -> bytes:
    """Return the evaluation as one HTML file."""
    serving = f"{evaluation.serving}, by {evaluation.known_by}" if evaluation.serving else "none yet"
    facts = {
        "Pipeline": evaluation.pipeline,
        "Held-out rows": f"{evaluation.rows:,} of {evaluation.data}",
        "Model": evaluation.model,
        "Serves now": f"{serving}; {evaluation.not_compared}" if evaluation.not_compared else serving,
    }
    title = f"Evaluation for {evaluation.pipeline}"
    return page(title, _verdict(evaluation), TONES[evaluation.verdict], facts, _sections(evaluation))


def _verdict(evaluation: Evaluation) -> str:
    unsettled = [limit for limit in evaluation.limits if limit.verdict == "inconclusive"]
    if evaluation.verdict == "inconclusive" and all(limit.note for limit in unsettled):
        return "The model can't be compared with the version that serves"
    return _VERDICTS[evaluation.verdict]


def _sections(evaluation: Evaluation) -> Iterator[Html]:
    yield section("Limits", *limits(evaluation.limits, evaluation.confidence_percent))
    if evaluation.slices:
        metric = evaluation.slices[0].metric
        note = (
            f"{metric}, of which {better(metric)} is better; the upright line is that of all rows. They judge nothing."
        )
        columns = ("Column", "Part", "#Rows", "#Found", "#Between", "#and", "")
        yield section("Slices", paragraph(note), grid(columns, _slices(evaluation)))


def limits(judged: Iterable[Judged], confidence_percent: float) -> tuple[Html, ...]:
    """Return limits beside what was measured, those that failed first."""
    sure = f"{confidence_percent:g} %"
    note = f"The whole interval of {sure} confidence is held against the limit, which is the upright line."
    heads = ("", "Metric", "Wanted", "#Found", "#Between", "#and", "")
    ordered = sorted(judged, key=lambda limit: _FIRST.index(limit.verdict))
    return paragraph(note), grid(heads, map(_limit, ordered))


def _limit(limit: Judged) -> tuple[Html, ...]:
    numbers = (limit.value, limit.low, limit.high)
    shown = tuple(text(f"{value:.4g}") for value in numbers)
    points = (limit.low, limit.high, limit.limit)
    drawn = interval(limit.low, limit.value, limit.high, limit.limit, (min(points), max(points)), limit.wanted)
    return (
        toned(limit.verdict, TONES[limit.verdict]),
        text(limit.metric),
        text(limit.wanted),
        *((*[text("")] * 3, text(limit.note)) if limit.note else (*shown, drawn)),  # a note where nothing was compared
    )


def _slices(evaluation: Evaluation) -> Iterator[tuple[Html, ...]]:
    parts, whole = evaluation.slices, evaluation.whole
    span = (min(whole, *(part.low for part in parts)), max(whole, *(part.high for part in parts)))
    for part in parts:
        numbers = (text(f"{value:.4g}") for value in (part.value, part.low, part.high))
        told = f"{part.metric} beside that of all rows"
        drawn = interval(part.low, part.value, part.high, whole, span, told)
        yield (text(part.column), text(part.part), text(f"{part.rows:,}"), *numbers, drawn)
