"""Tests of a table of text with a header."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from queuewatch.ports import Refused
from queuewatch.sources.reading import HistoryError, Lines
from queuewatch.sources.table import Columns, rows

COLUMNS = Columns(required=("name", "start"), optional=("note", "colour"))
NOBODY: Mapping[str, str] = {}


def make(cells: dict[str, str]) -> dict[str, str]:
    if not cells["name"]:
        raise ValueError("name is empty")
    return cells


def of(*lines: bytes, names: Mapping[str, str] = NOBODY) -> list[dict[str, str] | Refused]:
    return list(rows(Lines(("calls.csv", lines)), COLUMNS, names, make))


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t", b"|"])
def test_the_delimiter_is_found(delimiter: bytes) -> None:
    table = (b"name,start,note\n", b"Ada,9,first\n")
    assert of(*(line.replace(b",", delimiter) for line in table)) == [
        {"name": "Ada", "start": "9", "note": "first"}
    ]


def test_a_byte_order_mark_quotes_blank_lines_and_names_in_latin_1_do_no_harm() -> None:
    lines = [
        b'\xef\xbb\xbf"name","start"\r\n',
        b"\r\n",
        '"Müller, Ada",9\r\n'.encode("latin-1"),
        b",\r\n",
    ]
    assert of(*lines) == [{"name": "Müller, Ada", "start": "9"}]


def test_a_record_may_span_lines_inside_quotes() -> None:
    assert of(b"name,start\n", b'"Ada\n', b'Bob",9\n') == [{"name": "Ada\nBob", "start": "9"}]


def test_foreign_columns_are_mapped_and_what_no_column_says_is_given() -> None:
    found = of(b"Caller ID;Begin\n", b"7;9\n", names={"name": "Caller ID", "start": "Begin", "note": "=new"})
    assert found == [{"name": "7", "start": "9", "note": "new"}]


@pytest.mark.parametrize(
    ("header", "names", "says"),
    [
        (
            b"begin,note\n",
            NOBODY,
            (
                "calls.csv: columns name, start are missing; the header has begin, note; "
                "map them with --columns ours=theirs,…"
            ),
        ),
        (b"name,start\n", {"note": "Notiz"}, "calls.csv: column Notiz (for note) is missing"),
        (b"name,start\n", {"caller": "ID"}, '--columns: there is no column "caller"; ours are name, start, '),
        (b"", NOBODY, "it does not begin with a header"),
        (
            b"\xfb\x88PK\x03\x04,\x00\n",
            NOBODY,
            "calls.csv: this is no text; name a file that holds a table",
        ),
    ],
)
def test_a_header_that_will_not_do_is_told(header: bytes, names: Mapping[str, str], says: str) -> None:
    with pytest.raises(HistoryError) as caught:
        of(header, names=names)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b"Ada\n", "line 2: this row has 1 fields, the header 2"),
        (b"Ada,9,more\n", "line 2: this row has 3 fields, the header 2"),
        (b",9\n", "line 2: name is empty"),
        (b'"' + b"x" * 200_000 + b"\n", "this is no row of a table: field larger than field limit"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_and_the_next_one_read(row: bytes, says: str) -> None:
    refused, read = of(b"name,start\n", row, b"Bob,10\n")
    assert isinstance(refused, Refused)
    assert refused.reason == "bad_row"
    assert says in refused.detail
    assert read == {"name": "Bob", "start": "10"}
