"""Tensors survive bytes and JSON exactly, and what can't be read is named by type and count."""

import struct

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.tensor_codec import TensorError, bf16_to_fp32, fp32_to_bf16, pack, to_json, unpack

NUMERIC = sorted(set(DATATYPES) - {"BYTES"})
ELEMENTS = st.binary(max_size=9)
SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


@st.composite
def tensors(draw, names=tuple(DATATYPES), texts=ELEMENTS):
    name = draw(st.sampled_from(names))
    if name != "BYTES":
        return name, draw(arrays.arrays(DATATYPES[name].numpy, SHAPES))
    shape = draw(SHAPES)
    count = int(np.prod(shape, dtype=int))
    array = np.empty(count, object)
    array[:] = draw(st.lists(texts, min_size=count, max_size=count))
    return name, array.reshape(shape)


def same(left, right):
    return left.shape == right.shape and left.dtype == right.dtype and left.tolist() == right.tolist()


@given(tensors())
def test_what_is_packed_is_unpacked_to_the_same_bits(tensor):
    datatype, array = tensor

    again = unpack(pack(array, datatype), datatype, array.shape)

    assert (again.shape, again.dtype) == (array.shape, array.dtype)
    assert pack(again, datatype) == pack(array, datatype)


@given(st.sampled_from(sorted(DATATYPES)), st.binary(max_size=64), st.lists(st.integers(-2, 2**63), max_size=3))
def test_arbitrary_bytes_and_shapes_are_read_or_refused_with_a_fault(datatype, buffer, shape):
    try:
        array = unpack(buffer, datatype, shape)
    except TensorError as error:
        again, fault = None, error.at("inputs[0]")
    else:
        again, fault = pack(array, datatype), None

    assert (again == buffer) != (fault is not None)


@pytest.mark.parametrize(
    ("datatype", "value", "wanted"),
    [
        ("BOOL", True, b"\x01"),
        ("UINT16", 0x0102, b"\x02\x01"),
        ("INT64", -2, b"\xfe" + b"\xff" * 7),
        ("FP16", 1.5, b"\x00\x3e"),
        ("FP32", 1.5, b"\x00\x00\xc0\x3f"),
        ("BYTES", b"ab", b"\x02\x00\x00\x00ab"),
    ],
)
def test_the_binary_form_is_little_endian_with_the_length_before_each_element_of_bytes(datatype, value, wanted):
    array = np.array([value], DATATYPES[datatype].numpy)

    assert pack(array, datatype) == wanted


def test_big_endian_and_strided_arrays_are_packed_row_major_and_little_endian():
    array = np.arange(6, dtype=">i4").reshape(2, 3).T

    assert np.frombuffer(pack(array, "INT32"), "<i4").tolist() == [0, 3, 1, 4, 2, 5]


def test_text_is_packed_as_utf_8():
    assert pack(np.array("ü", object), "BYTES") == b"\x02\x00\x00\x00\xc3\xbc"


def test_an_aligned_buffer_is_not_copied_and_an_unaligned_one_is():
    buffer = memoryview(bytearray(17))

    assert np.shares_memory(unpack(buffer[:16], "FP64", (2,)), np.frombuffer(buffer, np.uint8))
    assert unpack(buffer[1:], "FP64", (2,)).flags.aligned


@pytest.mark.parametrize(
    ("datatype", "buffer", "shape", "wanted", "found"),
    [
        ("FP32", b"12345", [2], "8 bytes (2 x 4) for FP32", "5 bytes"),
        ("FP32", b"", [10**30], f"{4 * 10**30} bytes ({10**30} x 4) for FP32", "0 bytes"),
        ("FP32", b"1234", [-1, -1], "a shape of sizes from 0", "a negative size"),
        ("FP32", b"", [0, 2**62, 2**62], "a shape that numpy can hold", "too many or too large axes"),
        ("BYTES", b"", [0, 2**62, 2**62], "a shape that numpy can hold", "too many or too large axes"),
        ("FP32", b"1234", [1] * 65, "a shape that numpy can hold", "too many or too large axes"),
        ("BOOL", b"\x00\x02", [2], "bytes of 0 or 1 for BOOL", "another byte"),
        ("BYTES", struct.pack("<I", 3) + b"ab", [1], "1 elements of BYTES", "0 whole ones in 6 bytes"),
        ("BYTES", b"\x00\x00\x00", [1], "1 elements of BYTES", "0 whole ones in 3 bytes"),
        ("BYTES", b"\x00\x00\x00\x00", [2], "2 elements of BYTES", "1 whole ones in 4 bytes"),
        ("BYTES", b"\x00\x00\x00\x00!", [1], "4 bytes for 1 elements of BYTES", "5 bytes"),
    ],
)
def test_a_buffer_that_does_not_fit_is_refused_with_both_sizes(datatype, buffer, shape, wanted, found):
    with pytest.raises(TensorError) as caught:
        unpack(buffer, datatype, shape)

    assert (caught.value.wanted, caught.value.found) == (wanted, found)


@pytest.mark.parametrize(
    ("array", "datatype"),
    [
        (np.zeros(1, "f8"), "FP32"),
        (np.zeros(1, "i1"), "BOOL"),
        (np.array(["a"]), "BYTES"),
        (np.array([1], object), "BYTES"),
        (np.array(["\ud800"], object), "BYTES"),
    ],
)
@pytest.mark.parametrize("write", [pack, to_json])
def test_an_array_of_another_type_is_refused_not_converted(array, datatype, write):
    with pytest.raises(TensorError):
        write(array, datatype)


@given(tensors(NUMERIC))
def test_json_carries_every_number_exactly_or_is_refused(tensor):
    datatype, array = tensor
    exact = bf16_to_fp32(array) if datatype == "BF16" else array
    finite = bool(np.isfinite(exact).all())

    try:
        values = msgspec.json.decode(msgspec.json.encode(to_json(array, datatype)))
    except TensorError:
        assert not finite
    else:
        assert finite
        assert same(np.array(values, exact.dtype), exact.ravel())


@given(tensors(("BYTES",), texts=st.text(max_size=5).map(str.encode)))
def test_json_carries_bytes_as_text(tensor):
    _, array = tensor

    assert [value.encode() for value in to_json(array, "BYTES")] == array.ravel().tolist()


def test_json_refuses_bytes_that_are_not_text():
    with pytest.raises(TensorError):
        to_json(np.array([b"\xff"], object), "BYTES")


def test_finite_numbers_whose_sum_overflows_go_into_json():
    assert to_json(np.array([1e308, 1e308]), "FP64") == [1e308, 1e308]


@given(arrays.arrays(np.uint16, SHAPES))
def test_bf16_survives_fp32_and_nan_stays_nan(bits):
    wide = bf16_to_fp32(bits)
    again = fp32_to_bf16(wide)

    assert np.array_equal(bf16_to_fp32(again), wide, equal_nan=True)
    assert (again[~np.isnan(wide)] == bits[~np.isnan(wide)]).all()


@pytest.mark.parametrize(
    ("bits", "wanted"),
    [
        (0x3F80_8000, 0x3F80),  # a tie goes to the even neighbour below
        (0x3F81_8000, 0x3F82),  # and above
        (0x3F80_8001, 0x3F81),
        (0x7F7F_FFFF, 0x7F80),  # the largest FP32 rounds to infinity
        (0xFFFF_FFFF, 0xFFFF),  # NaN, whose carry would wrap around to zero
        (0x7F80_0001, 0x7FC0),  # NaN whose payload is cut off
    ],
)
def test_fp32_is_rounded_to_the_nearest_bf16_ties_to_even(bits, wanted):
    assert int(fp32_to_bf16(np.array(bits, np.uint32).view(np.float32))) == wanted
