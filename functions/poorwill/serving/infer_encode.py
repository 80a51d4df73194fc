"""A model's outputs into an infer answer: JSON, or JSON with binary tensors after it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from poorwill.errors import InvalidRequestError
from poorwill.registry.records import Signature
from poorwill.registry.tensor_codec import TensorError, pack, to_json
from poorwill.serving.infer_wire import HEADER_LENGTH, Call, Wanted, WireAnswer, WireResult
from poorwill.serving.message import Answer

BINARY = "application/octet-stream"

_write = msgspec.json.Encoder().encode


class InferEncoder:
    """Encodes the outputs of one version; `encode` may be called by several threads."""

    __slots__ = ("_all", "_datatypes", "_model", "_version")

    def __init__(self, signature: Signature, *, model: str, version: str) -> None:
        self._model = model
        self._version = version
        self._datatypes = {spec.name: spec.datatype for spec in signature.outputs}
        self._all = tuple(Wanted(spec.name, binary=False) for spec in signature.outputs)

    def encode(self, call: Call, outputs: Mapping[str, np.ndarray]) -> Answer:
        """Return the answer with the outputs that the call asks for.

        Raises:
            InvalidRequestError: JSON was asked for values that it can't carry.
        """
        results, chunks, faults = [], [], []
        for wanted in call.outputs or self._all:
            array, datatype = outputs[wanted.name], self._datatypes[wanted.name]
            result = WireResult(wanted.name, datatype, list(array.shape))
            try:
                if wanted.binary:
                    chunk = pack(array, datatype)
                    chunks.append(chunk)
                    result.parameters = {"binary_data_size": len(chunk)}
                else:
                    result.data = flat(array, datatype)
            except TensorError as error:
                faults.append(error.at(f"output '{wanted.name}'"))
            results.append(result)
        if faults:
            raise InvalidRequestError(*faults)
        head = _write(WireAnswer(self._model, self._version, results, call.id))
        if not chunks:
            return Answer(200, head)
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
