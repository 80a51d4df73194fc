"""The models of a long tail: each multiplies four numbers by weights of its own, so that none answers for another."""

from pathlib import Path

import numpy as np

ROWS, COLUMNS = 4, 3
TOLERANCE = 1e-5


def name(number: int) -> str:
    """Return the model of this rank, from 1 on, the most popular first."""
    return f"tail-{number:03}"


def weights(number: int) -> np.ndarray:
    """Return a model's weights."""
    return np.random.default_rng(number).standard_normal((ROWS, COLUMNS)).astype(np.float32)


def answer(number: int, asked: np.ndarray) -> np.ndarray:
    """Return what the model answers, without an engine."""
    return np.asarray(asked @ weights(number))


def write(folder: Path, number: int) -> Path:
    """Write the model and the sample of its warm-up, and return the model's file."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [helper.make_node("MatMul", ["input", "weights"], ["output"])],
        name(number),
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", ROWS])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", COLUMNS])],
        [numpy_helper.from_array(weights(number), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    path = folder / f"{name(number)}.onnx"
    onnx.save(model, path)
    return path
