"""Golden requests: what a file may say, and where an answer departs from it."""

import json

import numpy as np
import pytest

from poorwill.errors import RefusedError
from poorwill.pipeline.golden import Answer, Golden, departures, read_golden, unlike

REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}


def answer(**outputs):
    kinds = {"f": "FP32", "i": "INT64", "O": "BYTES", "b": "BOOL"}
    return Answer(outputs, {name: kinds[array.dtype.kind] for name, array in outputs.items()})


def golden(expected, tolerance=0.0):
    return Golden("one.json", b"{}", expected, tolerance)


def test_files_are_read_in_their_order_and_without_any_there_are_none(tmp_path):
    assert read_golden(tmp_path) == []
    (tmp_path / "golden").mkdir()
    for name in ("b", "a"):
        (tmp_path / "golden" / f"{name}.json").write_text(json.dumps({"request": REQUEST, "expected": {"y": [1]}}))

    assert [(found.name, found.tolerance) for found in read_golden(tmp_path)] == [("a.json", 0.0), ("b.json", 0.0)]


def test_every_fault_of_every_file_is_told_at_once(tmp_path):
    (tmp_path / "golden").mkdir()
    bad = {
        "a": "{",
        "b": json.dumps({"request": REQUEST, "expectd": {}, "tolerance": "much"}),
        "c": json.dumps({"request": REQUEST, "expected": {}}),
        "d": json.dumps({"request": REQUEST, "expected": {"y": 1}, "tolerance": -1}),
    }
    for name, text in bad.items():
        (tmp_path / "golden" / f"{name}.json").write_text(text)

    with pytest.raises(RefusedError) as caught:
        read_golden(tmp_path)

    assert [fault.where for fault in caught.value.faults] == [
        "golden/a.json",
        "golden/b.json, expectd",
        "golden/b.json, tolerance",
        "golden/b.json, expected",
        "golden/c.json, expected",
        "golden/d.json, tolerance",
    ]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    golden = {"request": REQUEST, "expected": {"y": [1]}}
    (tmp_path / "elsewhere.json").write_text(json.dumps(golden))
    (tmp_path / "lines" / "golden").mkdir(parents=True)
    (tmp_path / "lines" / "golden" / "a.json").symlink_to(tmp_path / "elsewhere.json")

    with pytest.raises(RefusedError, match="a link"):
        read_golden(tmp_path / "lines")


@pytest.mark.parametrize(
    ("expected", "found", "tolerance"),
    [
        ([1.5, 2.5], np.array([[1.5, 2.5]], np.float32), 0),
        ([[1.5, 2.5]], np.array([[1.501, 2.499]], np.float32), 0.01),
        ([7], np.array([7]), 0),
        (7, np.array([7]), 0),
        ([2**53 + 1], np.array([2**53 + 1]), 0),
        (["seven"], np.array([b"seven"], object), 0),
        ([True], np.array([True]), 0.5),
    ],
)
def test_an_answer_within_the_tolerance_is_the_expected_one(expected, found, tolerance):
    assert departures(golden({"y": expected}, tolerance), answer(y=found)) == []


@pytest.mark.parametrize(
    ("expected", "found", "tolerance", "words"),
    [
        ([1.0, 2.0, 3.0], np.array([1, 2.5, 3.25], np.float32), 0.1, "2 of 3 off, by up to 0.5, the first is [1]"),
        ([1.0], np.array([np.nan], np.float32), 0.1, "1 of 1 off, by up to 0, the first is [0]"),
        ([1.0], np.array([np.inf], np.float32), 0.1, "1 of 1 off, by up to inf, the first is [0]"),
        ([2**53 + 1], np.array([2**53]), 0, "1 of 1 off, the first is [0]"),
        (["seven"], np.array([b"eight"], object), 9, "1 of 1 off, the first is [0]"),
        ([1, 2], np.array([1]), 0, "2 values"),
        (["one"], np.array([1]), 0, "a string as element 0"),
    ],
)
def test_a_departure_is_told_by_place_and_distance_never_by_value(expected, found, tolerance, words):
    (fault,) = departures(golden({"y": expected}, tolerance), answer(y=found))

    assert (fault.where, fault.found) == ("golden/one.json, y", words)


def test_an_output_that_is_not_there_is_named_beside_those_that_are():
    (fault,) = departures(golden({"z": [1]}), answer(y=np.array([1])))

    assert fault.wanted == "an output of y"


def test_an_answer_is_like_the_models_own_where_only_rounding_is_between_them():
    here = answer(y=np.array([1000.0, 0.5], np.float32), label=np.array([7]))

    assert unlike(here, here, "sample") == []
    assert unlike(answer(y=np.array([1000.01, 0.5], np.float32), label=np.array([7])), here, "sample") == []
    assert len(unlike(answer(y=np.array([1001.0, 0.5], np.float32), label=np.array([8])), here, "sample")) == 2
    assert unlike(answer(y=np.array([1000.0], np.float32), label=np.array([7])), here, "sample")
    assert unlike(answer(label=np.array([7])), here, "sample")


def test_what_is_no_number_in_both_is_the_same():
    here = answer(y=np.array([np.nan, np.inf], np.float32))

    assert unlike(here, here, "sample") == []
