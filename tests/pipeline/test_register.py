"""A judged model becomes a version: with a request that it answers, once, and nothing of it where that can't be."""

from pathlib import Path

import msgspec
import pytest

from poorwill.errors import NotFoundError
from poorwill.pipeline.ingest import IngestStep
from poorwill.pipeline.perform import perform
from poorwill.pipeline.register import RegisterStep
from poorwill.pipeline.runner import run_through
from poorwill.pipeline.train import TrainStep
from poorwill.registry.keys import blob_key
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
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
  - step: register
    {}
"""
ROWS = "total,left,right\n" + "".join(f"{2 * row - row % 7},{row},{row % 7}\n" for row in range(100))
SAMPLE = '{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [3, 1]}]}'


@pytest.fixture
def registered(store, tmp_path):
    """Return what takes data to a version by a spec's last step, and returns that step's record and its shop."""
    store.put("june.csv", ROWS.encode())

    def run(step="signed: false", *, event_id="1", code=LINEAR, sample=SAMPLE):
        folder = tmp_path / "sums"
        folder.mkdir(exist_ok=True)
        (folder / "sample.json").write_text(sample)
        shop = works.shop(store, works.write_pipeline(folder, SPEC.format(step)))
        (folder / "train.py").write_text(code)
        steps = {step.name: step for step in (IngestStep(), TrainStep(), RegisterStep())}
        seen = []
        run_through(shop, steps, works.arrived("june.csv", event_id), watch=seen.append)
        return seen[-1].record

    return run


def versions(store):
    try:
        return [entry.version for entry in Registry(store).versions("sum").versions]
    except NotFoundError:
        return []


def test_a_version_names_the_run_and_answers_a_request_of_a_held_out_row(store, registered):
    record = registered()

    version = Registry(store).resolve(VersionName("sum", 1, None))
    assert record.facts == {"name": "sum@1", "version": 1, "digest": version.blob.digest}
    assert (version.provenance.pipeline, version.provenance.run) == ("sums", record.run)
    assert version.provenance.key == record.key
    (tensor,) = msgspec.json.decode(store.get(blob_key(version.sample_request.digest)).data)["inputs"]
    assert (tensor["name"], tensor["shape"]) == ("x", [1, 2])
    assert ",".join(f"{value:g}" for value in tensor["data"]) in ROWS


def test_a_model_of_a_fixed_batch_answers_the_row_so_many_times(store, registered):
    registered(code=LINEAR.replace('["batch", ', "[4, "))

    version = Registry(store).resolve(VersionName("sum", 1, None))
    (tensor,) = msgspec.json.decode(store.get(blob_key(version.sample_request.digest)).data)["inputs"]
    assert (tensor["shape"], len(tensor["data"])) == ([4, 2], 8)


def test_a_sample_beside_the_spec_is_the_versions_request(store, registered):
    registered("sample: sample.json")

    version = Registry(store).resolve(VersionName("sum", 1, None))
    assert store.get(blob_key(version.sample_request.digest)).data == SAMPLE.encode()


def test_another_run_of_the_same_is_the_same_version_and_of_another_sample_another(store, registered):
    first = registered("sample: sample.json")
    again = registered("sample: sample.json", event_id="2")
    other = registered("sample: sample.json", event_id="3", sample=SAMPLE.replace("3, 1", "4, 1"))

    assert (again.reused, again.facts) == (True, first.facts)
    assert other.facts["version"] == 2
    assert versions(store) == [1, 2]


@pytest.mark.parametrize(
    ("sample", "where"), [("{", "body"), (SAMPLE.replace('"x"', '"y"'), "inputs"), (SAMPLE.replace("1, 2", "1, 3"), "")]
)
def test_a_sample_that_the_model_cannot_take_registers_nothing(store, registered, sample, where):
    record = registered("sample: sample.json", sample=sample)

    assert record.state == "failed"
    assert where in record.troubles[0].where
    assert versions(store) == []
    assert registered("sample: sample.json", event_id="2").facts["version"] == 1


def test_a_sample_that_is_gone_when_the_step_begins_is_told(store, registered, tmp_path):
    class Removed(RegisterStep):
        def decided_by(self, work):
            (work.folder / "sample.json").unlink()
            return super().decided_by(work)

    store.put("june.csv", ROWS.encode())
    (tmp_path / "sums").mkdir()
    (tmp_path / "sums" / "sample.json").write_text(SAMPLE)
    shop = works.shop(store, works.write_pipeline(tmp_path / "sums", SPEC.format("sample: sample.json")))
    (tmp_path / "sums" / "train.py").write_text(LINEAR)
    last = run_through(
        shop, {"ingest": IngestStep(), "train": TrainStep()}, works.arrived("june.csv"), watch=lambda seen: None
    ).last

    record = perform(shop, Removed(), last).record

    assert record.troubles[0].where == "register, sample"
    assert versions(store) == []


def test_a_model_of_several_inputs_wants_a_sample_of_its_own(store, registered, tmp_path):
    pair = f"def train(*_): return {str(models.write('pair', tmp_path))!r}"

    record = registered(code=pair)

    assert record.state == "failed"
    assert versions(store) == []
    both = [
        {"name": "left", "datatype": "FP32", "shape": [2], "data": [1, 2]},
        {"name": "right", "datatype": "INT64", "shape": [2], "data": [1, 2]},
    ]
    sample = msgspec.json.encode({"inputs": both}).decode()
    assert registered("sample: sample.json", code=pair, sample=sample, event_id="2").facts["version"] == 1
