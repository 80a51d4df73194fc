"""Models to measure by, made here so that everybody gets the same file."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SEED, OPSET = 7, 17


class Sample(NamedTuple):
    """A model file, one input that it takes, and what onnxruntime alone answers."""

    name: str
    path: Path
    array: np.ndarray
    expected: np.ndarray


def make_small(folder: Path) -> Sample:
    """Write a logistic regression, 4 numbers to 3: the model costs nothing, so the server is what is measured."""
    numbers = np.random.default_rng(SEED)
    nodes = [
        helper.make_node("Gemm", ["input", "weights", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["output"], axis=1),
    ]
    constants = {"weights": numbers.standard_normal((4, 3)), "bias": numbers.standard_normal(3)}
    array = numbers.standard_normal((1, 4)).round(4).astype(np.float32)
    return finish(folder / "small.onnx", nodes, constants, array, outputs=3)


def finish(
    path: Path, nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], array: np.ndarray, *, outputs: int
) -> Sample:
    """Write a model that takes `input`, batches of what `array` is one of, and gives so many numbers as `output`."""
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *array.shape[1:]])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", outputs])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return sampled(path, array)


def sampled(path: Path, array: np.ndarray) -> Sample:
    """Return a model's file with what onnxruntime alone answers to an input."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (output,) = session.run(["output"], {"input": array})
    return Sample(path.stem, path, array, output)
