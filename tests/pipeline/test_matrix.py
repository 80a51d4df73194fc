"""Training and evaluation get a matrix each; what is held out is decided by a row's content."""

import numpy as np
import pytest

from poorwill.pipeline.matrix import read_matrix, read_values
from poorwill.pipeline.spec import Ingest
from poorwill.pipeline.step import StepFailedError
from poorwill.pipeline.table import Source, open_table


@pytest.fixture
def table(tmp_path):
    def of(lines, name="data"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return open_table(Source(path, Ingest(step="ingest", target="truth"), "june.csv"))

    return of


def made(count, seed=0):
    numbers = np.random.default_rng(seed).normal(size=(count, 3))
    return [f"{row % 3},{a:.6f},{b:.6f},{c:.6f}" for row, (a, b, c) in enumerate(numbers)]


HEADER = "truth,a,b,c"


def test_both_parts_together_are_the_whole_and_share_nothing(table):
    data = table([HEADER, *made(5000)])

    training, heldout = (read_matrix(data, part, 20) for part in ("training", "held out"))

    assert sorted([*training.rows, *heldout.rows]) == list(range(2, 5002))
    assert 0.18 < len(heldout.rows) / 5000 < 0.22
    assert training.columns == ("a", "b", "c")
    assert training.features.dtype == np.float32
    assert training.target.dtype == np.int64
    assert np.array_equal(training.target, (training.rows - 2) % 3)


def test_a_row_is_held_out_wherever_it_stands_and_whatever_its_target_is(table):
    lines = made(500)
    turned = ["c,truth,b,a", *(f"{c},9,{b},{a}" for _, a, b, c in (row.split(",") for row in lines[::-1]))]

    before = read_matrix(table([HEADER, *lines]), "held out", 20)
    after = read_matrix(table([*turned, *turned[1:]], "turned"), "held out", 20)

    assert {tuple(row) for row in before.features} == {tuple(row[::-1]) for row in after.features}
    assert len(after.rows) == 2 * len(before.rows)


def test_the_same_numbers_in_other_columns_are_another_row(table):
    lines = made(500)
    turned = [",".join(row.split(",")[at] for at in (0, 2, 1, 3)) for row in lines]

    before, after = (read_matrix(table([HEADER, *rows]), "held out", 20) for rows in (lines, turned))

    assert 0 < len(set(before.rows) & set(after.rows)) < 50


def test_the_share_is_kept_at_its_ends(table):
    data = table([HEADER, *made(100)])

    assert len(read_matrix(data, "held out", 100).rows) == 100
    with pytest.raises(StepFailedError, match="wanted rows for held out, found none of 100"):
        read_matrix(data, "held out", 0)


def test_a_feature_of_text_is_named_with_its_first_row(table):
    with pytest.raises(StepFailedError, match=r"column 'a': wanted numbers, .* found text, first in row 3"):
        read_matrix(table(["truth,a", "1,2", "0,x"]), "all", 20)


def test_a_missing_target_is_named_by_its_row(table):
    with pytest.raises(StepFailedError, match="row 3: wanted a value of the target 'truth'"):
        read_matrix(table(["truth,a", "1,2", ",3", "yes,4"]), "all", 20)


def test_targets_are_whole_numbers_others_or_text(table):
    kinds = [read_matrix(table(["truth,a", f"{value},2"]), "all", 0).target.dtype.kind for value in ("3", "0.5", "no")]

    assert kinds == ["i", "f", "U"]


def test_a_column_is_read_beside_the_matrix(table):
    data = table(["truth,a,place", "1,2,north", "0,3,", "1,4,south"])

    assert read_values(data, "all", 20, "place").tolist() == ["north", "", "south"]
    assert read_values(data, "all", 20, "a").tolist() == [2, 3, 4]
