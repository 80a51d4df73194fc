"""What a model's outputs mean: labels, values, probabilities, in the order of which classes."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from poorwill.pipeline.answers import model_answers
from poorwill.pipeline.matrix import Matrix
from poorwill.pipeline.step import StepFailedError
from tests import models

ROWS = np.random.default_rng(0).normal(size=(2500, 3)).astype(np.float32)
MATRIX = Matrix(("a", "b", "c"), ROWS, np.zeros(len(ROWS), np.int64), np.arange(len(ROWS)))
PLACES = ROWS.argmax(axis=1)


def classifier(*, label="INT64", softmax=True, batch="batch"):
    """Return a model that says which column is largest, and how sure it is."""
    kinds = {"INT64": TensorProto.INT64, "FLOAT": TensorProto.FLOAT, "STRING": TensorProto.STRING}
    nodes = [
        helper.make_node("ArgMax", ["x"], ["place"], axis=1, keepdims=0),
        helper.make_node("Cast", ["place"], ["label"], to=kinds[label]),
        helper.make_node("Softmax" if softmax else "Identity", ["x"], ["scores"]),
    ]
    outputs = [
        models.value("label", kinds[label], (batch,)),
        models.value("scores", models.FLOAT, (batch, 3)),
    ]
    return models.build(nodes, [models.value("x", models.FLOAT, (batch, 3))], outputs).SerializeToString()


def asked(model, classes=(0, 1, 2), output=""):
    return model_answers(model, MATRIX, np.array(classes), output=output, where="the model")


def test_labels_are_the_first_output_and_probabilities_what_sums_to_one():
    answers = asked(classifier())

    assert (answers.values == PLACES).all()
    assert (answers.classes == [0, 1, 2]).all()
    assert (answers.probabilities.argmax(axis=1) == PLACES).all()


def test_probabilities_alone_give_the_label_of_their_class():
    answers = asked(classifier(), ["high", "low", "middle"], "scores")

    assert (answers.values == np.array(["high", "low", "middle"])[PLACES]).all()


def test_scores_that_are_no_probabilities_give_labels_only():
    answers = asked(classifier(softmax=False), output="scores")

    assert (answers.values == PLACES).all()
    assert answers.probabilities is None


def test_text_labels_are_text():
    assert (asked(classifier(label="STRING"), ["0", "1", "2"]).values == PLACES.astype(str)).all()


def test_a_model_of_a_fixed_batch_is_asked_so_many_rows_at_a_time():
    assert (asked(classifier(batch=64)).values == PLACES).all()


def test_classes_that_the_data_does_not_show_are_those_between():
    assert (asked(classifier(), [0, 2]).classes == [0, 1, 2]).all()


@pytest.mark.parametrize("classes", [["a", "b"], [1, 2, 3, 4], [1, 5], [-1, 1]])
def test_probabilities_of_other_classes_than_the_datas_are_refused(classes):
    with pytest.raises(StepFailedError, match="the model, output: wanted one for each of"):
        asked(classifier(), classes)


def counted(chosen=""):
    """Return what is said by a model that gives, besides a label for each row, how many there were."""
    nodes = [
        helper.make_node("ArgMax", ["x"], ["label"], axis=1, keepdims=0),
        helper.make_node("Size", ["x"], ["count"]),
        helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=1),
    ]
    outputs = [
        models.value("label", models.INT64, ("batch",)),
        models.value("count", models.INT64, ()),
        models.value("largest", models.FLOAT, (1, 1)),
    ]
    model = models.build(nodes, [models.value("x", models.FLOAT, ("batch", 3))], outputs)
    return asked(model.SerializeToString(), output=chosen)


def test_outputs_that_have_not_one_for_each_row_are_let_be():
    assert (counted().values == PLACES).all()


@pytest.mark.parametrize("chosen", ["count", "largest"])
def test_an_output_that_has_not_one_for_each_row_is_refused(chosen):
    with pytest.raises(StepFailedError, match=f"found {chosen}, which has not one for each"):
        counted(chosen)


def test_two_inputs_are_refused():
    with pytest.raises(StepFailedError, match=r"wanted one input FP32 or FP64 \[rows, 3\], found left FP32"):
        asked(models.MODELS["pair"]().SerializeToString())
