"""The sample models answer held-out rows rightly, and training them again gives the same."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from poorwill.registry.onnx_session import open_session

EXAMPLES = Path(__file__).parents[2] / "functions" / "examples"
SAMPLES = {"digits": "image", "breast_cancer": "features"}
MODELS = [("digits", "digits.onnx"), ("digits", "digits_wide.onnx"), ("breast_cancer", "breast_cancer.onnx")]


def heldout(name):
    rows = np.loadtxt(EXAMPLES / name / "heldout.csv", delimiter=",", skiprows=1, dtype=np.float32)
    return rows[:, 1:], rows[:, 0].astype(np.int64)


@pytest.mark.parametrize(("name", "model"), MODELS)
def test_nineteen_of_twenty_heldout_rows_are_answered_rightly(name, model):
    rows, truth = heldout(name)

    answer = open_session(str(EXAMPLES / name / model)).run({SAMPLES[name]: rows})

    assert np.mean(answer["label"] == truth) >= 0.95
    assert np.array_equal(answer["probabilities"].argmax(axis=1), answer["label"])


@pytest.mark.parametrize(("name", "model"), MODELS)
def test_the_model_takes_a_batch_by_name(name, model):
    signature = open_session(str(EXAMPLES / name / model)).signature

    assert [(spec.name, spec.datatype, spec.shape[0]) for spec in signature.inputs + signature.outputs] == [
        (SAMPLES[name], "FP32", "batch"),
        ("label", "INT64", "batch"),
        ("probabilities", "FP32", "batch"),
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_request_is_the_first_heldout_row(name):
    rows, _ = heldout(name)
    (tensor,) = json.loads((EXAMPLES / name / "sample.json").read_text())["inputs"]

    assert (tensor["name"], tensor["datatype"], tensor["shape"]) == (SAMPLES[name], "FP32", list(rows[:1].shape))
    assert np.array_equal(np.array([tensor["data"]], np.float32), rows[:1])


@pytest.mark.parametrize(("name", "model"), MODELS)
def test_training_again_gives_the_same_answers(name, model):
    # not the same bytes: another CPU's sums end in other last digits
    spec = importlib.util.spec_from_file_location(f"train_{name}", EXAMPLES / name / "train.py")
    train = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(train)
    rows, _ = heldout(name)
    kept = open_session(str(EXAMPLES / name / model)).run({SAMPLES[name]: rows})

    pipeline, _, _ = train.sample_model(train.HIDDEN[model]) if name == "digits" else train.sample_model()
    again = open_session(train.export(pipeline)).run({SAMPLES[name]: rows})

    assert np.array_equal(again["label"], kept["label"])
    assert np.allclose(again["probabilities"], kept["probabilities"], atol=0.02)
