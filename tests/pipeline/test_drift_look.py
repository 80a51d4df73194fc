"""Live data is looked at once for each event that asks; what has drifted is told once, and can begin a run."""

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from poorwill.cli.main import run
from poorwill.errors import InvalidRequestError
from poorwill.events.event import Event
from poorwill.pipeline.chain import begun_run
from poorwill.pipeline.function.handling import open_handle
from poorwill.pipeline.live import keep_live
from poorwill.pipeline.spec_file import read_spec
from poorwill.registry.names import parse_version_name
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store
from tests.pipeline.test_provenance import ROWS, SPEC

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
RANDOM = random.Random(3)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Register line@1 by its pipeline."""
    folder = tmp_path_factory.mktemp("line")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "pipeline.yaml").write_text(SPEC)
        (folder / "rows.csv").write_text(ROWS)
        shutil.copy(Path(__file__).with_name("linear.py"), folder)
        assert run(["pipeline", "run", ".", "rows.csv", "--output", "json"], {}) == 0
    return folder


@pytest.fixture
def line(made, tmp_path, monkeypatch):
    """Yield a store with the version, and how it is asked and looked at."""
    shutil.copytree(made, tmp_path / "line")
    monkeypatch.chdir(tmp_path / "line")
    return Line()


class Line:
    """The pipeline's store, with events for its functions."""

    def __init__(self):
        self.store = open_store("store")
        self.digest = Registry(self.store).resolve(parse_version_name("line@1")).blob.digest
        self.said = []

    def answered(self, rows, *, off=0, version=1, digest=""):
        predictions = []
        for at in range(rows):
            a, b = RANDOM.randrange(7), RANDOM.randrange(80) + off
            predictions.append({"id": f"p{at}", "inputs": [a, b], "outputs": {"total": [a + 2 * b]}})
        data = {"model": "line", "version": version, "digest": digest or self.digest, "predictions": predictions}
        marks = {"sampled": "true"}
        keep_live(self.store, event(f"s{version}{off}", "dev.poorwill.prediction.completed", data, extensions=marks))

    def look(self, event_id="1", data=None, **more):
        opened = open_handle("drift", {"POORWILL_STORE": "store", "POORWILL_PIPELINE": "."})
        asked = event(event_id, "dev.knative.sources.ping", {"hours": 2} if data is None else data, **more)
        return opened.handle(asked, self.said.append)


def event(event_id, type_, data, **more):
    found = Event(id=event_id, source="/clock", type=type_, time=NOON.isoformat(), data=msgspec.json.encode(data))
    return msgspec.structs.replace(found, **more)


def test_data_like_the_references_has_no_reply_and_leaves_a_report_and_its_page(line):
    line.answered(200)

    assert line.look() is None
    assert line.said == ["line@1: pass on 200 predictions"]
    (report,) = [entry.key for entry in line.store.list("drift/") if entry.key.endswith(".json")]
    found = json.loads(line.store.get(report).data)
    assert (found["versions"][0]["rows"], found["versions"][0]["reference_rows"]) == (200, 80)
    assert b"Drift of line" in line.store.get(report.replace(".json", ".html")).data


def test_drift_is_an_event_that_names_what_is_off_and_the_object_of_the_run_that_it_begins(line):
    line.answered(200, off=300)

    reply = line.look(data={"hours": 2, "object": "incoming/latest.csv"})

    assert (reply.type, reply.subject, reply.extensions["pipeline"]) == ("dev.poorwill.data.drifted", "line", "line")
    data = json.loads(reply.data)
    assert data["versions"] == [{"version": 1, "columns": ["b", "y"], "metrics": []}]
    assert line.store.get(data["report"]).data.startswith(b"<!doctype html>")
    begun = begun_run(msgspec.structs.replace(reply, type="dev.poorwill.data.arrived"), read_spec(Path()))
    assert begun.data["object"] == "incoming/latest.csv"


def test_the_step_ingest_takes_drift_for_data_that_arrived(line):
    line.answered(200, off=300)
    reply = line.look(data={"hours": 2, "object": "rows.csv"})

    opened = open_handle("ingest", {"POORWILL_STORE": "store", "POORWILL_PIPELINE": ".", "POORWILL_DATA": "."})

    assert opened.handle(reply, print).type == "dev.poorwill.data.ingested"


def test_the_same_event_again_has_the_same_reply_though_other_data_came_meanwhile(line):
    line.answered(200, off=300)
    first = line.look()
    line.answered(5000)

    assert line.look() == first
    assert line.said[0] == line.said[1]


def test_a_versions_drift_is_told_once(line):
    line.answered(200, off=300)

    assert line.look("1") is not None
    assert line.look("2") is None
    assert line.look("1") is not None
    assert line.said[0].startswith("line@1: fail on 200 predictions; b, y")


def test_what_was_answered_before_the_window_is_not_looked_at(line):
    line.answered(200, off=300)

    later = (NOON + timedelta(hours=3)).isoformat()

    assert line.look(time=later) is None
    assert line.said == []


def test_samples_of_other_bytes_under_the_same_number_are_not_the_versions(line):
    line.answered(200, off=300, digest="sha256:" + "1" * 64)

    assert line.look() is None
    assert line.said == ["line@1: inconclusive on 0 predictions; 0 rows, of at least 10 that tell something"]


def test_a_version_that_is_not_there_or_has_no_reference_is_told_so(line):
    line.answered(200, version=9)
    assert run(["push", _model(line), "--name", "line"], {}) == 0
    line.answered(200, version=2)

    line.look()

    assert "no reference" in line.said[0]
    assert line.said[1].startswith("line@9: inconclusive on 200 predictions; version")


def _model(line):
    Path("model.onnx").write_bytes(line.store.get(f"blobs/sha256/{line.digest.removeprefix('sha256:')}").data)
    return "model.onnx"


def test_a_reference_whose_bytes_are_others_is_not_used(line):
    line.answered(200, off=300)
    for path in Path("store/blobs/sha256").iterdir():
        content = path.read_bytes()
        if b'"edges"' in content:
            path.chmod(0o644)
            path.write_bytes(content.replace(b'"highest"', b'"hightes"'))

    assert line.look() is None
    assert "other bytes" in line.said[0]


def test_what_is_older_than_it_is_kept_for_is_deleted_when_it_is_looked(line):
    line.answered(20)

    line.look(time=(NOON + timedelta(days=31)).isoformat())

    assert line.said == ["1 events' samples and feedback deleted: older than 30 days"]
    assert list(line.store.list("live/")) == []


@pytest.mark.parametrize(
    ("data", "more", "words"),
    [
        ([], {}, "hours"),
        ({"hours": 0}, {}, "more than 0"),
        ({"pipeline": "other"}, {}, "line"),
        ({}, {"type": "dev.poorwill.data.arrived"}, "ping"),
        ({}, {"time": None}, "RFC 3339"),
    ],
)
def test_an_event_that_asks_for_no_look_is_refused_in_words(line, data, more, words):
    with pytest.raises(InvalidRequestError, match=words):
        line.look(data=data, **more)


def test_the_command_shows_the_same_writes_the_page_and_fails_where_something_is_off(line, capsys, monkeypatch):
    nothing = run(["pipeline", "drift", "."], {})
    now = datetime.now(UTC).isoformat()
    monkeypatch.setattr("tests.pipeline.test_drift_look.NOON", datetime.fromisoformat(now) - timedelta(minutes=1))
    line.answered(200, off=300)
    drifted = run(["pipeline", "drift", ".", "--page", "drift.html"], {})

    assert (nothing, drifted) == (0, 65)
    captured = capsys.readouterr()
    assert "no samples of line in 24 hours" in captured.out
    assert "line@1" in captured.out
    assert "The data has drifted" in captured.err
    assert b"line@1" in Path("drift.html").read_bytes()
    assert [entry.key for entry in line.store.list("drift/")] == []


def test_the_command_tells_of_a_spec_that_is_not_there_before_it_looks_for_a_store(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert run(["pipeline", "drift"], {}) == 66
    assert "pipeline.yaml" in capsys.readouterr().err
