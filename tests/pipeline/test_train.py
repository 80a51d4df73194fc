"""The user's function in a process of its own: what it is given, what it may not do, and every way it can go wrong."""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from poorwill.events.event import Event, EventType
from poorwill.pipeline.artifacts import read_artifact
from poorwill.pipeline.ingest import IngestStep
from poorwill.pipeline.records import StepRecord
from poorwill.pipeline.runner import run_through
from poorwill.pipeline.step import StepFailedError
from poorwill.pipeline.train import TrainStep, check_function, code_digest
from poorwill.registry.onnx_session import open_session
from tests.e2e.faults.twin import await_that
from tests.pipeline import works

LINEAR = Path(__file__).with_name("linear.py").read_text()
SPEC = """\
format: 1
pipeline: sums
model: sum
steps:
  - step: ingest
    target: total
  - step: train
    {}
"""


def lines(count=200):
    left, right = np.random.default_rng(0).integers(0, 100, (2, count))
    return "\n".join(["total,left,right", *(f"{2 * a - b},{a},{b}" for a, b in zip(left, right, strict=True))])


class Went(NamedTuple):
    """How training went."""

    record: StepRecord
    last: Event | None  # that nobody has taken up
    told: list[str]


@pytest.fixture
def trained(store, tmp_path):
    """Return what performs ingest and train by a function's code, and tells how that ended."""
    store.put("june.csv", lines().encode())

    def perform_both(code=LINEAR, step="seed: 0", event_id="1", image="", **files):
        folder = tmp_path / "sums"
        pipeline = works.write_pipeline(folder, SPEC.format(step))
        for name, content in {"train": code, **files}.items():
            (folder / f"{name}.py").write_text(content)
        steps = {step.name: step for step in (IngestStep(), TrainStep(image))}
        seen = []
        passage = run_through(
            works.shop(store, pipeline), steps, works.arrived("june.csv", event_id), watch=seen.append
        )
        told = [each.line for each in seen if each.step == "train" and each.line]
        return Went(seen[-1].record, passage.last, told)

    return perform_both


def trouble(performed):
    """Return where it failed and what was found there."""
    assert performed.record.state == "failed"
    assert performed.last.type == EventType.STEP_FAILED
    (found,) = performed.record.troubles
    return found.where, found.found


def test_a_function_gets_the_rows_that_are_not_held_out_and_its_model_is_kept(store, trained):
    record, last, told = trained()

    assert (record.state, last) == ("completed", None)
    assert 140 <= record.facts["rows"] <= 180
    assert told == [f"training on {record.facts['rows']} rows of 2 columns"]
    model = open_session(read_artifact(store, record.artifacts[0]))
    assert model.run({"x": np.array([[10, 3]], np.float32)})["total"] == pytest.approx(17, abs=1e-3)


def test_inputs_are_a_matrix_the_target_and_the_names_of_columns(trained):
    code = (
        "def train(inputs, parameters, seed):\n    assert False, (inputs.features.dtype.name, inputs.features.shape[1],"
        " inputs.target.dtype.name, inputs.columns, parameters, seed)"
    )

    _, found = trouble(trained(code, "parameters: {depth: 3, deep: true}\n    seed: 7"))

    expected = "AssertionError: ('float32', 2, 'int64', ('left', 'right'), {'depth': 3, 'deep': True}, 7)"
    assert found == expected


BROKEN = {
    "raises": ("def train(*_):\n    raise ValueError('too few')", "train.py:2", "ValueError: too few"),
    "exits": ("import sys\ndef train(*_): sys.exit(0)", "train.py:2", "SystemExit: 0"),
    "is not Python": ("def train(:", "train.py:1", "SyntaxError: invalid syntax (train.py, line 1)"),
    "is not there": ("import os\ndef trane(*_): ...", "train.py:2", "no function train in it, but trane"),
    "is a number": ("train = 3", "train.py:1", "no function train in it"),
    "takes other arguments": ("def train(): ...", "", "TypeError: train() takes 0 positional arguments but 3 were"),
    "imports what is not installed": ("import nothing_like_it", "train.py:1", "ModuleNotFoundError: No module named"),
    "returns nothing": ("def train(*_): ...", "", "nothing from train, no model"),
    "returns a dict": ("def train(*_): return {}", "", "an object of the type dict from train, no model"),
    "returns other bytes": ("def train(*_): return b'PK'", "model file", "other bytes"),
    "says nothing of its error": (
        "class Odd(Exception):\n    def __str__(self): return 1 / 0\ndef train(*_): raise Odd", "train.py:3", "Odd"
    ),
    "reads bad code": ("import ast\ndef train(*_): ast.parse('1 +')", "train.py:2", "SyntaxError: invalid syntax"),
    "leaves a file like a model": (
        "import os\ndef train(*_):\n    open('model.onnx', 'w').close()\n    os._exit(0)",
        "", "a process that exited with 0"
    ),
    "ends by a signal without a name": (
        "import os, signal\ndef train(*_): os.kill(os.getpid(), signal.SIGRTMIN + 5)",
        "", "a process that ended by signal"
    ),
    "is killed": (
        "import os\ndef train(*_): os.kill(os.getpid(), 9)", "", "a process that ended by SIGKILL"
    ),
    "ends its process": ("import os\ndef train(*_): os._exit(0)", "", "a process that exited with 0"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "where", "found"), BROKEN.values(), ids=BROKEN)
def test_a_function_that_gives_no_model_fails_the_run_with_its_own_line(store, trained, code, where, found):
    performed = trained(code)

    place, words = trouble(performed)
    assert words.startswith(found)
    assert place.startswith("train, train.py:train")
    assert place.endswith(where)
    assert performed.record.artifacts == ()
    assert len(list(store.list("blobs/"))) == 2  # spec and data


def test_what_a_module_beside_it_raises_is_told_with_that_modules_line(trained):
    performed = trained("import rows\ndef train(*_): rows.cut()", rows="def cut():\n    return {}['no such column']")

    assert trouble(performed) == ("train, train.py:train, rows.py:2", "KeyError: 'no such column'")


def test_a_model_that_does_not_load_is_none(trained):
    unlike = LINEAR.replace('"Gemm"', '"Gem"')

    place, words = trouble(trained(unlike))

    assert place == "train, train.py:train: model"
    assert "Gem" in words


def test_a_model_of_several_files_is_none(trained):
    parted = LINEAR.replace(
        "    return model\n",
        "    import onnx\n    model.graph.initializer[0].raw_data = bytes(8)\n"
        "    onnx.save_model(model, 'm.onnx', save_as_external_data=True, size_threshold=0, location='weights.bin')\n"
        "    return 'm.onnx'\n",
    )

    assert trouble(trained(parted)) == ("train, train.py:train", "external data")


def test_a_function_that_hangs_is_ended_with_all_that_it_started(trained, tmp_path):
    code = (
        "import subprocess, time\ndef train(*_):\n    child = subprocess.Popen(['sleep', '600'])\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n    time.sleep(600)"
    )

    _, words = trouble(trained(code, "timeout_seconds: 5"))

    assert words == "one that was still at it after 5 seconds"
    child = Path("/proc", (tmp_path / "pid").read_text(), "cmdline")
    await_that(lambda: not child.exists() or not child.read_bytes())


def test_a_process_that_left_its_group_is_ended_too(trained, tmp_path):
    code = (
        "import subprocess\ndef train(*_):\n    child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))"
    )

    trained(code)

    child = Path("/proc", (tmp_path / "pid").read_text(), "cmdline")
    await_that(lambda: not child.exists() or not child.read_bytes())


def test_memory_beyond_the_limit_is_refused(trained):
    code = "def train(*_): return bytearray(1 << 32)"

    found = trouble(trained(code, f"memory_limit_bytes: {1 << 31}"))

    assert found == ("train, train.py:train, train.py:1", "one that wants more memory than it may have")


def test_a_function_sees_nothing_of_the_environment_and_not_where_it_was_started(trained, monkeypatch):
    monkeypatch.setenv("POORWILL_TOKEN", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    code = (
        "import os, sys\ndef train(*_):\n    names = [name for name in os.environ if not name.endswith('_THREADS')]\n"
        f"    raise ValueError(sorted(names), os.getcwd() == {str(Path.cwd())!r}, sys.stdin.read())"
    )

    _, words = trouble(trained(code))

    names = "HOME LANG ORT_DISABLE_TELEMETRY PATH PYTHONDONTWRITEBYTECODE PYTHONHASHSEED PYTHONUNBUFFERED TMPDIR TZ"
    assert words == f"ValueError: ({names.split()}, False, '')"


def test_what_a_function_prints_is_progress_also_without_an_end_of_line(trained):
    code = "import sys\nprint('epoch 1')\nprint('.' * 10**6, end='', flush=True)\n" + LINEAR

    record, _, told = trained(code)

    assert record.state == "completed"
    assert told[1] == "epoch 1"
    assert [len(line) for line in told[2:]] == [200] * (1 + 10**6 // 4096)


def test_what_a_function_prints_is_told_while_it_works_and_of_a_line_written_over_its_end(trained, tmp_path):
    code = (
        "import sys, time\nfrom pathlib import Path\ndef train(*_):\n    print('epoch 1')\n"
        "    print('10 %\\r50 %\\r\\x1b[1m90 %')\n    time.sleep(600)"
    )

    _, _, told = trained(code, "timeout_seconds: 5")

    assert told[1:] == ["epoch 1", "[1m90 %"]


def test_what_decides_is_code_parameters_seed_and_image_and_nothing_beside_them(trained, tmp_path):
    first = trained().record
    (tmp_path / "sums" / "notes.txt").write_text("of no matter")
    (tmp_path / "sums" / ".venv").mkdir()
    (tmp_path / "sums" / ".venv" / "some.py").write_text("")

    again = trained(event_id="2").record
    others = [
        trained(f"{LINEAR}\n", event_id="3"),
        trained(step="seed: 1", event_id="4"),
        trained(step="parameters: {off: 1}", event_id="5"),
        trained(event_id="6", rows="beside = 1\n"),
        trained(event_id="7", image="sha256:0"),
    ]

    assert (again.reused, again.key) == (True, first.key)
    assert len({first.key, *(other.record.key for other in others)}) == 6


def test_a_name_counts_as_much_as_what_is_in_the_file(tmp_path):
    (tmp_path / "a.py").write_text("1")
    before = code_digest(tmp_path)

    (tmp_path / "a.py").rename(tmp_path / "b.py")

    assert code_digest(tmp_path) != before


def test_the_record_says_what_was_fixed_and_what_could_not_be(trained):
    record = trained(step="seed: 7").record.facts["reproducible"]

    assert "seed 7 of random, numpy and hashes" in record["fixed"]
    assert any("CPU" in line for line in record["not_fixed"])
    assert sys.platform != "linux" or record["processor"]


@pytest.mark.parametrize("name", ["is not Python", "is not there", "is a number", "imports what is not installed"])
def test_a_function_is_loaded_before_anything_else_and_what_keeps_it_from_that_is_told_with_its_line(tmp_path, name):
    code, place, found = BROKEN[name]
    pipeline = works.write_pipeline(tmp_path / "sums")
    (pipeline.folder / "train.py").write_text(code)

    with pytest.raises(StepFailedError) as caught:
        check_function(pipeline.spec.steps[1], pipeline.folder, lambda line: None)

    (fault,) = caught.value.faults
    assert (fault.where, fault.found[: len(found)]) == (f"train, train.py:train, {place}", found)


def test_a_function_that_can_be_loaded_is_not_called_for_that(tmp_path):
    pipeline = works.write_pipeline(tmp_path / "sums")
    (pipeline.folder / "train.py").write_text("def train(*_): raise ValueError")

    check_function(pipeline.spec.steps[1], pipeline.folder, lambda line: None)
