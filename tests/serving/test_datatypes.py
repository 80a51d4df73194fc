"""Every datatype of the protocol goes through a real model and comes back, as JSON and as binary tensors."""

import json

import numpy as np
import pytest
from onnx import TensorProto

from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.onnx_session import open_session
from poorwill.registry.tensor_codec import fp32_to_bf16, pack, unpack
from tests import models

KINDS = {
    "BOOL": TensorProto.BOOL,
    "FP16": TensorProto.FLOAT16,
    "FP32": TensorProto.FLOAT,
    "FP64": TensorProto.DOUBLE,
    "BF16": TensorProto.BFLOAT16,
    "BYTES": TensorProto.STRING,
}


def sent(datatype):
    if datatype == "BOOL":
        return [True, False]
    if datatype == "BYTES":
        return ["é", ""]
    if datatype in KINDS:
        return [1.5, -2.0]
    info = np.iinfo(DATATYPES[datatype].numpy)
    return [int(info.min), int(info.max)]


def as_array(datatype, values):
    if datatype == "BYTES":
        return np.array([value.encode() for value in values], object)
    if datatype == "BF16":
        return fp32_to_bf16(np.array(values, np.float32))
    return np.array(values, DATATYPES[datatype].numpy)


@pytest.mark.parametrize("datatype", sorted(DATATYPES))
def test_a_tensor_comes_back_as_it_was_sent(datatype, serve):
    model = open_session(models.copy_model(KINDS.get(datatype) or getattr(TensorProto, datatype)).SerializeToString())
    caller, (spec,), (answer_spec,) = serve(model), model.signature.inputs, model.signature.outputs
    values = sent(datatype)
    tensor = {"name": spec.name, "datatype": datatype, "shape": [2]}
    packed = pack(as_array(datatype, values), datatype)
    head = json.dumps(
        {
            "inputs": [tensor | {"parameters": {"binary_data_size": len(packed)}}],
            "parameters": {"binary_data_output": True},
        }
    ).encode()

    by_json = json.loads(caller.infer({"inputs": [tensor | {"data": values}]}).body)["outputs"][0]
    by_binary = caller.infer(head + packed, inference_header_content_length=str(len(head)))

    assert by_json == {"name": answer_spec.name, "datatype": datatype, "shape": [2], "data": values}
    length = int(dict(by_binary.headers)["inference-header-content-length"])
    found = unpack(by_binary.body[length:], datatype, [2])
    np.testing.assert_array_equal(found, as_array(datatype, values))
