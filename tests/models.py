"""Tiny real ONNX models, one idea each; every function returns a fresh model (or writes it, where it needs files)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
OPSET = 20


def value(name: str, kind: int, shape: tuple[int | str | None, ...] | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name: str, array: np.ndarray) -> onnx.TensorProto:
    return numpy_helper.from_array(array, name)


def build(
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    constants: tuple[onnx.TensorProto, ...] = (),
    *,
    ml_opset: int = 0,
) -> onnx.ModelProto:
    opsets = [helper.make_opsetid("", OPSET)] + ([helper.make_opsetid("ai.onnx.ml", ml_opset)] if ml_opset else [])
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, list(constants))
    model = helper.make_model(graph, opset_imports=opsets, producer_name="poorwill-tests", producer_version="1")
    model.ir_version = 10  # what onnxruntime 1.20, the oldest that is supported, reads
    if all(item.type.tensor_type.HasField("shape") for item in inputs):  # the checker knows no free rank
        onnx.checker.check_model(model)
    return model


def sum_model() -> onnx.ModelProto:
    """Sum each row: total[batch, 1] of x[batch, 3]."""
    return build(
        [helper.make_node("ReduceSum", ["x", "axes"], ["total"], keepdims=1)],
        [value("x", FLOAT, ("batch", 3))],
        [value("total", FLOAT, ("batch", 1))],
        (constant("axes", np.array([1], np.int64)),),
    )


def pair_model() -> onnx.ModelProto:
    """Take two inputs, give two outputs: total, difference = left + right, left - right; FP32[2] and INT64[2]."""
    return build(
        [
            helper.make_node("Cast", ["right"], ["right_float"], to=FLOAT),
            helper.make_node("Add", ["left", "right_float"], ["total"]),
            helper.make_node("Sub", ["left", "right_float"], ["difference"]),
        ],
        [value("left", FLOAT, (2,)), value("right", INT64, (2,))],
        [value("total", FLOAT, (2,)), value("difference", FLOAT, (2,))],
    )


def dynamic_model() -> onnx.ModelProto:
    """Double x[rows, 2, any]: a named and an unnamed dynamic axis around a fixed one."""
    return build(
        [helper.make_node("Add", ["x", "x"], ["doubled"])],
        [value("x", FLOAT, ("rows", 2, None))],
        [value("doubled", FLOAT, ("rows", 2, None))],
    )


def free_rank_model() -> onnx.ModelProto:
    """Double an x of any rank."""
    return build(
        [helper.make_node("Add", ["x", "x"], ["doubled"])],
        [value("x", FLOAT, None)],
        [value("doubled", FLOAT, None)],
    )


def scalar_model() -> onnx.ModelProto:
    """Double one number, of rank 0."""
    return build(
        [helper.make_node("Add", ["x", "x"], ["doubled"])], [value("x", FLOAT, ())], [value("doubled", FLOAT, ())]
    )


def text_model() -> onnx.ModelProto:
    """Add "!" to each string of text[n]."""
    return build(
        [helper.make_node("StringConcat", ["text", "mark"], ["loud"])],
        [value("text", STRING, ("n",))],
        [value("loud", STRING, ("n",))],
        (helper.make_tensor("mark", STRING, [1], [b"!"]),),
    )


def copy_model(kind: int) -> onnx.ModelProto:
    """Copy x[n] to y[n], for any tensor type (a TensorProto number)."""
    return build(
        [helper.make_node("Identity", ["x"], ["y"])],
        [value("x", kind, ("n",))],
        [value("y", kind, ("n",))],
    )


def half_model(kind: int = TensorProto.FLOAT16) -> onnx.ModelProto:
    """Double x[n], FP16 or BF16, worked out in FP32."""
    return build(
        [
            helper.make_node("Cast", ["x"], ["wide"], to=FLOAT),
            helper.make_node("Add", ["wide", "wide"], ["wide_doubled"]),
            helper.make_node("Cast", ["wide_doubled"], ["doubled"], to=kind),
        ],
        [value("x", kind, ("n",))],
        [value("doubled", kind, ("n",))],
    )


def bfloat_model() -> onnx.ModelProto:
    """Double x[n] in BF16."""
    return half_model(TensorProto.BFLOAT16)


def map_model() -> onnx.ModelProto:
    """Give a list of maps, which is what skl2onnx makes with zipmap left on; Poorwill refuses it."""
    output = helper.make_value_info(
        "probabilities",
        helper.make_sequence_type_proto(
            helper.make_map_type_proto(INT64, helper.make_tensor_type_proto(FLOAT, ())),
        ),
    )
    node = helper.make_node("ZipMap", ["x"], ["probabilities"], domain="ai.onnx.ml", classlabels_int64s=[0, 1])
    return build([node], [value("x", FLOAT, (1, 2))], [output], ml_opset=1)


def table_model(offset: int = 0) -> onnx.ModelProto:
    """Give row[n] = table[index - offset]; an index that the table of four does not have makes the run fail.

    With offset 5 zeros fail and ones run; with offset 9 both fail.
    """
    return build(
        [
            helper.make_node("Sub", ["index", "offset"], ["place"]),
            helper.make_node("Gather", ["table", "place"], ["row"], axis=0),
        ],
        [value("index", INT64, ("n",))],
        [value("row", FLOAT, ("n",))],
        (constant("offset", np.array(offset, np.int64)), constant("table", np.arange(4, dtype=np.float32))),
    )


def external_model(folder: Path, *, location: str = "weights/layer.bin") -> Path:
    """Write y[n, 2] = x[n, 3] @ weights with the weights, all ones, in another file; return the model's path."""
    weights = np.ones((3, 2), np.float32)
    tensor = TensorProto(name="weights", data_type=FLOAT, dims=weights.shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "weights"], ["y"])],
        "tiny",
        [value("x", FLOAT, ("n", 3))],
        [value("y", FLOAT, ("n", 2))],
        [tensor],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="poorwill-tests")
    model.ir_version = 10
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "external.onnx"
    path.write_bytes(model.SerializeToString())
    if ".." not in location and not location.startswith("/"):
        (folder / location).parent.mkdir(parents=True, exist_ok=True)
        (folder / location).write_bytes(weights.tobytes())
    return path


WIDTH = 520  # the weights of one layer are over 1 MiB, which is what a start pack begins at


def wide_model() -> onnx.ModelProto:
    """Take x[n, 520] through a layer of weights and a ReLU, to y[n, 520]."""
    weights = np.random.default_rng(7).standard_normal((WIDTH, WIDTH)).astype(np.float32)
    nodes = [helper.make_node("MatMul", ["x", "weights"], ["scores"]), helper.make_node("Relu", ["scores"], ["y"])]
    shape = ("n", WIDTH)
    return build(nodes, [value("x", FLOAT, shape)], [value("y", FLOAT, shape)], (constant("weights", weights),))


MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    "sum": sum_model,
    "pair": pair_model,
    "dynamic": dynamic_model,
    "free_rank": free_rank_model,
    "scalar": scalar_model,
    "text": text_model,
    "half": half_model,
    "bfloat": bfloat_model,
    "map": map_model,
    "table": table_model,
}


def write(name: str, folder: Path) -> Path:
    """Write the model of that name (see MODELS) into the folder and return its path, `<folder>/<name>.onnx`."""
    path = folder / f"{name}.onnx"
    path.write_bytes(MODELS[name]().SerializeToString())
    return path
