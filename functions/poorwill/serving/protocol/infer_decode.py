"""An infer request's bytes into a call: a fast way for what fits, and a careful one that decides on all else.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
https://github.com/kserve/open-inference-protocol/blob/main/specification/extensions/binary_data.md
"""

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import numpy as np

from poorwill.errors import InvalidRequestError
from poorwill.registry.records import Signature, TensorSpec
from poorwill.registry.tensor_codec import TensorError, unpack
from poorwill.serving.protocol.infer_careful import CarefulDecoder, shape_fits
from poorwill.serving.protocol.infer_wire import Call, WireRequest, WireTensor
from poorwill.serving.protocol.tensor_json import FAST_DECODERS, flat_list, packing

_new = tuple.__new__  # a NamedTuple's own constructor takes twice as long
_SHAPES_KNOWN = 256


class _UnfitError(Exception):
    """The fast way doesn't know what to do with the request; the careful one will."""


_UNFIT = (
    _UnfitError,
    KeyError,
    InvalidRequestError,
    TensorError,
    msgspec.MsgspecError,
    ValueError,
    struct.error,
    OverflowError,
    RecursionError,
)


class _Plan(NamedTuple):
    """What the fast way needs of one input."""

    datatype: str
    shapes: dict[tuple[int, ...], Callable[[list[Any]], np.ndarray]]  # that were found to fit, with their `packing`
    spec: TensorSpec


class InferDecoder:
    """Decodes infer requests for one signature; `decode` may be called by several threads."""

    __slots__ = ("_careful", "_count", "_linked", "_mixed", "_plans", "_read")

    def __init__(self, signature: Signature) -> None:
        self._careful = CarefulDecoder(signature)
        self._plans = {spec.name: _Plan(spec.datatype, {}, spec) for spec in signature.inputs}
        self._count = len(signature.inputs)
        datatypes = {spec.datatype for spec in signature.inputs}
        self._mixed = len(datatypes) != 1
        data: Any = msgspec.Raw if self._mixed else flat_list(*datatypes)
        message: Any = WireRequest
        self._read: Callable[[Any], WireRequest[Any]] = msgspec.json.Decoder(message[data]).decode
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
        message = self._read(body)
        if len(message.inputs) != self._count:
            raise _UnfitError
        plain = message.outputs is None and message.parameters is None
        wanted = None if plain else self._careful.outputs(message)
        inputs: dict[str, np.ndarray] = {}
        at = 0
        for tensor in message.inputs:
            name = tensor.name
            datatype, shapes, spec = self._plans[name]
            pack = shapes.get(tensor.shape) or _fitting(spec, tensor.shape, shapes)
            if tensor.datatype != datatype:
                raise _UnfitError
            if tensor.parameters and "binary_data_size" in tensor.parameters:
                inputs[name], at = _binary(tensor, tail, at)
            elif tensor.data is msgspec.UNSET:
                raise _UnfitError
            elif self._mixed:
                inputs[name] = pack(FAST_DECODERS[datatype](tensor.data))
            else:
                inputs[name] = pack(tensor.data)
        if len(inputs) != self._count or (tail is not None and at != len(tail)):
            raise _UnfitError
        return _new(Call, (inputs, wanted, message.id))


def _binary(tensor: WireTensor[Any], tail: memoryview | None, at: int) -> tuple[np.ndarray, int]:
    """Return a tensor whose data follows the JSON, and where the next one's begins."""
    size = tensor.parameters["binary_data_size"] if tensor.parameters else None
    if tail is None or tensor.data is not msgspec.UNSET or type(size) is not int or not 0 <= size <= len(tail) - at:
        raise _UnfitError
    return unpack(tail[at : at + size], tensor.datatype, tensor.shape), at + size


def _fitting(
    spec: TensorSpec, shape: tuple[int, ...], known: dict[tuple[int, ...], Callable[[list[Any]], np.ndarray]]
) -> Callable[[list[Any]], np.ndarray]:
    """Return the `packing` of a shape if it fits, and know it the next time."""
    if not shape_fits(spec, shape):
        raise _UnfitError
    pack = packing(spec.datatype, shape)
    if len(known) < _SHAPES_KNOWN:
        known[shape] = pack
    return pack
