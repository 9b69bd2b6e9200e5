"""A past as a table of intervals: one row an interval of a queue, as reports of other systems give it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import tzinfo

from msgspec import Struct

from queuewatch.core.facts.terms import CHANNELS, Channel
from queuewatch.core.state.history import Interval, QueueHistory, Row
from queuewatch.ports import Refused
from queuewatch.sources import table
from queuewatch.sources.reading import HistoryError, Lines, Reading, clip, moment
from queuewatch.sources.table import Columns

NAME = "intervals-csv"
COLUMNS = Columns(
    required=("start", "offered"),
    optional=("queue", "channel", "answered", "abandoned", "handling_s", "repeated", "waited_s"),
)
_LENGTHS_S = (300, 600, 900, 1200, 1800, 3600)
_DAY_S = 86_400


class IntervalRow(Struct, frozen=True):
    """One row. `offered` None: nobody counted."""

    queue: str
    channel: Channel
    start: float
    offered: int | None
    row: Row


def read(lines: Lines, reading: Reading) -> Iterator[IntervalRow | Refused]:
    """The rows under the header, in whatever order they stand.

    An empty `offered` says that nobody counted. `handling_s` is the mean of the interval.

    Raises:
        HistoryError: There is no header, or it lacks a required column.
    """
    return table.rows(lines, COLUMNS, reading.columns, lambda cells: _row(cells, reading.zone))


def _row(cells: dict[str, str], zone: tzinfo) -> IntervalRow:
    channel = cells.get("channel") or "phone"
    if channel not in CHANNELS:
        raise ValueError(f'channel "{clip(channel)}" is none of {", ".join(CHANNELS)}')
    number = _number(cells)
    offered = number("offered", None)
    answered, abandoned = number("answered", 0.0), number("abandoned", 0.0)
    handling_s = number("handling_s", None)
    handled = (answered or offered or 0.0) if handling_s is not None else 0.0
    row = Row(
        offered=round(offered or 0.0),
        repeated=round(number("repeated", 0.0) or 0.0),
        answered=round(answered or 0.0),
        abandoned=round(abandoned or 0.0),
        waited_s=number("waited_s", 0.0) or 0.0,
        handled=round(handled),
        handling_s=round(handled) * (handling_s or 0.0),
    )
    count = None if offered is None else round(offered)
    return IntervalRow(cells.get("queue") or "all", channel, moment(cells["start"], zone), count, row)


def _number(cells: dict[str, str]) -> Callable[[str, float | None], float | None]:
    def number(column: str, default: float | None) -> float | None:
        written = cells.get(column, "")
        if not written:
            return default
        try:
            value = float(written)
        except ValueError:
            value = math.nan
        if not 0.0 <= value < 1e9:  # noqa: PLR2004  # beyond, it is a slip
            raise ValueError(f'{column} "{clip(written)}" is no number from 0 on')
        return value

    return number


def histories(rows: list[IntervalRow]) -> dict[str, QueueHistory]:
    """The past of each queue.

    A file that holds rows with nothing offered lists every interval: one that is missing in it was not
    counted. Otherwise a missing row is an interval in which nothing came, but a day without any row, between
    days that have some, was not counted.

    Raises:
        HistoryError: A queue's rows do not stand at regular intervals.
    """
    found: dict[str, list[IntervalRow]] = {}
    for row in rows:
        found.setdefault(row.queue, []).append(row)
    length_s = _length_s(rows)
    return {queue: _history(queue, some, length_s) for queue, some in found.items()}


def _length_s(rows: list[IntervalRow]) -> int:
    """The length of the intervals: the longest on whose borders all of them stand, at most an hour."""
    for length_s in reversed(_LENGTHS_S):
        if all(row.start % length_s == 0 for row in rows):
            return length_s
    raise HistoryError("the rows do not begin at regular intervals; give starts such as 09:00, 09:30, 10:00")


def _history(queue: str, rows: list[IntervalRow], length_s: int) -> QueueHistory:
    by_start: dict[int, Row] = {}
    unknown: set[int] = set()
    for one in rows:
        start = int(one.start)
        if one.offered is None:
            unknown.add(start)
        else:
            by_start.setdefault(start, Row()).add(one.row)
    if not by_start:
        raise HistoryError(f'queue "{queue}": no row has a number offered; there is nothing to learn from')
    since, until = min(by_start), max(by_start) + length_s
    whole = any(row.offered == 0 for row in by_start.values())
    days = {start // _DAY_S for start in by_start}
    for start in range(since, until, length_s):
        if start not in by_start and (whole or start // _DAY_S not in days):
            unknown.add(start)
    return QueueHistory(
        channel=rows[0].channel,
        intervals=[Interval(start, by_start[start]) for start in sorted(by_start)],
        since=float(since),
        until=float(until),
        base_s=length_s,
        outages=[(float(start), float(start + length_s)) for start in sorted(unknown)],
    )
