"""A model's outputs into an infer answer: JSON, or JSON with binary tensors after it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from poorwill.errors import Fault, InvalidRequestError
from poorwill.registry.records import Signature, TensorSpec
from poorwill.registry.tensor_codec import TensorError, pack, to_json
from poorwill.serving.message import JSON, Answer
from poorwill.serving.protocol.infer_wire import HEADER_LENGTH, Call, Wanted

BINARY = "application/octet-stream"

_write = msgspec.json.Encoder().encode
_new = tuple.__new__  # a NamedTuple's own constructor takes twice as long


class InferEncoder:
    """Encodes the outputs of one version; `encode` may be called by several threads.

    What is the same in every answer is encoded once: members of known names around the two that vary, shape and data.
    """

    __slots__ = ("_all", "_begin", "_datatypes", "_opened")

    def __init__(self, signature: Signature, *, model: str, version: str) -> None:
        self._begin = _write({"model_name": model, "model_version": version})[:-1]
        self._datatypes = {spec.name: spec.datatype for spec in signature.outputs}
        self._opened = {spec.name: _opening(spec) for spec in signature.outputs}
        self._all = tuple(Wanted(spec.name, binary=False) for spec in signature.outputs)

    def encode(self, call: Call, outputs: Mapping[str, np.ndarray]) -> Answer:
        """Return the answer with the outputs that the call asks for.

        Raises:
            InvalidRequestError: JSON was asked for values that it can't carry.
        """
        tensors: list[bytes] = []
        chunks: list[bytes] = []
        faults: list[Fault] = []
        for name, binary in call.outputs or self._all:
            array, datatype = outputs[name], self._datatypes[name]
            try:
                if binary:
                    chunks.append(pack(array, datatype))
                    rest = b',"parameters":{"binary_data_size":%d}}' % len(chunks[-1])
                    tensors.append(b"%b%b%b" % (self._opened[name], _write(array.shape), rest))
                else:
                    values = _write(flat(array, datatype))
                    tensors.append(b'%b%b,"data":%b}' % (self._opened[name], _write(array.shape), values))
            except TensorError as error:
                faults.append(error.at(f"output '{name}'"))
        if faults:
            raise InvalidRequestError(*faults)
        named = b"" if call.id is None else b',"id":%b' % _write(call.id)
        head = b'%b%b,"outputs":[%b]}' % (self._begin, named, b",".join(tensors))
        if not chunks:
            return _new(Answer, (200, head, JSON, ()))
        return Answer(200, b"".join((head, *chunks)), BINARY, ((HEADER_LENGTH, str(len(head))),))


def flat(array: np.ndarray, datatype: str) -> list[Any]:
    """Return the elements in row-major order as JSON takes them; finite FP32, the most common case, without a detour.

    Raises:
        TensorError: JSON can't carry a value.
    """
    if datatype == "FP32":
        values: list[Any] = array.ravel().tolist()
        total = sum(values)
        if total - total == 0.0:  # an infinity or NaN among the values makes it one, and this NaN
            return values
    return to_json(array, datatype)


def _opening(spec: TensorSpec) -> bytes:
    """Return an output's JSON up to its shape."""
    return _write({"name": spec.name, "datatype": spec.datatype})[:-1] + b',"shape":'
