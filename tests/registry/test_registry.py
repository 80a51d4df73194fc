"""What can be done with models, versions and aliases, in every store alike."""

import hashlib

import pytest

from poorwill.errors import ConflictError, CorruptError, NotFoundError, UsageError
from poorwill.registry.keys import alias_key, blob_key, index_key, version_key
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.registry.verify import Damage
from poorwill.store.opening import open_store
from tests import models

KINDS = ["folder", "moto", pytest.param("seaweed", marks=pytest.mark.e2e)]


@pytest.fixture(params=KINDS)
def any_store(request, tmp_path, monkeypatch):
    """Open an empty store of each kind."""
    if request.param == "folder":
        return open_store(str(tmp_path / "store"), create=True)
    server = request.getfixturevalue(request.param)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return open_store(f"s3://{server.make_bucket()}/registry")


def numbers(registry, name="sums"):
    return [entry.version for entry in registry.versions(name).versions]


def test_the_life_of_a_model(any_store, sum_file, tmp_path):
    registry = Registry(any_store)
    pushed = [registry.push(sum_file, "sums").record for _ in range(3)]
    registry.push(models.write("pair", tmp_path), "pairs")

    assert [record.version for record in pushed] == [1, 2, 3]
    assert [summary.model for summary in registry.models()] == ["pairs", "sums"]
    assert numbers(registry) == [1, 2, 3]

    registry.alias("sums", "champion", 3)
    assert registry.resolve(VersionName("sums", None, "champion")).version == 3
    registry.alias("sums", "champion", 2, expected=3)
    registry.alias("sums", "candidate", 1, expected=0)
    assert registry.versions("sums").aliases == {"candidate": 1, "champion": 2}
    with pytest.raises(ConflictError, match="wanted version 3, found version 2"):
        registry.alias("sums", "champion", 1, expected=3)

    with pytest.raises(ConflictError, match="champion"):
        registry.remove("sums", 2)
    registry.remove("sums", 3)
    assert numbers(registry) == [1, 2]
    with pytest.raises(NotFoundError, match="removed"):
        registry.resolve(VersionName("sums", 3, None))
    with pytest.raises(NotFoundError, match="removed"):
        registry.remove("sums", 3)
    with pytest.raises(NotFoundError, match="removed"):
        registry.alias("sums", "champion", 3)
    assert registry.push(sum_file, "sums").record.version == 4, "a number is never used twice"

    verified = registry.verify()
    assert (verified.versions, verified.blobs, verified.damages) == (4, 2, ())
    assert registry.gc(grace_seconds=0).blobs == 0


def test_a_lost_index_is_rebuilt_from_the_records(any_store, sum_file):
    registry = Registry(any_store)
    for _ in range(3):
        registry.push(sum_file, "sums")
    registry.remove("sums", 2)
    any_store.delete(index_key("sums"))

    assert numbers(registry) == [1, 3]
    assert [summary.model for summary in registry.models()] == ["sums"]
    assert registry.push(sum_file, "sums").record.version == 4
    assert numbers(registry) == [1, 3, 4]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"model":"other","versions":[],"format":1}'])
def test_a_corrupt_index_is_rebuilt_from_the_records(registry, store, sum_file, content):
    registry.push(sum_file, "sums")
    store.put(index_key("sums"), content)

    assert numbers(registry) == [1]
    registry.push(sum_file, "sums")
    assert b'"version": 2' in store.get(index_key("sums")).data


def test_an_index_that_lags_hides_nothing(registry, store, sum_file):
    registry.push(sum_file, "sums")
    old = store.get(index_key("sums")).data
    for _ in range(2):
        registry.push(sum_file, "sums")
    store.put(index_key("sums"), old)

    assert numbers(registry) == [1, 2, 3]


def test_a_removal_that_died_before_the_index_is_mended_by_gc(registry, store, sum_file):
    registry.push(sum_file, "sums")
    registry.push(sum_file, "sums")
    old = store.get(index_key("sums")).data
    registry.remove("sums", 1)
    store.put(index_key("sums"), old)

    registry.gc()

    assert numbers(registry) == [2]


ABSENT = [VersionName("sums", 2, None), VersionName("sums", None, "champion"), VersionName("x", 1, None)]


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_not_there_is_not_found(registry, sum_file, name):
    registry.push(sum_file, "sums")

    with pytest.raises(NotFoundError, match="poorwill versions"):
        registry.resolve(name)


def test_a_model_that_is_not_there_is_not_found(registry):
    with pytest.raises(NotFoundError, match="poorwill models"):
        registry.versions("sums")
    with pytest.raises(NotFoundError):
        registry.verify("sums")
    assert registry.models() == []


def test_names_are_checked_before_they_become_keys(registry, sum_file):
    registry.push(sum_file, "sums")

    for use in (
        lambda: registry.versions("../x"),
        lambda: registry.alias("sums", "../x", 1),
        lambda: registry.alias("sums", "3", 1),
        lambda: registry.alias("../x", "champion", 1),
        lambda: registry.remove("../x", 1),
        lambda: registry.verify("../x"),
    ):
        with pytest.raises(UsageError):
            use()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format": 1}'])
def test_a_corrupt_record_is_told_as_such_and_stops_gc(registry, store, sum_file, content):
    registry.push(sum_file, "sums")
    store.put(version_key("sums", 1), content)

    with pytest.raises(CorruptError, match="record"):
        registry.resolve(VersionName("sums", 1, None))
    with pytest.raises(CorruptError):
        registry.gc(grace_seconds=0)
    assert [damage.part for damage in registry.verify().damages] == ["record"]


def test_a_record_of_another_version_is_corrupt(registry, store, sum_file):
    registry.push(sum_file, "sums")
    store.put(version_key("sums", 2), store.get(version_key("sums", 1)).data)

    with pytest.raises(CorruptError, match="its own name and number"):
        registry.resolve(VersionName("sums", 2, None))


def test_a_record_of_a_later_format_asks_for_a_newer_poorwill(registry, store, sum_file):
    registry.push(sum_file, "sums")
    data = store.get(version_key("sums", 1)).data
    store.put(version_key("sums", 1), data.replace(b'"format": 1', b'"format": 2'))

    with pytest.raises(CorruptError, match="newer Poorwill"):
        registry.resolve(VersionName("sums", 1, None))


def test_verify_names_every_bad_blob_of_every_version(registry, store, tmp_path, sum_file):
    external = registry.push(models.external_model(tmp_path / "e"), "some").record
    first = registry.push(sum_file, "sums").record
    registry.push(sum_file, "sums")
    store.put(blob_key(first.blob.digest), b"changed")
    store.delete(blob_key(external.external_data[0].digest))

    verified = registry.verify()

    changed = f"sha256:{hashlib.sha256(b'changed').hexdigest()}"
    assert verified.damages == (
        Damage("some@1", "weights/layer.bin", external.external_data[0].digest, "nothing"),
        Damage("sums@1", "model.onnx", first.blob.digest, changed),
        Damage("sums@2", "model.onnx", first.blob.digest, changed),
    )
    assert registry.verify("some").versions == 1


def test_a_push_of_the_same_file_mends_a_corrupt_blob(registry, store, sum_file):
    record = registry.push(sum_file, "sums").record
    store.put(blob_key(record.blob.digest), b"changed")
    registry.push(sum_file, "sums")

    assert registry.verify().damages == ()


def test_gc_takes_what_no_version_names_and_leaves_what_is_young(registry, store, tmp_path, sum_file):
    registry.push(sum_file, "sums")
    registry.push(models.write("pair", tmp_path), "sums")
    registry.remove("sums", 1)
    store.put(f"blobs/sha256/{'0' * 64}", b"of a push that was cut off")
    store.put("tmp/half", b"of a write that was cut off")

    young = registry.gc()
    old = registry.gc(grace_seconds=0)

    assert (young.blobs, young.kept) == (0, 3)
    assert (old.blobs, old.kept) == (2, 1)
    assert list(store.list("tmp/")) == []
    assert registry.verify().damages == ()


def test_gc_leaves_a_blob_that_another_version_names_too(registry, sum_file):
    registry.push(sum_file, "sums")
    registry.push(sum_file, "copies")
    registry.remove("sums", 1)

    assert registry.gc(grace_seconds=0).blobs == 0
    assert registry.verify().damages == ()


def test_an_alias_whose_version_vanished_says_so(registry, store, sum_file):
    registry.push(sum_file, "sums")
    store.put(alias_key("sums", "champion"), b'{"model":"sums","alias":"champion","version":9,"moved":"","format":1}')

    with pytest.raises(NotFoundError, match="none of that number"):
        registry.resolve(VersionName("sums", None, "champion"))
