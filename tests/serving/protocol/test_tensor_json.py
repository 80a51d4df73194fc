"""Flat JSON values become the same array the quick way, which is for one shape, as the general way."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.registry.datatypes import DATATYPES
from poorwill.serving.protocol.tensor_json import packing, to_array


def numbers(datatype):
    dtype = DATATYPES[datatype].numpy
    if datatype == "BOOL":
        return st.booleans()
    if datatype == "BYTES":
        return st.text()
    if dtype.kind == "f" or datatype == "BF16":
        largest = 3.3e38 if datatype == "BF16" else float(np.finfo(dtype).max)
        return st.floats(-largest, largest) | st.integers(-2048, 2048).map(float)
    return st.integers(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))


@given(st.data())
def test_values_of_every_type_become_the_same_array_both_ways(data):
    datatype = data.draw(st.sampled_from(sorted(DATATYPES)))
    values = data.draw(st.lists(numbers(datatype), max_size=12))
    shape = data.draw(st.sampled_from([(len(values),), (1, len(values)), (len(values), 1)]))

    packed = packing(datatype, shape)(values)

    assert (packed.shape, packed.dtype) == (shape, DATATYPES[datatype].numpy)
    assert packed.tolist() == to_array(values, datatype, shape).tolist()
    assert packed.flags.writeable


@pytest.mark.parametrize("count", [0, 3, 5])
def test_values_that_are_not_as_many_as_the_shape_claims_are_refused_before_memory_is_taken(count):
    with pytest.raises(ValueError, match="as many values"):
        packing("FP32", (2**30, 4))([1.0] * count)


def test_a_value_over_the_range_that_was_not_checked_before_is_refused():
    with pytest.raises(struct.error):
        packing("UINT64", (1,))([2**64])
