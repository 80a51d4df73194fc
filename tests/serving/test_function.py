"""A folder with a main.py stands around a model, or in the place of one."""

import json

import numpy as np
import pytest

from poorwill.errors import InvalidModelError, ModelFailedError, NotFoundError
from poorwill.registry.onnx_session import open_session
from poorwill.serving.function import Function, as_array
from poorwill.serving.predictor import Sample
from tests import models

REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}
HEAD = """
import numpy as np
from poorwill.errors import Fault, InvalidRequestError
from poorwill.registry.records import Signature, TensorSpec
"""
WORDS = """
SIGNATURE = Signature((TensorSpec("word", "BYTES", (1,)),), (TensorSpec("letters", "INT64", (1,)),))
"""


@pytest.fixture
def write(tmp_path):
    def folder(code):
        (tmp_path / "main.py").write_text(HEAD + code)
        return Function(str(tmp_path))

    return folder


@pytest.fixture
def model():
    return open_session(models.sum_model().SerializeToString())


def test_a_function_around_a_model_keeps_its_signature(write, model, serve):
    function = write(
        "def predict(inputs, model):\n    return {'total': model.run({'x': inputs['x'] * 2})['total'] + 1}"
    )

    caller = serve(function.around(model))

    assert json.loads(caller.infer(REQUEST).body)["outputs"][0]["data"] == [13.0]
    assert function.around(model).signature == model.signature


def test_a_function_in_the_place_of_a_model_says_its_signature(write, serve):
    function = write(WORDS + "def predict(inputs, model):\n    return {'letters': [len(inputs['word'][0])]}")

    answer = serve(function.around(None)).infer(b"poorwill", inference_header_content_length="0")

    assert json.loads(answer.body)["outputs"][0]["data"] == [8]


def test_a_function_without_model_and_signature_is_refused(write):
    with pytest.raises(InvalidModelError):
        write("def predict(inputs, model):\n    return {}").around(None)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "predict = 7",
        "raise ValueError('hunter2')",
        "def predict(:",
    ],
)
def test_a_main_that_cannot_be_used_is_refused_without_its_words(write, code):
    with pytest.raises(InvalidModelError) as caught:
        write(code)

    assert "hunter2" not in str(caught.value)


def test_a_folder_without_main_is_not_found(tmp_path):
    with pytest.raises(NotFoundError):
        Function(str(tmp_path))
    with pytest.raises(NotFoundError):
        Function(str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("raise InvalidRequestError(Fault('x', 'more', 'less', 'send more'))", 400),
        ("raise ValueError('hunter2')", 500),
        ("return {}", 500),
        ("return 7", 500),
        ("return {'total': ['hunter2']}", 500),
    ],
)
def test_what_a_function_does_wrong_is_answered_without_its_words(write, model, serve, body, status):
    caller = serve(write(f"def predict(inputs, model):\n    {body}").around(model))

    answer = caller.infer(REQUEST)

    assert answer.status == status
    assert "hunter2" not in answer.body.decode() + json.dumps(caller.lines)


def test_only_the_outputs_that_are_asked_for_are_sent(write, model, serve):
    code = "def predict(inputs, model):\n    return {'total': model.run(inputs)['total'], 'more': 1}"

    answer = serve(write(code).around(model)).infer(REQUEST | {"outputs": [{"name": "total"}]})

    assert [output["name"] for output in json.loads(answer.body)["outputs"]] == ["total"]


def test_the_digest_follows_the_files(write, tmp_path):
    first = write("predict = print").digest
    (tmp_path / "data.txt").write_text("1")

    second = Function(str(tmp_path)).digest

    assert first.startswith("sha256:")
    assert first != second
    assert second == Function(str(tmp_path)).digest


def test_a_sample_beside_main_is_the_warm_up(write, tmp_path):
    function = write("predict = print")
    assert function.sample is None

    (tmp_path / "sample.png").write_bytes(b"\x89PNG")
    assert function.sample == Sample(b"\x89PNG", raw=True)

    (tmp_path / "sample.json").write_bytes(b"{}")
    assert function.sample == Sample(b"{}")


@pytest.mark.parametrize(
    ("value", "datatype", "expected"),
    [
        ([1, 2], "FP32", np.array([1, 2], np.float32)),
        (1.5, "FP64", np.array(1.5)),
        (["a", b"\xff"], "BYTES", np.array([b"a", b"\xff"], object)),
    ],
)
def test_what_a_function_gives_becomes_an_array(value, datatype, expected):
    array = as_array(value, datatype)

    assert array.dtype == expected.dtype
    np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize(
    ("value", "datatype"), [([1.5], "INT64"), (["a"], "FP32"), ([1], "BYTES"), (None, "FP32"), ([[1], []], "FP32")]
)
def test_what_loses_its_meaning_in_the_datatype_is_refused(value, datatype):
    with pytest.raises(ModelFailedError):
        as_array(value, datatype)
