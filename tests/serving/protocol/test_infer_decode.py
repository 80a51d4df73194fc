"""An infer request becomes a call, or one answer that names every fault."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import InvalidRequestError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.records import Signature, TensorSpec
from poorwill.registry.tensor_codec import bf16_to_fp32, pack
from poorwill.serving.protocol.infer_decode import InferDecoder
from poorwill.serving.protocol.infer_wire import Call, Wanted

ROWS = Signature((TensorSpec("x", "FP32", ("batch", 3)),), (TensorSpec("y", "FP32", ("batch",)),))
PAIR = Signature(
    (TensorSpec("left", "INT64", ("batch", 2)), TensorSpec("right", "BYTES", ("batch",))),
    (TensorSpec("sum", "INT64", ("batch",)), TensorSpec("text", "BYTES", ("batch",))),
)


def tensor(name="x", datatype="FP32", shape=(1, 3), data=(1, 2, 3), **more):
    return {"name": name, "datatype": datatype, "shape": list(shape), "data": list(data)} | more


def body(*inputs, **more):
    return json.dumps({"inputs": list(inputs)} | more).encode()


def places(signature, content, header_length=None):
    with pytest.raises(InvalidRequestError) as caught:
        InferDecoder(signature).decode(content, header_length)
    return [fault.where for fault in caught.value.faults]


def test_flat_and_nested_data_mean_the_same():
    decode = InferDecoder(ROWS).decode

    flat = decode(body(tensor(shape=(2, 3), data=[1, 2, 3, 4, 5, 6])))
    nested = decode(body(tensor(shape=(2, 3), data=[[1, 2, 3], [4, 5, 6]])))

    np.testing.assert_array_equal(flat.inputs["x"], np.array([[1, 2, 3], [4, 5, 6]], np.float32))
    np.testing.assert_array_equal(flat.inputs["x"], nested.inputs["x"])
    assert nested.inputs["x"].dtype == np.float32


def test_outputs_id_and_unknown_members_are_understood():
    content = body(
        tensor("left", "INT64", (1, 2), (1, 2)),
        tensor("right", "BYTES", (1,), ("é",)),
        id="7",
        model_name="other",
        parameters={"binary_data_output": True},
        outputs=[{"name": "text", "parameters": {"binary_data": False}}, {"name": "sum"}],
    )

    call = InferDecoder(PAIR).decode(content)

    assert call.outputs == (Wanted("text", binary=False), Wanted("sum", binary=True))
    assert call.id == "7"
    assert call.inputs["right"].tolist() == ["é".encode()]


def test_binary_tensors_mix_with_json_ones():
    right = pack(np.array([b"\xff\x00", b""], object), "BYTES")
    head = body(
        tensor("left", "INT64", (2, 2), (1, 2, 3, 4)),
        {"name": "right", "datatype": "BYTES", "shape": [2], "parameters": {"binary_data_size": len(right)}},
    )

    call = InferDecoder(PAIR).decode(head + right, len(head))

    assert call.inputs["right"].tolist() == [b"\xff\x00", b""]
    assert call.inputs["left"].tolist() == [[1, 2], [3, 4]]


def test_a_raw_body_is_the_only_input():
    values = np.arange(6, dtype=np.float32)

    call = InferDecoder(ROWS).decode(values.tobytes(), 0)

    np.testing.assert_array_equal(call.inputs["x"], values.reshape(2, 3))


def test_a_raw_body_is_one_element_of_bytes():
    signature = Signature((TensorSpec("png", "BYTES", (1,)),), ROWS.outputs)

    call = InferDecoder(signature).decode(b"\x89PNG", 0)

    assert call.inputs["png"].tolist() == [b"\x89PNG"]


def test_a_raw_body_for_two_inputs_is_refused():
    assert places(PAIR, b"abc", 0) == ["body"]


def test_every_fault_of_a_request_is_named_at_once():
    content = body(
        tensor("left", "FP32", (1, 3), (1, 2)),
        tensor("other", "INT64", (1,), (1,)),
        id=7,
        outputs=[{"name": "sum"}, {"name": "sum"}, {"name": "more"}],
    )

    assert places(PAIR, content) == [
        "id",
        "inputs[0].datatype",
        "inputs[0].shape",
        "inputs[1].name",
        "inputs",
        "outputs[1].name",
        "outputs[2].name",
    ]


def test_the_only_tensor_is_checked_even_under_a_wrong_name():
    content = body(tensor("other", "FP64", (1, 2), (1, 2)))

    assert places(ROWS, content) == ["inputs[0].name", "inputs[0].datatype", "inputs[0].shape", "inputs"]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "body"),
        (b"\xff\xfe", "body"),
        (b"[NaN]", "body"),
        (b"[" * 100_000, "body"),
        (b"[]", "body"),
        (b'{"inputs":7}', "inputs"),
        (body(tensor(data=[1, 2])), "inputs[0].data"),
        (body(tensor(data=[1, 2, "3"])), "inputs[0].data"),
        (body(tensor(data=[1, 2, True])), "inputs[0].data"),
        (body(tensor(data=[1, 2, None])), "inputs[0].data"),
        (body(tensor(data=[1, 2, 1e39])), "inputs[0].data"),
        (body(tensor(data=[[1, 2], [3]])), "inputs[0].data"),
        (body(tensor(data=[[[1, 2, 3]]])), "inputs[0].data"),
        (body(tensor(shape=(-1, 3))), "inputs[0].shape"),
        (body(tensor(shape=(2**62, 3))), "inputs[0].shape"),
        (body(tensor(shape=(0, 3, 2**62))), "inputs[0].shape"),
        (body(tensor(shape=(10**300, 3))), "inputs[0].shape"),
        (body(tensor(parameters={"binary_data_size": 12})), "inputs[0].parameters.binary_data_size"),
        (body(tensor(parameters=[])), "inputs[0].parameters"),
        (body(tensor(), tensor()), "inputs[1].name"),
        (body(tensor(), outputs=7), "outputs"),
        (body(tensor(), outputs=[7]), "outputs[0].name"),
    ],
)
def test_each_fault_is_named_by_its_place(content, where):
    assert where in places(ROWS, content)


@pytest.mark.parametrize(
    ("size", "tail", "where"),
    [
        (12, b"\0" * 11, "inputs[0].parameters.binary_data_size"),
        (8, b"\0" * 8, "inputs[0] (binary)"),
        (12, b"\0" * 13, "binary tensors"),
        (-1, b"", "inputs[0].parameters.binary_data_size"),
        ("12", b"\0" * 12, "inputs[0].parameters.binary_data_size"),
        (2**70, b"\0" * 12, "inputs[0].parameters.binary_data_size"),
    ],
)
def test_binary_data_that_is_not_what_it_says_is_refused(size, tail, where):
    head = body({"name": "x", "datatype": "FP32", "shape": [1, 3], "parameters": {"binary_data_size": size}})

    assert where in places(ROWS, head + tail, len(head))


@pytest.mark.parametrize("header_length", [1000, -3])
def test_a_header_length_outside_the_body_is_refused(header_length):
    assert places(ROWS, body(tensor()), header_length) == ["inference-header-content-length"]


def test_inputs_that_share_an_axis_must_agree_on_it():
    content = body(tensor("left", "INT64", (1, 2), (1, 2)), tensor("right", "BYTES", (2,), ("a", "b")))

    assert places(PAIR, content) == ["inputs"]


def test_no_fault_quotes_what_was_sent():
    secret = "hunter2"
    content = body(tensor(secret, secret, (1, 3), [secret] * 3), id=[secret], outputs=[{"name": secret}])

    with pytest.raises(InvalidRequestError) as caught:
        InferDecoder(ROWS).decode(content)

    assert secret not in str(caught.value)


def values_of(datatype):
    if datatype == "BOOL":
        return st.booleans()
    if datatype == "BYTES":
        return st.text()
    if datatype in {"FP32", "FP16", "BF16"}:
        return st.floats(width=16, allow_nan=False, allow_infinity=False)
    if datatype == "FP64":
        return st.floats(allow_nan=False, allow_infinity=False)
    info = np.iinfo(DATATYPES[datatype].numpy)
    return st.integers(int(info.min), int(info.max))


@given(st.data(), st.sampled_from(sorted(DATATYPES)))
def test_json_and_binary_data_of_every_datatype_mean_the_same(data, datatype):
    signature = Signature((TensorSpec("x", datatype, (-1,)),), ROWS.outputs)
    values = data.draw(st.lists(values_of(datatype), max_size=5))
    shape = (len(values),)
    by_json = InferDecoder(signature).decode(body(tensor("x", datatype, shape, values))).inputs["x"]
    packed = pack(by_json, datatype)
    head = body({"name": "x", "datatype": datatype, "shape": shape, "parameters": {"binary_data_size": len(packed)}})

    by_binary = InferDecoder(signature).decode(head + packed, len(head)).inputs["x"]

    assert by_json.dtype == by_binary.dtype == DATATYPES[datatype].numpy
    np.testing.assert_array_equal(by_json, by_binary)
    if datatype == "BYTES":
        assert [value.encode() for value in values] == by_json.tolist()
    elif datatype != "BF16":
        np.testing.assert_array_equal(np.array(values, DATATYPES[datatype].numpy), by_json)
    else:
        np.testing.assert_allclose(bf16_to_fp32(by_json), values, rtol=2**-8)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
TENSORS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["x", "left", "right"]) | JSON_VALUES,
        "datatype": st.sampled_from(sorted(DATATYPES)) | JSON_VALUES,
        "shape": st.lists(st.integers(-1, 3), max_size=3) | JSON_VALUES,
        "data": st.lists(st.integers(-2, 2) | st.floats(-2, 2) | st.text(max_size=2), max_size=6) | JSON_VALUES,
        "parameters": st.fixed_dictionaries({"binary_data_size": st.integers(-1, 9)}) | JSON_VALUES,
    },
)
REQUESTS = st.fixed_dictionaries(
    {"inputs": st.lists(TENSORS, max_size=3) | JSON_VALUES},
    optional={"id": JSON_VALUES, "parameters": JSON_VALUES, "outputs": JSON_VALUES},
)


@given(REQUESTS, st.binary(max_size=9), st.none() | st.integers(-1, 300), st.sampled_from([ROWS, PAIR]))
def test_any_request_is_a_call_or_a_refusal_and_both_ways_agree(message, tail, header_length, signature):
    content = json.dumps(message, allow_nan=True).encode()
    decoder = InferDecoder(signature)
    if header_length is not None and header_length > 0:
        header_length = len(content)
    careful = decoder._careful.decode(content + tail, header_length)

    try:
        call = decoder.decode(content + tail, header_length)
    except InvalidRequestError as error:
        assert list(error.faults) == careful
        assert careful
    else:
        assert isinstance(careful, Call)
        assert (call.outputs, call.id) == (careful.outputs, careful.id)
        for name, array in careful.inputs.items():
            np.testing.assert_array_equal(call.inputs[name], array)


@given(st.binary(max_size=200), st.none() | st.integers(-1, 210))
def test_bytes_that_are_no_request_are_refused_and_nothing_else_happens(content, header_length):
    with pytest.raises(InvalidRequestError):
        InferDecoder(PAIR).decode(content, header_length)
