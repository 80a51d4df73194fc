"""The README's commands are run as they stand; only the port, which may be taken, is another one."""

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import free_ports
from tests.readme import needs_curl

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


def blocks():
    return re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.fixture
def clone(tmp_path):
    """Lay out what a clone has, so that nothing is written into this one."""
    for name in ("functions", "README.md"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run(command, clone, **more):
    path = f"{ROOT}/.venv/bin:{os.environ['PATH']}"
    words = shlex.split(command)
    return subprocess.run(
        words,
        cwd=clone,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        **more,
    ).stdout


@needs_curl
def test_the_commands_of_the_readme_push_serve_ask_and_explain(clone):
    make, server, callers = blocks()[:3]
    assert make.startswith("make run")
    push, serve = server.strip().splitlines()
    (port,) = free_ports(1)

    assert "digits@1" in run(push, clone)

    words = shlex.split(serve.replace("8080", str(port)))
    process = subprocess.Popen([ROOT / ".venv/bin" / words[0], *words[1:]], cwd=clone, stdout=subprocess.PIPE)
    try:
        assert b'"ready"' in process.stdout.readline()
        answers = [run(line.replace("8080", str(port)), clone) for line in callers.strip().splitlines()]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=START_SECONDS)

    assert '"model_name":"digits"' in answers[0]
    assert "label" in answers[1]
    assert "imports" in answers[2]
    assert process.returncode == 0


def test_make_run_shows_answers_beside_the_truth_and_ends_where_there_is_no_terminal():
    shown = subprocess.run(
        ["make", "run"], cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=300
    )

    assert shown.returncode == 0, shown.stderr
    assert "digits" in shown.stdout


def deliver(lines, clone):
    """Run a block's lines in the clone, on a free port; return what each printed."""
    (clone / "knative").symlink_to(ROOT / "knative")
    try:
        return [run(line.replace("up --detach", "up --detach --port 0"), clone) for line in lines]
    finally:
        run("poorwill down", clone)


def test_the_commands_that_deliver_move_traffic_and_bring_it_back(clone):
    push = blocks()[1].splitlines()[0]
    (block,) = [block for block in blocks() if "poorwill split" in block]

    shown = deliver([push, *block.strip().splitlines()], clone)

    assert "v1=90 v2=10" in shown[-4]
    assert "90 %" in shown[-3]
    assert "v1=100" in shown[-2]


def test_the_commands_that_learn_make_a_third_version_and_tell_where_it_came_from(clone):
    pushes = [line for block in blocks() for line in block.splitlines() if line.startswith("poorwill push")]
    (block,) = [block for block in blocks() if "poorwill pipeline run" in block]

    shown = [run(line, clone) for line in [*pushes, *block.strip().splitlines()]]

    assert "ingest → validate → train → evaluate → register → deploy" in shown[3]
    assert "digits@3" in shown[4]
    assert shown[-1].startswith("digits@3")


@pytest.mark.parametrize("apply", ["apply --server-side", "apply"])
def test_the_page_of_the_twin_brings_the_samples_up_by_kubectl_alone(clone, apply):
    (block,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "twin.md").read_text(), re.DOTALL)

    shown = deliver(block.replace("apply --server-side", apply).strip().splitlines(), clone)

    assert [line for line in shown if "digits-v2 condition met" in line]
    assert "breast-cancer@1" in shown[-3]
    assert "v1=50 v2=50" in shown[-2]
