"""`poorwill pipeline`, `runs` and `run show` on a pipeline of two steps, in a folder, without a cluster."""

import json
from xml.etree import ElementTree as ET

import msgspec
import pytest

from poorwill.cli import pipeline_pages
from poorwill.cli.main import run
from poorwill.events.event import Event, EventType
from poorwill.pipeline.function.dead_letters import find_dead_letter, keep_dead_letter, revived
from poorwill.store.opening import open_store

SPEC = """
format: 1
pipeline: shapes
model: shapes
steps:
  - {step: ingest, target: area, gives: data}
  - {step: validate, takes: [data], gives: report}
"""
ROWS = "width,height,area\n" + "".join(f"{n},{n + 1},{n * (n + 1)}\n" for n in range(40))


@pytest.fixture
def poorwill(tmp_path, monkeypatch, capsys):
    """Run a command in a folder with the pipeline and its data, and return what it told."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    (tmp_path / "good.csv").write_text(ROWS)
    (tmp_path / "bad.csv").write_text("width;height;area\n1;2;2\n")

    def call(*arguments, code=0):
        assert run(list(map(str, arguments)), {}) == code
        return capsys.readouterr()

    return call


def documents(told):
    return json.loads(told.out)


def test_a_run_tells_each_step_and_the_same_data_again_finds_it_done(poorwill):
    first = documents(poorwill("pipeline", "run", "pipeline.yaml", "good.csv", "--output", "json"))
    poorwill("pipeline", "run", ".", "good.csv")
    third = poorwill("pipeline", "run", ".", "good.csv", "--output", "json")

    assert [step["state"] for step in first["steps"]] == ["completed", "completed"]
    assert [step["reused"] for step in documents(third)["steps"]] == [True, True]
    assert "ingest: completed" in third.err


def test_a_run_that_fails_says_where_and_what_and_is_kept(poorwill):
    told = poorwill("pipeline", "run", "pipeline.yaml", "bad.csv", code=65)

    (kept,) = documents(poorwill("runs", "--output", "json"))
    assert (kept["state"], kept["at"]) == ("failed", "ingest")
    assert kept["run"] in told.err
    assert "delimiter" in told.out


def test_a_run_is_resumed_under_its_own_name_and_does_nothing_twice(poorwill):
    begun = documents(poorwill("pipeline", "run", ".", "good.csv", "--output", "json"))

    resumed = documents(poorwill("pipeline", "run", ".", "--resume", begun["run"], "--output", "json"))

    assert resumed == begun


def test_a_run_is_shown_as_lines_and_drawn_as_a_picture_that_any_reader_can_read(poorwill, tmp_path):
    name = documents(poorwill("pipeline", "run", ".", "good.csv", "--output", "json"))["run"]

    told = poorwill("run", "show", name, "--svg", "run.svg")

    drawn = ET.parse(tmp_path / "run.svg")  # noqa: S314 - our own
    texts = {element.text for element in drawn.iter() if element.text}
    assert {"ingest", "validate", "data", "report", name} <= texts
    assert "✓  ingest" in told.out


def test_what_a_step_made_is_written_into_a_file_and_what_it_did_not_make_is_told(poorwill, tmp_path):
    name = documents(poorwill("pipeline", "run", ".", "good.csv", "--output", "json"))["run"]

    poorwill("run", "get", name, "report.html")
    told = poorwill("run", "get", name, "repord", code=66)
    poorwill("run", "get", name, "data", "--to", "nowhere/data.csv", code=2)

    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert "report.html" in told.err


def test_what_is_to_be_run_is_said_once(poorwill):
    poorwill("pipeline", "run", "pipeline.yaml", code=2)
    poorwill("pipeline", "run", "pipeline.yaml", "good.csv", "--object", "incoming/good.csv", code=2)
    poorwill("pipeline", "run", "pipeline.yaml", "nowhere.csv", code=66)
    poorwill("run", "show", "shapes-0123456789abcdef", code=66)


@pytest.mark.parametrize("name", ["", "../x", "shapes-0123456789abcdef"])
@pytest.mark.parametrize("words", [("run", "show"), ("run", "get"), ("deadletters", "show"), ("replay",)])
def test_what_no_run_and_no_dead_letter_can_be_called_is_not_found_by_that_name(poorwill, words, name):
    poorwill("pipeline", "run", ".", "good.csv")

    told = poorwill(*words, name, *(["data"] if words[-1] == "get" else []), code=66)

    assert "store key" not in told.err
    assert "run" in told.err or "dead letter" in told.err


def test_data_to_learn_from_that_is_not_there_is_told_as_that(poorwill):
    assert "FILE" in poorwill("pipeline", "learn", "pipeline.yaml", "nowhere.csv", code=66).err


def test_what_data_looks_like_is_learnt_into_a_file_that_the_spec_can_name(poorwill, tmp_path):
    poorwill("pipeline", "learn", "pipeline.yaml", "good.csv", "--to", "good.json")
    (tmp_path / "pipeline.yaml").write_text(SPEC.replace("gives: report", "gives: report, profile: good.json"))

    ran = documents(poorwill("pipeline", "run", ".", "good.csv", "--output", "json"))

    assert ran["state"] == "completed"


def test_runs_are_listed_with_the_step_that_they_are_at_and_the_version_that_they_made(capsys):
    run = {"run": "r", "model": "m", "created": "2026-11-28T10:00:00Z"}
    made = run | {"state": "completed", "at": "", "version": 3}

    pipeline_pages.show_runs([made, run | {"state": "waiting", "at": "train", "version": None}])

    told = capsys.readouterr().out
    assert "m@3" in told
    assert "train" in told


def test_a_step_that_runs_shows_what_it_is_about(capsys):
    step = {"step": "train", "state": "running", "reused": False, "seconds": None, "line": "fitting", "troubles": []}
    head = {"run": "r", "state": "running", "pipeline": "p", "model": "m", "created": "2026-11-28T10:00:00Z"}

    pipeline_pages.show_run(head | {"steps": [step]})

    assert "fitting" in capsys.readouterr().out


def test_a_dead_letter_is_listed_with_who_did_not_take_it_and_what_that_one_said(poorwill):
    store = open_store("store", create=True)
    attributes = {"knativeerrordest": "http://train.default", "knativeerrorcode": "422", "knativeerrordata": "bm8h"}
    event = Event(id="1", source="/here", type=EventType.DATA_ARRIVED, extensions=attributes, data=b"{}")
    name = keep_dead_letter(store, event)

    (listed,) = documents(poorwill("deadletters", "list", "--output", "json"))
    shown = documents(poorwill("deadletters", "show", name))

    assert (listed["id"], listed["destination"], listed["code"], listed["said"]) == (
        name, "http://train.default", "422", "no!",
    )  # fmt: skip
    assert shown["id"] == "1"
    assert revived(find_dead_letter(store, name)) == msgspec.structs.replace(event, extensions={})
    assert "http://train.default" in poorwill("deadletters", "list").out
    poorwill("deadletters", "show", "0" * 32, code=66)
