"""`make load` finds nothing wrong with the true model, and ends with 1 when answers are wrong."""

from pathlib import Path

import onnx
import pytest
from functions.examples.served import free_port, push, serve

from loadtests.run import DIGITS, locust

pytestmark = pytest.mark.e2e


@pytest.fixture
def other_model(tmp_path):
    model = onnx.load(DIGITS)
    weights = next(tensor for tensor in model.graph.initializer if list(tensor.dims) == [64, 32])
    tensor = onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(weights) * 0.9, weights.name)
    weights.CopyFrom(tensor)
    (tmp_path / "sample.json").write_bytes(Path(DIGITS).with_name("sample.json").read_bytes())
    path = tmp_path / "digits.onnx"
    onnx.save(model, path)
    return path


def load(model, store):
    versions = push({"digits": model}, store)
    with serve(f"digits@{versions['digits']}", store, free_port()) as url:
        return locust(url, users=2, seconds=2)


def verdicts(output):
    # what depends on this machine's speed, p99 and rate, is for `make load` to judge
    rows = (line.rpartition(" ") for line in output.splitlines())
    return {row.split("<=")[0].strip(): verdict for row, _, verdict in rows if "errors " in row or "wrong " in row}


def test_right_answers_are_neither_errors_nor_wrong(tmp_path, capfd):
    load(DIGITS, tmp_path / "store")

    assert verdicts(capfd.readouterr().out) == {
        "infer JSON: errors": "kept",
        "infer JSON: wrong": "kept",
        "infer binary: errors": "kept",
        "infer binary: wrong": "kept",
    }


def test_wrong_answers_break_their_limit_and_set_the_exit_code(tmp_path, capfd, other_model):
    assert load(other_model, tmp_path / "store") == 1
    assert verdicts(capfd.readouterr().out) == {
        "infer JSON: errors": "kept",
        "infer JSON: wrong": "BROKEN",
        "infer binary: errors": "kept",
        "infer binary: wrong": "BROKEN",
    }
