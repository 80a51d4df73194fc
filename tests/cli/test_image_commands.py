"""`poorwill image`: on a twin no engine is needed, and the running twin knows of it at once."""

import json
import subprocess
import sys

import pytest

from poorwill.errors import NotFoundError
from poorwill.local.pods.images import Images
from tests.e2e.behaviour.ground import environment


@pytest.fixture
def folder(tmp_path):
    function = tmp_path / "identity"
    function.mkdir()
    (function / "main.py").write_text("def predict(inputs, model):\n    return inputs\n")
    (tmp_path / ".poorwill").mkdir()
    return tmp_path


def run(folder, *arguments, code=0, **variables):
    command = [sys.executable, "-m", "poorwill", "image", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(**variables), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == code, done.stderr
    return done


def test_what_is_built_runs_by_its_name_and_by_its_digest_in_a_twin_that_was_up_before(folder):
    twins = Images(folder / ".poorwill" / "images")

    built = json.loads(run(folder, "build", "identity", "--tag", "team/identity:1", "--output", "json").stdout)
    pushed = json.loads(run(folder, "push", "team/identity:1", "--output", "json").stdout)

    assert built["engine"] == pushed["engine"] == "twin"
    assert pushed["reference"] == f"team/identity@{built['id']}"
    for name in ("team/identity:1", pushed["reference"]):
        program = twins.program({"image": name})
        assert program.environment["POORWILL_FUNCTION"].endswith("/identity")


def test_a_digest_means_the_same_after_its_name_was_built_anew(folder):
    twins = Images(folder / ".poorwill" / "images")
    run(folder, "build", "identity", "--tag", "team/identity:1")
    first = run(folder, "push", "team/identity:1").stdout.strip()
    before = twins.program({"image": first})

    (folder / "identity" / "main.py").write_text("def predict(inputs, model):\n    return {}\n")
    run(folder, "build", "identity", "--tag", "team/identity:1")

    assert run(folder, "push", "team/identity:1").stdout.strip() != first
    assert twins.program({"image": first}) == before
    assert twins.program({"image": "team/identity:1"}) != before


SPEC = "format: 1\npipeline: flowers\nmodel: flowers\nsteps:\n  - step: ingest\n    target: kind\n"


def test_a_pipelines_folder_becomes_an_image_of_its_steps(folder):
    (folder / "flowers").mkdir()
    (folder / "flowers" / "pipeline.yaml").write_text(SPEC)

    run(folder, "build", "flowers", "--tag", "team/flowers:1")

    program = Images(folder / ".poorwill" / "images").program({"image": "team/flowers:1", "args": ["ingest"]})
    assert program.environment["POORWILL_PIPELINE"].endswith("/flowers")


def test_a_pipeline_with_a_fault_becomes_no_image(folder):
    (folder / "flowers").mkdir()
    (folder / "flowers" / "pipeline.yaml").write_text(SPEC.replace("target", "targt"))

    done = run(folder, "build", "flowers", "--tag", "team/flowers:1", code=65)

    assert "target" in done.stderr
    assert not list((folder / ".poorwill").rglob("pipeline.yaml"))


def test_hidden_files_do_not_get_into_the_twin_either(folder):
    (folder / "identity" / ".env").write_text("KEY=secret")

    run(folder, "build", "identity", "--tag", "team/identity:1")

    assert list((folder / ".poorwill" / "images").rglob(".env")) == []


def test_what_goes_in_is_listed_up_to_a_bound(folder):
    for number in range(30):
        (folder / "identity" / f"part-{number:02}.txt").write_text("")

    said = run(folder, "build", "identity", "--tag", "team/identity:1").stderr

    assert "31 files go in: main.py, part-00.txt" in said
    assert "part-18.txt, and 11 more" in said
    assert "part-19.txt" not in said


def test_what_was_not_built_is_not_pushed(folder):
    assert "built on this twin" in run(folder, "push", "team/other:1", code=NotFoundError.exit_code).stderr


def test_where_another_cluster_is_meant_the_twin_is_not(folder):
    done = run(
        folder, "push", "127.0.0.1:1/team/other:1", code=66, KUBECONFIG=str(folder / "elsewhere"), PATH=str(folder)
    )

    assert "container engine" in done.stderr


def test_a_folder_without_a_function_is_refused(folder):
    assert "main.py" in run(folder, "build", ".", "--tag", "team/other:1", code=NotFoundError.exit_code).stderr
