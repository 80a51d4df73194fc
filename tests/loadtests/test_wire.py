"""What load sends is what the server's own codec reads, though the two share no line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from loadtests.wire import HEADER_LENGTH, as_binary, as_json, outputs

FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


def as_answer(encoded):
    return encoded.body.replace(b'"inputs"', b'"outputs"'), encoded.headers.get(HEADER_LENGTH)


@given(arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 4)), elements=FINITE))
def test_a_tensor_comes_back_bit_for_bit_by_json(array):
    body, header_length = as_answer(as_json("x", array))

    assert np.array_equal(outputs(body, header_length)["x"], array)


@given(arrays(np.int64, st.tuples(st.integers(1, 3), st.integers(1, 4))))
def test_a_tensor_comes_back_bit_for_bit_in_binary(array):
    encoded = as_binary("x", array)
    head = encoded.body[: int(encoded.headers[HEADER_LENGTH])].replace(b'"inputs"', b'"outputs"')

    found = outputs(head + array.tobytes(), str(len(head)))

    assert np.array_equal(found["x"], array)


def test_a_datatype_that_load_does_not_send_is_a_key_error():
    with pytest.raises(KeyError):
        outputs(b'{"outputs": [{"name": "x", "datatype": "BOOL", "shape": [1], "data": [true]}]}', None)
