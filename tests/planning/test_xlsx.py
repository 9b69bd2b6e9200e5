"""Tests of a plan as a workbook, opened again with another library."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from msgspec.structs import replace

from queuewatch.planning.xlsx import ACCURACY, ASSUMPTIONS, DAYS, INTERVALS, WEEK, as_xlsx
from tests.planning.plans import by_kind, made, young


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(as_xlsx(made())))


def test_there_are_the_sheets_a_planner_wants(book: Any) -> None:
    assert book.sheetnames == [WEEK, INTERVALS, "Chart", DAYS, ACCURACY, ASSUMPTIONS]
    assert len(book["Chart"]._charts) == 1  # the reader keeps charts nowhere else


def test_the_week_is_a_grid_with_colours_and_panes_that_stay(book: Any) -> None:
    sheet = book[WEEK]
    assert sheet.freeze_panes == "B6"
    assert sheet["B5"].value == "Mon\n13 Jul"
    assert sheet["A2"].value.startswith("If days come as expected the targets hold on average.")
    plan = made()
    grid = {
        (sheet.cell(5, column).value[4:], sheet.cell(line, 1).value.strftime("%H:%M")): sheet.cell(
            line, column
        ).value
        for line in range(6, 22)
        for column in range(2, 9)
    }
    for row in plan.rows:
        assert grid[f"{int(row.local[8:10])} Jul", row.local[11:]] == row.agents
    assert len(sheet.conditional_formatting) == 3


def test_intervals_are_numbers_and_times_not_text(book: Any) -> None:
    sheet = book[INTERVALS]
    first = made().rows[0]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref is not None
    assert sheet["A2"].value == datetime(2026, 7, 13, 9, 0)  # noqa: DTZ001  # a cell has no zone
    assert sheet["B2"].value == pytest.approx(first.contacts)
    assert sheet["H2"].value == first.agents
    assert sheet["L2"].value == 3
    assert sheet["L4"].value is None
    assert sheet["R1"].value == "Targets hold, one such interval"
    assert (sheet["R2"].value, sheet["S2"].value) == (first.holds, first.holds_safe)
    assert sheet["N1"].value == "Customers who wait over 3 min"
    assert sheet["T1"].value == "Chance to wait over 1 min"
    assert sheet["T2"].value == pytest.approx(first.chances["60"])
    assert sheet.max_row == len(made().rows) + 1


def test_days_are_summed(book: Any) -> None:
    sheet = book[DAYS]
    assert sheet["A2"].value == datetime(2026, 7, 13)  # noqa: DTZ001  # a cell has no zone
    assert sheet["A2"].number_format == "ddd yyyy-mm-dd"
    assert sheet["B1"].value == "Note"
    assert sheet["C9"].value == "=SUM(C2:C8)"
    assert sheet["B8"].value == "closed"


def test_where_nobody_comes_and_nobody_is_needed_a_chance_to_wait_is_no_figure() -> None:
    plan = made()
    quiet = replace(plan.rows[0], agents=0, contacts=0.0, chances={"60": 1.0, "180": 1.0})
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(replace(plan, rows=(quiet, *plan.rows[1:])))))[
        INTERVALS
    ]
    assert (sheet["T2"].value, sheet["U2"].value) == (None, None)
    assert sheet["T3"].value == pytest.approx(plan.rows[1].chances["60"])


def test_the_hour_that_comes_twice_shows_in_the_week_what_more_is_needed() -> None:
    plan = made()
    one = plan.rows[0]
    again = replace(one, at=one.at + 3600, agents=one.agents - 1)
    for rows in ((one, again, *plan.rows[1:]), (again, one, *plan.rows[1:])):
        sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(replace(plan, rows=rows))))[WEEK]
        assert sheet["B6"].value == one.agents


def test_last_week_and_what_it_rests_on_are_told(book: Any) -> None:
    assert book[ACCURACY]["A3"].value == "Told a week ahead"
    assert book[ACCURACY]["B4"].value == pytest.approx(made().accuracy[0].wape)
    told = {row[0].value: row[1].value for row in book[ASSUMPTIONS].iter_rows()}
    assert told["Shrinkage"] == 0.2
    assert told["Kept on average"].startswith("at most 20 % wait over 1 min; ")
    assert told["What is promised"] == made().promise.text
    shown = {row[0].value: row[1].number_format for row in book[ASSUMPTIONS].iter_rows()}
    assert (shown["Shrinkage"], shown["Targets hold in one interval"]) == ("0.0%", "0.0%")


def test_it_prints_on_pages_that_say_what_they_are(book: Any) -> None:
    breaks = [one.id for one in book[WEEK].row_breaks.brk]
    assert [book[WEEK].cell(line + 1, 1).value for line in breaks] == [
        "Agents at work, to be safe 9 times in 10",
        "Contacts expected",
    ]
    for sheet in book.worksheets[1:]:
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "&P" in sheet.oddFooter.right.text or "Page" in sheet.oddFooter.right.text
    assert book[INTERVALS].print_title_rows == "$1:$1"


def test_more_days_than_a_page_is_wide_are_made_to_fit() -> None:
    long = replace(made(), days=made().days * 3)
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(long)))
    assert not book[WEEK].row_breaks.brk
    assert book[WEEK].sheet_properties.pageSetUpPr.fitToPage


def test_the_chart_has_a_place_for_each_interval() -> None:
    """An axis of dates would put all intervals of a day in one place."""
    with zipfile.ZipFile(io.BytesIO(as_xlsx(made()))) as parts:
        drawn = parts.read("xl/charts/chart1.xml").decode()
    assert "<c:dateAx>" not in drawn
    assert drawn.count("<c:catAx>") == 2  # one for agents, one for contacts


def test_a_plan_for_a_closed_week_is_a_workbook_too() -> None:
    empty = replace(made(), rows=(), accuracy=())
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(empty)))
    assert "Chart" not in book.sheetnames
    assert "No forecast is old enough" in book[ACCURACY]["A3"].value


def test_a_name_that_looks_like_a_formula_is_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(replace(made(), queue="=1+1"))))
    assert book[ASSUMPTIONS]["B1"].data_type == "s"


def test_what_is_unknown_is_a_question_mark_in_every_sheet() -> None:
    plan = young()
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(plan)))
    last = book[INTERVALS].max_row
    assert last == len(plan.rows) + 2
    cells = [cell.value for cell in book[INTERVALS][last]]
    assert set(cells[1:-1]) == {"?"}
    assert cells[-1] == plan.unknown[0].why
    days = len(plan.days) + 1
    assert [cell.value for cell in book[DAYS][days]][2:] == ["?"] * 5
    assert any(cell.value == "?" for row in book[WEEK].iter_rows() for cell in row)
    assert any(cell.value == f"?: {plan.unknown[0].why}" for (cell, *_) in book[WEEK].iter_rows())


def test_kinds_of_agents_have_columns_and_a_week_each() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(by_kind())))
    titles = [cell.value for cell in book[INTERVALS][1]]
    assert titles[-5:] == [
        "Agents: one",
        "… to be safe: one",
        "Agents: both",
        "… to be safe: both",
        "Unknown, because",
    ]
    first = [cell.value for cell in book[INTERVALS][2]]
    assert first[len(titles) - 5 : len(titles) - 1] == [made().rows[0].agents, made().rows[0].agents, 0, 1]
    grids = [cell.value for cell in book[WEEK]["A"] if isinstance(cell.value, str)]
    assert grids[-2:] == ["Of these agents, one", "Of these agents, both"]
