"""What an ONNX file says of itself."""

import onnx
import pytest

from poorwill.errors import InvalidModelError
from poorwill.registry.external_data import is_inside
from poorwill.registry.onnx_file import OnnxFile, read_onnx_file
from tests import models


def test_opset_ir_version_and_producer_are_read(tmp_path):
    facts = read_onnx_file(models.write("map", tmp_path))

    assert facts == OnnxFile({"": 20, "ai.onnx.ml": 1}, 10, "poorwill-tests 1", (), frozenset({"probabilities"}))


def test_a_shape_that_is_not_there_is_another_thing_than_a_shape_of_no_axes(tmp_path):
    assert read_onnx_file(models.write("free_rank", tmp_path)).free_rank == {"x", "doubled"}
    assert read_onnx_file(models.write("scalar", tmp_path)).free_rank == frozenset()


def test_external_data_is_found_in_initializers_attributes_subgraphs_and_functions(tmp_path):
    def tensor(location):
        found = onnx.TensorProto(name=location, data_type=models.FLOAT, dims=[1])
        found.data_location = onnx.TensorProto.EXTERNAL
        found.external_data.add(key="location", value=location)
        return found

    model = models.sum_model()
    model.graph.initializer.append(tensor("a"))
    node = model.graph.node.add(op_type="Constant")
    node.attribute.add(name="value", t=tensor("b"))
    body = onnx.helper.make_graph([], "body", [], [], [tensor("c")])
    node.attribute.add(name="body", g=body)
    model.graph.sparse_initializer.add(values=tensor("d"), indices=tensor("e"))
    model.functions.add(name="f").node.add().attribute.add(name="value", t=tensor("f"))
    node.attribute.add(name="many", tensors=[tensor("g")])
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())

    assert read_onnx_file(path).external_data == ("a", "b", "c", "d", "e", "f", "g")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe no protobuf", b"\x08\x07", b"PK\x03\x04"])
def test_other_files_are_refused(content, tmp_path):
    path = tmp_path / "x.onnx"
    path.write_bytes(content)

    with pytest.raises(InvalidModelError, match="model file: wanted an ONNX file, found other bytes"):
        read_onnx_file(path)


@pytest.mark.parametrize(
    "location", ["../up.bin", "/etc/passwd", "a/../../b", "", ".", "..", "a//b", "a\\b", "model.onnx"]
)
def test_external_data_elsewhere_is_refused(location, tmp_path):
    path = models.external_model(tmp_path / "inner")
    model = onnx.load_model(path, load_external_data=False)
    model.graph.initializer[0].external_data[0].value = location
    path.write_bytes(model.SerializeToString())

    with pytest.raises(InvalidModelError, match="external data") as caught:
        read_onnx_file(path)

    assert "passwd" not in str(caught.value)


@pytest.mark.parametrize("name", ["a", "weights.bin", "a/b/c.data", ".hidden", "..a"])
def test_names_beside_the_model_are_inside(name):
    assert is_inside(name)
