"""What an evaluation found, as a record for programs and as a page for people."""

from collections.abc import Iterator, Mapping

import msgspec

from poorwill.pipeline.page import Html, Tone, grid, page, paragraph, section, text, toned
from poorwill.pipeline.verdict import Judged, Word, better

_TONES: Mapping[Word, Tone] = {"pass": "pass", "fail": "fail", "inconclusive": "unsure"}
_VERDICTS: Mapping[Word, str] = {
    "pass": "The model passes every limit",
    "fail": "The model fails a limit: nothing is registered",
    "inconclusive": "The held-out rows do not settle it: there are too few of them for limits this close",
}


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
    return page(title, _VERDICTS[evaluation.verdict], _TONES[evaluation.verdict], facts, _sections(evaluation))


def _sections(evaluation: Evaluation) -> Iterator[Html]:
    note = f"Intervals are those of {evaluation.confidence_percent:g} % confidence."
    heads = ("", "Metric", "Better", "Wanted", "#Found", "#Between", "#and", "")
    yield section("Limits", paragraph(note), grid(heads, map(_limit, evaluation.limits)))
    if evaluation.slices:
        columns = ("Column", "Part", "Metric", "#Found", "#Between", "#and", "#Rows")
        yield section("Slices", grid(columns, map(_slice, evaluation.slices)))


def _limit(limit: Judged) -> tuple[Html, ...]:
    return (
        toned(limit.verdict, _TONES[limit.verdict]),
        text(limit.metric),
        text(better(limit.metric)),
        text(limit.wanted),
        *(text(f"{value:.4g}") for value in (limit.value, limit.low, limit.high)),
        text(limit.note),
    )


def _slice(part: Slice) -> tuple[Html, ...]:
    numbers = (text(f"{value:.4g}") for value in (part.value, part.low, part.high))
    return (text(part.column), text(part.part), text(part.metric), *numbers, text(f"{part.rows:,}"))
