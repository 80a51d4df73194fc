"""Puts a twin with its store under load, and hands it to whoever does harm or looks on meanwhile."""

import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import numpy as np

from loadtests import asked
from loadtests.asked import Asked
from loadtests.deployed import Deployed
from loadtests.faults import models
from loadtests.faults.faulty_store import FaultyStore
from loadtests.faults.faulty_twin import FaultyTwin, await_that
from loadtests.faults.harm import Ground
from loadtests.faults.store_proxy import StoreProxy
from loadtests.run import asking, locust
from loadtests.runs import LoadRun
from loadtests.seaweed import seaweed_server
from loadtests.twin import ROOT

BUILD = ROOT / "build" / "faults"
FAULTS = LoadRun(("infer_json", "infer_binary", "python_client", "broker_events"), "held", events=True)
SOAK = LoadRun((*FAULTS.users, "tail_models"), "held", events=True, tail=len(models.PATIENT))
WARM_SECONDS = 12.0  # of load before anything is done or measured


@contextmanager
def ground(seed: int, crowd: int) -> Iterator[Ground]:
    """Yield a twin with two digit recognisers, and models of the long tail that sleep, on a store behind a proxy."""
    _claim_descriptors()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="poorwill-faults-")))
        (folder / "seaweed").mkdir()
        server = stack.enter_context(seaweed_server(folder / "seaweed"))
        proxy = stack.enter_context(StoreProxy(server.endpoint))
        store = FaultyStore(proxy, server, server.make_bucket())
        # the twin's pods and this process, which pushes, reach the store by the same names
        stack.enter_context(_variables(store.environment))
        twin = stack.enter_context(FaultyTwin(folder, store.url))
        twin.cluster.apply(_secret(store.environment))
        _deploy(twin, store.url, folder)
        yield Ground(twin, np.random.default_rng(seed), store, crowd)


def under_load(twin: FaultyTwin, run: LoadRun, does: Callable[[], None]) -> list[Asked]:
    """Do something while Locust asks; return what it asked."""
    BUILD.mkdir(parents=True, exist_ok=True)
    until, kept = twin.folder / "until", BUILD / "asked.jsonl"
    words = asking(twin, run) | {"--until": until, "--asked": kept, "--logfile": BUILD / "locust.log"}
    thread = Thread(target=locust, args=(run, words), name="locust")
    thread.start()
    try:
        time.sleep(WARM_SECONDS)
        does()
    finally:
        until.touch()
        thread.join()
    await_that(kept.exists, "what Locust asked", 1)
    return asked.read(kept)


def _deploy(twin: FaultyTwin, store: str, folder: Path) -> None:
    twin.deployed.deploy_digits()
    twin.deployed.half_to_each()
    twin.deployed.take_events()
    twin.deployed.deploy_tail(len(models.PATIENT), models.PATIENT[0])
    (folder / "hasty").mkdir()
    hasty = Deployed(twin.cluster, store, folder / "hasty", timeout_seconds=models.HASTY_SECONDS)
    hasty.deploy_tail(len(models.HASTY), models.HASTY[0])
    twin.deployed.await_sleep()


def _secret(variables: dict[str, str]) -> dict[str, object]:
    metadata = {"name": "poorwill-store"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": variables}


@contextmanager
def _variables(more: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _claim_descriptors() -> None:
    """Take as many descriptors as there may be: each caller of a crowd has a connection."""
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, highest))
