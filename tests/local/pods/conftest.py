"""A fleet over a state of its own, with real processes: `poorwill serve`, or a few lines of Python in its place."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path

import onnx
import pytest

from poorwill.kinds.kind import POD
from poorwill.local.pods.fleet import Fleet
from poorwill.local.pods.images import OWN, Images, Program
from poorwill.local.revision import RevisionKey
from poorwill.local.state import State
from poorwill.registry.push import push_version
from poorwill.store.opening import open_store
from tests import models

SERVE = "ghcr.io/poorwill/serve:0.1.0"
PATIENCE_SECONDS = 60
KEY = RevisionKey("default", "tiny-v1-00001")

# a function that is ready as soon as it listens; `behaviour` is what it does besides
LISTEN = """
import http.server, json, os, signal, subprocess, sys, time
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
{behaviour}
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Ready).serve_forever()
"""
BEHAVIOURS = {
    "plain": "",
    "stubborn": "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "hungry": "held = bytearray(os.urandom(1) * (256 << 20))",
    "parent": "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True)",
    "crashing": "print('one line'); print('the last words'); sys.exit(3)",
    "moody": "Ready.do_GET = lambda self: self.wfile.write(open('answer', 'rb').read())",
    "silent": "time.sleep(600)",
    "telling": "print(json.dumps(dict(os.environ))); print(os.getcwd(), sys.stdin.read() == '', flush=True)",
}


def fakes():
    programs = {
        f"fake/{name}": Program((sys.executable, "-c", LISTEN.format(behaviour=behaviour)), ())
        for name, behaviour in BEHAVIOURS.items()
    }
    return {**OWN, **programs, "fake/absent": Program(("/nothing-here",), ())}


def revision(image=SERVE, *, name=KEY.name, uid="", annotations=None, timeout_seconds=300, **container):
    labels = {
        "serving.knative.dev/service": "tiny-v1",
        "serving.knative.dev/configuration": "tiny-v1",
        "serving.knative.dev/routingState": "active",
    }
    probe = {"httpGet": {"path": "/v2/health/ready", "port": 0}, "periodSeconds": 0}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Revision",
        "metadata": {
            "name": name,
            "namespace": KEY.namespace,
            "uid": uid or f"uid-of-{name}",
            "labels": labels,
            "annotations": annotations or {},
        },
        "spec": {
            "containerConcurrency": 0,
            "timeoutSeconds": timeout_seconds,
            "containers": [{"name": "predictor", "image": image, "readinessProbe": probe, **container}],
        },
    }


def variables(**values):
    return [{"name": name, "value": value} for name, value in values.items()]


DIGITS = variables(POORWILL_MODEL="tiny@1", POORWILL_STORE="store")


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


class Ground:
    """A fleet with what tests look at."""

    def __init__(self, fleet, state, clock, images):
        self.fleet, self.state, self.clock, self.images = fleet, state, clock, images
        self.heard = []
        self.drained = []
        self.before_drain: Callable | None = None

    def now(self):
        return self.fleet.state(KEY)

    def pods(self):
        return [pod for replicas in self.fleet._all() for pod in replicas.pods]

    def pod(self):
        (pod,) = self.pods()
        return pod

    def pid(self):
        return self.pod()._process.pid

    def objects(self):
        self.fleet._records.write()
        return self.state.list(POD)

    def container(self):
        (pod,) = self.objects()
        (status,) = pod["status"]["containerStatuses"]
        return status

    def log(self, **kwargs):
        path = self.fleet.log(KEY.namespace, self.pod().life.name, "predictor", **kwargs)
        return path.read_text() if path else None

    async def until(self, condition):
        """Return when a condition holds: it is looked at again after each change, and each beat."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():  # noqa: ASYNC110 - of processes, too, which set no event
                await asyncio.sleep(0.01)

    async def until_ready(self, count=1):
        await self.until(lambda: len(self.now().ready) == count)

    async def pass_seconds(self, seconds):
        """Move the clock; what is due is done."""
        self.clock.seconds += seconds
        self.fleet.beat()


@pytest.fixture
def store(tmp_path):
    """Hold tiny@1, which sums rows, in a folder."""
    onnx.save(models.sum_model(), tmp_path / "sum.onnx")
    push_version(open_store(str(tmp_path / "store"), create=True), tmp_path / "sum.onnx", "tiny")
    return tmp_path / "store"


@pytest.fixture
def fleet(tmp_path):
    """Return how to run a fleet for a block, and that ends all that it started."""

    @asynccontextmanager
    async def running(**kwargs):
        state = State(tmp_path / "state.sqlite")
        clock = Clock()
        (tmp_path / "images").mkdir(exist_ok=True)
        images = Images(tmp_path / "images", fakes())
        ground = Ground(None, state, clock, images)

        async def before_drain(key):
            state = ground.now()
            ground.drained.append((key, state.ready if state else ()))
            if ground.before_drain:
                await ground.before_drain()

        ground.fleet = Fleet(
            tmp_path / "pods",
            state,
            images,
            changed=lambda key: ground.heard.append((key, ground.fleet.state(key))),
            before_drain=before_drain,
            working_folder=tmp_path,
            clock=clock,
            **kwargs,
        )
        try:
            yield ground
        finally:
            stopping = asyncio.ensure_future(ground.fleet.stop())
            while not stopping.done():
                clock.seconds += 10  # whatever ignores SIGTERM has had its grace
                await asyncio.sleep(0.02)
            await stopping
            state.close()

    return running
