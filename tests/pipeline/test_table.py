"""Data is read as a stream, and what is wrong with it is said by column and row, never by value."""

from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from poorwill.pipeline import arrow_table
from poorwill.pipeline.spec import Ingest
from poorwill.pipeline.step import StepFailedError
from poorwill.pipeline.table import Column, Source, Words, open_table

GOOD = b"truth,width,colour\n1,2.5,red\n0,,blue\n1,-3e2,NA\n"


@pytest.fixture
def opened(tmp_path):
    def open_bytes(content, **layout):
        path = tmp_path / "data"
        path.write_bytes(content)
        return open_table(Source(path, Ingest(**{"step": "ingest", "target": "truth", **layout}), "june.csv"))

    return open_bytes


def rows(table):
    """Return a table as a list of columns, text as words again."""
    found = {column.name: [] for column in table.columns}
    for batch in table.batches():
        for name, values in batch.columns.items():
            if isinstance(values, Words):
                found[name] += [None if code < 0 else values.values[code] for code in values.codes]
            else:
                found[name] += [None if np.isnan(value) else float(value) for value in values]
    return found


def faults(opened, content, **layout):
    with pytest.raises(StepFailedError) as caught:
        opened(content, **layout)
    return [str(fault) for fault in caught.value.faults]


def test_a_csv_has_columns_of_numbers_and_of_text_and_gaps_in_both(opened):
    table = opened(GOOD)

    assert table.columns == (Column("truth", "number"), Column("width", "number"), Column("colour", "text", 2, 2))
    assert table.rows == 3
    assert rows(table) == {"truth": [1, 0, 1], "width": [2.5, None, -300], "colour": ["red", "blue", None]}


def test_parquet_says_the_same_as_csv(opened, tmp_path):
    columns = {"truth": pa.array([1, 0, 1], pa.int8()), "width": [2.5, None, -300.0]}
    colour = pa.array(["red", "blue", None]).dictionary_encode()
    parquet.write_table(pa.table({**columns, "colour": colour}), tmp_path / "made")

    table = opened((tmp_path / "made").read_bytes(), format="parquet")

    assert [column.kind for column in table.columns] == ["number", "number", "text"]
    assert rows(table) == rows(opened(GOOD))


def test_npy_has_named_columns_or_numbered_ones(opened, tmp_path):
    named = np.array([(1, 2.5), (0, np.nan)], [("truth", "<i4"), ("width", ">f4")])
    np.save(tmp_path / "named.npy", named)
    np.save(tmp_path / "plain.npy", np.array([[1, 2], [3, 4]], np.uint8))

    table = opened((tmp_path / "named.npy").read_bytes(), format="npy")
    assert rows(table) == {"truth": [1, 0], "width": [2.5, None]}

    plain = opened((tmp_path / "plain.npy").read_bytes(), format="npy", target="column_1")
    assert rows(plain) == {"column_0": [1, 3], "column_1": [2, 4]}


def test_rows_keep_their_numbers_from_batch_to_batch(opened, monkeypatch):
    monkeypatch.setattr(arrow_table, "_BLOCK_BYTES", 64)
    table = opened(b"truth,width\n" + b"".join(b"%d,%d\n" % (row % 2, row) for row in range(2, 500)))

    batches = list(table.batches())

    assert len(batches) > 5
    assert all(batch.columns["width"][0] == batch.first_row for batch in batches)


def test_a_byte_order_mark_quoted_lines_and_another_encoding_are_read(opened):
    assert rows(opened(b'\xef\xbb\xbftruth,said\n1,"two\nlines"\n'))["said"] == ["two\nlines"]
    assert rows(opened("truth;Größe\n1;ä\n".encode("cp1252"), encoding="cp1252", delimiter=";")) == {
        "truth": [1],
        "Größe": ["ä"],
    }


def test_a_number_that_is_none_makes_a_column_text_and_its_row_is_known(opened):
    table = opened(b"truth,width\n1,2\n0,3\n1,secret\n0,1 000\n")

    assert table.columns[1] == Column("width", "text", words=2, first_word_row=4)


def test_ragged_rows_are_counted_and_the_first_ones_named(opened):
    found = faults(opened, b"truth,width\n1,2\n3\n0,1,2\n")

    assert found == [
        "june.csv, row 3: wanted 2 values, found 1; correct the row, or quote values that hold the delimiter",
        "june.csv, row 4: wanted 2 values, found 3; correct the row, or quote values that hold the delimiter",
    ]
    many = faults(opened, b"truth,width\n" + b"1\n" * 40)
    assert len(many) == 11
    assert "found 40 of another length" in many[-1]


@pytest.mark.parametrize(
    ("content", "layout", "part"),
    [
        (b"", {}, "wanted a header and rows, found no row"),
        (b"\n\n", {}, "found no row"),
        (b"truth,width", {}, "found no row"),
        (b"truth,width\n", {}, "wanted rows, found none"),
        (b"thruth,width\n1,2\n", {}, "wanted the target 'truth', found 2 columns, none of that name; 'thruth' is like"),
        (b"truth;width\n1;2\n", {}, "found one column in all; set ingest's delimiter, which is ',' now"),
        (b"1,2.5\n0,3\n", {}, "wanted a first row of names, found numbers in it"),
        (b"truth,,width\n1,2,3\n", {}, "found none for column 2"),
        (b"truth,width,width\n1,2,3\n", {}, "found 'width' twice"),
        (b"truth,width\n1,2\n0,\xe9\n", {}, "june.csv, line 3: wanted text in utf-8, found bytes that are none"),
        (b"truth,\xe9\n1,2\n", {}, "line 1: wanted text in utf-8"),
        (b"truth,width\n1,2\n\xff\n", {}, "line 3: wanted text in utf-8"),
        ("truth\n1\n2\n".encode("utf-16")[:-1], {"encoding": "utf-16"}, "line 3: wanted text in utf-16"),
        (b"truth\n" + b"1\n" * 600_000 + b"\xff\n", {}, "line 600002: wanted text in utf-8"),
        ("truth,width\n1,2\n".encode("utf-16"), {}, "wanted text in utf-8"),
        (b"truth,width\n1,2\n", {"encoding": "utf-16"}, "wanted text in utf-16"),
        (b"truth,width\n1,\xc3\xa9\n", {"encoding": "ascii"}, "wanted text in ascii"),
        (GOOD, {"encoding": "klingon"}, "ingest's encoding: wanted one that Python knows"),
        (b"7472", {"encoding": "hex"}, "ingest's encoding: wanted one that Python knows"),
        (b'truth,width\n1,"2\n3,4\n5,6\n', {}, "row 2: wanted quotes in pairs, found one that is never closed"),
        (b'truth,width\n1,"' + b"x\n" * (5 << 20), {}, "look for a quote that is not closed"),
        (GOOD, {"format": "parquet"}, "wanted a Parquet file, found another content"),
        (b"PAR1" + b"\0" * 99 + b"PAR1", {"format": "parquet"}, "wanted a Parquet file"),
        (GOOD, {"format": "npy"}, "wanted numpy's npy format 1.0 or 2.0, found another content"),
        (b"", {"format": "npy"}, "wanted numpy's npy format"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_sentence(opened, content, layout, part):
    assert part in "\n".join(faults(opened, content, **layout))


@pytest.mark.parametrize(
    ("array", "part"),
    [
        (np.array([[object()]]), "found dtype kind O"),
        (np.array([["a"]]), "found dtype kind U"),
        (np.zeros(3), "wanted rows and columns, found 1 axes"),
        (np.asfortranarray(np.zeros((3, 2))), "wanted row after row, found column after column"),
        (np.array([(1, "a")], [("truth", "i4"), ("name", "U1")]), "column 'name': wanted numbers"),
    ],
)
def test_an_array_that_is_no_table_of_numbers_is_refused_and_nothing_is_unpickled(opened, tmp_path, array, part):
    np.save(tmp_path / "made.npy", array)

    assert part in faults(opened, (tmp_path / "made.npy").read_bytes(), format="npy")[0]


def test_an_array_that_was_cut_off_is_refused(opened, tmp_path):
    np.save(tmp_path / "made.npy", np.zeros((9, 2)))

    found = faults(opened, (tmp_path / "made.npy").read_bytes()[:-1], format="npy", target="column_0")

    assert found == ["june.csv: wanted 272 bytes, found 271; write it again: it was cut off, or more was added"]


def test_a_parquet_column_of_another_type_is_named(opened, tmp_path):
    made = pa.table({"truth": [1], "when": pa.array([0], pa.timestamp("s")), "inner": [{"secret": 1}]})
    parquet.write_table(made, tmp_path / "made")

    found = faults(opened, (tmp_path / "made").read_bytes(), format="parquet")

    assert [fault.split(";")[0] for fault in found] == [
        "june.csv, column 'when': wanted numbers, booleans or text, found type timestamp",
        "june.csv, column 'inner': wanted numbers, booleans or text, found type struct",
    ]


@pytest.mark.parametrize("content", [b"truth,width\n1,hush\nhush\n", b"hush,width\n1,2\n", b"truth,w\n1,hush\xff\n"])
def test_no_fault_quotes_a_value(opened, content):
    assert "hush" not in "\n".join(faults(opened, content))


def _parquet():
    made = BytesIO()
    parquet.write_table(pa.table({"truth": [1, 0, 1], "width": [1.5, None, 2], "colour": ["a", None, "b"]}), made)
    return made.getvalue()


def _npy(array):
    made = BytesIO()
    np.save(made, array)
    return made.getvalue()


WHOLE = [
    ("csv", GOOD + b'1,"2\n",""\n'),
    ("parquet", _parquet()),
    ("npy", _npy(np.array([(1, 2.5), (0, 1)], [("truth", "i4"), ("width", "f4")]))),
]
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 5), st.binary(max_size=3) | st.sampled_from([b'"', b"\n"])))


@given(st.sampled_from(WHOLE), EDITS, st.sampled_from(["utf-8", "latin-1", "utf-16", "ascii", "shift_jis"]))
def test_whatever_a_file_holds_it_is_a_table_or_a_fault(tmp_path_factory, whole, edits, encoding):
    layout, content = whole
    for where, removed, added in edits:
        at = int(where * len(content))
        content = content[:at] + added + content[at + removed :]
    path = tmp_path_factory.getbasetemp() / "edited"
    path.write_bytes(content)

    try:
        table = open_table(Source(path, Ingest(step="ingest", target="truth", format=layout, encoding=encoding), "x"))
        total = sum(batch.rows for batch in table.batches())
    except StepFailedError as error:
        assert error.faults
    else:
        assert total == table.rows
