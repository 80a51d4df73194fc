"""The model under PyTriton, as its documentation binds a function."""

import os
import signal

import numpy as np
from onnx_answer import NAME, PORT, load, run
from pytriton.decorators import batch
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

SESSION = load()
FEATURES = tuple(map(int, os.environ["BENCH_FEATURES"].split(",")))


@batch
def infer(input: np.ndarray) -> dict[str, np.ndarray]:  # noqa: A002 - the name is the model's
    """Answer a batch of requests."""
    return {"output": run(SESSION, input)}


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that its shared memory goes with it
    with Triton(
        config=TritonConfig(http_address="127.0.0.1", http_port=PORT, allow_grpc=False, allow_metrics=False)
    ) as triton:
        triton.bind(
            model_name=NAME,
            infer_func=infer,
            inputs=[Tensor(name="input", dtype=np.float32, shape=FEATURES)],
            outputs=[Tensor(name="output", dtype=np.float32, shape=(-1,))],
            config=ModelConfig(max_batch_size=64),
        )
        triton.serve()
