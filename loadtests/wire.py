"""The Open Inference Protocol on the wire, written a second time: load must not check a codec with itself."""

import json
from typing import Any, NamedTuple

import numpy as np

HEADER_LENGTH = "Inference-Header-Content-Length"
DATATYPES: dict[str, np.dtype[Any]] = {"FP32": np.dtype("<f4"), "INT64": np.dtype("<i8")}
NAMES = {kind: name for name, kind in DATATYPES.items()}


class Encoded(NamedTuple):
    """One request, ready to send."""

    headers: dict[str, str]
    body: bytes


def as_json(name: str, array: np.ndarray) -> Encoded:
    """Return an infer request with the tensor as numbers, each in the fewest digits that bring it back."""
    tensor = _described(name, array) | {"data": [float(str(value)) for value in array.ravel()]}
    body = json.dumps({"inputs": [tensor]}, separators=(",", ":")).encode()
    return Encoded({"Content-Type": "application/json"}, body)


def as_binary(name: str, array: np.ndarray) -> Encoded:
    """Return an infer request with the tensor's bytes behind the JSON, which asks for the same of the answer."""
    raw = array.tobytes()
    tensor = _described(name, array) | {"parameters": {"binary_data_size": len(raw)}}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(head))}
    return Encoded(headers, head + raw)


def outputs(body: bytes, header_length: str | None) -> dict[str, np.ndarray]:
    """Return the answer's tensors by name; `header_length` is its header of that name, if it has one."""
    length = int(header_length) if header_length else len(body)
    found, offset = {}, length
    for tensor in json.loads(body[:length])["outputs"]:
        kind = DATATYPES[tensor["datatype"]]
        if "data" in tensor:
            flat = np.array(tensor["data"], kind)
        else:
            size_bytes = tensor["parameters"]["binary_data_size"]
            flat = np.frombuffer(body[offset : offset + size_bytes], kind)
            offset += size_bytes
        found[tensor["name"]] = flat.reshape(tensor["shape"])
    return found


def server_timing_ms(header: str) -> dict[str, float]:
    """Return the durations of a Server-Timing header by name."""
    parts = (part.strip().split(";dur=") for part in header.split(",") if ";dur=" in part)
    return {name: float(duration) for name, duration in parts}


def _described(name: str, array: np.ndarray) -> dict[str, Any]:
    return {"name": name, "datatype": NAMES[array.dtype], "shape": list(array.shape)}
