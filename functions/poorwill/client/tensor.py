"""What goes in and what comes out: tensors by name, a prediction, and what a model says that it takes and gives."""

import math
from typing import Any, NamedTuple

import msgspec
import numpy as np

from poorwill.errors import Fault
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.tensor_codec import TensorError, fp32_to_bf16
from poorwill.serving.protocol.tensor_json import nested_shape, read_array

_FROM_NUMPY = {row.numpy: name for name, row in DATATYPES.items() if name not in {"BF16", "BYTES"}}


class Tensor(NamedTuple):
    """An array with its datatype, where numpy's type doesn't tell it: BF16 as its bits in uint16, or as float32."""

    array: np.ndarray
    datatype: str


class Prediction(NamedTuple):
    """What a model answered, and which version of it did."""

    model: str
    version: str
    digest: str  # "" where the server doesn't tell
    request_id: str
    outputs: dict[str, np.ndarray]
    """BYTES as object arrays of bytes; BF16, which numpy lacks, as float32."""
    datatypes: dict[str, str]
    parameters: dict[str, Any]
    server_timing_ms: dict[str, float]


class TensorMetadata(msgspec.Struct, frozen=True):
    """One input or output; -1 in the shape is an axis of any size."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(msgspec.Struct, frozen=True):
    """What a model takes and gives."""

    name: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    platform: str = ""
    versions: list[str] = []


class ServerMetadata(msgspec.Struct, frozen=True):
    """Which server answers, and what it knows beside the protocol's core."""

    name: str
    version: str
    extensions: list[str] = []


def as_tensor(value: Any) -> Tensor | None:
    """Return a value whose type says its datatype; None for lists and numbers, which need the model's metadata.

    Raises:
        TensorError: an array of a type that the protocol doesn't know.
    """
    if isinstance(value, Tensor):
        return _known(value)
    if not isinstance(value, np.ndarray | np.generic):
        return None
    array = np.asarray(value)
    if array.dtype.kind in "SUO":
        return Tensor(array.astype(object), "BYTES")
    datatype = _FROM_NUMPY.get(array.dtype.newbyteorder("<"))
    if datatype is None:
        raise TensorError("an array of booleans, numbers or bytes", f"one of {array.dtype.name}", "convert the array")
    return Tensor(array, datatype)


def fitted(values: Any, metadata: TensorMetadata, where: str) -> Tensor | Fault:
    """Return lists or a number as the model takes them; a sample without its batch axis gets it."""
    if metadata.datatype not in DATATYPES:
        return Fault(where, "a datatype of the protocol", "another", "send an array instead")
    nested = nested_shape(values)
    array = read_array(values if isinstance(values, list) else [values], metadata.datatype, nested, where)
    if isinstance(array, Fault):
        return array
    if len(nested) < len(metadata.shape):
        shape = _filled(metadata.shape, array.size)
        if math.prod(shape) != array.size:
            return Fault(where, f"values for shape {metadata.shape}", f"shape {nested}", "send whole samples")
        array = array.reshape(shape)
    return Tensor(array, metadata.datatype)


def _filled(sizes: list[int], count: int) -> list[int]:
    """Return a shape for so many values: the first dynamic axis takes what the fixed ones leave."""
    fixed = math.prod(size for size in sizes if size >= 0)
    rest = count // fixed if fixed else 0
    shape = []
    for size in sizes:
        shape.append(size if size >= 0 else rest)
        rest = 1 if size < 0 else rest
    return shape


def _known(tensor: Tensor) -> Tensor:
    array, datatype = np.asarray(tensor.array), tensor.datatype
    if datatype not in DATATYPES:
        names = ", ".join(DATATYPES)
        raise TensorError(f"one of {names}", "another datatype", "name the protocol's datatype")
    if datatype == "BF16" and array.dtype == np.float32:
        return Tensor(fp32_to_bf16(array), datatype)
    if datatype == "BYTES" and array.dtype.kind in "SU":
        return Tensor(array.astype(object), datatype)
    return Tensor(array, datatype)
