"""An infer request of a file, as the client takes it: tensors, wanted outputs, parameters."""

from typing import Any, NamedTuple

import msgspec

from poorwill.client import Tensor
from poorwill.errors import Fault
from poorwill.registry.datatypes import DATATYPES
from poorwill.serving.protocol.tensor_json import read_array


class _Input(msgspec.Struct):
    name: str
    shape: list[int]
    datatype: str
    data: Any = None


class _Named(msgspec.Struct):
    name: str


class _Request(msgspec.Struct):
    """An infer request as the protocol has it."""

    inputs: list[_Input]
    outputs: list[_Named] | None = None
    parameters: dict[str, Any] | None = None
    id: str | None = None


class InferRequest(NamedTuple):
    """What is asked."""

    inputs: dict[str, Any]
    outputs: list[str] | None = None
    parameters: dict[str, Any] | None = None
    id: str | None = None


def read_infer_request(content: bytes, where: str, faults: list[Fault]) -> InferRequest | None:
    """Return the request that JSON holds; where there is none, what is wrong with it joins the faults."""
    try:
        request = msgspec.json.decode(content, type=_Request)
    except (UnicodeDecodeError, RecursionError, msgspec.MsgspecError):
        fault = Fault(where, "an infer request in JSON", "something else", "write inputs with name, shape and data")
        faults.append(fault)
        return None
    tensors = {tensor.name: _tensor(tensor, f"{where}, inputs[{at}]") for at, tensor in enumerate(request.inputs)}
    faults += [tensor for tensor in tensors.values() if isinstance(tensor, Fault)]
    outputs = None if request.outputs is None else [output.name for output in request.outputs]
    return InferRequest(dict(tensors), outputs, request.parameters, request.id)


def _tensor(tensor: _Input, where: str) -> Tensor | Fault:
    if tensor.datatype not in DATATYPES:
        return Fault(f"{where}.datatype", f"one of {', '.join(DATATYPES)}", "another", "name the protocol's datatype")
    if any(size < 0 for size in tensor.shape):
        return Fault(f"{where}.shape", "sizes from 0", "a negative size", "write the shape of the data")
    array = read_array(tensor.data, tensor.datatype, tensor.shape, f"{where}.data")
    return array if isinstance(array, Fault) else Tensor(array, tensor.datatype)
