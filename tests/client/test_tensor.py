"""Lists are read as the model's metadata says, and only ever gain axes."""

import pytest

from poorwill.client.tensor import TensorMetadata, fitted
from poorwill.errors import Fault


def fit(values, shape, datatype="FP32"):
    tensor = fitted(values, TensorMetadata("x", datatype, shape), "input 'x'")
    return tensor if isinstance(tensor, Fault) else tensor.array.shape


@pytest.mark.parametrize(
    ("values", "shape", "wanted"),
    [
        (1, [], ()),
        (1, [-1], (1,)),
        (1, [-1, -1], (1, 1)),
        ([1, 2, 3, 4], [-1, -1, 2], (2, 1, 2)),
        ([1, 2, 3, 4], [2, -1], (2, 2)),
        ([[1, 2], [3, 4]], [-1, 2, 2], (1, 2, 2)),
        ([[1, 2], [3, 4]], [-1], (2, 2)),  # the server says whether it takes another rank
        ([], [-1], (0,)),
    ],
)
def test_a_sample_without_its_batch_axis_gets_it(values, shape, wanted):
    assert fit(values, shape) == wanted


@pytest.mark.parametrize(
    ("values", "shape", "datatype"),
    [
        ([1, 2], [-1, 3], "FP32"),
        ([1, 2], [-1, 0], "FP32"),
        ([[1], [2, 3]], [-1, 2], "FP32"),
        ([1.5], [-1], "INT8"),
        ([300], [-1], "INT8"),
        (["a"], [-1], "FP32"),
        ([1], [-1], "BYTES"),
        ([1], [-1], "FP31"),
        ({"a": 1}, [-1], "FP32"),
    ],
)
def test_what_does_not_fit_is_a_fault(values, shape, datatype):
    assert isinstance(fit(values, shape, datatype), Fault)
