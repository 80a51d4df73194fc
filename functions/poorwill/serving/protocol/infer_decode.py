"""An infer request's bytes into a call: a fast way for what fits, and a careful one that decides on all else.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
https://github.com/kserve/open-inference-protocol/blob/main/specification/extensions/binary_data.md
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import numpy as np

from poorwill.errors import InvalidRequestError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.records import Signature, TensorSpec
from poorwill.registry.tensor_codec import TensorError, unpack
from poorwill.serving.protocol.infer_careful import CarefulDecoder, shape_fits
from poorwill.serving.protocol.infer_wire import Call, WireRequest, WireTensor
from poorwill.serving.protocol.tensor_json import FAST_DECODERS, to_array

_array = np.array
_SHAPES_KNOWN = 256
_read = msgspec.json.Decoder(WireRequest).decode


class _UnfitError(Exception):
    """The fast way doesn't know what to do with the request; the careful one will."""


_UNFIT = (
    _UnfitError,
    InvalidRequestError,
    TensorError,
    msgspec.MsgspecError,
    ValueError,
    OverflowError,
    RecursionError,
)


class _Plan(NamedTuple):
    """What the fast way needs of one input."""

    datatype: str
    decode: Callable[[msgspec.Raw], list[Any]]
    dtype: np.dtype | None  # None where an array is not simply made from numbers
    shapes: set[tuple[int, ...]]  # that were found to fit
    spec: TensorSpec


def _plan(spec: TensorSpec) -> _Plan:
    plain = spec.datatype not in {"BYTES", "BF16"}
    dtype = DATATYPES[spec.datatype].numpy if plain else None
    return _Plan(spec.datatype, FAST_DECODERS[spec.datatype], dtype, set(), spec)


class InferDecoder:
    """Decodes infer requests for one signature; `decode` may be called by several threads."""

    __slots__ = ("_careful", "_count", "_linked", "_plans")

    def __init__(self, signature: Signature) -> None:
        self._careful = CarefulDecoder(signature)
        self._plans = {spec.name: _plan(spec) for spec in signature.inputs}
        self._count = len(signature.inputs)
        names = [axis for spec in signature.inputs for axis in spec.shape or () if isinstance(axis, str)]
        self._linked = len(names) != len(set(names))  # inputs that share an axis are compared by the careful way

    def decode(self, body: bytes | bytearray | memoryview, header_length: int | None = None) -> Call:
        """Return the call that the body asks for.

        Args:
            body: JSON, or JSON of `header_length` bytes with binary tensors after it.
            header_length: value of Inference-Header-Content-Length; 0 means that the body is one raw tensor.

        Raises:
            InvalidRequestError: with every fault of the request.
        """
        if not self._linked and header_length != 0:
            try:
                return self._fast(body, header_length)
            except _UNFIT:
                pass  # the careful way decides, and names every fault
        call = self._careful.decode(body, header_length)
        if isinstance(call, list):
            raise InvalidRequestError(*call)
        return call

    def _fast(self, body: bytes | bytearray | memoryview, header_length: int | None) -> Call:
        tail = None
        if header_length is not None:
            view = memoryview(body)
            if not 0 < header_length <= len(view):
                raise _UnfitError
            body, tail = view[:header_length], view[header_length:]
        message = _read(body)
        if len(message.inputs) != self._count:
            raise _UnfitError
        plain = message.outputs is None and message.parameters is None
        wanted = None if plain else self._careful.outputs(message)
        inputs: dict[str, np.ndarray] = {}
        at = 0
        for tensor in message.inputs:
            array, at = self._tensor(tensor, tail, at)
            inputs[tensor.name] = array
        if len(inputs) != self._count or (tail is not None and at != len(tail)):
            raise _UnfitError
        return Call(inputs, wanted, message.id)

    def _tensor(self, tensor: WireTensor, tail: memoryview | None, at: int) -> tuple[np.ndarray, int]:
        plan = self._plans.get(tensor.name)
        if plan is None:
            raise _UnfitError
        datatype, decode, dtype, shapes, _spec = plan
        shape = tuple(tensor.shape)
        if tensor.datatype != datatype or (shape not in shapes and not _fits(plan, shape)):
            raise _UnfitError
        if tensor.parameters and "binary_data_size" in tensor.parameters:
            size = tensor.parameters["binary_data_size"]
            if tail is None or tensor.data or type(size) is not int or not 0 <= size <= len(tail) - at:
                raise _UnfitError
            return unpack(tail[at : at + size], datatype, shape), at + size
        values = decode(tensor.data)
        if dtype is None:
            return to_array(values, datatype, shape), at
        return _array(values, dtype).reshape(shape), at


def _fits(plan: _Plan, shape: tuple[int, ...]) -> bool:
    """Return whether a shape fits, and know it the next time."""
    if not shape_fits(plan.spec, shape):
        return False
    if len(plan.shapes) < _SHAPES_KNOWN:
        plan.shapes.add(shape)
    return True
