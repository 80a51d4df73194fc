"""What both peers share, as their users would write it: one session, and the Open Inference Protocol's JSON."""

import os
from typing import Any

import numpy as np
import onnxruntime


def load() -> onnxruntime.InferenceSession:
    """Return the session, with the options that Poorwill gives a light model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(os.environ["BENCH_MODEL"], options, providers=["CPUExecutionProvider"])


def answer(session: onnxruntime.InferenceSession, shape: list[int], data: list[float]) -> dict[str, Any]:
    """Return the output tensor in JSON's form."""
    (output,) = session.run(["output"], {"input": np.asarray(data, np.float32).reshape(shape)})
    return {"name": "output", "datatype": "FP32", "shape": list(output.shape), "data": output.ravel().tolist()}
