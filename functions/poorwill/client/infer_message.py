"""An infer request as bytes, and an answer's bytes as a prediction.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from poorwill.client.tensor import Prediction, Tensor
from poorwill.client.transport import Reply
from poorwill.errors import Fault, InvalidRequestError, PoorwillError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.tensor_codec import TensorError, bf16_to_fp32, pack, to_json, unpack
from poorwill.serving.protocol.infer_wire import HEADER_LENGTH
from poorwill.serving.protocol.tensor_json import FAST_DECODERS, read_array, to_array

_ALIGNMENT_BYTES = 16


class Options(NamedTuple):
    """What a request asks for beside its inputs."""

    outputs: Sequence[str] | None = None
    parameters: Mapping[str, Any] | None = None
    request_id: str | None = None
    binary: bool = True


class _Output(msgspec.Struct):
    name: str
    datatype: str
    shape: list[int]
    data: msgspec.Raw = msgspec.Raw()
    parameters: dict[str, Any] = {}


class _Answer(msgspec.Struct):
    outputs: list[_Output]
    model_name: str = ""
    model_version: str = ""
    id: str = ""
    parameters: dict[str, Any] = {}


_read = msgspec.json.Decoder(_Answer).decode


def encode_request(inputs: Mapping[str, Tensor], options: Options) -> tuple[dict[str, str], bytes]:
    """Return headers and body of an infer request.

    Raises:
        InvalidRequestError: with every input that can't be sent so.
    """
    tensors, chunks, faults = [], [], []
    for name, (array, datatype) in inputs.items():
        tensor: dict[str, Any] = {"name": name, "shape": array.shape, "datatype": datatype}
        try:
            if options.binary:
                chunks.append(pack(array, datatype))
                tensor["parameters"] = {"binary_data_size": len(chunks[-1])}
            else:
                tensor["data"] = to_json(array, datatype)
        except TensorError as error:
            faults.append(error.at(f"input '{name}'"))
        tensors.append(tensor)
    if faults:
        raise InvalidRequestError(*faults)
    head = _head(tensors, options)
    if not options.binary:
        return {"content-type": "application/json"}, head
    # spaces after the JSON let the first tensor start where the server can use it without a copy
    head += b" " * (-len(head) % _ALIGNMENT_BYTES)
    headers = {"content-type": "application/octet-stream", HEADER_LENGTH: str(len(head))}
    return headers, b"".join((head, *chunks))


def decode_answer(reply: Reply) -> Prediction:
    """Return the prediction of a 2xx answer.

    Raises:
        PoorwillError: the answer breaks the protocol.
    """
    length = reply.headers.get(HEADER_LENGTH, "")
    size = int(length) if length.isascii() and length.isdigit() else len(reply.body)
    tail = memoryview(reply.body)[size:]
    try:
        answer = _read(reply.body[:size])
        outputs = _outputs(answer.outputs, tail)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _broken("an infer answer in JSON", "something else") from None
    return Prediction(
        model=answer.model_name,
        version=answer.model_version,
        digest=reply.headers.get("poorwill-digest", ""),
        request_id=answer.id or reply.headers.get("x-request-id", ""),
        outputs=outputs,
        datatypes={output.name: output.datatype for output in answer.outputs},
        parameters=answer.parameters,
        server_timing_ms=server_timing_ms(reply.headers.get("server-timing", "")),
    )


def server_timing_ms(header: str) -> dict[str, float]:
    """Return the durations of a Server-Timing header by name."""
    timing = {}
    for entry in header.split(","):
        name, _, parameters = entry.partition(";")
        duration = parameters.strip().removeprefix("dur=")
        if name.strip() and duration.replace(".", "", 1).isdigit():
            timing[name.strip()] = float(duration)
    return timing


def _head(tensors: list[dict[str, Any]], options: Options) -> bytes:
    message: dict[str, Any] = {"inputs": tensors}
    parameters = dict(options.parameters or {})
    if options.binary:
        parameters["binary_data_output"] = True
    if options.request_id is not None:
        message["id"] = options.request_id
    if parameters:
        message["parameters"] = parameters
    if options.outputs is not None:
        message["outputs"] = [{"name": name} for name in options.outputs]
    return msgspec.json.encode(message)


def _outputs(outputs: list[_Output], tail: memoryview) -> dict[str, np.ndarray]:
    arrays = {}
    at = 0
    for output in outputs:
        if output.datatype not in DATATYPES or any(size < 0 for size in output.shape):
            raise _broken("outputs of known datatypes and sizes", "others")
        size = output.parameters.get("binary_data_size")
        if size is None:
            array = _from_json(output)
        elif type(size) is int and 0 <= size <= len(tail) - at:
            array = _from_binary(tail[at : at + size], output)
            at += size
        else:
            raise _broken("binary tensors as long as they are said to be", f"{len(tail)} bytes")
        arrays[output.name] = bf16_to_fp32(array) if output.datatype == "BF16" else array
    return arrays


def _from_binary(chunk: memoryview, output: _Output) -> np.ndarray:
    try:
        return unpack(chunk, output.datatype, output.shape)
    except TensorError as error:
        raise PoorwillError(error.at("the server's answer")) from None


def _from_json(output: _Output) -> np.ndarray:
    try:
        return to_array(FAST_DECODERS[output.datatype](output.data), output.datatype, output.shape)
    except (msgspec.MsgspecError, ValueError, OverflowError):
        array = read_array(msgspec.json.decode(output.data), output.datatype, output.shape, "the server's answer")
    if isinstance(array, Fault):
        raise PoorwillError(array)
    return array


def _broken(wanted: str, found: str) -> PoorwillError:
    return PoorwillError(Fault("the server's answer", wanted, found, "check that the URL is an inference server's"))
