"""A version's live data beside its reference: drift is seen, chance is not taken for it, feedback is measured."""

import numpy as np
import pytest

from poorwill.pipeline.live_drift import Subject, version_drift
from poorwill.pipeline.profile import learn
from poorwill.pipeline.spec import Ingest
from poorwill.pipeline.spec_file import read_spec
from poorwill.pipeline.table import Source, open_table
from poorwill.registry.records import Signature, TensorSpec
from poorwill.serving.sampling.sampled import Prediction, SampledPredictions

SPEC = """\
format: 1
pipeline: sort
model: sort
steps:
  - {step: ingest, target: kind}
  - {step: validate, limits: {rows: 50}}
  - {step: train}
  - {step: evaluate, limits: [{metric: accuracy, at_least: 0.8, worse_than_serving: 0.1}]}
  - {step: register}
"""
GENERATOR = np.random.default_rng(7)


@pytest.fixture
def known(tmp_path):
    """Return how a version is looked at: rows of two features, one of tenths, and what it answered to them."""
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    (tmp_path / "train.py").write_text("def train(inputs, parameters, seed): ...\n")
    spec = read_spec(tmp_path).spec

    def look(rows, *, kinds=("cat", "dog"), answers=None, truths=None, redacted=(), row=0):
        data = drawn(2000)
        lines = [f"{a:.1f},{b},{kinds[int(a > 0.45)]}" for a, b in data]
        (tmp_path / "data.csv").write_text("a,b,kind\n" + "\n".join(lines) + "\n")
        profile = learn(open_table(Source(tmp_path / "data.csv", Ingest(step="ingest", target="kind"), "data.csv")))
        signature = Signature((TensorSpec("x", "FP32", ("n", 2)),), (TensorSpec("label", "BYTES", ("n",)),))
        said = answers or [kinds[int(a > 0.45)] for a, _ in rows]
        predictions = tuple(
            Prediction(id=f"p{at}", row=row, inputs=tuple(map(float, values)), outputs=labelled(answer))
            for at, (values, answer) in enumerate(zip(rows, said, strict=True))
        )
        samples = SampledPredictions(model="sort", version=1, digest="", redacted=redacted, predictions=predictions)
        return version_drift(spec, Subject(1, signature, profile, [samples], truths or {}))

    return look


def labelled(answer):
    return {} if answer is None else {"label": answer}


def drawn(rows, *, off=0):
    return [(np.float32(GENERATOR.integers(0, 11) / 10), int(GENERATOR.integers(0, 50)) + off) for _ in range(rows)]


def test_data_like_the_references_passes_also_at_the_ends_that_fp32_can_not_hold(known):
    drift, _ = known(drawn(500))

    assert (drift.verdict, drift.rows, drift.columns) == ("pass", 500, [])
    assert [check.what for check in drift.checks if check.column == "a"] == ["type", "missing", "range", "drift"]


def test_chance_alone_hardly_ever_looks_like_drift(known):
    verdicts = [known(drawn(60))[0].verdict for _ in range(40)]

    assert verdicts == ["pass"] * 40


def test_a_column_that_moved_is_named(known):
    drift, seen = known(drawn(200, off=30))

    assert (drift.verdict, drift.columns) == ("fail", ["b"])
    assert seen["b"].highest > 49


def test_answers_that_moved_are_named_by_the_target(known):
    drift, _ = known(drawn(200), answers=["dog"] * 200)

    assert (drift.verdict, drift.columns) == ("fail", ["kind"])


def test_an_answer_that_the_reference_never_had_is_a_new_category(known):
    drift, _ = known(drawn(200), answers=["cow"] * 20 + ["cat", "dog"] * 90)

    assert {check.what for check in drift.checks if not check.passed} >= {"categories"}


def test_too_few_rows_are_inconclusive_and_it_says_how_many_tell_something(known):
    drift, _ = known(drawn(49, off=1000))

    assert drift.verdict == "inconclusive"
    assert drift.note == "49 rows, of at least 50 that tell something"


def test_a_redacted_column_is_not_taken_for_one_without_values(known):
    rows = [(a, float("nan")) for a, _ in drawn(200)]
    drift, seen = known(rows, redacted=(1,))

    assert (drift.verdict, drift.note) == ("pass", "1 columns are redacted")
    assert "b" not in seen


def test_a_column_whose_values_are_missing_is(known):
    drift, _ = known([(a, float("nan")) for a, _ in drawn(200)])

    assert drift.columns == ["b"]


def test_inputs_that_are_not_the_references_columns_leave_the_answers(known):
    drift, seen = known([(*row, 1) for row in drawn(200)], answers=["cat", "dog"] * 100)

    assert "not the reference's 2 columns" in drift.note
    assert set(seen) == {"kind"}


def test_probabilities_stand_for_the_class_that_has_the_most(known):
    drift, _ = known(drawn(200), answers=[[0.9, 0.1], [0.2, 0.8]] * 100)

    assert drift.verdict == "pass"


def test_rows_without_an_answer_are_left_out(known):
    drift, seen = known(drawn(200), answers=[None, "cat", "dog", None] * 50)

    assert (seen["kind"].rows, drift.verdict) == (100, "pass")


@pytest.mark.parametrize(("wrong", "verdict"), [(0, "pass"), (15, "pass"), (60, "fail")])
def test_feedback_is_measured_against_the_specs_limits(known, wrong, verdict):
    answers = ["cat", "dog"] * 50
    truths = {f"p{at}": (answer if at >= wrong else "neither",) for at, answer in enumerate(answers)}

    drift, _ = known(drawn(100), answers=answers, truths=truths)

    assert drift.truths == 100
    assert [(limit.metric, limit.wanted) for limit in drift.limits] == [("accuracy", "at least 0.8")]
    assert drift.limits[0].value == 1 - wrong / 100
    assert (drift.verdict, drift.metrics) == (verdict, ["accuracy"] if verdict == "fail" else [])


def test_of_few_truths_nothing_is_said(known):
    drift, _ = known(drawn(100), answers=["cat", "dog"] * 50, truths={f"p{at}": ("cow",) for at in range(9)})

    assert (drift.truths, drift.limits, drift.verdict) == (9, (), "pass")


def test_a_truth_is_of_its_row_of_the_request(known):
    answers = ["cat", "dog"] * 50
    several = {f"p{at}": ("cow", answer) for at, answer in enumerate(answers)}

    assert known(drawn(100), answers=answers, truths=several)[0].limits[0].value == 0
    assert known(drawn(100), answers=answers, truths=several, row=1)[0].limits[0].value == 1
    assert known(drawn(100), answers=answers, truths=several, row=2)[0].truths == 0
