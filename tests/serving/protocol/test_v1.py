"""The older form: rows in, predictions out."""

import json

import pytest


def content(answer):
    return json.loads(answer.body)


def test_rows_of_the_older_form_are_predicted(summing, pair):
    rows = summing.post("/v1/models/tiny:predict", {"instances": [[1, 2, 3], [4, 5, 6]]})
    named = summing.post("/v1/models/tiny:predict", {"instances": [{"x": [1, 2, 3]}]})

    assert content(rows) == {"predictions": [[6.0], [15.0]]}
    assert content(named) == {"predictions": [[6.0]]}


def test_rows_by_name_are_predicted_where_there_are_several_inputs(pair):
    answer = pair.post("/v1/models/tiny:predict", {"instances": [{"left": 5, "right": 2}, {"left": 7, "right": 3}]})

    assert content(answer) == {"predictions": [{"total": 7.0, "difference": 3.0}, {"total": 10.0, "difference": 4.0}]}


@pytest.mark.parametrize(
    "message",
    [
        [],
        {},
        {"instances": []},
        {"instances": 7},
        {"instances": [[1, 2]]},
        {"instances": [[1, 2, "3"]]},
        {"instances": [{"y": 1}]},
    ],
)
def test_rows_that_do_not_fit_are_refused(summing, message):
    assert summing.post("/v1/models/tiny:predict", message).status == 400
