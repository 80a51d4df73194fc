"""The run before the first request."""

import numpy as np
import pytest

from poorwill.errors import InvalidModelError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.onnx_session import open_session
from poorwill.registry.records import Signature, TensorSpec
from poorwill.registry.warmup import made_inputs, warm_up
from tests import models


def test_dynamic_axes_are_one_and_a_free_rank_is_one_axis():
    inputs = (TensorSpec("a", "FP32", ("batch", 3, -1)), TensorSpec("b", "INT64", None), TensorSpec("c", "BOOL", ()))

    made = made_inputs(Signature(inputs, ()), 1)

    assert {name: array.shape for name, array in made.items()} == {"a": (1, 3, 1), "b": (1,), "c": ()}
    assert {name: array.dtype for name, array in made.items()} == {"a": np.float32, "b": np.int64, "c": np.bool_}


@pytest.mark.parametrize("datatype", DATATYPES)
def test_every_type_has_a_zero_and_a_one(datatype):
    signature = Signature((TensorSpec("x", datatype, (2,)),), ())

    zeros, ones = (made_inputs(signature, value)["x"].tolist() for value in (0, 1))

    expected = {"BYTES": (b"0", b"1"), "BF16": (0, 0x3F80)}.get(datatype, (0, 1))
    assert (zeros, ones) == ([expected[0]] * 2, [expected[1]] * 2)


@pytest.mark.parametrize("name", sorted(set(models.MODELS) - {"map", "free_rank"}))
def test_every_sample_model_is_warmed_up_without_help(name):
    assert warm_up(open_session(models.MODELS[name]().SerializeToString())) is None


def test_ones_are_tried_where_zeros_fail():
    assert warm_up(open_session(models.table_model(offset=5).SerializeToString())) is None


def test_a_model_that_fails_on_both_needs_a_sample():
    model = open_session(models.table_model(offset=9).SerializeToString())

    with pytest.raises(InvalidModelError, match="--sample"):
        warm_up(model)
    warm_up(model, {"index": np.array([9, 12])})


def test_a_sample_that_the_model_fails_on_is_refused():
    model = open_session(models.table_model().SerializeToString())

    with pytest.raises(InvalidModelError, match="sample request"):
        warm_up(model, {"index": np.array([4])})
