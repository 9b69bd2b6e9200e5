"""History as a table: one row a contact, with when it joined a queue and what became of it."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, get_args

from msgspec import Struct
from msgspec.structs import replace

from queuewatch.core.facts.events import (
    RANK,
    Abandoned,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    Left,
)
from queuewatch.core.facts.terms import Channel, LeftReason, Tier
from queuewatch.ports import Refused
from queuewatch.sources import table
from queuewatch.sources.reading import MAX_NAME, Lines, Reading, clip, key, moment
from queuewatch.sources.table import Columns

COLUMNS = Columns(
    required=("contact", "queue", "channel", "enqueued_at"),
    optional=(
        "answered_at",
        "abandoned_at",
        "left_at",
        "left_reason",
        "completed_at",
        "agent",
        "priority",
        "customer",
        "tier",
        "language",
    ),
)
LOOK_AHEAD_S = 3600.0
"""How far back in time a row may reach and its events still come in order."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")


class Row(Struct, frozen=True, kw_only=True):
    """One row: one stay of a contact in a queue. Points in time are seconds since the epoch."""

    contact: str
    queue: str
    channel: Channel
    enqueued_at: float
    answered_at: float | None = None
    abandoned_at: float | None = None
    left_at: float | None = None
    left_reason: LeftReason | None = None
    completed_at: float | None = None
    agent: str | None = None
    priority: int = 0
    customer: str | None = None
    tier: Tier | None = None
    language: str | None = None


def read(lines: Lines, reading: Reading) -> Iterator[Event | Refused]:
    """The events of the rows, in the order of time as long as rows reach back no more than LOOK_AHEAD_S.

    Rows are best sorted by `enqueued_at`. Events wait in a heap until no later row can come before them;
    those of a row that reaches back further come as soon as it is read.

    Raises:
        HistoryError: There is no header, or it lacks a required column.
    """
    ahead: list[tuple[float, int, int, Event]] = []
    order = count()
    newest = float("-inf")
    for row in table.rows(lines, COLUMNS, reading.columns, lambda cells: _row(cells, reading)):
        if isinstance(row, Refused):
            yield row
            continue
        for event in _events(row, reading):
            heapq.heappush(ahead, (event.at, RANK[type(event.data)], next(order), event))
        newest = max(newest, row.enqueued_at)
        while ahead and ahead[0][0] <= newest - LOOK_AHEAD_S:
            yield heapq.heappop(ahead)[-1]
    while ahead:
        yield heapq.heappop(ahead)[-1]


def _row(cells: Mapping[str, str], reading: Reading) -> Row:
    """The cells as a row whose parts fit each other; raises ValueError with what is wrong."""
    values: dict[str, Any] = {}
    for column, cell in cells.items():
        if cell:
            try:
                values[column] = _value(column, cell, reading)
            except ValueError as error:
                raise ValueError(f"{column}: {error}") from None
    lacking = [column for column in COLUMNS.required if column not in values]
    if lacking:
        raise ValueError(f"{', '.join(lacking)} is empty")
    row = Row(**values)
    _check(row)
    return row


def _value(column: str, cell: str, reading: Reading) -> object:
    if column.endswith("_at"):
        return moment(cell, reading.zone)
    if column == "customer":
        return reading.hash_customer(cell)
    if column == "priority":
        return _priority(cell)
    if len(cell) > MAX_NAME:
        raise ValueError(f"longer than {MAX_NAME} characters")
    known = _WORDS.get(column)
    if known is not None and cell not in known:
        raise ValueError(f'"{clip(cell)}" is none of {", ".join(known)}')
    return cell


_WORDS: dict[str, tuple[str, ...]] = {
    "channel": get_args(Channel),
    "tier": get_args(Tier),
    "left_reason": get_args(LeftReason),
}


def _priority(cell: str) -> int:
    if _WHOLE.fullmatch(cell) is None:
        raise ValueError(f'"{clip(cell)}" is no whole number of at most nine digits')
    return int(cell)


def _check(row: Row) -> None:
    """Raises ValueError where the times of a row cannot all be true."""
    end = row.left_at if row.left_at is not None else row.abandoned_at
    if row.answered_at is not None and (end is not None or row.left_reason is not None):
        raise ValueError("answered_at stands beside abandoned_at or left_at; a stay has one end")
    if row.left_reason is not None and end is None and row.completed_at is None:
        raise ValueError("left_reason needs left_at")
    if row.completed_at is not None and row.answered_at is None and end is None and row.left_reason is None:
        raise ValueError("completed_at stands alone; say answered_at, abandoned_at or left_reason too")
    for column in ("answered_at", "abandoned_at", "left_at", "completed_at"):
        at = getattr(row, column)
        if at is not None and at < row.enqueued_at:
            raise ValueError(f"{column} is before enqueued_at")
    if row.completed_at is not None and row.answered_at is not None and row.completed_at < row.answered_at:
        raise ValueError("completed_at is before answered_at")


def _events(row: Row, reading: Reading) -> Iterator[Event]:
    """What the row tells, in the order of time."""
    stay = f"{row.contact}/{row.queue}/{row.enqueued_at:.6f}"
    for at, data in _facts(row):
        ident = key(f"{stay}/{data.__struct_config__.tag}")
        yield Event(ident, reading.source, at, data, row.contact, reading.site)


def _facts(row: Row) -> Iterator[tuple[float, ContactData]]:
    enqueued = Enqueued(queue=row.queue, channel=row.channel, priority=row.priority)
    yield row.enqueued_at, replace(enqueued, customer=row.customer, tier=row.tier, language=row.language)
    if row.answered_at is not None:
        yield row.answered_at, Answered(queue=row.queue, channel=row.channel, agent=row.agent)
        if row.completed_at is not None:
            yield row.completed_at, Completed(queue=row.queue, channel=row.channel)
        return
    left_at = _first(row.left_at, row.abandoned_at, row.completed_at)
    if left_at is None:
        return
    if row.left_reason is not None or row.left_at is not None:
        yield left_at, Left(queue=row.queue, channel=row.channel, reason=row.left_reason or "unknown")
    else:
        yield left_at, Abandoned(queue=row.queue, channel=row.channel)


def _first(*times: float | None) -> float | None:
    return next((at for at in times if at is not None), None)
