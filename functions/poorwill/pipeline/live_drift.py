"""What a version sees and answers beside the data that it was made from, and what feedback says of it; pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from poorwill.pipeline.expectations import Check, Expected, column_checks
from poorwill.pipeline.live import Truth
from poorwill.pipeline.metrics import METRICS, Answers, measured
from poorwill.pipeline.profile import ColumnProfile, Profile
from poorwill.pipeline.seen import Seen, see
from poorwill.pipeline.spec import Evaluate, Limits, PipelineSpec, Validate
from poorwill.pipeline.table import Numbers, Words
from poorwill.pipeline.verdict import Judged, Word, judged, overall
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.records import Signature
from poorwill.serving.sampling.sampled import Prediction, SampledPredictions

_FEWEST_TRUTHS = 10  # of fewer, no interval by resamples means anything


class VersionDrift(msgspec.Struct, frozen=True, kw_only=True):
    """How far one version's live data lies from its reference."""

    version: int
    rows: int
    truths: int  # rows whose truth is known
    reference_rows: int = 0
    verdict: Word
    note: str = ""  # why not all of it could be told
    checks: tuple[Check, ...] = ()
    limits: tuple[Judged, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Return the names of columns of which a check failed; the target's are the answers."""
        return list(dict.fromkeys(check.column for check in self.checks if not check.passed))

    @property
    def metrics(self) -> list[str]:
        """Return the names of metrics that fail a limit."""
        return [limit.metric for limit in self.limits if limit.verdict == "fail"]


class Subject(NamedTuple):
    """One version, what it was made from, and what came of it."""

    version: int
    signature: Signature
    profile: Profile
    samples: Sequence[SampledPredictions]
    truths: Mapping[str, tuple[Truth, ...]]


def version_drift(spec: PipelineSpec, subject: Subject) -> tuple[VersionDrift, dict[str, Seen]]:
    """Return how far a version's live data lies from its reference, and what was seen of each column.

    fail says that a column, the answers or a metric of the spec's is off; inconclusive, that the rows are too few.
    """
    limits = next((step.limits for step in spec.steps if isinstance(step, Validate)), Limits())
    evaluate = next((step for step in spec.steps if isinstance(step, Evaluate)), None)
    rows = [prediction for samples in subject.samples for prediction in samples.predictions]
    answers = _answers(rows, _output(evaluate, subject.signature), subject.profile)
    columns, note = _columns(subject, rows)
    profile = _rounded(subject)
    seen = see(profile, columns | _target(profile, answers))
    expected = Expected(profile, limits)
    found = tuple(
        check
        for column in profile.columns
        if column.name in seen
        for check in column_checks(expected, column, seen[column.name])
    )
    pairs = [
        (truth, answer)
        for prediction, answer in zip(rows, answers, strict=True)
        if answer is not None and (truth := _truth(subject.truths, prediction)) is not None
    ]
    measured_limits = tuple(_judged(evaluate, profile, pairs)) if evaluate and len(pairs) >= _FEWEST_TRUTHS else ()
    enough = len(rows) >= limits.rows
    failed = (enough and any(not check.passed for check in found)) or overall(measured_limits) == "fail"
    drift = VersionDrift(
        version=subject.version,
        rows=len(rows),
        truths=len(pairs),
        reference_rows=profile.rows,
        verdict="fail" if failed else "pass" if enough else "inconclusive",
        note=note if enough else f"{len(rows)} rows, of at least {limits.rows} that tell something",
        checks=found,
        limits=measured_limits,
    )
    return drift, seen


def _columns(subject: Subject, rows: Sequence[Prediction]) -> tuple[dict[str, Numbers | Words], str]:
    """Return the features that rows hold, by the profile's names in its order, and what keeps some of them back."""
    features = [column.name for column in subject.profile.columns if column.name != subject.profile.target]
    held = [prediction.inputs for prediction in rows if prediction.inputs]
    if not held:
        return {}, "no inputs in the samples: only the answers were looked at"
    if len({len(inputs) for inputs in held} | {len(features)}) > 1:
        return {}, f"the inputs are not the reference's {len(features)} columns: only the answers were looked at"
    hidden = {place for samples in subject.samples for place in samples.redacted}
    values = np.array([[np.nan if value is None else value for value in inputs] for inputs in held], np.float64)
    note = f"{len(hidden)} columns are redacted" if hidden else ""
    return {name: values[:, at] for at, name in enumerate(features) if at not in hidden}, note


def _rounded(subject: Subject) -> Profile:
    """Return the profile with its numbers as the model's inputs can hold them: 0.1 in FP32 is above 0.1."""
    kinds = {spec.datatype for spec in subject.signature.inputs} & {"FP16", "FP32"}
    if len(kinds) != 1:
        return subject.profile
    kind = DATATYPES[kinds.pop()].numpy.type

    def near(column: ColumnProfile) -> ColumnProfile:
        if column.kind != "number" or column.name == subject.profile.target:
            return column
        lowest, highest = (None if end is None else float(kind(end)) for end in (column.lowest, column.highest))
        edges = tuple(float(kind(edge)) for edge in column.edges)
        return msgspec.structs.replace(column, lowest=lowest, highest=highest, edges=edges)

    return msgspec.structs.replace(subject.profile, columns=tuple(map(near, subject.profile.columns)))


def _output(evaluate: Evaluate | None, signature: Signature) -> str:
    """Return the name of the output that stands beside the target, as evaluate has it."""
    return evaluate.output if evaluate and evaluate.output else signature.outputs[0].name


def _target_column(profile: Profile) -> ColumnProfile | None:
    return next((column for column in profile.columns if column.name == profile.target), None)


def _answers(rows: Sequence[Prediction], output: str, profile: Profile) -> list[Truth]:
    """Return what each row was answered, as the target has it; None where the sample does not say."""
    column = _target_column(profile)
    classes = sorted(column.categories) if column and column.kind == "text" else []

    def answer(found: Any) -> Truth:
        if isinstance(found, list):  # one for each class
            if len(found) == 1:
                return answer(found[0])
            if any(not isinstance(value, int | float) for value in found):
                return None
            at = int(np.argmax(found))
            return classes[at] if len(classes) == len(found) else at
        return found if isinstance(found, str | int | float | bool) else None

    return [answer(prediction.outputs.get(output)) for prediction in rows]


def _target(profile: Profile, answers: Sequence[Truth]) -> dict[str, Numbers | Words]:
    """Return the answers as a column of the target."""
    column, given = _target_column(profile), [answer for answer in answers if answer is not None]
    if column is None or not given:
        return {}
    if column.kind == "text":
        words = sorted({str(answer) for answer in given})
        places = {word: at for at, word in enumerate(words)}
        return {column.name: Words(np.array([places[str(answer)] for answer in given], np.int32), tuple(words))}
    numbers = _numbers(given)
    return {} if numbers is None else {column.name: numbers}


def _truth(truths: Mapping[str, tuple[Truth, ...]], prediction: Prediction) -> Truth:
    said = truths.get(prediction.id, ())
    return said[prediction.row] if prediction.row < len(said) else None


def _judged(evaluate: Evaluate, profile: Profile, pairs: Sequence[tuple[Truth, Truth]]) -> Iterator[Judged]:
    """Yield the spec's limits on the rows whose truth is known; not those that want probabilities or a second model."""
    column = _target_column(profile)
    if column and column.kind == "text":
        truth: NDArray[Any] | None = np.array([str(pair[0]) for pair in pairs], np.str_)
        said: NDArray[Any] | None = np.array([str(pair[1]) for pair in pairs], np.str_)
    else:
        truth, said = _numbers([pair[0] for pair in pairs]), _numbers([pair[1] for pair in pairs])
    if truth is None or said is None:
        return
    for limit in evaluate.limits:
        if limit.metric == "log_loss" or (truth.dtype.kind == "U" and not METRICS[limit.metric].of_classes):
            continue
        found = measured(limit.metric, truth, Answers(said), evaluate.confidence_percent)
        yield from judged(msgspec.structs.replace(limit, worse_than_serving=None), found, None)


def _numbers(values: Sequence[Truth]) -> Numbers | None:
    try:
        return np.array([float(value) for value in values if value is not None], np.float64)
    except ValueError:
        return None
