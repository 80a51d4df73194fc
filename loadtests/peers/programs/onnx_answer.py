"""What the peers share, as their users would write it: one session, and the Open Inference Protocol's JSON."""

import os
from typing import Any

import numpy as np
import onnxruntime

MODEL = os.environ["BENCH_MODEL"]
NAME = os.environ["BENCH_NAME"]
PORT = int(os.environ["BENCH_PORT"])


def load() -> onnxruntime.InferenceSession:
    """Return the session, with so many threads for one run as the bench says."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["BENCH_THREADS"])
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, array: np.ndarray) -> np.ndarray:
    """Return the output of one run."""
    (output,) = session.run(["output"], {"input": array})
    return output


def answer(session: onnxruntime.InferenceSession, shape: list[int], data: list[float]) -> dict[str, Any]:
    """Return the output tensor in JSON's form."""
    output = run(session, np.asarray(data, np.float32).reshape(shape))
    return {"name": "output", "datatype": "FP32", "shape": list(output.shape), "data": output.ravel().tolist()}


def answered(session: onnxruntime.InferenceSession, request: dict[str, Any]) -> dict[str, Any]:
    """Return the whole answer to an infer request."""
    tensor = request["inputs"][0]
    return {"model_name": NAME, "outputs": [answer(session, tensor["shape"], tensor["data"])]}
