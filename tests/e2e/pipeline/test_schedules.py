"""Whatever comes twice or late, and whatever is killed under way, an arrival makes one version and no more."""

import itertools
import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.e2e.behaviour.ground import ROOT
from tests.e2e.events.hearing import INGRESS, Listener, listed
from tests.e2e.faults.twin import Twin, await_that
from tests.e2e.pipeline.arriving import arrived, hearing_all, kustomized, of_run

IMAGE = "ghcr.io/poorwill/lines-pipeline"
SPEC = """\
format: 1
pipeline: lines
model: line
steps:
  - step: ingest
    target: total
  - step: train
  - step: register
"""
RUN_SECONDS = 240  # with all that is killed, on two busy CPUs
JOB_RETRIES = 3  # of knative/pipeline/steps/train.yaml
REGISTERED = "dev.poorwill.model.registered"


@pytest.fixture(scope="module", autouse=True)
def heard(twin: Twin) -> Iterator[Listener]:
    """Bring the pipeline up, and listen to all that its Broker gets."""
    (twin.folder / "lines").mkdir()
    (twin.folder / "lines" / "pipeline.yaml").write_text(SPEC)
    shutil.copy(ROOT / "tests/pipeline/linear.py", twin.folder / "lines" / "train.py")
    (twin.folder / "store" / "incoming").mkdir()
    twin.poorwill("image", "build", "lines", "--tag", f"{IMAGE}:0.1.0")
    twin.kubectl("create", "configmap", "poorwill-store", "--from-literal=POORWILL_STORE=./store")
    twin.kubectl("apply", "--server-side", "-k", kustomized(twin, "lines", IMAGE))
    twin.kubectl("wait", "--for=condition=Ready", "--timeout=120s", "ksvc,sequence,broker,jobsink", "--all")
    with hearing_all(twin) as listener:
        yield listener


def send_again(twin: Twin, event: dict[str, str]) -> None:
    """Send an event that was heard once more, as it was."""
    own = {name: text for name, text in event.items() if name not in {"data", "times", "knativearrivaltime"}}
    headers = {f"ce-{name}": text for name, text in own.items()}
    headers |= {"Host": INGRESS, "Content-Type": "application/json"}
    twin.http.request("POST", f"{twin.gateway}/default/default", body=event["data"].encode(), headers=headers)


def is_reached(twin: Twin) -> bool:
    """Return whether the gateway takes connections: Envoy may have been what was killed, and comes back."""
    parts = urlsplit(twin.gateway)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def harm(twin: Twin, listener: Listener, name: str, what: str, which: int) -> None:
    """Do one thing that must make no difference."""
    of_it = [event for event in listener.heard if name in {event["id"], event.get("correlationid")}]
    if what == "again":
        await_that(lambda: is_reached(twin))
        send_again(twin, of_it[which % len(of_it)])
    elif what == "a process":
        children = sorted(twin.processes())
        with suppress(ProcessLookupError, ZeroDivisionError):  # none is there, or it ended by itself
            os.kill(children[which % len(children)], signal.SIGKILL)
    else:
        twin.kill()
        twin.up()


numbers = itertools.count(1)
harms = st.tuples(st.sampled_from(["again", "again", "a process", "a process", "the twin"]), st.integers(0, 9))


def is_borne(schedule: list[tuple[str, int]]) -> bool:
    """Return whether a Job outlives this, should it be hit each time: its backoffLimit is 3."""
    return sum(what == "a process" for what, _ in schedule) <= JOB_RETRIES


# a smaller example would take minutes to find; the same ones each time, as CI is no place to look for others
@settings(max_examples=3, phases=[Phase.generate], derandomize=True)
@given(st.lists(harms, min_size=3, max_size=6).filter(is_borne))
def test_an_arrival_makes_one_version_whatever_happens_to_it(twin, heard, schedule):
    number = next(numbers)
    name = f"arrival-{number}"
    rows = "".join(f"{row},{row * number + 1}\n" for row in range(40))
    (twin.folder / "store" / "incoming" / f"{number}.csv").write_text(f"x,total\n{rows}")
    await_that(lambda: is_reached(twin))
    arrived(twin, name, {"pipeline": "lines", "object": f"incoming/{number}.csv"}, "lines")
    await_that(lambda: name in heard.ids())

    for what, which in schedule:
        before = len(heard.heard)
        harm(twin, heard, name, what, which)
        with suppress(AssertionError):  # the next harm comes when something has happened, or after a while
            await_that(lambda before=before: len(heard.heard) > before, 3)
    found = of_run(heard, name, REGISTERED, seconds=RUN_SECONDS)
    await_that(lambda: not any(job.get("status", {}).get("active") for job in listed(twin, "jobs")), RUN_SECONDS)

    said = [json.loads(event["data"]) for event in of_run(heard, name, REGISTERED)]
    store = twin.folder / "store"
    steps = [json.loads(path.read_text()) for path in (store / "runs" / found[0]["run"] / "steps").iterdir()]
    assert all(one == said[0] for one in said)
    assert sorted((step["step"], step["state"]) for step in steps) == [
        ("ingest", "completed"), ("register", "completed"), ("train", "completed"),
    ]  # fmt: skip
    assert len(list((store / "models" / "line" / "versions").iterdir())) == number
    assert len(list((store / "runs").iterdir())) == number
