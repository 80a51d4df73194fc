"""The careful way to read an infer request: it takes all that the protocol allows and names every fault at once."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from poorwill.errors import Fault, InvalidRequestError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.records import Signature, TensorSpec
from poorwill.registry.tensor_codec import TensorError, unpack
from poorwill.serving.protocol.infer_wire import HEADER_LENGTH, Call, Wanted, WireRequest
from poorwill.serving.protocol.tensor_json import read_array

_MOST_AXES = 32
_MOST_ELEMENTS = 2**40
_MESSAGE_MEMBERS = (("id", str, "a string"), ("parameters", dict, "an object"), ("outputs", list, "an array"))


def quoted(names: Any) -> str:
    """Return our own names for a sentence."""
    return ", ".join(f"'{name}'" for name in names) or "none"


class CarefulDecoder:
    """Decodes infer requests for one signature, fault by fault."""

    __slots__ = ("_inputs", "_outputs")

    def __init__(self, signature: Signature) -> None:
        self._inputs = {spec.name: spec for spec in signature.inputs}
        self._outputs = tuple(spec.name for spec in signature.outputs)

    def decode(self, body: bytes | bytearray | memoryview, header_length: int | None) -> Call | list[Fault]:
        """Return the call, or all faults of the request."""
        view = memoryview(body)
        if header_length == 0:
            return self._raw(view)
        if header_length is not None and not 0 < header_length <= len(view):
            found = f"a body of {len(view)} bytes"
            return [Fault(HEADER_LENGTH, "the length of the JSON part", found, "send a length within the body")]
        message = read_json(view[:header_length] if header_length else view)
        if isinstance(message, Fault):
            return [message]
        return self.decode_message(message, view[header_length:] if header_length else None)

    def decode_message(self, message: Any, tail: memoryview | None = None) -> Call | list[Fault]:
        """Return the call that a decoded JSON message and its binary tail mean, or all faults."""
        if not isinstance(message, dict):
            return [Fault("body", "a JSON object", "another JSON value", "send an infer request")]
        faults = [
            Fault(member, words, "another type", f"leave '{member}' out or send {words}")
            for member, kind, words in _MESSAGE_MEMBERS
            if message.get(member) is not None and not isinstance(message[member], kind)
        ]
        inputs = self._read_inputs(message.get("inputs"), tail, faults)
        wanted = None
        if not faults or isinstance(message.get("outputs"), list | None):
            wanted = self._read_outputs(message.get("outputs"), message.get("parameters"), faults)
        faults += linked_axes(self._inputs.values(), inputs)
        return faults or Call(inputs, wanted, message.get("id"))

    def outputs(self, message: WireRequest[Any]) -> tuple[Wanted, ...] | None:
        """Return the outputs that a decoded request asks for.

        Raises:
            InvalidRequestError: an output that the model does not have.
        """
        faults: list[Fault] = []
        named = [{"name": output.name, "parameters": output.parameters} for output in message.outputs or ()] or None
        wanted = self._read_outputs(named, message.parameters, faults)
        if faults:
            raise InvalidRequestError(*faults)
        return wanted

    def _raw(self, view: memoryview) -> Call | list[Fault]:
        """Return the call of a raw binary request: the body is the model's only input, without any JSON."""
        if len(self._inputs) != 1:
            found = f"a model with {len(self._inputs)} inputs"
            return [Fault("body", "a model with one input for a raw request", found, "send JSON before the tensors")]
        spec = next(iter(self._inputs.values()))
        if spec.datatype == "BYTES":
            element = np.empty(1, object)
            element[0] = bytes(view)
            if any(size not in (1, -1) for size in spec.sizes):
                found = f"one element for shape {list(spec.sizes)}"
                return [Fault("body", f"input '{spec.name}'", found, "send the tensor with JSON before it")]
            return Call({spec.name: element.reshape([1] * (len(spec.shape) if spec.shape is not None else 1))})
        shape = raw_shape(spec, len(view))
        try:
            return Call({spec.name: unpack(view, spec.datatype, shape)})
        except TensorError as error:
            return [error.at("body")]

    def _read_inputs(self, tensors: Any, tail: memoryview | None, faults: list[Fault]) -> dict[str, np.ndarray]:
        if not isinstance(tensors, list) or not all(isinstance(tensor, dict) for tensor in tensors):
            faults.append(Fault("inputs", "an array of objects", "something else", "send one object for each input"))
            return {}
        inputs: dict[str, np.ndarray] = {}
        seen: set[str] = set()
        at = 0
        for number, tensor in enumerate(tensors):
            where = f"inputs[{number}]"
            size = binary_size(tensor, where, tail, at, faults)
            spec = self._spec(tensor, where, seen, faults)
            if spec is not None and size is not None:
                chunk = None if size < 0 or tail is None else tail[at : at + size]
                array = read_tensor(tensor, spec, where, chunk)
                if isinstance(array, list):
                    faults += array
                else:
                    inputs[spec.name] = array
            elif size is not None and len(self._inputs) == len(tensors) == 1:  # misnamed, but which one is plain
                (only,) = self._inputs.values()
                checked = read_tensor(tensor, only, where, None if size < 0 or tail is None else tail[at : at + size])
                faults += checked if isinstance(checked, list) else []
            at += max(0, size or 0)
        missing = [name for name in self._inputs if name not in seen]
        if missing:
            faults.append(Fault("inputs", quoted(self._inputs), f"no {quoted(missing)}", "send every input once"))
        if tail is not None and at < len(tail) and not any("binary" in fault.where for fault in faults):
            found = f"{len(tail) - at} bytes after the last"
            faults.append(Fault("binary tensors", f"{at} bytes, as the sizes say", found, "send what the sizes say"))
        return inputs

    def _spec(self, tensor: dict[str, Any], where: str, seen: set[str], faults: list[Fault]) -> TensorSpec | None:
        name = tensor.get("name")
        spec = self._inputs.get(name) if isinstance(name, str) else None
        if spec is None:
            found = "another name" if isinstance(name, str) else "none"
            faults.append(Fault(f"{where}.name", f"one of {quoted(self._inputs)}", found, "name an input of the model"))
        elif spec.name in seen:
            faults.append(Fault(f"{where}.name", "each input once", f"'{spec.name}' again", "leave one of them out"))
            return None
        else:
            seen.add(spec.name)
        return spec

    def _read_outputs(self, outputs: Any, parameters: Any, faults: list[Fault]) -> tuple[Wanted, ...] | None:
        binary = isinstance(parameters, dict) and parameters.get("binary_data_output") is True
        if outputs is None:
            return tuple(Wanted(name, binary=True) for name in self._outputs) if binary else None
        wanted: dict[str, Wanted] = {}
        for number, output in enumerate(outputs):
            name = output.get("name") if isinstance(output, dict) else None
            if not isinstance(name, str) or name not in self._outputs or name in wanted:
                found = f"'{name}' again" if isinstance(name, str) and name in wanted else "something else"
                words = f"one of {quoted(self._outputs)}, once"
                faults.append(Fault(f"outputs[{number}].name", words, found, "name outputs of the model"))
                continue
            own = output.get("parameters")
            as_binary = own.get("binary_data", binary) if isinstance(own, dict) else binary
            wanted[name] = Wanted(name, as_binary is True)
        return tuple(wanted.values()) or None


def read_json(body: bytes | bytearray | memoryview) -> Any:
    """Return the decoded JSON, or a Fault that says where it breaks."""
    try:
        return msgspec.json.decode(body)
    except msgspec.MsgspecError as error:
        at = str(error).rpartition("(byte ")[2].rstrip(")")
        found = f"a fault at byte {at}" if at.isdigit() else "bytes that are not JSON"
    except RecursionError:
        found = "too many levels of nesting"
    except UnicodeDecodeError:
        found = "bytes that are not UTF-8"
    return Fault("body", "JSON (RFC 8259, so without NaN and Infinity)", found, "send well-formed JSON")


def binary_size(
    tensor: dict[str, Any], where: str, tail: memoryview | None, at: int, faults: list[Fault]
) -> int | None:
    """Return the size of the tensor's binary data, -1 if it has none, None if it is wrong."""
    parameters = tensor.get("parameters")
    if parameters is not None and not isinstance(parameters, dict):
        faults.append(Fault(f"{where}.parameters", "an object", "another type", "leave it out or send an object"))
        return None
    if not parameters or "binary_data_size" not in parameters:
        return -1
    size = parameters["binary_data_size"]
    where = f"{where}.parameters.binary_data_size"
    if tail is None:
        faults.append(Fault(where, f"the header {HEADER_LENGTH}", "none", "send the length of the JSON part in it"))
    elif type(size) is not int or size < 0:
        faults.append(Fault(where, "a number of bytes", "something else", "send the tensor's size in bytes"))
    elif at + size > len(tail):
        faults.append(Fault(where, f"{size} bytes", f"{max(0, len(tail) - at)} left in the body", "send them all"))
    elif "data" in tensor:
        faults.append(Fault(where, "data in JSON or in binary", "both", "leave one of them out"))
    else:
        return size
    return None


def read_tensor(
    tensor: dict[str, Any], spec: TensorSpec, where: str, chunk: memoryview | None
) -> np.ndarray | list[Fault]:
    """Return one input's array, or all that is wrong with it."""
    faults = []
    datatype, shape = tensor.get("datatype"), tensor.get("shape")
    if datatype != spec.datatype:
        found = datatype if isinstance(datatype, str) and datatype in DATATYPES else "another type"
        faults.append(Fault(f"{where}.datatype", spec.datatype, found, f"send '{spec.name}' as {spec.datatype}"))
    if not shape_fits(spec, shape):
        found = str(shape) if _few_sizes(shape) else "no list of a few sizes"
        faults.append(Fault(f"{where}.shape", shape_words(spec), found, "send the shape of the data"))
    if faults or not isinstance(shape, list):
        return faults
    if chunk is None:
        array = read_array(tensor.get("data"), spec.datatype, shape, f"{where}.data")
        return [array] if isinstance(array, Fault) else array
    try:
        return unpack(chunk, spec.datatype, shape)
    except TensorError as error:
        return [error.at(f"{where} (binary)")]


def shape_fits(spec: TensorSpec, shape: Any) -> bool:
    """Return whether a caller's shape is one that the input allows."""
    if not _few_sizes(shape) or any(size < 0 for size in shape):
        return False
    if spec.shape is None:
        return True
    return len(shape) == len(spec.sizes) and all(want in (-1, got) for want, got in zip(spec.sizes, shape, strict=True))


def _few_sizes(shape: Any) -> bool:
    """Return whether this is a list of sizes that numpy can take at all; it counts a size of 0 as 1 there."""
    if not isinstance(shape, list | tuple) or len(shape) > _MOST_AXES or any(type(size) is not int for size in shape):
        return False
    elements = 1
    for size in shape:
        elements *= max(1, abs(size))
    return elements <= _MOST_ELEMENTS


def shape_words(spec: TensorSpec) -> str:
    """Return a shape for a sentence: [batch, 64]."""
    if spec.shape is None:
        return "any shape"
    return "[" + ", ".join("any" if axis == -1 else str(axis) for axis in spec.shape) + "]"


def raw_shape(spec: TensorSpec, size_bytes: int) -> list[int]:
    """Return the shape of a raw tensor: the first dynamic axis takes what the size leaves, other ones are 1."""
    known = DATATYPES[spec.datatype].size_bytes
    for size in spec.sizes:
        known *= size if size >= 0 else 1
    shape = list(spec.sizes)
    rest = size_bytes // known if known else 0
    for axis, size in enumerate(shape):
        if size < 0:
            shape[axis], rest = rest, 1
    return shape


def linked_axes(specs: Any, inputs: dict[str, np.ndarray]) -> Iterator[Fault]:
    """Yield a fault for each axis name on which two inputs disagree."""
    sizes: dict[str, tuple[str, int]] = {}
    for spec in specs:
        array = inputs.get(spec.name)
        for axis, size in zip(spec.shape or (), array.shape if array is not None else (), strict=False):
            if not isinstance(axis, str) or not axis:
                continue
            first, known = sizes.setdefault(axis, (spec.name, size))
            if size != known:
                found = f"{size} in '{spec.name}'"
                wanted = f"axis '{axis}' as in '{first}', {known}"
                yield Fault("inputs", wanted, found, "send inputs whose shared axes agree")
