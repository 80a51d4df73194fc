"""From a model file to a version."""

import hashlib
import os
import shutil

import numpy as np
import pytest

from poorwill.errors import InvalidModelError, InvalidRequestError, NotFoundError, UnavailableError, UsageError
from poorwill.registry import warmup
from poorwill.registry.keys import blob_key
from poorwill.registry.lookup import fetch_version
from poorwill.registry.onnx_session import open_session
from poorwill.registry.push import Sample
from poorwill.registry.records import BlobRef, Signature, TensorSpec, VersionName
from poorwill.store.reader import open_reader
from tests import models


def refusing(request, signature):
    raise InvalidRequestError


def taking(request, signature):
    return {signature.inputs[0].name: np.array([int(request)])}


def test_a_version_records_what_the_file_is_and_says(registry, sum_file, store):
    content = sum_file.read_bytes()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"

    pushed = registry.push(sum_file, "sums")

    record = pushed.record
    assert record.name == "sums@1"
    assert record.blob == BlobRef("model.onnx", digest, len(content))
    assert record.signature == Signature(
        (TensorSpec("x", "FP32", ("batch", 3)),), (TensorSpec("total", "FP32", ("batch", 1)),)
    )
    assert (record.opset, record.ir_version, record.producer) == ({"": 20}, 10, "poorwill-tests 1")
    assert record.created.endswith("Z")
    assert pushed.warm_up_ms > 0
    assert store.get(blob_key(digest)).data == content
    assert registry.resolve(VersionName("sums", 1, None)) == record


@pytest.mark.parametrize("name", sorted(set(models.MODELS) - {"map"}))
def test_every_sample_model_is_pushed_and_runs_from_the_store(name, registry, tmp_path):
    registry.push(models.write(name, tmp_path), "some")

    fetched = fetch_version(open_reader(str(tmp_path / "store")), VersionName("some", 1, None))

    with fetched.source() as source:
        assert open_session(source, signature=fetched.record.signature).signature == fetched.record.signature


def test_free_ranks_are_recorded_and_numbers_stay_numbers(registry, tmp_path):
    free = registry.push(models.write("free_rank", tmp_path), "some").record.signature
    scalar = registry.push(models.write("scalar", tmp_path), "some").record.signature

    assert [spec.shape for spec in free.inputs + free.outputs] == [None, None]
    assert [spec.shape for spec in scalar.inputs + scalar.outputs] == [(), ()]


def test_external_data_goes_with_the_model_and_comes_back_beside_it(registry, tmp_path):
    record = registry.push(models.external_model(tmp_path / "exported"), "some").record
    shutil.rmtree(tmp_path / "exported")

    fetched = fetch_version(open_reader(str(tmp_path / "store")), VersionName("some", 1, None))
    with fetched.source() as source:
        model = open_session(source)

    assert [blob.name for blob in record.external_data] == ["weights/layer.bin"]
    assert not os.path.exists(fetched.folder)  # noqa: PTH110 - a string, as the predictor has it
    assert model.run({"x": np.ones((1, 3), np.float32)})["y"].tolist() == [[3, 3]]


def test_external_data_that_is_missing_is_not_found(registry, tmp_path, store):
    path = models.external_model(tmp_path / "exported")
    (tmp_path / "exported/weights/layer.bin").unlink()

    with pytest.raises(NotFoundError, match="external data"):
        registry.push(path, "some")

    assert list(store.list("")) == []


@pytest.mark.parametrize("linked", ["weights/layer.bin", "weights"])
def test_external_data_behind_a_link_is_refused(linked, registry, tmp_path, store):
    path = models.external_model(tmp_path / "exported")
    real = tmp_path / "elsewhere"
    shutil.move(tmp_path / "exported" / linked, real)
    (tmp_path / "exported" / linked).symlink_to(real)

    with pytest.raises(InvalidModelError, match="found a link"):
        registry.push(path, "some")

    assert list(store.list("")) == []


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/hostname"])
def test_external_data_outside_of_the_folder_is_refused(location, registry, tmp_path, store):
    (tmp_path / "secret.bin").write_bytes(b"0" * 24)

    with pytest.raises(InvalidModelError, match="external data"):
        registry.push(models.external_model(tmp_path / "exported", location=location), "some")

    assert list(store.list("")) == []


def test_a_sample_becomes_a_blob_and_the_warm_up(registry, tmp_path, store):
    path = tmp_path / "table.onnx"
    path.write_bytes(models.table_model(offset=9).SerializeToString())
    with pytest.raises(InvalidModelError, match="--sample"):
        registry.push(path, "table")

    record = registry.push(path, "table", sample=Sample(b"10", taking)).record

    assert record.version == 1
    assert store.get(blob_key(record.sample_request.digest)).data == b"10"
    fetched = fetch_version(open_reader(str(tmp_path / "store")), VersionName("table", 1, None))
    assert fetched.sample == b"10"


def test_a_sample_that_does_not_fit_is_the_callers_fault(registry, sum_file, store):
    with pytest.raises(InvalidRequestError):
        registry.push(sum_file, "sums", sample=Sample(b"", refusing))

    assert list(store.list("")) == []


def test_a_name_that_knative_can_not_have_is_refused_before_the_file_is_read(registry, tmp_path):
    with pytest.raises(UsageError, match="version service"):
        registry.push(tmp_path / "nothing.onnx", "sums-v1")


@pytest.mark.parametrize("path", ["nothing.onnx", "."])
def test_a_file_that_is_not_there_is_not_found(path, registry, tmp_path):
    with pytest.raises(NotFoundError, match="model file"):
        registry.push(tmp_path / path, "sums")


def test_a_file_that_is_no_model_is_refused(registry, tmp_path, store):
    path = tmp_path / "x.onnx"
    path.write_bytes(b"no model")

    with pytest.raises(InvalidModelError, match="found other bytes"):
        registry.push(path, "some")

    assert list(store.list("")) == []


def test_a_list_of_maps_is_refused_with_the_option_that_avoids_it(registry, tmp_path):
    with pytest.raises(InvalidModelError, match="zipmap off"):
        registry.push(models.write("map", tmp_path), "some")


def test_what_is_stored_is_what_was_inspected_if_the_file_changes_meanwhile(registry, sum_file, store, monkeypatch):
    real = warmup.warm_up

    def change(session, inputs):
        sum_file.write_bytes(b"changed")
        real(session, inputs)

    monkeypatch.setattr(warmup, "warm_up", change)
    record = registry.push(sum_file, "sums").record

    assert store.get(blob_key(record.blob.digest)).data == models.sum_model().SerializeToString()


def test_a_push_leaves_nothing_on_the_disk_but_the_version(registry, sum_file, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))

    registry.push(sum_file, "sums")

    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_full_temporary_disk_is_told_with_the_way_out(registry, sum_file, monkeypatch):
    def full(self, *arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.mkdir", full)

    with pytest.raises(UnavailableError, match="TMPDIR"):
        registry.push(sum_file, "sums")
