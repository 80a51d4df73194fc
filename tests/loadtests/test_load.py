"""`make load` keeps its limits on the true model, and ends with 1 when answers are wrong."""

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
        return locust(url, users=2, seconds=3)


def test_right_answers_keep_the_limits(tmp_path, capfd):
    assert load(DIGITS, tmp_path / "store") == 0
    assert "BROKEN" not in capfd.readouterr().out


def test_wrong_answers_break_theirs_and_set_the_exit_code(tmp_path, capfd, other_model):
    assert load(other_model, tmp_path / "store") == 1

    broken = [line for line in capfd.readouterr().out.splitlines() if line.endswith("BROKEN")]
    assert [line.split("<=")[0].strip() for line in broken] == ["infer JSON: wrong", "infer binary: wrong"]
