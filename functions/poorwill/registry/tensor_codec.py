"""Tensors to and from bytes, and to JSON, as the Open Inference Protocol has them; server and client share it.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
Binary: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
"""

import math
import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from poorwill.errors import Fault
from poorwill.registry.datatypes import DATATYPES

_LENGTH = struct.Struct("<I")
_FLOATS = frozenset({"FP16", "FP32", "FP64", "BF16"})


class TensorError(Exception):
    """A tensor that can't be read or written; `at` makes it the fault of one input, so that a caller collects all."""

    def __init__(self, wanted: str, found: str, next: str) -> None:  # noqa: A002 - the name that Fault has
        super().__init__(wanted, found, next)
        self.wanted, self.found, self.next = wanted, found, next

    def at(self, where: str) -> Fault:
        """Return the fault, named by where it stands in the request."""
        return Fault(where, self.wanted, self.found, self.next)


def pack(array: np.ndarray, datatype: str) -> bytes:
    """Return the tensor's binary form: little-endian and row-major; BYTES have their length before each element.

    Args:
        array: of the datatype's numpy type in any byte order; for BYTES an object array of bytes or str (as UTF-8).
        datatype: a name of DATATYPES.

    Raises:
        TensorError: the array is of another type, or an element of BYTES is.
    """
    _check_dtype(array, datatype)
    if datatype != "BYTES":
        return array.astype(DATATYPES[datatype].numpy, copy=False).tobytes()
    elements = [_as_bytes(element) for element in array.ravel().tolist()]
    return b"".join(chain.from_iterable((_LENGTH.pack(len(element)), element) for element in elements))


def unpack(buffer: bytes | memoryview, datatype: str, shape: Sequence[int]) -> np.ndarray:
    """Return the tensor of a binary form; a view on the buffer, or a copy where the buffer isn't aligned.

    Alignment matters because onnxruntime is handed the pointer, and numpy's flag is lost on it.

    Raises:
        TensorError: the buffer is too short or too long for the shape, or holds what the datatype can't.
    """
    row = DATATYPES[datatype]
    count = _count(shape)
    if datatype == "BYTES":
        return _objects(_split(memoryview(buffer), count), shape)
    if len(buffer) != count * row.size_bytes:
        raise TensorError(
            f"{count * row.size_bytes} bytes ({count} x {row.size_bytes}) for {datatype}",
            f"{len(buffer)} bytes",
            "send as many bytes as the shape needs",
        )
    array = _shaped(shape, row.numpy, buffer)
    if datatype == "BOOL" and array.size and array.view(np.uint8).max() > 1:
        raise TensorError("bytes of 0 or 1 for BOOL", "another byte", "send one byte an element, 0 or 1")
    return array if array.flags.aligned else array.copy()


def to_json(array: np.ndarray, datatype: str) -> list[Any]:
    """Return the tensor as a flat row-major list: BYTES as str, FP16 and BF16 as numbers.

    Raises:
        TensorError: JSON can't carry an element (not finite, not UTF-8), or the array is of another type.
    """
    _check_dtype(array, datatype)
    flat = (bf16_to_fp32(array) if datatype == "BF16" else array).ravel()
    if datatype == "BYTES":
        return [_as_text(element) for element in flat.tolist()]
    values: list[Any] = flat.tolist()
    # one element that isn't finite makes the sum so; the sum of a few costs a tenth of numpy's test
    if datatype in _FLOATS and not math.isfinite(sum(values)) and not np.isfinite(flat).all():
        raise TensorError(
            "finite numbers, as JSON has no others", "an infinity or NaN", "use the binary tensor extension"
        )
    return values


def bf16_to_fp32(array: np.ndarray) -> np.ndarray:
    """Return the FP32 values of BF16 bits; exact."""
    return (array.reshape(-1).astype(np.uint32) << 16).view(np.float32).reshape(array.shape)


def fp32_to_bf16(array: np.ndarray) -> np.ndarray:
    """Return the BF16 bits of FP32 values, rounded to nearest, ties to even; NaN stays NaN."""
    values = array.astype(np.float32, copy=False).reshape(-1)
    bits = np.ascontiguousarray(values).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) >> 16
    quiet_nan = (bits >> 16) | 0x40
    return np.where(np.isnan(values), quiet_nan, rounded).astype(np.uint16).reshape(array.shape)


def _check_dtype(array: np.ndarray, datatype: str) -> None:
    wanted = DATATYPES[datatype].numpy
    if array.dtype != wanted and array.dtype.newbyteorder("<") != wanted:
        raise TensorError(
            f"an array of {wanted.name} for {datatype}", f"an array of {array.dtype.name}", "convert the array"
        )


def _count(shape: Sequence[int]) -> int:
    if any(size < 0 for size in shape):
        raise TensorError("a shape of sizes from 0", "a negative size", "send the tensor's own shape")
    return math.prod(shape)


def _shaped(shape: Sequence[int], dtype: np.dtype, buffer: bytes | memoryview) -> np.ndarray:
    try:
        return np.ndarray(tuple(shape), dtype, buffer)
    except ValueError:  # numpy's own limits: 64 axes, and sizes beside a 0 that would overflow
        raise _unshapely() from None


def _unshapely() -> TensorError:
    return TensorError("a shape that numpy can hold", "too many or too large axes", "send at most 64 axes")


def _objects(elements: list[bytes], shape: Sequence[int]) -> np.ndarray:
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return _reshaped(array, shape)


def _reshaped(array: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    try:
        return array.reshape(tuple(shape))
    except ValueError:
        raise _unshapely() from None


def _split(buffer: memoryview, count: int) -> list[bytes]:
    elements: list[bytes] = []
    start, end = 0, len(buffer)
    while len(elements) < count and start + 4 <= end:
        stop = start + 4 + _LENGTH.unpack_from(buffer, start)[0]
        if stop > end:
            break
        elements.append(bytes(buffer[start + 4 : stop]))
        start = stop
    if len(elements) < count:
        raise TensorError(
            f"{count} elements of BYTES",
            f"{len(elements)} whole ones in {end} bytes",
            "send each as its length, 4 bytes little-endian, and its bytes",
        )
    if start < end:
        raise TensorError(
            f"{start} bytes for {count} elements of BYTES", f"{end} bytes", "send nothing after the last element"
        )
    return elements


def _as_bytes(element: Any) -> bytes:
    if type(element) is bytes:
        return element
    if type(element) is not str:
        raise TensorError("elements of bytes or str for BYTES", type(element).__name__, "convert the elements")
    try:
        return element.encode()
    except UnicodeEncodeError:
        raise TensorError("text that UTF-8 can hold", "a lone surrogate", "send whole characters") from None


def _as_text(element: Any) -> str:
    try:
        return _as_bytes(element).decode()
    except UnicodeDecodeError:
        raise TensorError(
            "UTF-8, as JSON has no other bytes", "an element that isn't UTF-8", "use the binary tensor extension"
        ) from None
