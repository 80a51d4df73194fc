"""What of a prediction leaves the process: numbers of narrow tensors and short labels, nothing that is redacted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import UsageError
from poorwill.registry.records import Signature, TensorSpec
from poorwill.serving.sampling.rows import MOST_ROWS, RowChoice

ROWS = Signature(
    (TensorSpec("age", "FP32", ("n", 1)), TensorSpec("rest", "FP32", ("n", 2))),
    (TensorSpec("label", "BYTES", ("n",)), TensorSpec("shares", "FP32", ("n", 2))),
)


def sampled(signature, without="", *, inputs, outputs=None):
    choice = RowChoice(signature, without)
    return choice, list(choice.predictions(choice.part("p", inputs, outputs or {})))


def asked(rows=2):
    return {"age": np.full((rows, 1), 41, np.float32), "rest": np.arange(2 * rows, dtype=np.float32).reshape(rows, 2)}


def answered(rows=2):
    return {"label": np.array([b"ok"] * rows, object), "shares": np.full((rows, 2), 0.5, np.float32)}


def test_all_inputs_stand_beside_each_other_in_the_signatures_order():
    _, found = sampled(ROWS, inputs=asked(), outputs=answered())

    assert [prediction.inputs for prediction in found] == [(41, 0, 1), (41, 2, 3)]
    assert [(prediction.id, prediction.row) for prediction in found] == [("p", 0), ("p", 1)]
    assert found[0].outputs == {"label": "ok", "shares": [0.5, 0.5]}


@pytest.mark.parametrize(
    ("without", "redacted", "inputs", "outputs"),
    [
        ("age", (0,), (None, 0, 1), {"label", "shares"}),
        ("rest:1, label", (2,), (41, 0, None), {"shares"}),
        ("rest,shares", (1, 2), (41, None, None), {"label"}),
    ],
)
def test_what_is_redacted_is_not_in_a_sample(without, redacted, inputs, outputs):
    choice, found = sampled(ROWS, without, inputs=asked(), outputs=answered())

    assert choice.redacted == redacted
    assert found[0].inputs == inputs
    assert set(found[0].outputs) == outputs


@pytest.mark.parametrize(("without", "words"), [("agee", "age:0"), ("rest:2", "rest:0"), ("label:0", "a column of")])
def test_a_name_that_the_version_does_not_have_is_refused_with_one_that_it_has(without, words):
    with pytest.raises(UsageError, match=words):
        RowChoice(ROWS, without)


def test_texts_that_were_asked_about_never_leave_and_long_ones_of_answers_do_not_either():
    signature = Signature((TensorSpec("text", "BYTES", ("n",)),), (TensorSpec("said", "BYTES", ("n",)),))

    choice, found = sampled(
        signature, inputs={"text": np.array([b"dear"], object)}, outputs={"said": np.array([b"x" * 101], object)}
    )

    assert choice.inputs_left_out
    assert (found[0].inputs, found[0].outputs) == ((), {})


def test_a_picture_is_left_out_as_a_whole():
    signature = Signature((TensorSpec("image", "FP32", ("n", 3, 224, 224)),), (TensorSpec("label", "INT64", ("n",)),))

    _, found = sampled(
        signature, inputs={"image": np.zeros((1, 3, 224, 224), np.float32)}, outputs={"label": np.array([7])}
    )

    assert (found[0].inputs, found[0].outputs) == ((), {"label": 7})


def test_of_a_large_request_the_first_rows_are_taken():
    _, found = sampled(ROWS, inputs=asked(1000), outputs=answered(1000))

    assert len(found) == MOST_ROWS


def test_tensors_that_do_not_agree_on_their_rows_make_no_sample():
    _, found = sampled(ROWS, inputs=asked(2), outputs=answered(1))

    assert found == []


def test_a_sample_is_a_copy_so_that_a_buffer_may_be_used_again():
    inputs = asked()
    choice = RowChoice(ROWS, "")
    part = choice.part("p", inputs, answered())
    inputs["rest"][:] = 9

    assert next(choice.predictions(part)).inputs == (41, 0, 1)


@given(st.lists(st.floats(width=32), min_size=2, max_size=2))
def test_numbers_that_json_does_not_have_are_none(values):
    inputs = asked(1) | {"rest": np.array([values], np.float32)}
    _, (found,) = sampled(ROWS, inputs=inputs, outputs=answered(1))

    assert found.inputs[1:] == tuple(value if np.isfinite(value) else None for value in values)
