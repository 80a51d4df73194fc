"""The step that judges: the new model on rows that training never saw, beside the version that serves now."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from poorwill.errors import Fault
from poorwill.pipeline.answers import model_answers
from poorwill.pipeline.artifacts import given, read_artifact
from poorwill.pipeline.data import data_decided_by, data_name, open_data
from poorwill.pipeline.environment import environment
from poorwill.pipeline.evaluation_report import Evaluation, Slice, report_page
from poorwill.pipeline.matrix import Matrix, read_classes, read_matrix, read_values
from poorwill.pipeline.metrics import METRICS, Answers, Measured, measured, worse_by
from poorwill.pipeline.serving_now import ServingNow
from poorwill.pipeline.spec import Evaluate
from poorwill.pipeline.step import Made, Outcome, StepFailedError, Work
from poorwill.pipeline.table import Table
from poorwill.pipeline.verdict import Judged, judged, overall
from poorwill.registry.keys import blob_key
from poorwill.registry.registry import Registry
from poorwill.store.reader import Reader

Serving = Callable[[Registry, str], ServingNow | None]
"""Which version of a model serves now."""

_MOST_VALUES, _PARTS = 12, 4
_FEWEST_ROWS = 10  # of fewer, no interval by resamples means anything


class EvaluateStep:
    """Measures the model on held-out rows against the spec's limits.

    Args:
        serving: finds the version to compare with.
        image: that this runs in, by digest; "" where it is not known.
    """

    name: ClassVar[str] = "evaluate"

    def __init__(self, serving: Serving, image: str = "") -> None:
        self._serving, self._image = serving, image

    def decided_by(self, work: Work) -> dict[str, Any]:
        """Return model, data, the spec's part, and the version that serves now."""
        now = self._now(work)
        return {
            **data_decided_by(work),
            "heldout_percent": work.spec.heldout_percent,
            "model": given(work, "train").digest,
            "serving": [now.record.name, now.record.blob.digest, now.known_by] if now else [],
            "spec": msgspec.to_builtins(work.step),
            "environment": environment(self._image),
        }

    def run(self, work: Work) -> Outcome:
        """Measure, judge, and give a report; StepFailedError where the verdict says stop."""
        spec = _spec(work)
        table = open_data(work)
        matrix = read_matrix(table, "held out", work.spec.heldout_percent)
        work.progress(f"judging on {len(matrix.target):,} held-out rows")
        model = given(work, "train")
        classes = read_classes(table)
        content = read_artifact(work.store, model)
        new = model_answers(content, matrix, classes, output=spec.output, where="the new model")
        if faults := tuple(_unmeasurable(spec, classes, new)):
            raise StepFailedError(*faults)
        now = self._now(work)
        same = now is not None and now.record.blob.digest == model.digest
        old, why_not = (new, "") if same else _old_answers(work, now, matrix, classes) if now else (None, "")
        limits = tuple(_judged(spec, matrix, new, old, why_not))
        evaluation = Evaluation(
            pipeline=work.spec.pipeline,
            data=data_name(work),
            model=model.digest,
            rows=len(matrix.target),
            confidence_percent=spec.confidence_percent,
            verdict=overall(limits),
            serving=now.record.name if now else "",
            known_by=now.known_by if now else "",
            not_compared=why_not,
            limits=limits,
            slices=tuple(_slices(spec, table, work.spec.heldout_percent, matrix, new)),
            whole=measured(spec.limits[0].metric, matrix.target, new, spec.confidence_percent).value,
        )
        return _ended(work, spec, evaluation)

    def _now(self, work: Work) -> ServingNow | None:
        """Return what serves; looked up once, so that the result is that of its key."""
        kept = work.scratch / "serving.json"
        if not kept.exists():
            kept.write_bytes(msgspec.json.encode(self._serving(Registry(work.store), work.spec.model)))
        return msgspec.json.decode(kept.read_bytes(), type=ServingNow | None)


def _ended(work: Work, spec: Evaluate, evaluation: Evaluation) -> Outcome:
    record, shown = work.scratch / "evaluation.json", work.scratch / "evaluation.html"
    record.write_bytes(msgspec.json.format(msgspec.json.encode(evaluation), indent=2) + b"\n")
    shown.write_bytes(report_page(evaluation))
    name = work.step.gives
    made = (Made(name, record, "application/json"), Made(f"{name}.html", shown, "text/html"))
    facts: dict[str, Any] = {"verdict": evaluation.verdict, "rows": evaluation.rows, "serving": evaluation.serving}
    facts |= {limit.metric: round(limit.value, 6) for limit in evaluation.limits if "worse" not in limit.wanted}
    if evaluation.verdict == "pass" or (evaluation.verdict == "inconclusive" and spec.when_inconclusive == "go"):
        return Outcome(made, facts)
    faults = [_fault(limit) for limit in evaluation.limits if limit.verdict != "pass"]
    raise StepFailedError(*faults, artifacts=made, facts=facts)


def _fault(limit: Judged) -> Fault:
    found = f"{limit.value:.4g} (between {limit.low:.4g} and {limit.high:.4g})"
    where = f"evaluate, {limit.metric}"
    if limit.verdict == "fail":
        return Fault(where, limit.wanted, found, "see the report")
    if limit.note:
        return Fault(where, limit.wanted, f"none to compare with: {limit.note}", "set when_inconclusive: go")
    advice = "bring more held-out rows, or set when_inconclusive: go"
    return Fault(where, limit.wanted, f"{found}, which does not settle it", advice)


def _spec(work: Work) -> Evaluate:
    assert isinstance(work.step, Evaluate)  # noqa: S101 - the step's own part of the spec
    return work.step


def _unmeasurable(spec: Evaluate, classes: NDArray[Any], answers: Answers) -> Iterator[Fault]:
    """Yield why a limit's metric can't be computed from these answers."""
    for limit in spec.limits:
        where, metric = f"evaluate, {limit.metric}", METRICS[limit.metric]
        if limit.metric != "accuracy" and len(answers.values) < _FEWEST_ROWS:
            wanted, advice = f"{_FEWEST_ROWS} held-out rows at least", "bring more data, or raise heldout_percent"
            yield Fault(where, wanted, f"{len(answers.values)}", advice)
        elif metric.of_classes and classes.dtype.kind == "f":
            yield Fault(where, "a target of classes", "fractions", "measure rmse, mae or r2")
        elif limit.metric == "log_loss" and answers.probabilities is None:
            yield Fault(where, "an output with probabilities", "none", "export the model with them")
        elif metric.of_classes and _is_text(answers.values) != _is_text(classes):
            wanted, found = ("text", "numbers") if _is_text(classes) else ("whole numbers", "text")
            yield Fault(where, f"{wanted}, as the target", found, "export the model with the target's own labels")
        elif metric.of_classes and not _is_text(classes) and not np.all(answers.values == np.trunc(answers.values)):
            yield Fault(where, "whole numbers, as the target", "fractions", "export the model with labels")
        elif not metric.of_classes and (_is_text(classes) or _is_text(answers.values)):
            yield Fault(where, "numbers as target and output", "text", "measure accuracy or f1_macro")


def _is_text(values: NDArray[Any]) -> bool:
    return values.dtype.kind == "U"


def _old_answers(work: Work, now: ServingNow, matrix: Matrix, classes: NDArray[Any]) -> tuple[Answers | None, str]:
    """Return what the version that serves says of the same rows; else None, and why it can't be asked."""
    if now.record.external_data:
        return None, "it has external data, which is not compared"
    blob, spec = now.record.blob, _spec(work)
    content = Reader(work.store.stream).fetch(blob_key(blob.digest), blob.digest, blob.size_bytes)
    try:
        old = model_answers(content, matrix, classes, output=spec.output, where=now.record.name)
    except StepFailedError as error:
        return None, f"it can't be asked the same: {error.faults[0].found}"
    unlike = next(_unmeasurable(spec, classes, old), None)
    return (None, f"it can't be measured so: {unlike.found}") if unlike else (old, "")


def _judged(spec: Evaluate, matrix: Matrix, new: Answers, old: Answers | None, why_not: str) -> Iterator[Judged]:
    for limit in spec.limits:
        found = measured(limit.metric, matrix.target, new, spec.confidence_percent)
        worse: Measured | None = None
        if old is not None and limit.worse_than_serving is not None:
            worse = worse_by(limit.metric, matrix.target, new, old, spec.confidence_percent)
            worse = Measured(0.0, 0.0, 0.0, worse.rows) if old is new else worse  # the same model, as no rows can tell
        yield from judged(limit, found, worse, why_not)


def _slices(spec: Evaluate, table: Table, heldout_percent: float, matrix: Matrix, answers: Answers) -> Iterator[Slice]:
    """Yield the first limit's metric for each value of the spec's columns, or each fourth of their range."""
    metric = spec.limits[0].metric
    known = {column.name for column in table.columns}
    unknown = [name for name in spec.slices if name not in known]
    if unknown:
        advice = "correct evaluate's slices"
        raise StepFailedError(Fault("evaluate, slices", "columns of the data", f"no {unknown[0]!r}", advice))
    for name in spec.slices:
        values = read_values(table, "held out", heldout_percent, name)
        for told, chosen in _parts(values):
            rows = np.flatnonzero(chosen)
            if len(rows):
                found = measured(metric, matrix.target[rows], answers.of(rows), spec.confidence_percent)
                yield Slice(column=name, part=told, metric=metric, **found._asdict())


def _parts(values: NDArray[Any]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    whole = values[values != ""] if values.dtype.kind == "U" else values[np.isfinite(values)]
    distinct = np.unique(whole)
    if len(distinct) <= _MOST_VALUES or values.dtype.kind == "U":
        for value in distinct[:_MOST_VALUES]:
            yield (f"{value:.10g}" if values.dtype.kind == "f" else str(value)), values == value
        return
    edges = np.unique(np.quantile(whole, np.linspace(0, 1, _PARTS + 1)))  # one value may be many rows
    for low, high in itertools.pairwise(edges):
        last = high == edges[-1]
        yield f"{low:g} to {high:g}", (values >= low) & ((values <= high) if last else (values < high))
