"""A new model on held-out rows, beside the version that serves: what passes, what fails, what is not settled."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from poorwill.errors import CorruptError
from poorwill.pipeline import run_store
from poorwill.pipeline.artifacts import read_artifact
from poorwill.pipeline.evaluate import EvaluateStep
from poorwill.pipeline.ingest import IngestStep
from poorwill.pipeline.keys import run_name
from poorwill.pipeline.runner import run_through
from poorwill.pipeline.serving_now import ServingNow, serving_now
from poorwill.pipeline.train import TrainStep
from poorwill.registry.keys import blob_key
from poorwill.registry.registry import Registry
from poorwill.settings import read
from tests import models
from tests.pipeline import works

LINEAR = Path(__file__).with_name("linear.py").read_text()
SPEC = """\
format: 1
pipeline: sums
model: sum
steps:
  - step: ingest
    target: total
  - step: train
    parameters: {{off: {off}}}
  - step: evaluate
    slices: [left, kind]
    {step}
"""
RMSE = "limits: [{metric: rmse, at_most: 1.5}]"
NEWEST = "the newest version: no cluster is at hand, and there is no alias champion"
BESIDE = "limits: [{metric: rmse, worse_than_serving: 0.2}]"


def lines(count=400):
    random = np.random.default_rng(0)
    left, right, kind = random.normal(size=(2, count)) * 10, random.normal(size=count), random.integers(0, 3, count)
    total = 2 * left[0] - left[1] + random.normal(size=count)
    rows = zip(total, left[0], left[1], right, kind, strict=True)
    return "\n".join(["total,left,right,idle,kind", *(",".join(f"{value:.4f}" for value in row) for row in rows)])


def nothing_serves(registry, model):
    return None


@pytest.fixture
def evaluated(store, tmp_path):
    """Return what takes data to its evaluation, for a model that is so much off, and returns the last step's record."""
    store.put("june.csv", lines().encode())

    def run(step=RMSE, *, off=0, serving=nothing_serves, event_id="1", code=LINEAR, data=""):
        if data:
            store.put("june.csv", data.encode())
        pipeline = works.write_pipeline(tmp_path / "sums", SPEC.format(off=off, step=step))
        (tmp_path / "sums" / "train.py").write_text(code)
        steps = {step.name: step for step in (IngestStep(), TrainStep(), EvaluateStep(serving))}
        seen = []
        run_through(works.shop(store, pipeline), steps, works.arrived("june.csv", event_id), watch=seen.append)
        return seen[-1].record

    return run


def report(store, record):
    return msgspec.json.decode(read_artifact(store, record.artifacts[0]))


def troubles(record):
    assert record.state == "failed"
    return [(each.where, each.found) for each in record.troubles]


def newest(registry, model):
    """Return what serves where no cluster is."""
    return serving_now(registry, model, read({"POORWILL_KUBECONFIG": "/nowhere", "POORWILL_TWIN": "/nowhere"}))


@pytest.fixture
def pushed(store, evaluated, tmp_path):
    """Return what registers the model that is so much off, and returns its record."""

    def push(off=0):
        record = evaluated("limits: [{metric: rmse, at_least: 0}]", off=off, event_id=f"pushed-{off}")
        assert record.state == "completed"
        content = read_artifact(store, trained(store, f"pushed-{off}"))
        (tmp_path / "model.onnx").write_bytes(content)
        return Registry(store).push(tmp_path / "model.onnx", "sum").record

    return push


def trained(store, event_id):
    return run_store.find_step(store, run_name("sums", "/tests", event_id), "train").artifacts[0]


def test_a_model_within_its_limits_passes_with_a_report_for_programs_and_people(store, evaluated):
    record = evaluated()

    assert record.state == "completed"
    assert record.facts["verdict"] == "pass"
    assert 0.8 < record.facts["rmse"] < 1.3
    assert 50 < record.facts["rows"] < 110
    assert [artifact.name for artifact in record.artifacts] == ["evaluation", "evaluation.html"]
    (limit,) = report(store, record)["limits"]
    assert limit["low"] < limit["value"] < limit["high"] < 1.5
    page = read_artifact(store, record.artifacts[1]).decode()
    assert "The model passes every limit" in page
    assert "<script" not in page


def test_a_model_beyond_a_limit_fails_and_its_report_is_kept(store, evaluated):
    record = evaluated(off=5)

    ((where, found),) = troubles(record)
    assert where == "evaluate, rmse"
    assert "between" in found
    assert report(store, record)["verdict"] == "fail"


@pytest.mark.parametrize(("then", "state"), [("stop", "failed"), ("go", "completed")])
def test_rows_that_are_too_few_to_tell_stop_a_run_or_not_as_the_spec_says(evaluated, then, state):
    record = evaluated(f"limits: [{{metric: rmse, at_most: 1.0}}]\n    when_inconclusive: {then}")

    assert (record.state, record.facts["verdict"]) == (state, "inconclusive")
    assert state == "completed" or "does not settle it" in record.troubles[0].found


def test_slices_are_each_value_of_few_and_fourths_of_many(store, evaluated):
    slices = report(store, evaluated())["slices"]

    assert [part["column"] for part in slices] == ["left"] * 4 + ["kind"] * 3
    assert [part["part"] for part in slices[4:]] == ["0", "1", "2"]
    rows = report(store, evaluated())["rows"]
    assert sum(part["rows"] for part in slices[:4]) == sum(part["rows"] for part in slices[4:]) == rows


def test_a_value_that_half_of_the_rows_have_is_in_one_slice(store, evaluated):
    head, *rows = lines().splitlines()
    cells = [row.split(",") for row in rows]
    data = "\n".join([head, *(",".join([*row[:4], "999" if at % 2 else row[1]]) for at, row in enumerate(cells))])

    slices = report(store, evaluated(data=data))

    kinds = [part["rows"] for part in slices["slices"] if part["column"] == "kind"]
    assert sum(kinds) == slices["rows"]
    assert len(kinds) in {2, 3}


def test_a_slice_of_no_column_is_told(evaluated):
    record = evaluated(data=lines().replace(",kind", ",sort"))

    assert troubles(record) == [("evaluate, slices", "no 'kind'")]


def test_the_version_that_serves_is_asked_the_same_rows(store, evaluated, pushed):
    pushed(off=0)

    same = evaluated(BESIDE, serving=newest, event_id="2")
    worse = evaluated(BESIDE, off=3, serving=newest, event_id="3")

    assert (same.state, same.facts["serving"]) == ("completed", "sum@1")
    (limit,) = report(store, same)["limits"]
    assert (limit["value"], limit["low"], limit["high"]) == (0, 0, 0)
    assert report(store, same)["known_by"] == NEWEST
    assert troubles(worse)[0][0] == "evaluate, rmse"
    assert report(store, worse)["verdict"] == "fail"


ROUNDED = LINEAR.replace(
    '["total"])]', '["line"]), helper.make_node("Round", ["line"], ["total"])]'
)  # and so its outputs are classes


def test_a_model_is_never_worse_than_itself_and_few_rows_do_not_make_another_its_like(store, evaluated, tmp_path):
    random = np.random.default_rng(0)
    left, right, kind = random.integers(0, 99, (3, 300))
    columns = np.column_stack([2 * left - right, left, right, kind, kind])
    data = "\n".join(["total,left,right,idle,kind", *(",".join(map(str, row)) for row in columns)])
    beside = "limits: [{metric: accuracy, worse_than_serving: 0}]"
    assert evaluated(beside, code=ROUNDED, data=data).state == "completed"
    (tmp_path / "model.onnx").write_bytes(read_artifact(store, trained(store, "1")))
    Registry(store).push(tmp_path / "model.onnx", "sum")

    itself = evaluated(beside, code=ROUNDED, serving=newest, event_id="2")
    other = evaluated(beside, code=ROUNDED, off=0.01, serving=newest, event_id="3")

    (limit,) = report(store, itself)["limits"]
    assert (limit["verdict"], limit["value"], limit["low"], limit["high"]) == ("pass", 0, 0, 0)
    (limit,) = report(store, other)["limits"]
    assert (limit["verdict"], limit["value"]) == ("inconclusive", 0)
    assert limit["low"] < 0 < limit["high"]


def test_an_alias_champion_says_what_serves_before_the_newest_does(store, evaluated, pushed):
    pushed(off=0)
    pushed(off=9)
    Registry(store).alias("sum", "champion", 1)

    record = evaluated(BESIDE, off=3, serving=newest, event_id="3")

    assert (record.state, record.facts["serving"]) == ("failed", "sum@1")
    Registry(store).alias("sum", "champion", 2)
    assert evaluated(BESIDE, off=3, serving=newest, event_id="4").state == "completed"


def test_a_version_that_cannot_be_asked_the_same_settles_nothing_and_the_fault_says_why(store, evaluated, tmp_path):
    Registry(store).push(models.write("sum", tmp_path), "sum")  # of three columns

    ((where, found),) = troubles(evaluated(BESIDE, serving=newest))

    assert where == "evaluate, rmse"
    assert found == "none to compare with: it can't be asked the same: x FP32 [-1, 3]"
    assert evaluated(RMSE, serving=newest, event_id="2").state == "completed"


def test_what_serves_is_looked_up_once_so_that_the_result_is_that_of_its_key(evaluated, pushed):
    record = pushed(off=0)
    answers = [ServingNow(record, "first"), None]

    found = evaluated(BESIDE, serving=lambda registry, model: answers.pop(0), event_id="2")

    assert (found.facts["serving"], answers) == ("sum@1", [None])


def test_another_version_that_serves_has_a_model_judged_again(evaluated, pushed):
    first = evaluated(BESIDE, event_id="2")
    pushed(off=0)

    again, beside = (evaluated(BESIDE, serving=by, event_id=by.__name__) for by in (nothing_serves, newest))

    assert (again.reused, beside.reused) == (True, False)
    assert first.key == again.key != beside.key


def test_a_serving_version_whose_bytes_were_changed_stops_the_step_and_decides_nothing(store, evaluated, pushed):
    key = blob_key(pushed(off=1).blob.digest)
    store.put(key, bytes(len(store.get(key).data)))

    with pytest.raises(CorruptError):
        evaluated(BESIDE, serving=newest, event_id="2")

    assert run_store.find_step(store, run_name("sums", "/tests", "2"), "evaluate") is None


UNMEASURABLE = {
    "accuracy of fractions": ("accuracy", "fractions"),
    "log_loss without probabilities": ("log_loss", "fractions"),
}


@pytest.mark.parametrize(("metric", "found"), UNMEASURABLE.values(), ids=UNMEASURABLE)
def test_a_metric_that_the_target_has_no_sense_for_is_told(evaluated, metric, found):
    assert troubles(evaluated(f"limits: [{{metric: {metric}, at_least: 0.1}}]")) == [(f"evaluate, {metric}", found)]


def test_rows_that_are_too_few_for_an_interval_by_resamples_are_told(evaluated):
    record = evaluated("limits: [{metric: rmse, at_most: 99}]", data=lines(25))

    ((where, found),) = troubles(record)
    assert where == "evaluate, rmse"
    assert 0 < int(found) < 10


def test_an_output_that_the_model_lacks_is_told_with_those_that_it_has(evaluated):
    record = evaluated(f"output: label\n    {RMSE}")

    assert troubles(record) == [("the new model, output", "another")]
    assert record.troubles[0].wanted == "one of total"


def test_a_model_that_answers_with_no_numbers_fails(evaluated):
    broken = LINEAR.replace('parameters.get("off", 0)', "np.nan")

    assert troubles(evaluated(code=broken)) == [("the new model, output", "others")]


def test_a_model_of_other_columns_fails(evaluated):
    broken = LINEAR.replace("features.shape[1]", "features.shape[1] - 1").replace("weights[:-1", "weights[:-2")

    ((where, found),) = troubles(evaluated(code=broken))

    assert (where, found) == ("the new model", "x FP32 [-1, 3]")
