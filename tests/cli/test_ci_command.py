"""`poorwill ci` up to where it needs a cluster, and what it reports."""

import json
import shutil
from pathlib import Path

import pytest

from poorwill.cli import ci_pages
from poorwill.cli.main import run

LINEAR = Path(__file__).parents[1] / "pipeline" / "linear.py"
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
PASSED = {
    "pipeline": "lines", "model": "line", "run": "lines-0123456789abcdef", "version": 2, "digest": "sha256:00",
    "state": "passed", "url": "http://v2-line.example", "traffic": {"v1": 100, "v2": 0}, "troubles": [],
    "stages": [
        {"stage": "check", "state": "passed", "seconds": 0.1, "said": "the spec"},
        {"stage": "ask", "state": "waiting", "seconds": None, "said": ""},
    ],
    "golden": [{"name": "golden/ten.json", "state": "passed", "said": ""}],
    "rollback": {"done": [], "left": []}, "next": "poorwill split line v1=90 v2=10",
}  # fmt: skip


@pytest.fixture
def poorwill(tmp_path, monkeypatch, capsys):
    """Run a command in a folder with a pipeline and sample data, and return what it told."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "pipeline.yaml").write_text(SPEC)
    shutil.copy(LINEAR, tmp_path / "lines" / "train.py")
    (tmp_path / "sample.csv").write_text("left,right,total\n1,2,0\n")

    def call(*arguments, code=0):
        assert run(["ci", "lines", "sample.csv", *map(str, arguments)], {}) == code
        return capsys.readouterr()

    return call


def stages(told):
    return [stage["state"] for stage in json.loads(told.out)["stages"]]


def refuse_before_anything_runs(poorwill, tmp_path, words, *, code=65):
    told = poorwill("--output", "json", code=code)

    assert words in told.err
    assert stages(told) == ["failed", "waiting", "waiting", "waiting"]
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os\n\ndef train(inputs, parameters seed):\n    ...\n", "train.py:3"),
        ("def learn(inputs, parameters, seed):\n    ...\n", "train.py:1"),
        ("import numpy\nimport nothing_like_it\n", "train.py:2"),
    ],
    ids=["no Python", "no such function", "what is not installed"],
)
def test_a_train_function_that_can_not_be_loaded_is_told_with_file_and_line(poorwill, tmp_path, code, words):
    (tmp_path / "lines" / "train.py").write_text(code)

    refuse_before_anything_runs(poorwill, tmp_path, words)


def test_a_spec_with_a_fault_is_told_with_its_line(poorwill, tmp_path):
    (tmp_path / "lines" / "pipeline.yaml").write_text(SPEC.replace("target", "targt"))

    refuse_before_anything_runs(poorwill, tmp_path, "pipeline.yaml line 6")


def test_a_spec_that_registers_nothing_has_nothing_to_deploy(poorwill, tmp_path):
    (tmp_path / "lines" / "pipeline.yaml").write_text(SPEC.replace("  - step: register\n", ""))

    refuse_before_anything_runs(poorwill, tmp_path, "a step register")


@pytest.mark.parametrize(
    "request_", [{"inputs": 3}, {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1]}]}]
)
def test_a_golden_request_that_is_none_is_told_with_its_file(poorwill, tmp_path, request_):
    (tmp_path / "lines" / "golden").mkdir()
    golden = {"request": request_, "expected": {"total": [1]}}
    (tmp_path / "lines" / "golden" / "ten.json").write_text(json.dumps(golden))

    refuse_before_anything_runs(poorwill, tmp_path, "golden/ten.json, request")


def test_data_that_is_not_there_is_found_before_anything_runs(poorwill, tmp_path):
    (tmp_path / "sample.csv").unlink()

    refuse_before_anything_runs(poorwill, tmp_path, "DATA", code=66)


def test_without_a_cluster_it_says_how_to_get_one_and_has_run_nothing(poorwill, tmp_path):
    refuse_before_anything_runs(poorwill, tmp_path, "poorwill up", code=2)


def test_a_report_is_written_though_it_failed(poorwill, tmp_path):
    poorwill("--report", "report.md", code=2)

    report = (tmp_path / "report.md").read_text()
    assert report.startswith("## line: failed\n")
    assert "| check | failed |" in report
    assert "poorwill up" in report


def test_a_report_that_can_not_be_written_is_told(poorwill):
    assert "--report" in poorwill("--report", "nowhere/report.md", code=66).err


def test_a_page_shows_stages_requests_traffic_and_what_comes_next(capsys):
    ci_pages.show_ci(PASSED)

    shown = capsys.readouterr().out
    for words in ("line@2  passed", "check", "golden/ten.json", "traffic: v1=100 v2=0", "poorwill split line v1=90"):
        assert words in shown


def test_markdown_takes_what_was_said_for_text():
    said = "ValueError: <b>|[x](y)`_"
    trouble = {"where": "train", "wanted": "a model", "found": said, "next": "correct it"}
    left = {"done": ["Service line-v2 deleted"], "left": ["Route line: wanted x"]}

    report = ci_pages.markdown(PASSED | {"state": "failed", "troubles": [trouble], "rollback": left})

    assert r"ValueError: \<b\>\|\[x\](y)\`\_" in report
    assert "- rolled back: Service line-v2 deleted\n- NOT rolled back: Route line: wanted x\n" in report
