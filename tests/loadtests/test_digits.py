"""An answer is right if it is what onnxruntime alone gives for the version that answered."""

import numpy as np
import onnxruntime
import pytest

from loadtests import tail_model
from loadtests.digits import TRUTHS, right

OLDER, NEWER = TRUTHS


def test_the_true_answer_is_right_and_another_row_s_is_not():
    assert right(3, OLDER, TRUTHS[OLDER][3])
    assert not right(3, OLDER, TRUTHS[OLDER][4])


def test_the_numbers_of_another_version_are_wrong_and_so_is_a_version_that_nobody_knows():
    passed = [number for number, found in enumerate(TRUTHS[NEWER]) if right(number, OLDER, found)]

    assert len(passed) < len(TRUTHS[NEWER]) / 3, "rows of which both versions are as sure"
    assert not right(3, "sha256:00", TRUTHS[OLDER][3])


@pytest.mark.parametrize("change", [{"label": None}, {"probabilities": None}])
def test_an_answer_that_lacks_an_output_is_wrong(change):
    found = {name: value for name, value in TRUTHS[OLDER][3].items() if name not in change}

    assert not right(3, OLDER, found)


def test_no_model_of_a_long_tail_answers_as_another():
    asked = np.ones((1, tail_model.ROWS), np.float32)
    answers = [tuple(tail_model.answer(number, asked).ravel()) for number in range(1, 201)]

    assert len(set(answers)) == 200
    assert len({tail_model.name(number) for number in range(1, 201)}) == 200


def test_a_model_of_a_long_tail_answers_by_onnxruntime_what_is_expected_of_it(tmp_path):
    path = tail_model.write(tmp_path, 7)
    asked = np.array([[0.5, -1, 2, 0.25]], np.float32)
    (found,) = onnxruntime.InferenceSession(str(path)).run(["output"], {"input": asked})

    assert np.allclose(found, tail_model.answer(7, asked), atol=tail_model.TOLERANCE)
