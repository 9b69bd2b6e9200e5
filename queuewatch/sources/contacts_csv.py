"""History as a table: one row a contact, with when it joined a queue and what became of it."""

from __future__ import annotations

import csv
import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
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
from queuewatch.sources.reading import MAX_NAME, HistoryError, Lines, Reading, clip, key, moment, text

REQUIRED = ("contact", "queue", "channel", "enqueued_at")
OPTIONAL = (
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
)
LOOK_AHEAD_S = 3600.0
"""How far back in time a row may reach and its events still come in order."""

_DELIMITERS = ",;\t|"
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


def parse_columns(written: str) -> dict[str, str]:
    """`--columns contact=callid,queue=skill,channel==phone` as a mapping of our columns to the file's.

    A value that begins with `=` is no column but what stands in each row.

    Raises:
        HistoryError: A part is not `ours=theirs`, or ours is no column of ours.
    """
    columns = {}
    for part in filter(None, written.split(",")):
        ours, equals, theirs = (one.strip() for one in part.partition("="))
        if not equals or not theirs:
            raise HistoryError(f'--columns: "{clip(part)}" is not ours=theirs, such as contact=call_id')
        columns[ours] = theirs
    return _known(columns)


def _known(columns: Mapping[str, str]) -> dict[str, str]:
    for ours in columns:
        if ours not in REQUIRED + OPTIONAL:
            raise HistoryError(
                f'--columns: there is no column "{clip(ours)}"; ours are {", ".join(REQUIRED + OPTIONAL)}'
            )
    return dict(columns)


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
    for row in _rows(lines, reading):
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


def _rows(lines: Lines, reading: Reading) -> Iterator[Row | Refused]:
    """The rows under the header, or why one is refused."""
    decoded = map(text, lines)
    header = next(decoded, "").removeprefix("\ufeff")
    delimiter = max(_DELIMITERS, key=header.count)
    names = [name.strip(" \"'") for name in header.split(delimiter)]
    place = _places(names, reading.columns, lines.name)
    fixed = {ours: theirs[1:] for ours, theirs in reading.columns.items() if theirs.startswith("=")}
    for fields in _records(decoded, delimiter):
        if isinstance(fields, str):
            yield lines.refuse("bad_row", fields)
        elif (fields and len(fields) < len(names)) or any(fields[len(names) :]):
            yield lines.refuse("bad_row", f"this row has {len(fields)} fields, the header {len(names)}")
        elif any(fields):
            cells = {ours: fields[index].strip() for ours, index in place.items()}
            try:
                yield _row({**cells, **fixed}, reading)
            except ValueError as error:
                yield lines.refuse("bad_row", str(error))


def _records(decoded: Iterable[str], delimiter: str) -> Iterator[list[str] | str]:
    """Fields of each record, which may span lines inside quotes; or what is wrong with it, as text."""
    records = csv.reader((f"{line}\n" for line in decoded), delimiter=delimiter)
    while True:
        try:
            yield next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"this is no row of a table: {error}"


def _places(names: list[str], columns: Mapping[str, str], file: str) -> dict[str, int]:
    """Where each of our columns stands in the file."""
    wanted = {ours: _known(columns).get(ours, ours) for ours in REQUIRED + OPTIONAL}
    found = {ours: names.index(theirs) for ours, theirs in wanted.items() if theirs in names}
    missing = [
        f"{theirs} (for {ours})" if ours in columns else ours
        for ours, theirs in wanted.items()
        if ours not in found and not theirs.startswith("=") and (ours in REQUIRED or ours in columns)
    ]
    if not all(name.isprintable() for name in names):
        raise HistoryError(f"{file or 'the table'}: this is no text; name a file that holds a table")
    if missing:
        raise HistoryError(
            f"{file or 'the table'}: column {', '.join(missing)} is missing; the header has "
            f"{clip(', '.join(filter(None, names)), 300) or 'nothing'}; map them with --columns ours=theirs,…"
        )
    return found


def _row(cells: Mapping[str, str], reading: Reading) -> Row:
    """The cells as a row whose parts fit each other; raises ValueError with what is wrong."""
    values: dict[str, Any] = {}
    for column, cell in cells.items():
        if cell:
            try:
                values[column] = _value(column, cell, reading)
            except ValueError as error:
                raise ValueError(f"{column}: {error}") from None
    lacking = [column for column in REQUIRED if column not in values]
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
