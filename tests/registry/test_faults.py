"""What is left of an action that was cut off at any of its operations."""

import itertools

import pytest

from poorwill.registry.keys import version_key
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.store.folder import FolderStore
from tests import models
from tests.registry.interleaving import DiedError, dying


def deaths(folder, prepare, act, *, done):
    """Yield a store for each operation of the action, with the action dead there, until it lives through all."""
    for at in itertools.count():
        store = FolderStore(folder / f"{at}-{done}", create=True)
        prepare(Registry(store))
        try:
            act(Registry(dying(store, at, done=done)))
        except DiedError:
            yield store
        else:
            assert at > 3, "the action was never cut off"
            return


@pytest.fixture(autouse=True)
def no_disk(monkeypatch):
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_push_that_dies_leaves_a_whole_version_or_nothing(tmp_path, done):
    path = models.external_model(tmp_path / "exported")
    other = models.write("sum", tmp_path)
    seen = set()

    def prepare(registry):
        registry.push(other, "some")

    for store in deaths(tmp_path, prepare, lambda registry: registry.push(path, "some"), done=done):
        registry = Registry(store)
        there = any(store.list(version_key("some", 2)))
        seen.add(there)

        assert [entry.version for entry in registry.versions("some").versions] == [1, 2][: 1 + there]
        assert registry.verify().damages == ()
        assert registry.push(path, "some").record.version == 2 + there
        registry.gc(grace_seconds=0)
        assert registry.verify().damages == ()
        assert len(registry.versions("some").versions) == 2 + there

    assert seen == {False, True}


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_removal_that_dies_has_happened_or_not(tmp_path, done):
    path = models.write("sum", tmp_path)

    def prepare(registry):
        registry.push(path, "some")
        registry.push(path, "some")

    for store in deaths(tmp_path, prepare, lambda registry: registry.remove("some", 2), done=done):
        registry = Registry(store)
        registry.gc()
        live = [entry.version for entry in registry.versions("some").versions]

        assert live in ([1], [1, 2])
        assert [registry.resolve(VersionName("some", version, None)).version for version in live] == live
        assert registry.push(path, "some").record.version == 3
        assert registry.verify().damages == ()


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_an_alias_whose_move_dies_points_at_the_old_or_the_new_version(tmp_path, done):
    path = models.write("sum", tmp_path)

    def prepare(registry):
        registry.push(path, "some")
        registry.push(path, "some")
        registry.alias("some", "champion", 1)

    for store in deaths(tmp_path, prepare, lambda registry: registry.alias("some", "champion", 2), done=done):
        assert Registry(store).resolve(VersionName("some", None, "champion")).version in {1, 2}


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_gc_that_dies_took_only_garbage(tmp_path, done):
    path = models.write("sum", tmp_path)
    other = models.write("pair", tmp_path)

    def prepare(registry):
        registry.push(path, "some")
        registry.push(other, "some")
        registry.remove("some", 1)

    for store in deaths(tmp_path, prepare, lambda registry: registry.gc(grace_seconds=0), done=done):
        registry = Registry(store)

        assert registry.verify().damages == ()
        registry.gc(grace_seconds=0)
        assert len(list(store.list("blobs/"))) == 1
        assert list(store.list("tmp/")) == []
