"""The twin's state keeps what it acknowledged, whatever is written in whatever order, and whenever it is killed."""

import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from poorwill.errors import UnavailableError
from poorwill.kinds.kind import CONFIG_MAP, SERVICE, Key
from poorwill.local.state import AlreadyExistsError, State


def config_map(name="a", **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "default", "name": name}, "data": data}


def service(name="a", **spec):
    metadata = {"namespace": "default", "name": name}
    return {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": metadata, "spec": spec}


WRITER = """
import sys
import tempfile
from pathlib import Path
from poorwill.kinds.kind import CONFIG_MAP, Key
from poorwill.local.state import State

state = State(Path(sys.argv[1]))
for number in range(10**6):
    name = f"c{number % 7}"
    key = Key(CONFIG_MAP, "default", name)
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "default", "name": name}}
    obj["data"] = {"number": str(number), "same": str(number), "filler": "x" * (number * 37 % 9000)}
    if state.get(key) is None:
        state.create(obj)
    elif number % 5 == 0:
        state.delete(key)
        obj = None
    else:
        state.update(obj)
    print(state.version, name, number if obj else -1, flush=True)
"""


@pytest.mark.parametrize("attempt", range(12))
def test_a_writer_that_is_killed_leaves_everything_acknowledged_and_nothing_half(tmp_path, attempt):
    path = tmp_path / "state.sqlite"
    acknowledged, wanted = [], random.Random(attempt).randrange(1, 120)
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment()) as process:
        while len(acknowledged) < wanted:
            acknowledged.append(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += process.stdout.readlines()
    whole = [line.split() for line in acknowledged if line.endswith("\n")]

    state = State(path)

    versions = [int(version) for version, *_ in whole]
    assert versions == list(range(2, len(whole) + 2))
    assert state.version in {versions[-1], versions[-1] + 1}  # one more may be written, and not be told
    _replayed(state, whole)
    assert state.create(config_map("after"))["metadata"]["resourceVersion"] == str(state.version)
    state.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the signal of a file that may not grow ends Python")
def test_a_write_that_the_disk_does_not_take_is_refused_and_leaves_all_as_it_was(tmp_path):
    state = State(tmp_path / "state.sqlite")
    kept = state.create(config_map("kept", a="b"))
    heard = []
    state.subscribe(heard.append)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        for write in (
            lambda: state.create(config_map("new")),
            lambda: state.update(config_map("kept", a="c")),
            lambda: state.delete(Key(CONFIG_MAP, "default", "kept")),
        ):
            with pytest.raises(UnavailableError, match="disk"):
                write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert heard == []
    assert state.list(CONFIG_MAP) == [kept]
    assert state.create(config_map("new"))["metadata"]["resourceVersion"] == str(state.version)
    state.close()
    again = State(tmp_path / "state.sqlite")
    assert {obj["metadata"]["name"] for obj in again.list(CONFIG_MAP)} == {"kept", "new"}
    again.close()


def _replayed(state, told):
    expected = {name: number for _, name, number in told}
    unsaid = {change.object["metadata"]["name"] for change in state.since(int(told[-1][0]))}
    kept = {obj["metadata"]["name"]: obj for obj in state.list(CONFIG_MAP)}
    for name, number in expected.items():
        if name not in unsaid:
            assert (kept[name]["data"]["number"] if name in kept else "-1") == number
    assert all(obj["data"]["number"] == obj["data"]["same"] for obj in kept.values())
    assert all(int(obj["metadata"]["resourceVersion"]) <= state.version for obj in kept.values())


def _environment():
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "functions")}


NAMES = st.sampled_from("abc")


class Sequence(RuleBasedStateMachine):
    """Any sequence of writes, against a dictionary."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "state.sqlite"
        self.state, self.model, self.heard = State(self.path), {}, []
        self.state.subscribe(self.heard.append)

    @rule(name=NAMES, value=st.text(max_size=3))
    def create(self, name, value):
        if name in self.model:
            with pytest.raises(AlreadyExistsError):
                self.state.create(service(name, value=value))
        else:
            self.model[name] = self.state.create(service(name, value=value))

    @rule(name=NAMES, value=st.text(max_size=3), held=st.booleans())
    def update(self, name, value, held):
        if name in self.model:
            metadata = self.model[name]["metadata"]
            finalizers = ["wait"] if held and "deletionTimestamp" not in metadata else []
            new = {**self.model[name], "spec": {"value": value}, "metadata": {**metadata, "finalizers": finalizers}}
            self.model[name] = self.state.update(new)
            self._forget(name)

    @rule(name=NAMES)
    def delete(self, name):
        if name in self.model:
            self.model[name] = self.state.delete(Key(SERVICE, "default", name))
            if not self.model[name]["metadata"].get("finalizers"):
                del self.model[name]

    @precondition(lambda self: hasattr(self, "state"))
    @rule()
    def restart(self):
        self.state.close()
        self.state = State(self.path)
        self.state.subscribe(self.heard.append)

    @invariant()
    def the_state_is_what_was_told(self):
        if hasattr(self, "state"):
            assert {obj["metadata"]["name"]: obj for obj in self.state.list(SERVICE)} == self.model
            assert [change.version for change in self.heard] == list(range(2, self.state.version + 1))
            assert self.state.since(1) == self.heard

    def _forget(self, name):
        metadata = self.model[name]["metadata"]
        if "deletionTimestamp" in metadata and not metadata.get("finalizers"):
            del self.model[name]

    def teardown(self):
        if hasattr(self, "state"):
            self.state.close()
            self.folder.cleanup()


TestSequences = Sequence.TestCase
TestSequences.settings = settings(max_examples=30, stateful_step_count=20)
