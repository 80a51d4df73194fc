"""JSON data of one tensor into an array: in one pass, or with care to name each fault."""

import math
import struct
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np

from poorwill.errors import Fault
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.tensor_codec import fp32_to_bf16

_LARGEST_BF16 = 3.3895313892515355e38
_DEEPEST = 32  # as many axes as a shape may have
# struct's letters; BYTES and BF16 have none
_LETTERS = {
    "BOOL": "?",
    "UINT8": "B",
    "UINT16": "H",
    "UINT32": "I",
    "UINT64": "Q",
    "INT8": "b",
    "INT16": "h",
    "INT32": "i",
    "INT64": "q",
    "FP16": "e",
    "FP32": "f",
    "FP64": "d",
}
_KINDS = {bool: "a boolean", str: "a string", list: "an array", dict: "an object", type(None): "null"}


class _Element(NamedTuple):
    """What one element may be in JSON."""

    kind: type
    lowest: float
    highest: float
    words: str


def _element(name: str) -> _Element:
    if name in {"BOOL", "BYTES"}:
        return _Element(bool, 0, 1, "booleans") if name == "BOOL" else _Element(str, 0, 0, "strings")
    dtype = DATATYPES[name].numpy
    if name == "BF16" or dtype.kind == "f":
        largest = _LARGEST_BF16 if name == "BF16" else float(np.finfo(dtype).max)
        return _Element(float, -largest, largest, f"finite numbers in the range of {name}")
    info = np.iinfo(dtype)
    return _Element(int, int(info.min), int(info.max), f"whole numbers from {info.min} to {info.max}")


_ELEMENTS = {name: _element(name) for name in DATATYPES}


def flat_list(datatype: str) -> Any:
    """Return msgspec's type of a flat list of elements that are in range; UINT64's upper bound is left to `packing`."""
    element = _ELEMENTS[datatype]
    listed: Any = list
    if element.kind in (bool, str):
        return listed[element.kind]
    upper = (
        element.highest if element.kind is float or element.highest < 2**63 else None
    )  # its bounds are 64-bit signed
    return listed[Annotated[element.kind, msgspec.Meta(ge=element.lowest, le=upper)]]


FAST_DECODERS: dict[str, Callable[[msgspec.Raw], list[Any]]] = {
    name: msgspec.json.Decoder(flat_list(name)).decode for name in DATATYPES
}
"""By datatype: JSON text of a flat list to a list whose elements are of the type and in range, or msgspec's error."""


def packing(datatype: str, shape: tuple[int, ...]) -> Callable[[list[Any]], np.ndarray]:
    """Return what `to_array` is for one shape, in half its time: numpy would look at each value for its type.

    It raises struct.error where a value is out of range.
    """
    letter = _LETTERS.get(datatype)
    if letter is None:
        return lambda values: to_array(values, datatype, shape)
    count, dtype = math.prod(shape), DATATYPES[datatype].numpy
    fill = struct.Struct(f"<{count}{letter}").pack_into

    def packed(values: list[Any]) -> np.ndarray:
        if len(values) != count:  # before memory is taken for what the shape claims
            raise ValueError("not as many values as the shape has elements")
        array = np.empty(shape, dtype)
        fill(array, 0, *values)  # type: ignore[arg-type]  # numpy's stubs know of no buffers before Python 3.12
        return array

    return packed


def to_array(values: list[Any], datatype: str, shape: Sequence[int]) -> np.ndarray:
    """Return checked flat values as an array; BYTES become bytes, BF16 its 16 bits.

    Raises:
        ValueError: the number of values isn't that of the shape, or a string holds a lone surrogate.
        OverflowError: a UINT64 over its range.
    """
    if datatype == "BYTES":
        array = np.empty(len(values), object)
        array[:] = [value.encode() for value in values]
        return array.reshape(shape)
    if datatype == "BF16":
        return fp32_to_bf16(np.array(values, np.float32)).reshape(shape)
    return np.array(values, DATATYPES[datatype].numpy).reshape(shape)


def read_array(data: Any, datatype: str, shape: list[int], where: str) -> np.ndarray | Fault:
    """Return JSON data, flat or nested, as an array of the shape, or what is wrong with it."""
    element = _ELEMENTS[datatype]
    count = 1
    for size in shape:
        count *= size
    wanted = f"{count} {element.words}"
    if not isinstance(data, list):
        return Fault(where, wanted, _kind(data), "send a JSON array, flat in row-major order or nested as the shape")
    flat, nested = _flatten(data)
    if nested is not None and nested != shape:
        return Fault(where, f"nesting as the shape {shape}", "another nesting", "nest as the shape says, or send flat")
    if len(flat) != count:
        return Fault(where, wanted, f"{len(flat)} values", "send as many values as the shape has elements")
    wrong = [(at, value) for at, value in enumerate(flat) if not _is_element(value, element)]
    if wrong:
        at, value = wrong[0]
        more = f" and {len(wrong) - 1} more like it" if len(wrong) > 1 else ""
        return Fault(where, wanted, f"{_kind(value)} as element {at}{more}", "send values of the datatype")
    try:
        return to_array(flat, datatype, shape)
    except UnicodeEncodeError:
        return Fault(where, wanted, "a string that is not Unicode text", "send such bytes as a binary tensor")


def nested_shape(data: Any) -> list[int]:
    """Return the shape that nested JSON data claims by its first elements; a scalar has none."""
    shape: list[int] = []
    while isinstance(data, list) and len(shape) < _DEEPEST:
        shape.append(len(data))
        data = data[0] if data else None
    return shape


def _flatten(data: list[Any]) -> tuple[list[Any], list[int] | None]:
    """Return all scalars in order, and the shape if the data is nested (None if flat, [] if unevenly)."""
    if not any(isinstance(value, list) for value in data):
        return data, None
    shape = [len(data)]
    level: list[Any] = data
    while level and isinstance(level[0], list) and len(shape) < _DEEPEST:
        width = len(level[0])
        if any(not isinstance(row, list) or len(row) != width for row in level):
            return [], []
        shape.append(width)
        level = [value for row in level for value in row]
    return level, shape


def _is_element(value: Any, element: _Element) -> bool:
    if element.kind in (bool, str):
        return type(value) is element.kind
    whole = element.kind is float or type(value) is int or (type(value) is float and value.is_integer())
    return type(value) in (int, float) and whole and element.lowest <= value <= element.highest


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "a number out of range" if type(value) is int else "a number that doesn't fit")
