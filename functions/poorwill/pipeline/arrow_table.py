"""CSV and Parquet by Arrow; the only file that imports it. Nothing that is said of data quotes a value of it."""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from poorwill.errors import Fault
from poorwill.pipeline.step import StepFailedError
from poorwill.pipeline.table import Batch, Column, Numbers, Source, Table, Words, check_names, shown

_BLOCK_BYTES = 1 << 20  # of a CSV at a time; a row has to fit
_BATCH_ROWS = 16_384  # of a Parquet file at a time
_TAIL_BYTES = 64
_HEADER_ROWS = 1
_MOST_FAULTS = 10
_NUMBER = r"^\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|infinity)\s*$"


def look_at_csv(source: Source) -> Table:
    """Return a CSV's columns, after all of its rows were read once."""
    names = _csv_names(source)
    check_names(source, names)
    ragged: list[Any] = []
    columns = {name: Column(name, "number") for name in names}
    first_row, last = 1 + _HEADER_ROWS, ""
    for record in _csv_records(source, names, ragged):
        for name, values in zip(names, record.columns, strict=True):
            if _numbers(values) is None:
                columns[name] = _with_words(columns[name], values, first_row)
        first_row += record.num_rows
        last = record.columns[-1][-1].as_py() or ""
    if "\n" in last and not _ends_quoted(source):
        row = f"{source.name}, row {first_row - 1 + len(ragged)}"
        raise StepFailedError(Fault(row, "quotes in pairs", "one that is never closed", "close or double it"))
    if ragged:
        raise StepFailedError(*_ragged_faults(source, ragged, len(names)))
    rows = first_row - 1 - _HEADER_ROWS
    return Table(source, tuple(columns.values()), rows)


def csv_batches(table: Table) -> Iterator[Batch]:
    """Yield a CSV's rows."""
    first_row = 1 + _HEADER_ROWS
    for record in _csv_records(table.source, [column.name for column in table.columns], []):
        columns = {
            column.name: _words(values) if column.kind == "text" else _known_numbers(table, column, values)
            for column, values in zip(table.columns, record.columns, strict=True)
        }
        yield Batch(first_row, record.num_rows, columns)
        first_row += record.num_rows


def look_at_parquet(source: Source) -> Table:
    """Return a Parquet file's columns, by its own schema."""
    with _told(source), parquet.ParquetFile(source.path) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
    check_names(source, schema.names)
    faults = [
        Fault(
            f"{source.name}, column {shown(field.name)}",
            "numbers, booleans or text",
            f"type {_family(field.type)}",
            "write it as one of them, or leave it out",
        )
        for field in schema
        if not _kind(field.type)
    ]
    if faults:
        raise StepFailedError(*faults[:_MOST_FAULTS])
    return Table(source, tuple(Column(field.name, _kind(field.type) or "text") for field in schema), rows)


def parquet_batches(table: Table) -> Iterator[Batch]:
    """Yield a Parquet file's rows."""
    first_row = 1
    with (
        _told(table.source),
        parquet.ParquetFile(table.source.path, pre_buffer=False, buffer_size=_BLOCK_BYTES) as file,
    ):
        for record in file.iter_batches(_BATCH_ROWS, use_threads=False):
            columns = {
                column.name: _words(pc.cast(values, pa.string()))
                if column.kind == "text"
                else _known_numbers(table, column, values)
                for column, values in zip(table.columns, record.columns, strict=True)
            }
            yield Batch(first_row, record.num_rows, columns)
            first_row += record.num_rows


def _csv_names(source: Source) -> list[str]:
    with _told(source):
        reader = csv.open_csv(_as_utf8(source), read_options=_reading(), parse_options=_parsing(source, []))
        names: list[str] = reader.schema.names
        reader.close()
    return names


def _csv_records(source: Source, names: list[str], ragged: list[Any]) -> Iterator[Any]:
    """Yield a CSV's rows with all columns as text; rows of another length are left out and kept in `ragged`."""
    converting = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
    with _told(source):
        yield from csv.open_csv(
            _as_utf8(source),
            read_options=_reading(),
            parse_options=_parsing(source, ragged),
            convert_options=converting,
        )


def _as_utf8(source: Source) -> Any:
    """Return a file's content in UTF-8; decoded even from UTF-8, as Arrow can't tell of a row that is no text."""
    "".encode(source.layout.encoding)  # a LookupError for what is no encoding of text
    decoder = codecs.getincrementaldecoder(source.layout.encoding)()

    def recoded(piece: Any) -> bytes:
        return decoder.decode(bytes(piece), final=not len(piece)).encode()

    return pa.TransformInputStream(pa.OSFile(str(source.path)), recoded)


def _reading() -> Any:
    # a reader of one thread knows the numbers of rows
    return csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES)


def _parsing(source: Source, ragged: list[Any]) -> Any:
    def keep(row: Any) -> str:
        ragged.append((row.number, row.actual_columns) if len(ragged) < _MOST_FAULTS else None)
        return "skip"

    return csv.ParseOptions(delimiter=source.layout.delimiter, newlines_in_values=True, invalid_row_handler=keep)


def _ragged_faults(source: Source, ragged: list[Any], wanted_columns: int) -> Iterator[Fault]:
    for number, found_columns in islice(ragged, _MOST_FAULTS):
        yield Fault(
            f"{source.name}, row {number}",
            f"{wanted_columns} values",
            str(found_columns),
            "correct the row, or quote values that hold the delimiter",
        )
    if len(ragged) > _MOST_FAULTS:
        found = f"{len(ragged)} of another length"
        yield Fault(source.name, f"rows of {wanted_columns} values", found, "look at what wrote it")


def _ends_quoted(source: Source) -> bool:
    with source.path.open("rb") as file:
        file.seek(-min(source.path.stat().st_size, _TAIL_BYTES), 2)
        return file.read().rstrip(b"\r\n\0 ").endswith(b'"')


def _numbers(values: Any) -> Numbers | None:
    """Return text as numbers, None where one value is none."""
    try:
        found: Numbers = pc.cast(pc.utf8_trim_whitespace(values), pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return found


def _known_numbers(table: Table, column: Column, values: Any) -> Numbers:
    if not pa.types.is_string(values.type):
        found: Numbers | None = pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    else:
        found = _numbers(values)
    if found is None:
        _changed(table.source, column)
    return found


def _changed(source: Source, column: Column) -> NoReturn:
    found = "text that was not there before"
    raise StepFailedError(
        Fault(f"{source.name}, column {shown(column.name)}", "numbers", found, "keep the file as it is meanwhile")
    )


def _words(values: Any) -> Words:
    encoded = values.dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Words(codes, tuple(encoded.dictionary.to_pylist()))


def _with_words(column: Column, values: Any, first_row: int) -> Column:
    """Return a column with the count of its values that are no numbers, and where the first one is."""
    is_number = pc.fill_null(pc.match_substring_regex(values, _NUMBER, ignore_case=True), True)
    words = np.flatnonzero(~is_number.to_numpy(zero_copy_only=False))
    first = column.first_word_row or (first_row + int(words[0]) if words.size else 0)
    return Column(column.name, "text", column.words + int(words.size), first)


def _kind(kind: Any) -> Any:
    """Return what a Parquet column is read as, None for what can't be."""
    types = pa.types
    if types.is_dictionary(kind):
        return _kind(kind.value_type)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or types.is_decimal(kind):
        return "number"
    return "text" if types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind) else None


def _family(kind: Any) -> str:
    return re.split(r"[^a-z0-9_]", str(kind), maxsplit=1)[0]  # of a struct not the names of its members


@contextmanager
def _told(source: Source) -> Iterator[None]:
    """Turn Arrow's errors into the house's, without their text: it may quote a row."""
    try:
        yield
    except (UnicodeError, LookupError, ValueError) as error:  # ArrowInvalid is a ValueError
        raise StepFailedError(_unreadable(source, error)) from None
    except (OSError, pa.ArrowNotImplementedError):
        wanted = "a CSV" if source.layout.format == "csv" else "a Parquet file"
        found, advice = "another content, or a part of one", "write it again; look at ingest's format"
        raise StepFailedError(Fault(source.name, wanted, found, advice)) from None


def _undecodable_line(source: Source) -> int:
    """Return the line whose bytes are not of the encoding; the last one where they end too early."""
    decoder, line = codecs.getincrementaldecoder(source.layout.encoding)(), 1
    with suppress(UnicodeError), source.path.open("rb") as file:
        for piece in file:
            line += decoder.decode(piece).count("\n")
        decoder.decode(b"", final=True)
    return line


def _unreadable(source: Source, error: Exception) -> Fault:
    text, layout = str(error), source.layout
    if layout.format == "parquet":
        return Fault(source.name, "a Parquet file", "another content", "look at ingest's format, and at what wrote it")
    if "Empty CSV" in text:
        return Fault(source.name, "a header and rows", "no row", "look at what wrote it: no data came")
    if isinstance(error, UnicodeError):
        where = f"{source.name}, line {_undecodable_line(source)}"
        advice = "write the file so, or set ingest's encoding to the one that it has"
        return Fault(where, f"text in {layout.encoding}", "bytes that are none", advice)
    if "straddling" in text:
        advice = "look for a quote that is not closed"
        return Fault(source.name, f"rows of at most {_BLOCK_BYTES >> 20} MiB", "a longer one", advice)
    if isinstance(error, LookupError):
        return Fault("ingest's encoding", "one that Python knows", "another word", "write utf-8, latin-1, cp1252, ...")
    return Fault(source.name, "a CSV", "what can't be read as one", "look at ingest's delimiter and encoding")
