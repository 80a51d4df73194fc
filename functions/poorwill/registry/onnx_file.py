"""What an ONNX file says of itself that a session does not tell: the one file that knows the package onnx."""

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

from poorwill.errors import Fault, InvalidModelError
from poorwill.registry.external_data import MODEL_FILE, is_inside


class OnnxFile(NamedTuple):
    """Facts of one file; `external_data` are paths beside it, `free_rank` inputs and outputs without a shape."""

    opset: dict[str, int]
    ir_version: int
    producer: str
    external_data: tuple[str, ...]
    free_rank: frozenset[str]


def read_onnx_file(path: Path) -> OnnxFile:
    """Return the facts of a file, its tensors unread.

    Raises:
        InvalidModelError: not an ONNX file, or one whose external data is not plainly beside it.
    """
    model = _parsed(path)
    names = sorted({_location(tensor) for tensor in _tensors(model) if tensor.data_location == tensor.EXTERNAL})
    if not all(is_inside(name) and name != MODEL_FILE for name in names):
        wanted = f"paths inside the model's folder, none of them {MODEL_FILE}"
        fault = Fault("external data", wanted, "another path", "save the model again with its data beside it")
        raise InvalidModelError(fault)
    values = (*model.graph.input, *model.graph.output)
    return OnnxFile(
        {entry.domain: entry.version for entry in model.opset_import},
        model.ir_version,
        " ".join(filter(None, (model.producer_name, model.producer_version))),
        tuple(names),
        frozenset(value.name for value in values if not value.type.tensor_type.HasField("shape")),
    )


@cache
def _messages() -> Any:
    """Return the package's messages alone: all of it takes a push a tenth of a second to import, and checks nothing."""
    package = find_spec("onnx")
    for folder in package.submodule_search_locations or () if package else ():
        spec = spec_from_file_location(f"{__name__}.messages", Path(folder) / "onnx_ml_pb2.py")
        if spec and spec.loader and Path(folder, "onnx_ml_pb2.py").is_file():
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    import onnx

    return onnx


def _parsed(path: Path) -> Any:
    fault = Fault(
        "model file",
        "an ONNX file",
        "other bytes",
        "export the model to ONNX; one over 2 GB with its data beside it (onnx.save_model: save_as_external_data=True)",
    )
    messages = _messages()
    try:
        model = messages.ModelProto.FromString(path.read_bytes())
    except Exception as error:  # the protobuf of each release has errors of its own
        raise InvalidModelError(fault) from error
    if not model.HasField("graph") or not model.opset_import:
        raise InvalidModelError(fault)
    return model


def _location(tensor: Any) -> str:
    return next((entry.value for entry in tensor.external_data if entry.key == "location"), "")


def _tensors(model: Any) -> Iterator[Any]:
    """Yield every tensor of the model: of graphs, of graphs in attributes, and of functions."""
    yield from _graph_tensors(model.graph)
    for function in model.functions:
        yield from _node_tensors(function.node)


def _graph_tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _node_tensors(graph.node)


def _node_tensors(nodes: Any) -> Iterator[Any]:
    for attribute in (attribute for node in nodes for attribute in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)
        for graph in (attribute.g, *attribute.graphs):
            yield from _graph_tensors(graph)
