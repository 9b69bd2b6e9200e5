"""A plan as a workbook nobody need redo: the week as a grid, intervals, last week, assumptions."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from queuewatch.core.plan.accuracy import Accuracy
from queuewatch.core.plan.document import Plan, PlanRow, UnknownRow
from queuewatch.planning.said import is_quiet, target, threshold
from queuewatch.planning.table import UNKNOWN
from queuewatch.planning.workbook import Book

WEEK, INTERVALS, DAYS, ACCURACY, ASSUMPTIONS = "Week", "Intervals", "Days", "Accuracy", "Assumptions"
_CALM, _MIDDLE, _BUSY = "#FFFFFF", "#CFE3F7", "#2F75B5"
_PROMISE_COLUMNS = 12  # so wide that the sentence has room
_FIRST_GRID = 3  # line
_GRID_LINES = 4  # of a grid beside its intervals
_MOST_DAYS_WIDE = 14  # days that a page has room for side by side
_PAGE_LINES = 30  # that a page has room for
_Grid = tuple[str, Callable[[PlanRow], float]]
_GRIDS: tuple[_Grid, ...] = (
    ("Agents at work, if it comes as expected", attrgetter("agents")),
    ("Agents at work, to be safe 9 times in 10", attrgetter("agents_safe")),
    ("Contacts expected", attrgetter("contacts")),
)

_HOW_TO_READ = (
    "Agents are people at work on contacts. To roster adds breaks, training and absence (shrinkage). Each "
    "interval begins with the line that the one before left behind. One agent fewer or more counts the "
    "customers of the interval and those whom the line it leaves makes wait too long later that day."
)


def as_xlsx(plan: Plan) -> bytes:
    """The plan as a workbook of Excel 2007 and later."""
    out = io.BytesIO()
    book = Book(out)
    book.book.set_properties({"title": f"Plan for {plan.queue}", "comments": "Made by queuewatch"})
    _week(book, plan)
    last = _intervals(book, plan)
    _chart(book, last)
    _days(book, plan)
    _accuracy(book, plan.accuracy)
    _assumptions(book, plan)
    book.book.close()
    return out.getvalue()


def _week(book: Book, plan: Plan) -> None:
    """Three grids, a row a time of the day and a column a day: agents, agents to be safe, contacts."""
    sheet = book.sheet(WEEK, [8, *[7.5] * len(plan.days)])
    sheet.write(0, 0, f"{plan.queue}: agents per {plan.interval_s // 60} minutes ({plan.zone})", book.title)
    if plan.promise.text:
        sheet.merge_range(1, 0, 1, max(_PROMISE_COLUMNS, len(plan.days)), plan.promise.text, book.told)
        sheet.set_row(1, 48)
    top = _FIRST_GRID
    times = sorted({row.local[11:] for row in plan.lines})
    grids = (*_GRIDS, *(_of_kind(kind) for kind in _kinds(plan)))
    _pages(sheet, len(plan.days), len(times), len(grids))
    dark = {(row.local[:10], row.local[11:]): row.why for row in plan.unknown}
    # Of the hour that comes twice when a clock is set back, the part that needs more.
    found: dict[tuple[str, str], PlanRow] = {
        (row.local[:10], row.local[11:]): row for row in sorted(plan.rows, key=attrgetter("agents"))
    }
    for title, value in grids:
        sheet.write(top, 0, title, book.title)
        sheet.write(top + 1, 0, "", book.head)
        for place, day in enumerate(plan.days, 1):
            sheet.write(top + 1, place, _heading(date.fromisoformat(day.day)), book.head)
        sheet.set_row(top + 1, 32)
        for line, clock in enumerate(times, top + 2):
            sheet.write_datetime(line, 0, datetime.strptime(clock, "%H:%M"), book.time)  # noqa: DTZ007 (a cell has no zone)
            for place, day in enumerate(plan.days, 1):
                row = found.get((day.day, clock))
                if row is not None:
                    sheet.write_number(line, place, value(row), book.whole)
                elif (day.day, clock) in dark:
                    sheet.write_string(line, place, UNKNOWN, book.dark)
        if times:
            sheet.conditional_format(
                top + 2,
                1,
                top + 1 + len(times),
                len(plan.days),
                {
                    "type": "3_color_scale",
                    "min_color": _CALM,
                    "mid_color": _MIDDLE,
                    "max_color": _BUSY,
                },
            )
        top += len(times) + 4
    for place, why in enumerate(sorted({row.why for row in plan.unknown})):
        sheet.write_string(top + place, 0, f"{UNKNOWN}: {why}", book.aside)
    sheet.freeze_panes(5, 1)


def _heading(day: date) -> str:
    """A day that nobody takes for another: in 03-01 some read January."""
    return f"{day:%a}\n{day.day} {day:%b}"


def _pages(sheet: Worksheet, days: int, times: int, grids: int) -> None:
    """A page a grid, where a page is wide enough; else as many as it takes, all days side by side."""
    if days > _MOST_DAYS_WIDE:
        return
    lines = times + _GRID_LINES
    sheet.set_print_scale(int(min(100, max(40, 100 * _PAGE_LINES / (lines + _FIRST_GRID)))))
    sheet.set_h_pagebreaks([_FIRST_GRID + lines * place for place in range(1, grids)])


def _kinds(plan: Plan) -> list[str]:
    """The kinds of agents, where queues share only some of them."""
    return list(plan.rows[0].crews) if plan.rows else []


def _of_kind(kind: str) -> _Grid:
    return f"Of these agents, {kind}", lambda row: row.crews[kind]


_COLUMNS: tuple[tuple[str, str, str, float], ...] = (
    ("Begins", "local", "moment", 22),
    ("Contacts expected", "contacts", "tenth", 11),
    ("8 in 10: from", "low_80", "tenth", 9),
    ("8 in 10: to", "high_80", "tenth", 9),
    ("19 in 20: from", "low_95", "tenth", 9),
    ("19 in 20: to", "high_95", "tenth", 9),
    ("Handling time", "handling_s", "span", 10),
    ("Agents", "agents", "whole", 8),
    ("Agents to be safe 9 in 10", "agents_safe", "whole", 11),
    ("To roster", "rostered", "whole", 9),
    ("To roster, safe", "rostered_safe", "whole", 9),
    ("Planned", "planned", "whole", 9),
    ("Occupancy", "occupancy", "share", 10),
    ("Customers who wait over {last}", "past", "tenth", 12),
    ("… one agent fewer", "past_one_fewer", "tenth", 11),
    ("… one agent more", "past_one_more", "tenth", 11),
    ("Waiting at end", "waiting_at_end", "tenth", 9),
    ("Targets hold, one such interval", "holds", "part", 12),
    ("… with agents to be safe", "holds_safe", "part", 11),
)
_SECONDS_A_DAY = 86_400.0


def _intervals(book: Book, plan: Plan) -> int:
    """A row an interval, to filter and to build on; returns the last row."""
    more = _more_columns(plan)
    why = len(_COLUMNS) + len(more)
    sheet = book.sheet(INTERVALS, [*(width for *_, width in _COLUMNS), *[11] * len(more), 34])
    last = threshold(float(_thresholds(plan)[-1])) if _thresholds(plan) else "the last threshold"
    titles = [
        *(title.format(last=last) for title, *_ in _COLUMNS),
        *(title for title, *_ in more),
        "Unknown, because",
    ]
    sheet.write_row(0, 0, titles, book.head)
    sheet.set_row(0, 48)
    sheet.repeat_rows(0)
    rows = plan.lines
    for line, row in enumerate(rows, 1):
        if isinstance(row, UnknownRow):
            _cell(sheet, (line, 0), "local", row.local, book.moment)
            for place in range(1, why):
                sheet.write_string(line, place, UNKNOWN, book.dark)
            sheet.write_string(line, why, row.why)
            continue
        for place, (_, field, form, _) in enumerate(_COLUMNS):
            _cell(sheet, (line, place), field, getattr(row, field), getattr(book, form))
        for place, (_, value, form) in enumerate(more, len(_COLUMNS)):
            _cell(sheet, (line, place), "", value(row), getattr(book, form))
    lines = len(rows)
    sheet.freeze_panes(1, 1)
    if lines:
        sheet.autofilter(0, 0, lines, why)
        # A plan that was brought in and is short of what is needed.
        sheet.conditional_format(
            1,
            11,
            lines,
            11,
            {"type": "formula", "criteria": "=AND(ISNUMBER($L2),$L2<$H2)", "format": book.warn},
        )
    return lines


_Column = tuple[str, Callable[[PlanRow], float | None], str]


def _more_columns(plan: Plan) -> list[_Column]:
    """Title, value and format of the columns that not every plan has alike: chances, and kinds of agents."""
    kinds = [column for kind in _kinds(plan) for column in (_expected(kind), _safe(kind))]
    return [*(_chance(one) for one in _thresholds(plan)), *kinds]


def _thresholds(plan: Plan) -> list[str]:
    """The thresholds of which there are chances, seconds as text, the shortest first."""
    return list(plan.rows[0].chances) if plan.rows else []


def _chance(over: str) -> _Column:
    title = f"Chance to wait over {threshold(float(over))}"
    return title, lambda row: None if is_quiet(row) else row.chances.get(over), "share"


def _expected(kind: str) -> _Column:
    return f"Agents: {kind}", lambda row: row.crews[kind], "whole"


def _safe(kind: str) -> _Column:
    return f"… to be safe: {kind}", lambda row: row.crews_safe[kind], "whole"


def _cell(sheet: Worksheet, at: tuple[int, int], field: str, value: Any, form: Format) -> None:
    if value is None:
        sheet.write_blank(*at, None, form)
    elif field == "local":
        sheet.write_datetime(*at, datetime.strptime(value, "%Y-%m-%d %H:%M"), form)  # noqa: DTZ007
    elif field == "handling_s":
        sheet.write_number(*at, value / _SECONDS_A_DAY, form)
    else:
        sheet.write_number(*at, value, form)


def _chart(book: Book, last: int) -> None:
    """Contacts with their range, and agents, of all intervals, on a sheet of its own behind the grids."""
    if not last:
        return
    agents = book.book.add_chart({"type": "column"})
    agents.add_series(
        {
            "name": [INTERVALS, 0, 7],
            "categories": [INTERVALS, 1, 0, last, 0],
            "values": [INTERVALS, 1, 7, last, 7],
            "fill": {"color": "#FBE5D6"},
            "gap": 0,
        }
    )
    contacts = book.book.add_chart({"type": "line"})
    for column, colour, dash in ((1, "#1F3864", "solid"), (2, "#2E75B6", "dash"), (3, "#2E75B6", "dash")):
        contacts.add_series(
            {
                "name": [INTERVALS, 0, column],
                "categories": [INTERVALS, 1, 0, last, 0],
                "values": [INTERVALS, 1, column, last, column],
                "line": {"color": colour, "width": 1.5, "dash_type": dash},
                "y2_axis": True,
            }
        )
    agents.combine(contacts)
    agents.set_title({"name": "Contacts with their range, and agents"})
    # As dates they would be put together by whole days.
    each = max(1, last // 14)
    agents.set_x_axis(
        {"text_axis": True, "num_format": "ddd hh:mm", "interval_unit": each, "interval_tick": each}
    )
    agents.set_y_axis({"name": "Agents", "min": 0, "major_gridlines": {"visible": False}})
    contacts.set_y2_axis({"name": "Contacts", "min": 0})
    agents.set_legend({"position": "bottom"})
    agents.set_size({"width": 1200, "height": 480})
    sheet = book.sheet("Chart", [])
    sheet.insert_chart(0, 0, agents)


def _days(book: Book, plan: Plan) -> None:
    sheet = book.sheet(DAYS, [16, 30, 12, 12, 12, 12, 14])
    heads = ("Day", "Note", "Contacts", "8 in 10: from", "8 in 10: to", "Agent hours", "Agent hours, safe")
    sheet.write_row(0, 0, heads, book.head)
    for line, day in enumerate(plan.days, 1):
        book.date(sheet, line, date.fromisoformat(day.day))
        sheet.write_string(line, 1, day.note)
        figures = (day.contacts, day.low_80, day.high_80, day.agent_hours, day.agent_hours_safe)
        for place, value in enumerate(figures, 2):
            if value is None:
                sheet.write_string(line, place, UNKNOWN, book.dark)
            else:
                sheet.write_number(line, place, value, book.tenth)
    total = len(plan.days) + 1
    sheet.write_string(total, 0, "Together", book.title)
    for column, letter in ((2, "C"), (5, "F"), (6, "G")):
        sheet.write_formula(total, column, f"=SUM({letter}2:{letter}{total})", book.tenth, _sum(plan, column))
    sheet.freeze_panes(1, 1)


def _sum(plan: Plan, column: int) -> float:
    field = {2: "contacts", 5: "agent_hours", 6: "agent_hours_safe"}[column]
    total: float = sum(getattr(day, field) or 0.0 for day in plan.days)
    return total


def _accuracy(book: Book, told: tuple[Accuracy, ...]) -> None:
    sheet = book.sheet(ACCURACY, [26, 14, 14, 14, 14, 12])
    sheet.write(0, 0, "How good last week's forecasts were", book.title)
    line = 2
    if not told:
        sheet.write_string(line, 0, "No forecast is old enough to be held against what came.")
    for one in told:
        lead = "a day" if one.lead_days == 1 else "a week"
        sheet.write_string(line, 0, f"Told {lead} ahead", book.title)
        figures = (
            ("Error per interval", one.wape),
            ("… of 'as a week before'", one.naive_wape),
            ("Too much (+), too little (-)", one.bias),
            ("Came inside the 80 % range", one.cover_80),
            ("Came inside the 95 % range", one.cover_95),
        )
        for place, (name, value) in enumerate(figures, line + 1):
            sheet.write_string(place, 0, name)
            if value is not None:
                sheet.write_number(place, 1, value, book.share)
        line += len(figures) + 2
        sheet.write_row(line, 0, ("Day", "Forecast", "From", "To", "Came"), book.head)
        for place, day in enumerate(one.days, line + 1):
            book.date(sheet, place, day.day)
            sheet.write_row(place, 1, (day.said, day.low, day.high), book.tenth)
            if day.came is not None:
                sheet.write_number(place, 4, day.came, book.tenth)
        line += len(one.days) + 3


def _assumptions(book: Book, plan: Plan) -> None:
    sheet = book.sheet(ASSUMPTIONS, [34, 70])
    told = plan.assumptions
    rows: list[tuple[str, object]] = [
        ("Queue", plan.queue),
        ("Queues that share the agents", ", ".join(plan.queues)),
        ("Site", plan.site),
        ("Channel", plan.channel),
        ("Times are of", plan.zone),
        ("Forecast by", told.method),
        ("Days of the past that are known", told.known_days),
        ("Share of the open past nobody counted", told.unknown_share),
        ("Error per interval in the trial", told.tested_wape),
        ("Opening hours", "guessed from the past" if told.hours_guessed else "as configured"),
        ("Profile borrowed from", told.borrowed),
        (
            "Mean patience, seconds",
            "nobody is taken to hang up" if told.patience_s is None else told.patience_s,
        ),
        ("Contacts the handling time rests on", told.handling_contacts),
        ("Shrinkage", told.shrinkage),
        ("Contacts an agent handles at a time", told.slots),
        ("Kept on average", "; ".join(target(one) for one in told.targets)),
        ("'To be safe' is enough", f"on {100 * told.safe:.0f} % of days"),
        ("Intervals that miss a target with all agents there are", told.short_intervals or None),
        ("What is promised", plan.promise.text or None),
        ("Targets hold in one interval", plan.promise.holds),
        ("… with the agents to be safe", plan.promise.holds_safe),
        (
            "How to read it",
            _HOW_TO_READ,
        ),
    ]
    for line, (name, value) in enumerate(rows):
        sheet.write_string(line, 0, name, book.head)
        if isinstance(value, int | float):
            seconds = name.endswith("seconds") or isinstance(value, int)
            sheet.write_number(line, 1, value, book.left if seconds else book.share_left)
        else:
            sheet.write_string(line, 1, "" if value is None else str(value), book.text)
