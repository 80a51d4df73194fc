"""What every server here answers with: the model at BENCH_MODEL in the Open Inference Protocol's JSON."""

import os
import time

import msgspec
import numpy as np
import onnxruntime

SLOW_PATH = "/slow"
SLOW_SECONDS = 1.0
LIMIT_BYTES = 1_000_000  # the body limit, for the servers that have one
TIMEOUT_SECONDS = 1.0  # likewise

_options = onnxruntime.SessionOptions()
_options.intra_op_num_threads = _options.inter_op_num_threads = 1
_run = onnxruntime.InferenceSession(os.environ["BENCH_MODEL"], _options, providers=["CPUExecutionProvider"]).run


class Tensor(msgspec.Struct):
    """One tensor in JSON's form."""

    name: str
    datatype: str
    shape: list[int]
    data: list[float]


class Infer(msgspec.Struct):
    """What is asked."""

    inputs: list[Tensor]


class Reply(msgspec.Struct):
    """What is answered."""

    model_name: str
    outputs: list[Tensor]


_decode, _encode = msgspec.json.Decoder(Infer).decode, msgspec.json.Encoder().encode


def predict(body: bytes) -> bytes:
    """Return the answer to an infer request."""
    tensor = _decode(body).inputs[0]
    (output,) = _run(["output"], {"input": np.array(tensor.data, np.float32).reshape(tensor.shape)})
    return _encode(Reply("small", [Tensor("output", "FP32", list(output.shape), output.ravel().tolist())]))


def slow() -> bytes:
    """Return something after a while, as a heavy model does; like one, it lets other threads run."""
    time.sleep(SLOW_SECONDS)
    return b'"slow"'
