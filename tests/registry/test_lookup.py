"""A predictor's way to its version: by the light reader, verified, and nothing left behind where that fails."""

import msgspec
import numpy as np
import pytest

from poorwill.errors import CorruptError, NotFoundError, UnavailableError
from poorwill.registry.keys import blob_key, version_key
from poorwill.registry.lookup import fetch_version
from poorwill.registry.onnx_session import open_session
from poorwill.registry.records import VersionName, encode_record
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store
from poorwill.store.reader import open_reader
from tests import models

FIRST = VersionName("some", 1, None)
ANOTHER = f"sha256:{'0' * 64}"


@pytest.fixture
def reader(tmp_path):
    """Open the light reader of the folder that `registry` works on."""
    return open_reader(str(tmp_path / "store"))


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Give this test a temporary folder of its own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_an_alias_leads_to_the_version_that_it_points_at_now(registry, reader, sum_file):
    for _ in range(2):
        registry.push(sum_file, "some")
    registry.alias("some", "champion", 2)

    fetched = fetch_version(reader, VersionName("some", None, "champion"))

    assert fetched.record.name == "some@2"
    assert fetched.model == sum_file.read_bytes()
    assert fetched.verify_ns > 0


def test_a_version_of_another_digest_than_the_one_deployed_is_refused(registry, reader, sum_file):
    digest = registry.push(sum_file, "some").record.blob.digest

    assert fetch_version(reader, FIRST, digest=digest).record.version == 1
    with pytest.raises(CorruptError, match=f"some@1: .* found {digest}"):
        fetch_version(reader, FIRST, digest=ANOTHER)


def test_a_removed_version_is_not_served(registry, reader, sum_file):
    registry.push(sum_file, "some")
    registry.remove("some", 1)

    with pytest.raises(NotFoundError, match="one that was removed"):
        fetch_version(reader, FIRST)


def test_a_damaged_blob_is_not_served(registry, reader, store, sum_file):
    record = registry.push(sum_file, "some").record
    store.put(blob_key(record.blob.digest), bytes(record.blob.size_bytes))

    with pytest.raises(CorruptError, match=f"wanted {record.blob.digest}, found sha256:"):
        fetch_version(reader, FIRST)


def test_damaged_external_data_is_not_served_and_leaves_no_folder(registry, reader, store, tmp_path, temporary):
    record = registry.push(models.external_model(tmp_path / "e"), "some").record
    store.put(blob_key(record.external_data[0].digest), b"changed")

    with pytest.raises(CorruptError):
        fetch_version(reader, FIRST)

    assert list(temporary.iterdir()) == []


def test_a_record_that_names_a_file_elsewhere_is_refused(registry, reader, store, tmp_path, temporary):
    record = registry.push(models.external_model(tmp_path / "e"), "some").record
    blob = msgspec.structs.replace(record.external_data[0], name="../../up.bin")
    store.put(version_key("some", 1), encode_record(msgspec.structs.replace(record, external_data=(blob,))))

    with pytest.raises(CorruptError, match="a path elsewhere"):
        fetch_version(reader, FIRST)

    assert list(temporary.iterdir()) == []


@pytest.mark.e2e
def test_a_predictor_reads_from_a_bucket_what_was_pushed_there(seaweed, tmp_path, monkeypatch):
    for name, value in seaweed.environment.items():
        monkeypatch.setenv(name, value)
    url = f"s3://{seaweed.make_bucket()}/team"
    store = open_store(url)
    record = Registry(store).push(models.external_model(tmp_path / "e"), "some").record

    fetched = fetch_version(open_reader(url), FIRST)
    with fetched.source() as source:
        outputs = open_session(source, signature=record.signature).run({"x": np.ones((1, 3), np.float32)})
    assert outputs["y"].tolist() == [[3, 3]]

    store.put(blob_key(record.blob.digest), b"changed")
    with pytest.raises(CorruptError):
        fetch_version(open_reader(url), FIRST)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(UnavailableError, match="access denied"):
        fetch_version(open_reader(url, timeout_seconds=1), FIRST)
