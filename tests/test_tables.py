"""Tests of tables as text, whoever reads them."""

from __future__ import annotations

import io

import pytest

from queuewatch.tables import delimiter_of, headed, records


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_the_header_has_most_of(delimiter: str) -> None:
    header = delimiter.join(["date", "what is, or was; then", "label", "queue"])
    assert delimiter_of(header) == delimiter
    assert delimiter_of("date") == ","


def test_a_record_may_span_lines_and_what_is_none_is_said_without_an_end_to_the_others() -> None:
    lines = ['"Ada\n', 'Bob",9\n', '"' + "x" * 200_000 + "\n", "Cyd,10\n"]
    found = list(records(lines, ","))
    assert found[0] == (2, ["Ada\nBob", "9"])
    assert found[1] == (3, "this is no row of a table: field larger than field limit (131072)")
    assert found[2] == (4, ["Cyd", "10"])


def test_cells_are_told_by_the_names_of_the_header_each_row_with_its_last_line() -> None:
    names, rows = headed(io.StringIO("\ufeffDate; What ;Label\r\n24;closed;\r\n;;\r\n25\r\n", newline=""))
    assert names == ["date", "what", "label"]
    assert list(rows) == [(2, {"date": "24", "what": "closed", "label": ""}), (4, {"date": "25"})]


def test_a_row_that_says_more_than_the_header_asks_for_is_told() -> None:
    _, rows = headed(["date,factor\n", "24,1,4\n", "25,1,\n"])
    assert list(rows) == [(2, "this row has 3 fields, the header 2"), (3, {"date": "25", "factor": "1"})]


@pytest.mark.parametrize("text", ["", '"' + "x" * 200_000])
def test_without_a_header_there_are_no_names(text: str) -> None:
    names, rows = headed(io.StringIO(text))
    assert (names, list(rows)) == ([], [])


def test_what_stands_in_quotes_is_no_new_line() -> None:
    names, rows = headed(io.StringIO('"a\nb",c\n1,2\n'))
    assert (names, list(rows)) == (["a\nb", "c"], [(3, {"a\nb": "1", "c": "2"})])
