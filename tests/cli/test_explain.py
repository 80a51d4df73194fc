"""`poorwill explain batching` shows the decision and its times, timed here or as a running version has them."""

import json
import re

import pytest

from poorwill.cli.main import run
from poorwill.serving.batching.report import draw, report
from tests import models
from tests.serving.batching.ledger import LEDGER, sharing
from tests.serving.conftest import Caller
from tests.serving.http.carried import Probe, running


@pytest.fixture
def explain(tmp_path, monkeypatch, capsys):
    """Run the command beside a store with a version of the sum model, and return what it printed."""
    monkeypatch.chdir(tmp_path)
    assert run(["push", str(models.write("sum", tmp_path)), "--name", "tiny"], {}) == 0
    capsys.readouterr()

    def call(*arguments, code=0, environment=None):
        assert run(["explain", "batching", *arguments], environment or {}) == code
        printed = capsys.readouterr()
        return printed.out if code == 0 else printed.err

    return call


def test_a_version_is_timed_here_and_its_times_are_shown_with_the_decision(explain):
    lines = explain("tiny@1").splitlines()

    assert re.match(
        r"tiny@1  (no request shares a run|up to \d+ rows of requests that wait share a run): .+\.$", lines[0]
    )
    assert "  rows   ms a run   us a row  rows a second  times one row" in lines
    assert [int(line.split()[0]) for line in lines if re.match(r"  +\d", line)][:3] == [1, 2, 4]


def test_programs_get_the_same_as_json(explain):
    told = json.loads(explain("tiny@1", "--store", "./store", "--output", "json"))

    assert told["version"] == "tiny@1"
    assert told["plan"]["times"][0]["rows"] == 1


def test_a_function_of_one_s_own_is_never_asked_for_several_requests_at_once(explain, tmp_path):
    (tmp_path / "around").mkdir()
    (tmp_path / "around/main.py").write_text("def predict(inputs, model):\n    return model.run(inputs)\n")

    told = explain("tiny@1", environment={"POORWILL_FUNCTION": str(tmp_path / "around")})

    assert "tiny@1  no request shares a run: a function of your own is asked request by request." in told


def test_a_version_that_is_not_there_is_an_error_as_everywhere(explain):
    assert "version" in explain("tiny@2", code=66)
    assert "leave out one" in explain("tiny@1", "--url", "http://127.0.0.1:1", code=2)


def test_a_running_version_tells_its_own_plan(explain):
    caller = Caller(LEDGER, sharing=sharing(LEDGER))
    caller.application.gate = Probe().gate
    with running(probe=caller.application) as found:
        told = explain("--url", f"http://127.0.0.1:{found.server.port}")

    assert told.rstrip() == draw(report(caller.application.served, caller.application.sharing, {}))
    assert told.startswith("tiny@3  up to 8 rows of requests that wait share a run: a row takes")
    assert re.search(r"^ +8 +1\.000 +125\.0 +8,000 +8\.00  chosen$", told, re.MULTILINE)
