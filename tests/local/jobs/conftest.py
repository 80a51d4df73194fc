"""Jobs over a state of its own, with its control and real processes: a few lines of Python each."""

import asyncio
import sys
from base64 import b64encode
from contextlib import asynccontextmanager

import pytest

from poorwill.kinds import admission
from poorwill.kinds.kind import JOB, POD, Key
from poorwill.local.control.control import Control
from poorwill.local.jobs.jobs import Jobs
from poorwill.local.pods.fleet import Fleet
from poorwill.local.pods.images import Images, Program
from poorwill.local.state import State

NAMESPACE = "birds"
PATIENCE_SECONDS = 60
PROGRAMS = {
    "true": "print('well done')",
    "false": "import sys; print('the last words'); sys.exit(3)",
    "once": "import os, sys; sys.exit(0 if os.path.exists(sys.argv[1]) else open(sys.argv[1], 'w').close() or 1)",
    "asleep": "import time; time.sleep(600)",
    "telling": "import os; print(open(os.environ['K_EVENT_PATH'] + '/event').read(), os.environ['POORWILL_GATEWAY'])",
}


class Clock:
    """A clock that a test moves; it stands otherwise."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


class Ground:
    """What a twin has of Jobs, and what tests look at."""

    def __init__(self, folder):
        own = {f"fake/{name}": Program((sys.executable, "-c", code), ()) for name, code in PROGRAMS.items()}
        own["fake/once"] = Program((sys.executable, "-c", PROGRAMS["once"], str(folder / "mark")), ())
        self.clock = Clock()
        self.state = State(folder / "state.sqlite")
        (folder / "images").mkdir(exist_ok=True)
        images = Images(folder / "images", own)
        self.fleet = Fleet(
            folder / "pods",
            self.state,
            images,
            changed=lambda _: None,
            working_folder=folder,
            gateway=lambda: "127.0.0.1:8090",
            clock=self.clock,
        )
        self.jobs = Jobs(self.fleet.ground._replace(folder=folder / "jobs"), self.state, images, self._changed)
        pods = self.fleet.state
        self.control = Control(self.state, pods, domain="poorwill.localhost", port=8090, runs=self.jobs.state)

    def _changed(self, key):
        self.control.enqueue(key)

    def apply(self, obj):
        return self.state.create(admission.admit(obj, user="somebody"))

    def job(self, name="nest"):
        return self.state.get(Key(JOB, NAMESPACE, name))

    def conditions(self, name="nest"):
        told = (self.job(name).get("status") or {}).get("conditions") or ()
        return {one["type"]: one["reason"] for one in told if one["status"] == "True"}

    def pods(self, name="nest"):
        label = "batch.kubernetes.io/job-name"
        return [pod for pod in self.state.list(POD, NAMESPACE) if pod["metadata"]["labels"].get(label) == name]

    def log(self, pod, container="step"):
        path = self.jobs.log(NAMESPACE, pod["metadata"]["name"], container)
        return path.read_text() if path else None

    async def until(self, condition):
        """Return when a condition holds: of processes, too, which set no event."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def until_end(self, name="nest"):
        await self.until(lambda: {"Complete", "Failed"} & self.conditions(name).keys())


@pytest.fixture
def twin(tmp_path):
    """Return how to have such a ground for a block; the next one finds what the last one left."""

    @asynccontextmanager
    async def running(*, killed=False):
        ground = Ground(tmp_path)
        ground.jobs.start()
        control = asyncio.create_task(ground.control.run())
        try:
            yield ground
        finally:
            if killed:  # nothing is said to anybody, and the processes die
                ground.jobs._unsubscribe()
                ground.jobs._heart.cancel()
                for run in ground.jobs._runs.values():
                    for pod in run._pods.values():
                        pod._moved = lambda _: None
                        pod._process.kill()
            else:
                await ground.jobs.stop(1)
            control.cancel()
            await ground.fleet.stop()
            ground.state.close()

    return running


def job(image, *, name="nest", policy="Never", container=None, **spec):
    pod = {"restartPolicy": policy, "containers": [{"name": "step", "image": f"fake/{image}", **(container or {})}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"template": {"spec": pod}, **spec},
    }


def secret(name, **data):
    metadata = {"name": name, "namespace": NAMESPACE}
    encoded = {key: b64encode(text.encode()).decode() for key, text in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded}
