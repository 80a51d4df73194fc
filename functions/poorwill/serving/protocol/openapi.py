"""The documents about the served version: its metadata as the protocol has it, and OpenAPI true to its signature."""

from collections.abc import Iterable
from typing import Any

import msgspec

from poorwill.registry.records import TensorSpec
from poorwill.registry.tensor_codec import to_json
from poorwill.registry.warmup import made_inputs
from poorwill.serving.message import JSON
from poorwill.serving.predictor import Served
from poorwill.serving.protocol.infer_careful import shape_words
from poorwill.serving.protocol.infer_encode import BINARY
from poorwill.serving.protocol.infer_wire import HEADER_LENGTH
from poorwill.serving.protocol.problem import CONTENT_TYPE as PROBLEM

Schema = dict[str, Any]

EVENT = "application/cloudevents+json"
_REFUSALS = {
    "400": "The request breaks the protocol or the signature; every fault is named.",
    "408": "The request did not arrive in time.",
    "413": "The body is over the limit.",
    "415": "The content type or encoding is not served.",
    "500": "The model failed.",
    "503": "Too much at once, or stopping; ask again after Retry-After seconds.",
}
_NAMED: Schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
_OBJECT: Schema = {"type": "object"}
_BYTES: Schema = {"type": "string", "format": "binary"}


def server(version: str) -> bytes:
    """Return the server's metadata."""
    return msgspec.json.encode({"name": "poorwill", "version": version, "extensions": ["binary_tensor_data"]})


def metadata(served: Served) -> Schema:
    """Return the model's metadata."""
    signature = served.model.signature
    return {
        "name": served.name,
        "versions": [served.version],
        "platform": served.platform,
        "inputs": [_described(spec) for spec in signature.inputs],
        "outputs": [_described(spec) for spec in signature.outputs],
    }


def document(served: Served) -> bytes:
    """Return the OpenAPI document of everything that is served."""
    model = f"/v2/models/{served.name}"
    paths: dict[str, Schema] = {
        "/": {"post": _events()},
        "/batching": {"get": _get("Which requests share runs of the model, and why", _OBJECT)},
        "/cold-start": {"get": _get("Where the time of this start went", _OBJECT)},
        "/openapi.json": {"get": _get("This document", _OBJECT)},
        "/v2": {"get": _get("Server metadata", _NAMED)},
        "/v2/health/live": {"get": _get("Whether the process lives", _OBJECT)},
        "/v2/health/ready": {"get": _get("Whether it takes requests", _OBJECT, "503")},
        "/v1/models": {"get": _get("Names of the models", _OBJECT)},
        f"/v1/models/{served.name}": {"get": _get("Whether the model is ready", _NAMED, "503")},
        f"/v1/models/{served.name}:predict": {"post": _predict_v1(served)},
    }
    for path in (model, f"{model}/versions/{served.version}"):
        paths[path] = {"get": _get("Model metadata", {"const": metadata(served)})}
        paths[f"{path}/ready"] = {"get": _get("Whether the model is ready", _OBJECT, "503")}
        paths[f"{path}/infer"] = {"post": _infer()}
    info = {"title": f"{served.name}, version {served.version}", "version": served.version, "x-digest": served.digest}
    components = {"InferRequest": _request(served), "InferAnswer": _answer(served), "Problem": _problem()}
    content = {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": components}}
    return msgspec.json.encode(content)


def example(served: Served) -> Schema:
    """Return a request that the version answers: zeros, with every dynamic axis 1."""
    signature = served.model.signature
    arrays = made_inputs(signature, 0)
    return {
        "inputs": [
            {
                "name": spec.name,
                "datatype": spec.datatype,
                "shape": list(arrays[spec.name].shape),
                "data": to_json(arrays[spec.name], spec.datatype),
            }
            for spec in signature.inputs
        ]
    }


def _described(spec: TensorSpec) -> Schema:
    return {"name": spec.name, "datatype": spec.datatype, "shape": list(spec.sizes)}


def _get(summary: str, schema: Schema, *refusals: str) -> Schema:
    return {"summary": summary, "responses": _responses({JSON: {"schema": schema}}, refusals)}


def _infer() -> Schema:
    header = {
        "name": HEADER_LENGTH,
        "in": "header",
        "description": "Length of the JSON part where tensors follow it in binary; 0 where the body is one raw tensor.",
        "schema": {"type": "integer", "minimum": 0},
    }
    answer = {JSON: {"schema": _ref("InferAnswer")}, BINARY: {"schema": _BYTES}}
    contents = {JSON: {"schema": _ref("InferRequest")}, BINARY: {"schema": _BYTES}}
    return {
        "summary": "Infer",
        "description": f"With {HEADER_LENGTH}, the body is {BINARY}: JSON, and binary tensors after it.",
        "parameters": [header],
        "requestBody": {"required": True, "content": contents},
        "responses": _responses(answer, _REFUSALS),
    }


def _predict_v1(served: Served) -> Schema:
    several = len(served.model.signature.inputs) > 1
    row: Schema = {"type": "object"} if several else {}
    schema = {
        "type": "object",
        "required": ["instances"],
        "properties": {"instances": {"type": "array", "minItems": 1, "items": row}},
    }
    answer = {"type": "object", "required": ["predictions"], "properties": {"predictions": {"type": "array"}}}
    return {
        "summary": "Predict, in the older form",
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "responses": _responses({JSON: {"schema": answer}}, _REFUSALS),
    }


def _events() -> Schema:
    event = {
        "type": "object",
        "required": ["specversion", "id", "source", "type"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "minLength": 1},
            "source": {"type": "string", "format": "uri-reference", "minLength": 1},
            "type": {"type": "string", "minLength": 1},
            "data": _ref("InferRequest"),
        },
    }
    batch = {"type": "array", "items": event}
    contents = {EVENT: {"schema": event}, "application/cloudevents-batch+json": {"schema": batch}}
    responses = _responses(
        {EVENT: {"schema": event}, "application/cloudevents-batch+json": {"schema": batch}}, _REFUSALS
    )
    responses["204"] = {"description": "The event is not for this model."}
    return {
        "summary": "Answer a CloudEvent with a reply event",
        "requestBody": {"required": True, "content": contents},
        "responses": responses,
    }


def _responses(content: Schema, refusals: Iterable[str]) -> Schema:
    answers: Schema = {"200": {"description": "The answer.", "content": content}}
    for status in refusals:
        answers[status] = {"description": _REFUSALS[status], "content": {PROBLEM: {"schema": _ref("Problem")}}}
    return answers


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _request(served: Served) -> Schema:
    signature = served.model.signature
    names = {"enum": [spec.name for spec in signature.outputs]}
    output = {"type": "object", "required": ["name"], "properties": {"name": names, "parameters": _OBJECT}}
    return {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string"},
            "parameters": _OBJECT,
            "inputs": _tensors(signature.inputs),
            "outputs": {"type": "array", "maxItems": len(signature.outputs), "items": output},
        },
        "examples": [example(served)],
    }


def _answer(served: Served) -> Schema:
    tensors = [_tensor(spec) for spec in served.model.signature.outputs]
    return {
        "type": "object",
        "required": ["model_name", "model_version", "outputs"],
        "properties": {
            "model_name": {"const": served.name},
            "model_version": {"const": served.version},
            "id": {"type": "string"},
            "outputs": {"type": "array", "items": {"anyOf": tensors}},
        },
    }


def _problem() -> Schema:
    words = {name: {"type": "string"} for name in ("where", "wanted", "found", "next")}
    fault = {"type": "object", "required": list(words), "properties": words}
    texts = {name: {"type": "string"} for name in ("type", "title", "detail", "request_id", "error")}
    properties = texts | {"status": {"type": "integer"}, "faults": {"type": "array", "items": fault}}
    return {"type": "object", "required": list(properties), "properties": properties}


def _tensors(specs: tuple[TensorSpec, ...]) -> Schema:
    tensors = [_tensor(spec) for spec in specs]
    each = [{"contains": {"properties": {"name": {"const": spec.name}}}} for spec in specs]
    return {
        "type": "array",
        "minItems": len(specs),
        "maxItems": len(specs),
        "items": tensors[0] if len(tensors) == 1 else {"oneOf": tensors},
        **({"allOf": each} if len(specs) > 1 else {}),
    }


def _tensor(spec: TensorSpec) -> Schema:
    sizes: Schema = {"type": "array", "items": {"type": "integer", "minimum": 0}, "description": shape_words(spec)}
    data: Schema = {"type": "array", "items": _element(spec.datatype)}
    if spec.shape is not None:
        sizes["minItems"] = sizes["maxItems"] = len(spec.shape)
        if all(size >= 0 for size in spec.sizes):
            sizes = {"const": list(spec.sizes)}
            data["minItems"] = data["maxItems"] = _count(spec)
    return {
        "type": "object",
        "required": ["name", "datatype", "shape", "data"],
        "properties": {
            "name": {"const": spec.name},
            "datatype": {"const": spec.datatype},
            "shape": sizes,
            "data": data,
        },
    }


def _element(datatype: str) -> Schema:
    if datatype == "BOOL":
        return {"type": "boolean"}
    if datatype == "BYTES":
        return {"type": "string"}
    return {"type": "number" if datatype in {"FP16", "FP32", "FP64", "BF16"} else "integer"}


def _count(spec: TensorSpec) -> int:
    count = 1
    for size in spec.sizes:
        count *= abs(size)
    return count
