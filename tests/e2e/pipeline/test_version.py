"""Data that arrives becomes a version beside those that serve: the sample digits, by kubectl and curl alone."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.behaviour.ground import DIGITS
from tests.e2e.events.hearing import Listener, listed
from tests.e2e.faults.twin import Twin, await_that
from tests.e2e.pipeline.arriving import arrived, hearing_all, of_run

BREAST_CANCER = DIGITS.parent / "breast_cancer"
DATA = {"pipeline": "digits", "object": "incoming/november.csv"}
TRAINING_SECONDS = 240  # two busy CPUs


@pytest.fixture(scope="module", autouse=True)
def heard(twin: Twin) -> Iterator[Listener]:
    """Bring samples and pipeline up as docs/pipelines.md says, and listen to all that the Broker gets."""
    incoming = twin.folder / "store" / "incoming"
    incoming.mkdir()
    subprocess.run([sys.executable, DIGITS / "train.py", incoming / "november.csv"], check=True)
    for file, name in (("digits", "digits"), ("digits_wide", "digits"), ("breast_cancer", "breast-cancer")):
        folder = BREAST_CANCER if name == "breast-cancer" else DIGITS
        twin.poorwill("push", folder / f"{file}.onnx", "--name", name, "--sample", folder / "sample.json")
    twin.poorwill("image", "build", DIGITS, "--tag", "ghcr.io/poorwill/digits-pipeline:0.1.0")
    callers = f"--from-literal=POORWILL_API_KEYS=nobody=sha256:{'0' * 64}"
    twin.kubectl("create", "secret", "generic", "poorwill-deploy-callers", callers)
    twin.kubectl("apply", "--server-side", "-k", "knative/overlays/pipeline")
    twin.kubectl("wait", "--for=condition=Ready", "--timeout=120s", "ksvc,sequence,broker,trigger,jobsink", "--all")
    with hearing_all(twin) as listener:
        yield listener


def versions(twin: Twin) -> set[str]:
    """Return the numbers of the model's versions."""
    return {path.stem for path in (twin.folder / "store" / "models" / "digits" / "versions").iterdir()}


def test_data_becomes_a_version_that_was_judged_beside_the_one_that_serves(twin, heard):
    arrived(twin, "november", DATA, "digits")

    (trained,) = of_run(heard, "november", "dev.poorwill.model.trained", seconds=TRAINING_SECONDS)
    (evaluated,) = of_run(heard, "november", "dev.poorwill.model.evaluated")
    (registered,) = of_run(heard, "november", "dev.poorwill.model.registered")

    assert json.loads(trained["data"])["facts"]["rows"] > 1000
    assert json.loads(evaluated["data"])["facts"]["serving"] == "digits@1"  # 90 % of the traffic
    said = json.loads(registered["data"])
    assert (said["model"], said["version"], said["percent"]) == ("digits", 3, 10)
    (job,) = listed(twin, "jobs")
    assert job["status"]["succeeded"] == 1


def test_the_same_event_again_makes_nothing_new(twin, heard):
    before, jobs = versions(twin), len(listed(twin, "jobs"))

    arrived(twin, "november", DATA, "digits")
    of_run(heard, "november", "dev.poorwill.data.validated", count=2)

    assert (versions(twin), len(listed(twin, "jobs"))) == (before, jobs)


def test_a_twin_that_is_killed_while_it_trains_ends_what_it_began(twin, heard, tmp_path):
    rows = (twin.folder / "store" / "incoming" / "november.csv").read_text().splitlines(keepends=True)
    Path(twin.folder, "store", "incoming", "december.csv").write_text("".join(rows[:-100]))
    before = versions(twin)
    arrived(twin, "december", {**DATA, "object": "incoming/december.csv"}, "digits")
    await_that(lambda: len(listed(twin, "jobs")) == 2)

    twin.kill()
    twin.up()

    (registered,) = of_run(heard, "december", "dev.poorwill.model.registered", seconds=TRAINING_SECONDS)
    assert versions(twin) - before == {str(json.loads(registered["data"])["version"])}
