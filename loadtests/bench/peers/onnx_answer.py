"""What both peers share, as their users would write it: one session, and the Open Inference Protocol's JSON."""

import os
from typing import Any

import numpy as np
import onnxruntime

DATATYPES = {"float32": "FP32", "int64": "INT64"}


def load() -> onnxruntime.InferenceSession:
    """Return the session, with the options that Poorwill gives a light model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(os.environ["BENCH_MODEL"], options, providers=["CPUExecutionProvider"])


def answer(session: onnxruntime.InferenceSession, tensor: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all output tensors for one input tensor in JSON's form."""
    array = np.asarray(tensor["data"], np.float32).reshape(tensor["shape"])
    outputs = zip(session.get_outputs(), session.run(None, {tensor["name"]: array}), strict=True)
    return [
        {
            "name": spec.name,
            "datatype": DATATYPES[value.dtype.name],
            "shape": list(value.shape),
            "data": value.ravel().tolist(),
        }
        for spec, value in outputs
    ]
