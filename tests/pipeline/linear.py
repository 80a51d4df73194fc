"""A train function of a user's: least squares, as ONNX; tests copy it beside their specs."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def train(inputs, parameters, seed):
    """Return the line through the rows; `off` is added to what it foretells."""
    rows = np.column_stack((inputs.features, np.ones(len(inputs.features))))
    weights = np.linalg.lstsq(rows, inputs.target, rcond=None)[0].astype(np.float32)
    count = inputs.features.shape[1]
    constants = {"weights": weights[:-1, None], "bias": weights[-1:] + np.float32(parameters.get("off", 0))}
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "weights", "bias"], ["total"])],
        "line",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", count])],
        [helper.make_tensor_value_info("total", TensorProto.FLOAT, ["batch", 1])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 10
    return model
