"""A workbook, its formats, and sheets that print well; what stands in them is told elsewhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet


class Book:
    """The workbook and its formats."""

    def __init__(self, out: io.BytesIO) -> None:
        self.book: Workbook = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
        make = self.book.add_format
        self.title: Format = make({"bold": True, "font_size": 14})
        self.text: Format = make({"text_wrap": True, "valign": "top"})
        self.head: Format = make(
            {
                "bold": True,
                "bg_color": "#1F3864",
                "font_color": "#FFFFFF",
                "align": "center",
                "text_wrap": True,
            }
        )
        self.time: Format = make({"num_format": "hh:mm", "bold": True, "align": "center"})
        self.moment: Format = make({"num_format": "ddd yyyy-mm-dd hh:mm", "align": "left"})
        self.day: Format = make({"num_format": "ddd yyyy-mm-dd", "align": "left"})
        self.whole: Format = make({"num_format": "0", "align": "center"})
        self.tenth: Format = make({"num_format": "0.0"})
        self.share: Format = make({"num_format": "0.0%"})
        self.part: Format = make({"num_format": "0%", "align": "center"})
        self.span: Format = make({"num_format": "[mm]:ss"})
        self.dark: Format = make({"align": "center", "font_color": "#7F7F7F", "bg_color": "#EDEDED"})
        self.left: Format = make({"align": "left"})
        self.share_left: Format = make({"num_format": "0.0%", "align": "left"})
        self.told: Format = make({"italic": True, "text_wrap": True, "valign": "top"})
        self.aside: Format = make({"italic": True})
        self.warn: Format = make({"bg_color": "#F8CBAD"})

    def sheet(self, name: str, widths: Sequence[float]) -> Worksheet:
        """A sheet that prints on one page in width."""
        sheet: Worksheet = self.book.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
        sheet.set_footer("&L&A&C&D&RPage &P of &N")
        return sheet

    def date(self, sheet: Worksheet, line: int, day: date) -> None:
        """Write into the first column a day that a spreadsheet can sort by, and look up."""
        at = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a cell has no zone
        sheet.write_datetime(line, 0, at, self.day)
