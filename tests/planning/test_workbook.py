"""A workbook's sheets print on one page in width, and its days are dates."""

from __future__ import annotations

import io
from datetime import date, datetime

import openpyxl

from queuewatch.planning.workbook import Book


def test_a_sheet_prints_on_one_page_in_width_and_a_day_is_a_date() -> None:
    out = io.BytesIO()
    book = Book(out)
    sheet = book.sheet("Days", [16, 30])
    book.date(sheet, 1, date(2026, 3, 1))
    book.book.close()
    read = openpyxl.load_workbook(out)["Days"]
    assert read["A2"].value == datetime(2026, 3, 1)  # noqa: DTZ001  # a cell has no zone
    assert read["A2"].number_format == "ddd yyyy-mm-dd"
    assert (read.page_setup.fitToWidth or 1, read.page_setup.orientation) == (1, "landscape")
    assert read.column_dimensions["B"].width > read.column_dimensions["A"].width
