"""What versions answer is sampled, kept and looked at by functions that sleep; what has drifted begins a run."""

import json
import random
import shutil
from collections.abc import Iterator

import pytest

from poorwill.telemetry import now
from tests.e2e.behaviour.ground import ROOT
from tests.e2e.events.hearing import Listener
from tests.e2e.faults.twin import Twin, await_that
from tests.e2e.pipeline.arriving import arrived, hearing_all, kustomized, of_run
from tests.pipeline.test_provenance import ROWS, SPEC

IMAGE = "ghcr.io/poorwill/line-pipeline"
HOST = "line.default.poorwill.localhost"
PING, DRIFTED = "dev.knative.sources.ping", "dev.poorwill.data.drifted"
REQUESTS, ROWS_EACH = 100, 16


@pytest.fixture(scope="module", autouse=True)
def heard(twin: Twin) -> Iterator[Listener]:
    """Serve a version that sends samples, with what keeps them and looks at them, and listen to the Broker."""
    line = twin.folder / "line"
    line.mkdir()
    (line / "pipeline.yaml").write_text(SPEC.replace("  - {step: deploy, percent: 10}\n", ""))
    shutil.copy(ROOT / "tests" / "pipeline" / "linear.py", line)
    (line / "rows.csv").write_text(ROWS)
    (twin.folder / "store" / "incoming").mkdir()
    shutil.copy(line / "rows.csv", twin.folder / "store" / "incoming" / "latest.csv")
    twin.poorwill("pipeline", "run", "line", "line/rows.csv")
    twin.kubectl("create", "configmap", "poorwill-store", "--from-literal=POORWILL_STORE=./store")
    twin.poorwill("image", "build", "line", "--tag", f"{IMAGE}:0.1.0")
    own = kustomized(twin, "line", IMAGE, "functions/feedback", "pipeline/drift", components=["retrain"])
    twin.kubectl("apply", "--server-side", "-k", own)
    twin.poorwill("deploy", "line@1", "--with", "sampled")
    for name in ("ksvc/poorwill-feedback", "ksvc/line-drift", "sequence/line-data", "trigger/line-drifted"):
        twin.kubectl("wait", "--for=condition=Ready", "--timeout=60s", name)
    with hearing_all(twin) as listener:
        yield listener


def asked(twin: Twin, *, off: int = 0) -> dict[str, float]:
    """Ask the model often, and return the truth of each prediction's first row by its id."""
    draw, truths = random.Random(off), {}
    for _ in range(REQUESTS):
        rows = [(draw.randrange(7), draw.randrange(80) + off) for _ in range(ROWS_EACH)]
        tensor = {"name": "x", "datatype": "FP32", "shape": [ROWS_EACH, 2], "data": [v for row in rows for v in row]}
        body = json.dumps({"inputs": [tensor]}).encode()
        answer = twin.http.request(
            "POST", f"{twin.gateway}/v2/models/line/infer", body=body, headers={"Host": HOST}, timeout=30
        )
        assert answer.status == 200
        truths[answer.headers["x-request-id"]] = [float(a + 2 * b) for a, b in rows]
    return truths


def sampled(twin: Twin) -> int:
    """Return how many predictions are kept."""
    kept = (twin.folder / "store" / "live" / "line").rglob("v1/*/*.json")
    return sum(len(json.loads(path.read_text())["samples"]["predictions"]) for path in kept)


def reports(twin: Twin) -> list[dict]:
    """Return what was found so far."""
    return [json.loads(path.read_text()) for path in (twin.folder / "store" / "drift" / "line").glob("*.json")]


def looked(twin: Twin, event_id: str) -> None:
    """Send what the PingSource sends by the clock, with its own words."""
    source = twin.show("pingsource", "line-drift")["spec"]
    assert source["ceOverrides"]["extensions"] == {"pipeline": "line", "purpose": "drift"}
    arrived(twin, event_id, json.loads(source["data"]), "line", type_=PING, purpose="drift", time=now())


def test_a_share_of_what_is_answered_is_kept_and_passes_while_nothing_changes(twin, heard):
    asked(twin)
    await_that(lambda: sampled(twin) >= 9 * ROWS_EACH)  # a tenth of the requests, or one less

    looked(twin, "steady")
    await_that(lambda: len(reports(twin)) == 1)

    (version,) = reports(twin)[0]["versions"]
    assert (version["version"], version["verdict"]) == (1, "pass")
    assert not [each for each in heard.heard if each["type"] == DRIFTED]


def test_feedback_is_measured_with_the_predictions_that_it_is_of(twin):
    before = sampled(twin)
    truths = asked(twin)
    await_that(lambda: sampled(twin) > before)
    (twin.folder / "truths.json").write_text(json.dumps({"model": "line", "truths": truths}))
    twin.poorwill("send", "dev.poorwill.feedback.received", "--data", "@truths.json")

    def measured() -> list[dict]:
        found = json.loads(twin.poorwill("pipeline", "drift", "line", "--output", "json").stdout)
        return found["versions"][0]["limits"]

    await_that(lambda: bool(measured()))
    (limit,) = measured()
    assert (limit["metric"], limit["verdict"]) == ("rmse", "pass")


def test_what_has_drifted_begins_a_run_on_the_object_that_the_schedule_names(twin, heard):
    before = sampled(twin)
    asked(twin, off=400)
    await_that(lambda: sampled(twin) > before)

    looked(twin, "moved")
    (event,) = of_run(heard, "moved", DRIFTED)
    (validated,) = of_run(heard, "moved", "dev.poorwill.data.validated")

    assert json.loads(event["data"])["versions"][0]["columns"] == ["b", "y"]
    run = json.loads(twin.poorwill("run", "show", validated["run"], "--output", "json").stdout)
    assert run["steps"][0]["state"] == "completed"
    assert json.loads(validated["data"])["pipeline"] == "line"
