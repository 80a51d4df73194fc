"""The older `:predict` form (TensorFlow Serving, KServe v1): rows in, rows out, without names of types.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from poorwill.errors import Fault, InvalidRequestError
from poorwill.registry.records import Signature, TensorSpec
from poorwill.registry.tensor_codec import TensorError, to_json
from poorwill.serving.message import Answer
from poorwill.serving.protocol.infer_careful import linked_axes, quoted, read_json, read_tensor
from poorwill.serving.protocol.tensor_json import nested_shape


def decode(body: bytes | bytearray | memoryview, signature: Signature) -> tuple[dict[str, np.ndarray], int]:
    """Return the inputs that `{"instances": [...]}` means, and how many rows: one each, or an object by input name.

    Raises:
        InvalidRequestError: with every fault of the request.
    """
    message = read_json(body)
    faults = [message] if isinstance(message, Fault) else []
    rows = message.get("instances") if isinstance(message, dict) else None
    if not faults and (not isinstance(rows, list) or not rows):
        faults.append(Fault("instances", "an array of rows", "none", 'send {"instances": [row, ...]}'))
    inputs: dict[str, np.ndarray] = {}
    for spec in signature.inputs if not faults else ():
        column = _column(rows or [], spec, signature, faults)
        if column is not None:
            tensor = {"datatype": spec.datatype, "shape": _shape(spec, column), "data": column}
            array = read_tensor(tensor, spec, f"instances, input '{spec.name}'", None)
            if isinstance(array, list):
                faults += array
            else:
                inputs[spec.name] = array
    faults += linked_axes(signature.inputs, inputs)
    if faults:
        raise InvalidRequestError(*faults)
    return inputs, len(rows or ())


def encode(outputs: Mapping[str, np.ndarray], signature: Signature, rows: int) -> Answer:
    """Return `{"predictions": [...]}`: a value each, or an object by output name where there are several."""
    columns = {}
    for spec in signature.outputs:
        array = outputs[spec.name]
        elements = np.empty(array.size, object)
        try:
            elements[:] = to_json(array, spec.datatype)
        except TensorError as error:
            raise InvalidRequestError(error.at(f"output '{spec.name}'")) from None
        nested = elements.reshape(array.shape).tolist()
        columns[spec.name] = nested if array.ndim and array.shape[0] == rows else [nested] * rows
    if len(columns) == 1:
        predictions: Any = next(iter(columns.values()))
    else:
        predictions = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return Answer(200, msgspec.json.encode({"predictions": predictions}))


def _column(rows: list[Any], spec: TensorSpec, signature: Signature, faults: list[Fault]) -> list[Any] | None:
    """Return one input's values of all rows."""
    names = [known.name for known in signature.inputs]
    if all(isinstance(row, dict) and "b64" not in row for row in rows):
        lacking = [number for number, row in enumerate(rows) if spec.name not in row]
        if lacking:
            found = f"no '{spec.name}' in row {lacking[0]}"
            faults.append(Fault("instances", f"objects with {quoted(names)}", found, "send every input in every row"))
            return None
        return [_value(row[spec.name]) for row in rows]
    if len(names) > 1:
        faults.append(Fault("instances", f"objects with {quoted(names)}", "other rows", "send an object for each row"))
        return None
    return [_value(row) for row in rows]


def _value(value: Any) -> Any:
    """Return a value of a row; `{"b64": ...}` is text in base64."""
    if isinstance(value, dict) and set(value) == {"b64"} and isinstance(value["b64"], str):
        try:
            return b64decode(value["b64"], validate=True).decode()
        except (Base64Error, ValueError):
            return None
    return value


def _shape(spec: TensorSpec, column: list[Any]) -> list[int]:
    """Return the shape of all rows together: sizes of the signature, dynamic ones from the first row."""
    found = nested_shape(column)
    if spec.shape is None or len(spec.shape) != len(found):
        return found
    return [len(column), *(own if want < 0 else want for want, own in zip(spec.sizes[1:], found[1:], strict=True))]
