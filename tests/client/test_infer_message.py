"""What the client writes the predictor reads, and what the predictor writes the client reads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from poorwill.client.infer_message import Options, decode_answer, encode_request, server_timing_ms
from poorwill.client.tensor import Tensor
from poorwill.client.transport import Reply
from poorwill.errors import PoorwillError
from poorwill.registry.datatypes import DATATYPES
from poorwill.registry.records import Signature, TensorSpec
from poorwill.registry.tensor_codec import bf16_to_fp32
from poorwill.serving.protocol.infer_decode import InferDecoder
from poorwill.serving.protocol.infer_encode import InferEncoder

SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
SIGNATURES = {name: Signature((TensorSpec("x", name, None),), (TensorSpec("x", name, None),)) for name in DATATYPES}


@st.composite
def tensors(draw):
    name = draw(st.sampled_from(sorted(DATATYPES)))
    if name == "BYTES":
        words = draw(st.lists(st.text(max_size=4).map(str.encode), max_size=3))
        array = np.empty(len(words), object)
        array[:] = words
        return Tensor(array, name)
    kind = DATATYPES[name].numpy
    finite = {"allow_nan": False, "allow_infinity": False} if kind.kind == "f" else {}
    # the exponent of BF16 that means infinity and NaN is left out
    elements = st.integers(0, 0x7F7F) if name == "BF16" else arrays.from_dtype(kind, **finite)
    return Tensor(draw(arrays.arrays(kind, SHAPES, elements=elements)), name)


@given(tensors(), st.booleans())
def test_request_and_answer_pass_both_ends_unchanged(tensor, binary):
    headers, body = encode_request({"x": tensor}, Options(binary=binary, request_id="mine"))
    length = headers.get("inference-header-content-length")

    call = InferDecoder(SIGNATURES[tensor.datatype]).decode(body, int(length) if length else None)
    encoder = InferEncoder(SIGNATURES[tensor.datatype], model="m", version="1")
    answer = encoder.encode(call, call.inputs)
    prediction = decode_answer(Reply(answer.status, dict(answer.headers), bytes(answer.body)))

    wanted = bf16_to_fp32(tensor.array) if tensor.datatype == "BF16" else tensor.array
    assert (prediction.model, prediction.version, prediction.request_id) == ("m", "1", "mine")
    assert (prediction.outputs["x"].shape, prediction.outputs["x"].dtype) == (wanted.shape, wanted.dtype)
    assert prediction.outputs["x"].tolist() == wanted.tolist()


ANSWERS = st.binary() | st.sampled_from(
    [b'{"outputs":[]}', b'{"outputs":[{"name":"x","datatype":"BYTES","shape":[1]}]}1234']
)


@given(ANSWERS, st.integers(-1, 70).map(str) | st.text())
def test_an_arbitrary_answer_is_read_or_an_error_of_ours(body, length):
    try:
        outputs = decode_answer(Reply(200, {"inference-header-content-length": length}, body)).outputs
    except PoorwillError:
        outputs = {}

    assert outputs == {}


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", {}),
        ("total;dur=1.5", {"total": 1.5}),
        ('decode;desc="a";dur=2, model;dur=x, cache', {}),
        ("a;dur=1,b; dur=2", {"a": 1, "b": 2}),
    ],
)
def test_server_timing_is_read_where_it_has_durations(header, wanted):
    assert server_timing_ms(header) == wanted
