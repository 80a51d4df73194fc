"""The twin's state follows the rules of Kubernetes for objects, versions and watches."""

import stat

import msgspec
import pytest

from poorwill.errors import ConflictError, CorruptError, NotFoundError
from poorwill.kinds.kind import CONFIG_MAP, NAMESPACE, Key, key_of
from poorwill.local.state import KEPT_CHANGES, AlreadyExistsError, ExpiredError, State


def config_map(name="a", **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "default", "name": name}, "data": data}


def service(name="a", **spec):
    metadata = {"namespace": "default", "name": name}
    return {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": metadata, "spec": spec}


@pytest.fixture
def state(tmp_path):
    opened = State(tmp_path / "state.sqlite")
    yield opened
    opened.close()


def test_a_new_object_gets_what_the_server_alone_sets(state):
    made = state.create({**service(), "metadata": {**service()["metadata"], "uid": "mine", "generation": 7}})

    metadata = made["metadata"]
    assert metadata["uid"] != "mine"
    assert (metadata["generation"], metadata["resourceVersion"]) == (1, str(state.version))
    assert metadata["creationTimestamp"].endswith("Z")


def test_only_kinds_that_somebody_reports_on_have_generations(state):
    assert "generation" not in state.create(config_map())["metadata"]


def test_a_name_is_made_up_from_its_beginning(state):
    made = state.create({**config_map(), "metadata": {"namespace": "default", "generateName": "job-"}})

    assert made["metadata"]["name"].startswith("job-")
    assert len(made["metadata"]["name"]) == len("job-") + 5


def test_a_taken_name_is_refused(state):
    state.create(config_map())

    with pytest.raises(AlreadyExistsError):
        state.create(config_map())


def test_an_update_of_what_was_read_before_anothers_change_is_refused(state):
    read = state.create(config_map())
    state.update({**config_map(colour="red")})

    with pytest.raises(ConflictError):
        state.update({**read, "data": {"colour": "blue"}})
    assert state.get(key_of(read))["data"] == {"colour": "red"}


def test_an_update_of_another_object_of_that_name_is_refused(state):
    read = state.create(config_map())
    state.delete(key_of(read))
    state.create(config_map())
    del read["metadata"]["resourceVersion"]

    with pytest.raises(ConflictError):
        state.update(read)


def test_an_update_that_changes_nothing_writes_nothing(state):
    made = state.create(config_map(colour="red"))
    version = state.version

    assert state.update(made) == made
    assert state.version == version


def test_an_update_at_another_time_by_the_same_manager_changes_nothing(state):
    made = state.create(config_map())
    made["metadata"]["managedFields"] = [{"manager": "m", "time": "2026-01-01T00:00:00Z"}]
    written = state.update(made)
    written["metadata"]["managedFields"][0]["time"] = "2027-01-01T00:00:00Z"
    version = state.version

    state.update(written)

    assert state.version == version


def test_a_generation_counts_what_was_asked_not_what_is(state):
    made = state.create(service(x=1))
    state.update({**made, "metadata": {**made["metadata"], "labels": {"a": "b"}}})
    state.update({**service(x=1), "status": {"done": True}}, status=True)
    assert state.get(key_of(made))["metadata"]["generation"] == 1

    state.update(service(x=2))

    assert state.get(key_of(made))["metadata"]["generation"] == 2


def test_a_status_is_written_alone_and_nothing_else_writes_it(state):
    key = key_of(state.create(service(x=1)))
    state.update({**service(x=2), "status": {"done": True}}, status=True)
    state.update({**service(x=3), "status": {"done": False}})

    kept = state.get(key)
    assert (kept["spec"], kept["status"]) == ({"x": 3}, {"done": True})


def test_what_is_dry_is_not_written(state):
    made, version = state.create(config_map()), state.version

    assert state.create(config_map("b"), dry_run=True)["metadata"]["uid"]
    assert state.update(config_map(colour="red"), dry_run=True)["data"] == {"colour": "red"}
    state.delete(key_of(made), dry_run=True)

    assert (state.version, state.list(CONFIG_MAP)) == (version, [made])


def test_a_deletion_waits_for_finalizers(state):
    made = state.create({**service(), "metadata": {**service()["metadata"], "finalizers": ["wait"]}})

    waiting = state.delete(key_of(made))
    assert "deletionTimestamp" in waiting["metadata"]
    assert state.delete(key_of(made)) == waiting

    state.update({**waiting, "metadata": {**waiting["metadata"], "finalizers": []}})
    assert state.get(key_of(made)) is None


def test_a_namespace_waits_for_its_own_finalizer(state):
    metadata = {"name": "demo"}
    made = state.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "spec": {"finalizers": ["kubernetes"]}}
    )
    waiting = state.delete(key_of(made))
    assert waiting["status"]["phase"] == "Terminating"

    state.update({**waiting, "spec": {}})

    assert state.list(NAMESPACE) == []


def test_what_is_not_there_is_neither_updated_nor_deleted(state):
    with pytest.raises(NotFoundError):
        state.update(config_map())
    with pytest.raises(NotFoundError):
        state.delete(Key(CONFIG_MAP, "default", "a"))


def test_what_was_read_may_be_changed_without_harm(state):
    heard = []
    state.subscribe(heard.append)
    made = state.create(config_map(colour="red"))
    read = state.get(key_of(made))
    made["data"]["colour"] = read["data"]["colour"] = "blue"

    assert state.get(key_of(made))["data"] == heard[0].object["data"] == {"colour": "red"}


def test_listeners_hear_changes_in_order_those_that_they_make_included(state):
    first, second = [], []

    def answer(change):
        first.append(change.version)
        if change.object["metadata"]["name"] == "a":
            state.create(config_map("b"))

    state.subscribe(answer)
    end = state.subscribe(lambda change: second.append(change.version))
    state.create(config_map("a"))
    end()
    state.create(config_map("c"))

    assert first == [2, 3, 4]
    assert second == [2, 3]


def test_a_watch_is_resumed_by_the_version_after_a_restart_too(state, tmp_path):
    made = state.create(config_map())
    seen = state.version
    state.update(config_map(colour="red"))
    state.delete(key_of(made))
    state.close()

    reopened = State(tmp_path / "state.sqlite")

    changes = reopened.since(seen)
    assert [(change.type, change.version) for change in changes] == [("MODIFIED", seen + 1), ("DELETED", seen + 2)]
    assert changes[0].old["data"] == {}
    assert reopened.version == seen + 2
    reopened.close()


def test_a_watch_from_before_what_is_kept_is_refused_and_from_the_future(state):
    state.create(config_map())
    for number in range(KEPT_CHANGES):
        state.update({**config_map(number=str(number))}, status=False)

    assert len(state.since(state.version - KEPT_CHANGES)) == KEPT_CHANGES
    for version in (1, state.version + 1):
        with pytest.raises(ExpiredError):
            state.since(version)


def test_the_file_is_closed_to_others_and_to_a_second_twin(state, tmp_path):
    path = tmp_path / "state.sqlite"

    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    with pytest.raises(ConflictError, match="the twin's state"):
        State(path)


def test_a_file_that_is_no_state_is_told(tmp_path):
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"neither this nor that" * 100)

    with pytest.raises(CorruptError):
        State(path)


def test_a_listener_that_fails_undoes_no_write_and_keeps_nobody_from_hearing(state, caplog):
    heard = []

    def failing(change):
        raise ValueError(change.object["data"]["a"])

    state.subscribe(failing)
    state.subscribe(heard.append)

    state.create(config_map("a", a="secret"))
    state.create(config_map("b", a="secret"))

    assert [change.object["metadata"]["name"] for change in heard] == ["a", "b"]
    assert len(caplog.records) == 1
    assert "secret" not in caplog.text


def test_a_list_may_begin_after_an_object_and_hold_those_alone_that_have_something(state):
    for name in ("a", "b", "c"):
        state.create(config_map(name, said=name * 3))

    def names(**wanted):
        return [obj["metadata"]["name"] for obj in state.each(CONFIG_MAP, **wanted)]

    assert names() == ["a", "b", "c"]
    assert names(after=("default", "a")) == ["b", "c"]
    assert names(holding=[b'"said":"bbb"']) == ["b"]
    assert names(after=("default", "b"), holding=[b'"said":"bbb"']) == []


def test_what_is_only_passed_on_stays_as_it_is_written_but_for_its_metadata(state):
    made = state.create(config_map(said="aaa"))

    [shallow] = state.each(CONFIG_MAP, shallow=True)

    assert shallow["metadata"] == made["metadata"]
    assert bytes(shallow["data"]) == b'{"said":"aaa"}'
    assert msgspec.json.decode(msgspec.json.encode(shallow)) == made
