"""Actions at the same time: whatever the order of their operations, no promise is broken."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poorwill.errors import ConflictError, NotFoundError
from poorwill.registry.keys import blob_key
from poorwill.registry.registry import Registry
from poorwill.store.folder import FolderStore
from poorwill.store.opening import open_store
from tests import models
from tests.registry.interleaving import Watched, interleave

SCHEDULES = st.lists(st.integers(0, 5), max_size=60)


@pytest.fixture(scope="module", autouse=True)
def no_disk():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a function that copies a store of three versions, of which the alias champion names the first."""
    folder = tmp_path_factory.mktemp("races")
    registry = Registry(FolderStore(folder / "store", create=True))
    file = models.write("sum", folder)
    for _ in range(3):
        registry.push(file, "some")
    registry.alias("some", "champion", 1)
    objects = {entry.key: registry._store.get(entry.key).data for entry in registry._store.list("")}
    count = iter(range(10**6))

    def copy() -> FolderStore:
        store = FolderStore(folder / str(next(count)), create=True)
        for key, data in objects.items():
            store.put(key, data)
        return store

    copy.file = file
    return copy


def trying(use, outcomes):
    """Return the action of a registry that may lose."""

    def act(store):
        try:
            use(Registry(store))
        except (ConflictError, NotFoundError) as error:
            outcomes.append(error)
        else:
            outcomes.append(None)

    return act


def alias(version):
    return lambda registry: registry.alias("some", "champion", version)


def remove(version):
    return lambda registry: registry.remove("some", version)


ACTIONS = {
    "alias and remove": [alias(2), remove(2)],
    "alias back and forth": [alias(2), alias(3), remove(2), remove(3)],
    "alias away and remove the old": [alias(2), remove(1), remove(2)],
    "remove twice": [remove(2), remove(2)],
}


@pytest.mark.parametrize("actions", ACTIONS.values(), ids=ACTIONS)
@settings(max_examples=150)
@given(schedule=SCHEDULES)
def test_no_alias_ever_points_at_a_removed_version(made, actions, schedule):
    store, outcomes = made(), []

    interleave(store, [trying(use, outcomes) for use in actions], schedule)

    registry = Registry(store)
    found = registry.versions("some")
    assert set(found.aliases.values()) <= {entry.version for entry in found.versions}
    assert len(outcomes) == len(actions)
    if actions == ACTIONS["remove twice"]:
        assert outcomes.count(None) == 1


@settings(max_examples=60)
@given(schedule=SCHEDULES)
def test_of_two_that_move_an_alias_from_the_same_place_one_wins(made, schedule):
    store, outcomes = made(), []
    uses = [lambda registry, to=to: registry.alias("some", "champion", to, expected=1) for to in (2, 3)]

    interleave(store, [trying(use, outcomes) for use in uses], schedule)

    assert outcomes.count(None) == 1


@settings(max_examples=40)
@given(schedule=SCHEDULES)
def test_pushes_at_once_never_share_a_number_and_none_is_lost(made, schedule):
    store, pushed = made(), []
    actions = [lambda store: pushed.append(Registry(store).push(made.file, "some").record.version)] * 3

    interleave(store, actions, schedule)

    assert sorted(pushed) == [4, 5, 6]
    assert [entry.version for entry in Registry(store).versions("some").versions] == [1, 2, 3, 4, 5, 6]


@settings(max_examples=60)
@given(schedule=SCHEDULES)
def test_gc_beside_a_push_of_an_old_blob_takes_nothing_that_is_named(made, schedule):
    store = made()
    for version in (2, 3):
        remove(version)(Registry(store))
    alias_file = store.get("models/some/aliases/champion.json")
    store.put_if_match(
        "models/some/aliases/champion.json", alias_file.data.replace(b'"version": 1', b'"version": 0'), alias_file.etag
    )
    remove(1)(Registry(store))
    for entry in store.list(""):  # as if all was long ago
        os.utime(store._root / entry.key, (1, 1))
    actions = [lambda store: Registry(store).push(made.file, "some"), lambda store: Registry(store).gc()]

    interleave(store, actions, schedule)

    registry = Registry(store)
    (live,) = registry.versions("some").versions
    assert any(store.list(blob_key(live.digest))), "only a deletion that hangs through a whole push may do that"
    assert registry.verify().damages == ()


def test_an_alias_that_steps_back_to_a_version_that_went_meanwhile_points_nowhere(made):
    store, writes = made(), iter(range(10))

    def before(name):
        if name == "put_if_match" and next(writes) == 0:  # the mover has seen that version 2 is there
            Registry(store).remove("some", 2)

    def after(name):
        if name == "put_if_match" and next(writes) == 1:  # the alias is off version 1
            Registry(store).remove("some", 1)

    with pytest.raises(ConflictError, match="removed meanwhile"):
        Registry(Watched(store, before, after)).alias("some", "champion", 2)

    assert Registry(store).versions("some").aliases == {}
    Registry(store).alias("some", "champion", 3, expected=0)


def test_a_push_stores_again_what_a_late_gc_took(made):
    store = made()
    (blob,) = store.list("blobs/")

    def before(name):
        if name == "put_if_absent":
            store.delete(blob.key)

    Registry(Watched(store, before)).push(made.file, "some")

    assert Registry(store).verify().damages == ()


def test_gc_leaves_the_blobs_of_a_removal_that_may_still_step_back(made):
    store = made()
    registry = Registry(store)
    for version in (2, 3):
        registry.remove("some", version)
    registry.push(models.write("pair", made.file.parent), "some")
    registry.alias("some", "champion", 4)
    registry.remove("some", 1)
    for entry in store.list("blobs/"):
        os.utime(store._root / entry.key, (1, 1))

    assert registry.gc().blobs == 0
    assert registry.gc(grace_seconds=0).blobs == 1


PUSHER = """
import sys
from pathlib import Path
from poorwill.registry.registry import Registry
from poorwill.registry import onnx_file, onnx_session
from poorwill.store.opening import open_store

registry = Registry(open_store(sys.argv[1], create=True))
print("ready", flush=True)
sys.stdin.readline()
print(*(registry.push(Path(sys.argv[2]), "some").record.version for _ in range(int(sys.argv[3]))))
"""


@pytest.mark.parametrize("kind", ["folder", pytest.param("moto"), pytest.param("seaweed", marks=pytest.mark.e2e)])
def test_processes_that_push_at_once_never_share_a_number_and_lose_none(kind, request, tmp_path, monkeypatch):
    server = None if kind == "folder" else request.getfixturevalue(kind)
    url = str(tmp_path / "store") if server is None else f"s3://{server.make_bucket()}"
    for name, value in (server.environment if server else {}).items():
        monkeypatch.setenv(name, value)
    file = models.write("sum", tmp_path)
    command = [sys.executable, "-c", PUSHER, url, str(file), "4"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": Path(__file__).parent}
    pushers = [subprocess.Popen(command, **pipes) for _ in range(3)]
    for pusher in pushers:
        assert pusher.stdout.readline() == "ready\n"
    for pusher in pushers:
        pusher.stdin.write("go\n")
        pusher.stdin.flush()

    numbers = [int(number) for pusher in pushers for number in pusher.communicate()[0].split()]

    registry = Registry(open_store(url))
    assert sorted(numbers) == list(range(1, 13))
    assert [entry.version for entry in registry.versions("some").versions] == list(range(1, 13))
    assert registry.verify().damages == ()
