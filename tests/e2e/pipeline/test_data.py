"""Data that arrives is taken in and validated by functions that sleep; what fails, and what nobody takes, is seen."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e.events.hearing import Listener
from tests.e2e.faults.twin import Twin, await_that
from tests.e2e.pipeline.arriving import arrived, hearing_all, kustomized, of_run

IMAGE = "ghcr.io/poorwill/flowers-pipeline"
SPEC = """\
format: 1
pipeline: flowers
model: flowers
steps:
  - step: ingest
    target: kind
  - step: validate
    limits: {rows: 20}
"""
HEAD = "length,width,kind\n"


@pytest.fixture(scope="module", autouse=True)
def heard(twin: Twin) -> Iterator[Listener]:
    """Bring the pipeline up, and listen to all that its Broker gets."""
    (twin.folder / "flowers").mkdir()
    (twin.folder / "flowers" / "pipeline.yaml").write_text(SPEC)
    incoming = twin.folder / "store" / "incoming"
    incoming.mkdir()
    for name, rows in {"november.csv": 40, "few.csv": 3}.items():
        (incoming / name).write_text(HEAD + "".join(f"{row},{row % 7},{row % 2}\n" for row in range(rows)))
    twin.poorwill("image", "build", "flowers", "--tag", f"{IMAGE}:0.1.0")
    twin.kubectl("create", "configmap", "poorwill-store", "--from-literal=POORWILL_STORE=./store")
    twin.kubectl("apply", "--server-side", "-k", kustomized(twin, "flowers", IMAGE))
    for name in ("flowers-ingest", "flowers-validate", "poorwill-deadletters"):
        twin.kubectl("wait", "--for=condition=Ready", "--timeout=60s", f"ksvc/{name}")
    for name in ("sequence/flowers-data", "trigger/flowers-arrived"):
        twin.kubectl("wait", "--for=condition=Ready", "--timeout=60s", name)
    with hearing_all(twin) as listener:
        yield listener


def test_what_arrives_is_validated_and_the_reply_is_an_event_that_triggers_can_filter(twin, heard):
    arrived(twin, "good", {"pipeline": "flowers", "object": "incoming/november.csv"})

    (event,) = of_run(heard, "good", "dev.poorwill.data.validated")

    data = json.loads(event["data"])
    assert event["pipeline"] == data["pipeline"] == "flowers"
    assert event["run"] == event["subject"] == data["run"]
    assert data["facts"]["rows"] == 40
    assert not [each for each in heard.heard if each["type"] == "dev.poorwill.data.ingested"]  # the Sequence's own


def test_an_event_that_comes_again_is_the_same_run(twin, heard):
    arrived(twin, "twice", {"pipeline": "flowers", "object": "incoming/november.csv"})
    of_run(heard, "twice", "dev.poorwill.data.validated")
    arrived(twin, "twice", {"pipeline": "flowers", "object": "incoming/november.csv"})

    found = of_run(heard, "twice", "dev.poorwill.data.validated", count=2)

    own = [{name: text for name, text in each.items() if name not in {"knativearrivaltime", "times"}} for each in found]
    assert own[0] == own[1]


@pytest.mark.parametrize(
    ("name", "step", "words"),
    [("few.csv", "validate", "rows"), ("december.csv", "ingest", "none of that name")],
)
def test_a_failure_of_either_step_gets_to_the_broker(twin, heard, name, step, words):
    arrived(twin, name, {"pipeline": "flowers", "object": f"incoming/{name}"})

    (event,) = of_run(heard, name, "dev.poorwill.step.failed")

    data = json.loads(event["data"])
    assert data["step"] == step
    assert words in json.dumps(data["troubles"])


def test_an_event_that_nobody_can_take_is_a_dead_letter_that_says_why(twin, heard):
    arrived(twin, "odd", {"pipeline": "flowers"})
    letters = twin.folder / "store" / "deadletters"
    await_that(lambda: letters.is_dir() and any(letters.iterdir()))

    (letter,) = (json.loads(path.read_text()) for path in letters.iterdir())
    assert letter["event"]["id"] == "odd"
    assert letter["event"]["knativeerrorcode"] == "400"
    assert "flowers-ingest" in letter["event"]["knativeerrordest"]


def test_an_event_of_another_pipeline_wakes_nobody(twin, heard):
    before = {path.name for path in (twin.folder / "store" / "runs").iterdir()}

    arrived(twin, "elsewhere", {"pipeline": "birds", "object": "incoming/november.csv"}, pipeline="birds")
    arrived(twin, "after", {"pipeline": "flowers", "object": "incoming/november.csv"})
    of_run(heard, "after", "dev.poorwill.data.validated")

    assert len({path.name for path in (twin.folder / "store" / "runs").iterdir()} - before) == 1
