"""Data that arrives becomes a version, signed, and deployed beside the one before, by kubectl and curl alone."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.behaviour.ground import DIGITS
from tests.e2e.events.hearing import Listener, listed
from tests.e2e.faults.twin import Twin, await_that
from tests.e2e.pipeline.arriving import arrived, hearing_all, of_run

NOVEMBER, DECEMBER = ({"pipeline": "digits", "object": f"incoming/{month}.csv"} for month in ("november", "december"))
TRAINING_SECONDS = 240  # two busy CPUs
TRAINED, EVALUATED, REGISTERED, DEPLOYED = (
    f"dev.poorwill.model.{done}" for done in ("trained", "evaluated", "registered", "deployed")
)


@pytest.fixture(scope="module", autouse=True)
def heard(twin: Twin) -> Iterator[Listener]:
    """Bring the pipeline up as docs/pipelines.md says, and listen to all that the Broker gets."""
    incoming = twin.folder / "store" / "incoming"
    incoming.mkdir()
    subprocess.run([sys.executable, DIGITS / "train.py", incoming / "november.csv"], check=True)
    rows = (incoming / "november.csv").read_text().splitlines(keepends=True)
    (incoming / "december.csv").write_text("".join(rows[:-100]))
    twin.poorwill("keys", "new", "release")
    twin.kubectl("create", "secret", "generic", "poorwill-signing", "--from-file=key.pem=release.key.pem")
    twin.kubectl("create", "configmap", "poorwill-trusted-keys", "--from-file=release.pub.pem")
    twin.poorwill("image", "build", DIGITS, "--tag", "ghcr.io/poorwill/digits-pipeline:0.1.0")
    twin.kubectl("apply", "--server-side", "-k", "knative/overlays/pipeline")
    twin.kubectl("wait", "--for=condition=Ready", "--timeout=120s", "ksvc,sequence,broker,trigger,jobsink", "--all")
    with hearing_all(twin) as listener:
        yield listener


def versions(twin: Twin) -> set[str]:
    """Return the numbers of the model's versions."""
    return {path.stem for path in (twin.folder / "store" / "models" / "digits" / "versions").iterdir()}


def shares(twin: Twin) -> dict[str, int]:
    """Return the split of the model's traffic."""
    traffic = twin.show("rt", "digits")["status"]["traffic"]
    return {share["tag"]: share.get("percent", 0) for share in traffic}


def test_data_becomes_a_version_that_is_signed_and_gets_the_traffic(twin, heard):
    arrived(twin, "november", NOVEMBER, "digits")

    (trained,) = of_run(heard, "november", TRAINED, seconds=TRAINING_SECONDS)
    (registered,) = of_run(heard, "november", REGISTERED)
    (deployed,) = of_run(heard, "november", DEPLOYED)

    assert json.loads(trained["data"])["facts"]["rows"] > 1000
    assert json.loads(registered["data"])["version"] == json.loads(deployed["data"])["version"] == 1
    assert shares(twin) == {"v1": 100}
    answer = twin.ask("digits.default.poorwill.localhost")
    assert (answer.right, answer.version) == (True, "1")
    assert "1 versions" in twin.poorwill("verify", "digits", "--trusted-keys", "release.pub.pem").stdout


def test_the_same_event_again_makes_nothing_new(twin, heard):
    before, jobs = versions(twin), len(listed(twin, "jobs"))

    arrived(twin, "november", NOVEMBER, "digits")
    of_run(heard, "november", "dev.poorwill.data.validated", count=2)

    assert (versions(twin), len(listed(twin, "jobs"))) == (before, jobs)


def test_a_twin_that_is_killed_while_it_trains_ends_what_it_began_with_a_version_beside_the_first(twin, heard):
    arrived(twin, "december", DECEMBER, "digits")
    await_that(lambda: len(listed(twin, "jobs")) == 2)

    twin.kill()
    twin.up()

    (evaluated, *_) = of_run(heard, "december", EVALUATED, seconds=TRAINING_SECONDS)
    (deployed, *_) = of_run(heard, "december", DEPLOYED)
    assert json.loads(evaluated["data"])["facts"]["serving"] == "digits@1"
    assert json.loads(deployed["data"])["percent"] == 10
    assert versions(twin) == {"1", "2"}
    assert shares(twin) == {"v1": 90, "v2": 10}


def test_an_event_of_a_version_that_nobody_signed_deploys_nothing(twin, heard):
    twin.poorwill("push", DIGITS / "digits.onnx", "--name", "digits", "--sample", DIGITS / "sample.json")
    registered = {"model": "digits", "version": 3, "percent": 100, "pipeline": "digits", "run": "digits-0"}

    arrived(twin, "forged", registered, "digits", type_=REGISTERED)
    letters = twin.folder / "store" / "deadletters"
    await_that(lambda: letters.is_dir() and any(letters.iterdir()))

    (letter,) = (json.loads(path.read_text()) for path in letters.iterdir())
    assert letter["event"]["id"] == "forged"
    assert shares(twin) == {"v1": 90, "v2": 10}
