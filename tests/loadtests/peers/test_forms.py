"""Bodies and answers of peers that have a JSON of their own."""

import json

import numpy as np
import pytest

from loadtests.peers.forms import bentoml_form, mlflow_form

ARRAY = np.array([[0.1, 2], [3, 4]], np.float32)


@pytest.mark.parametrize(
    ("form", "body", "answer"),
    [
        (bentoml_form, {"input": [[0.1, 2], [3, 4]]}, [[1.5], [2]]),
        (mlflow_form, {"inputs": {"input": [[0.1, 2], [3, 4]]}}, {"predictions": {"output": [[1.5], [2]]}}),
    ],
)
def test_numbers_are_nested_in_the_fewest_digits_and_the_output_is_found(form, body, answer):
    found = form("small")

    assert json.loads(found.body(ARRAY)) == body
    assert found.output(json.dumps(answer).encode(), None).tolist() == [[1.5], [2]]
