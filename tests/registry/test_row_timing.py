"""The timed run finds out whether rows mind one another; times themselves are given to it, where they matter."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from poorwill.registry.onnx_session import open_session
from poorwill.registry.records import RowTiming
from poorwill.registry.row_timing import SIZES, is_clear, time_rows
from tests import models

FLOAT, INT64 = models.FLOAT, models.INT64
WIDE = [models.value("x", FLOAT, ("n", 3))]


def session(model):
    return open_session(model.SerializeToString())


def less_the_mean():
    """Take the mean over all rows from each: y[n, 3]."""
    nodes = [
        helper.make_node("ReduceMean", ["x", "axes"], ["mean"], keepdims=1),
        helper.make_node("Sub", ["x", "mean"], ["y"]),
    ]
    axes = models.constant("axes", np.array([0], np.int64))
    return models.build(nodes, WIDE, [models.value("y", FLOAT, ("n", 3))], (axes,))


def quantised():
    """Round x by a scale that is taken over all rows, as dynamically quantised models do."""
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["small", "scale", "zero"]),
        helper.make_node("DequantizeLinear", ["small", "scale", "zero"], ["y"]),
    ]
    return models.build(nodes, WIDE, [models.value("y", FLOAT, ("n", 3))])


def in_order():
    """Give the rows from the highest to the lowest."""
    nodes = [helper.make_node("TopK", ["x", "one"], ["y", "places"], axis=0)]
    one = models.constant("one", np.array([1], np.int64))
    return models.build(nodes, [models.value("x", FLOAT, ("n",))], [models.value("y", FLOAT, ("m",))], (one,))


def switched():
    """Negate numbers where BOOL says so."""
    nodes = [helper.make_node("Neg", ["x"], ["less"]), helper.make_node("Where", ["on", "less", "x"], ["y"])]
    inputs = [models.value("x", INT64, ("n",)), models.value("on", TensorProto.BOOL, ("n",))]
    return models.build(nodes, inputs, [models.value("y", INT64, ("n",))])


@pytest.mark.parametrize("make", [models.sum_model, models.wide_model, models.half_model, models.table_model, switched])
def test_rows_that_answer_alike_alone_and_in_company_may_share_a_run(make):
    found = time_rows(session(make()), None, 1e9)

    assert found.unfit == ""
    assert [timing.rows for timing in found.times[:3]] == [1, 2, 4]


@pytest.mark.parametrize("make", [less_the_mean, quantised])
def test_rows_that_change_one_anothers_answers_may_not(make):
    assert "otherwise in company" in time_rows(session(make()), None, 1e9).unfit


def test_rows_that_do_not_each_have_their_answer_may_not():
    assert "one row for each" in time_rows(session(in_order()), None, 1e9).unfit


def test_a_model_that_fails_on_made_up_rows_is_told_to_have_a_sample():
    model, sample = session(models.table_model(offset=9)), {"index": np.array([9, 12], np.int64)}

    assert time_rows(model, sample, 1e9).unfit == ""
    assert "sample request" in time_rows(model, None, 1e9).unfit


def test_whole_numbers_are_drawn_from_those_of_the_sample():
    asked = []

    class Seen:
        signature = session(models.copy_model(INT64)).signature

        def run(self, inputs, outputs=None):
            asked.append(inputs["x"])
            return {"y": inputs["x"]}

    time_rows(Seen(), {"x": np.array([5, 7], np.int64)}, 1e9)

    assert set(np.concatenate(asked).tolist()) == {5, 7}


def test_axes_whose_length_nobody_knows_are_not_timed_without_a_sample():
    model = session(
        models.build(
            [helper.make_node("Add", ["x", "x"], ["y"])],
            [models.value("x", FLOAT, ("n", "words"))],
            [models.value("y", FLOAT, ("n", "words"))],
        )
    )

    assert "how long" in time_rows(model, None, 1e9).unfit
    assert time_rows(model, {"x": np.ones((2, 5), np.float32)}, 1e9).unfit == ""


def test_no_size_is_tried_after_one_that_takes_longer_than_a_shared_run_may():
    found = time_rows(session(models.sum_model()), None, 0.0)

    assert [timing.rows for timing in found.times] == [1, 2]


CLEAR = {
    "nothing but one row": ([1.0], False),
    "half as long a row": ([1.0, 1.0], False),
    "longer than it may be": ([1.0, 21.0], True),
    "one row that is longer than it may be": ([21.0], False),
    "no gain by two": ([1.0, 2.0], False),
    "no gain by four": ([1.0, 2.0, 4.0], True),
    "gain by four": ([1.0, 1.5, 2.0], False),
    "no further gain, once": ([1.0, 1.0, 1.0, 1.0, 2.1], False),
    "no further gain, twice": ([1.0, 1.0, 1.0, 2.1, 4.2], True),
}


@pytest.mark.parametrize(("took_ms", "clear"), CLEAR.values(), ids=CLEAR)
def test_the_timed_run_ends_when_no_size_could_change_the_choice(took_ms, clear):
    assert is_clear([RowTiming(*pair) for pair in zip(SIZES, took_ms, strict=False)], 20.0) is clear
