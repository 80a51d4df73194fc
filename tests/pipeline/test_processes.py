"""Steps in processes that share nothing but a store: at once, and killed."""

import json
import os
import signal
import subprocess
import sys

import pytest

from poorwill.errors import UnavailableError
from poorwill.pipeline import run_store
from poorwill.pipeline.perform import perform
from poorwill.store.opening import open_store
from tests.pipeline import works

WORKER = """
import sys, time
from pathlib import Path
from poorwill.pipeline.perform import Shop, perform
from poorwill.pipeline.spec_file import read_spec
from poorwill.store.folder import FolderStore
from poorwill.store.opening import open_store
from tests.pipeline import works

class Slow(works.Ingest):
    def run(self, work):
        print("working", flush=True)
        time.sleep(600)

perform(Shop(FolderStore(Path(sys.argv[1])), read_spec(Path(sys.argv[2]))), Slow(), works.arrived())
"""


RUNNER = """
import os
import sys
import time
from pathlib import Path
import msgspec
from poorwill.pipeline.perform import Shop
from poorwill.pipeline.runner import run_through
from poorwill.pipeline.spec_file import read_spec
from poorwill.store.opening import open_store
from tests.pipeline import works

class Train(works.Train):
    def run(self, work):
        time.sleep(0.5)  # as long as it takes the others to come here, if nothing holds them
        self.worked += "." * os.getpid()  # no two processes make the same bytes
        return super().run(work)

shop = Shop(open_store(sys.argv[1], create=True), read_spec(Path(sys.argv[2])), lease_seconds=float(sys.argv[4]))
print("ready", flush=True)
sys.stdin.readline()
event = works.arrived(event_id=sys.argv[3])
passage = run_through(shop, works.steps() | {"train": Train()}, event, watch=lambda seen: None, wait_seconds=60)
print(passage.state, passage.run.run)
"""


@pytest.mark.parametrize("kind", ["folder", "moto"])
@pytest.mark.parametrize("lease_seconds", ["60", "0.001"], ids=["leases", "no leases"])
def test_processes_that_run_at_once_have_one_effect(kind, lease_seconds, request, pipeline, tmp_path, monkeypatch):
    server = None if kind == "folder" else request.getfixturevalue(kind)
    url = str(tmp_path / "shared") if server is None else f"s3://{server.make_bucket()}"
    for name, value in (server.environment if server else {}).items():
        monkeypatch.setenv(name, value)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
    command = [sys.executable, "-c", RUNNER, url, str(pipeline.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    runners = [subprocess.Popen([*command, event_id, lease_seconds], **pipes) for event_id in ("a", "a", "b")]
    for runner in runners:
        assert runner.stdout.readline() == "ready\n"
    for runner in runners:
        runner.stdin.write("go\n")
        runner.stdin.flush()

    ends = [runner.communicate()[0] for runner in runners]

    store = open_store(url)
    works.check_nothing_is_half_done(store)
    models = {run_store.find_step(store, run.run, "train").artifacts[0].digest for run in run_store.list_runs(store)}
    assert all(end.startswith("completed") for end in ends)
    assert (len(set(ends)), len(models), len(list(store.list("versions/")))) == (2, 1, 1)


def test_a_process_that_is_killed_at_work_holds_its_lease_and_no_longer(store, pipeline):
    command = [sys.executable, "-c", WORKER, str(store._root), str(pipeline.folder)]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert worker.stdout.readline() == "working\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.communicate()
    (lease,) = store.list("leases/")
    until_seconds = json.loads(store.get(lease.key).data)["until_seconds"]
    shop = works.shop(store, pipeline, clock=lambda: until_seconds - 1)

    with pytest.raises(UnavailableError, match="another worker"):
        perform(shop, works.Ingest(), works.arrived())
    done = perform(shop._replace(clock=lambda: until_seconds), works.Ingest(), works.arrived())

    assert done.record.state == "completed"
