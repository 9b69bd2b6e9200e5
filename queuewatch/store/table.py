"""The table of events: what is new goes in, what is known is recognised, corrections take their place."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import chain, repeat
from operator import attrgetter
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from queuewatch.core.facts.events import Enqueued, Event, supersedes
from queuewatch.core.facts.wire import unpack
from queuewatch.core.state.forgetting import PREFIX
from queuewatch.ports import Group, Recorded

# The body as a bytearray, which sqlite3 takes as it is. For bytes, as for None, it first asks all that could
# adapt them, in vain: 3,300 machine instructions a value, a third of what it takes to write an event.
_Row = tuple[int, float, str, str, bytearray]
_source_of, _id_of, _at_of = attrgetter("source"), attrgetter("id"), attrgetter("at")

DAY_S = 86_400.0
_PAGE_ROWS = 2_000  # rows read at a time: about a megabyte

# All rows of a group go in with one statement, if need be with more places than rows: less work than row by
# row, and the thread gives up the interpreter lock once and not at every row. A busy event loop may keep it
# for 5 ms each time it gets it.
_SIZES = tuple(2**n for n in range(13))  # up to 4,096 rows: SQLite binds 32,766 values
_INSERT = {n: f"INSERT OR IGNORE INTO events VALUES {','.join(['(?,?,?,?,?)'] * n)}" for n in _SIZES}  # noqa: S608
_DIFFERING = {
    n: f"WITH mine (place, source, id, body) AS (VALUES {','.join(['(?,?,?,?)'] * n)}) "  # noqa: S608
    "SELECT group_concat(place) FROM mine JOIN events USING (source, id) WHERE events.body <> mine.body"
    for n in _SIZES
}


class Tail(NamedTuple):
    """Where the journal ends.

    Attributes:
        position: The last event's; 0 in an empty journal.
        recorded_at: The last event's; minus infinity in an empty journal.
        removed: How many positions up to the last hold no event.
        forgotten_day: The last day of which keys of deleted events are kept.
    """

    position: int
    recorded_at: float
    removed: int
    forgotten_day: float

    @property
    def events(self) -> int:
        """How many events the journal holds."""
        return self.position - self.removed


class Written(NamedTuple):
    """What became of the events of one transaction: `repeated` are the places of those known already."""

    recorded: tuple[Recorded, ...]
    repeated: frozenset[int]
    tail: Tail


def load_tail(database: sqlite3.Connection) -> Tail:
    """Where the journal ends, read from the file."""
    last = database.execute(
        "SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1"
    ).fetchone()
    (removed,) = database.execute("SELECT value FROM counters WHERE name = 'removed'").fetchone()
    (day,) = database.execute("SELECT max(day) FROM forgotten").fetchone()
    position, recorded_at = last or (0, -math.inf)
    return Tail(position, recorded_at, removed, -math.inf if day is None else day)


def write(
    database: sqlite3.Connection,
    tail: Tail,
    recorded_at: float,
    events: Sequence[Event],
    bodies: Sequence[bytes],
) -> Written:
    """Write events, in order, within the open transaction.

    Args:
        database: With a transaction open.
        tail: Where the journal ends so far.
        recorded_at: The time all of them are written at; later than the tail's.
        events: What to write.
        bodies: The same, packed.

    Returns:
        What is new, with its positions; what was repeated; the new end. A correction is new: the event that
        it corrects is deleted. An event that is corrected within the same transaction is not told of.
    """
    gone = _forgotten(database, tail, events)
    count = len(events)
    positions = range(tail.position + 1, tail.position + 1 + count)
    sources, idents = map(_source_of, events), map(_id_of, events)
    times = repeat(recorded_at, count)
    rows: list[_Row] = list(zip(positions, times, sources, idents, map(bytearray, bodies), strict=True))
    if gone:
        rows = [row for place, row in enumerate(rows) if place not in gone]
    if _insert(database, rows) == len(rows) == count:
        recorded = tuple(map(Recorded, positions, repeat(recorded_at), events))
        end = tail._replace(position=tail.position + count, recorded_at=recorded_at)
        return Written(recorded, frozenset(), end if events else tail)
    return _settle_conflicts(database, tail, rows, recorded_at, events)


def _insert(database: sqlite3.Connection, rows: list[_Row]) -> int:
    """Insert what is not there yet; returns how many that were."""
    inserted = 0
    for start, size in _portions(len(rows)):
        portion = rows[start : start + size]
        portion += [portion[0]] * (size - len(portion))  # ignored: it is there already, or was known before
        values = list(chain.from_iterable(portion))
        inserted += database.execute(_INSERT[size], values).rowcount
    return inserted


def _portions(count: int) -> Iterator[tuple[int, int]]:
    """Where each statement starts, and for how many rows it is: the smallest that takes what is left."""
    start = 0
    while start < count:
        size = next((one for one in _SIZES if one >= count - start), _SIZES[-1])
        yield start, size
        start += size


def _settle_conflicts(
    database: sqlite3.Connection, tail: Tail, rows: list[_Row], recorded_at: float, events: Sequence[Event]
) -> Written:
    """Tell corrections from repetitions among the rows that bore a known key, in the order they came."""
    first = tail.position + 1
    present = {
        position - first
        for position in _numbers(
            database, "SELECT group_concat(position) FROM events WHERE position >= ?", [first]
        )
    }
    new = set(present)
    displaced = 0
    for row in _corrections(database, [row for row in rows if row[0] - first not in present]):
        position, _, source, ident, _ = row
        place = position - first
        old_position, stored = database.execute(
            "SELECT position, body FROM events WHERE source = ? AND id = ?", (source, ident)
        ).fetchone()
        known = unpack(stored)
        if supersedes(_told_of_nobody(events[place], known), known):
            database.execute("DELETE FROM events WHERE position = ?", (old_position,))
            database.execute(_INSERT[1], row)
            displaced += old_position < first
            present.discard(old_position - first)
            present.add(place)
            new.add(place)
    end = _advance(database, tail, recorded_at, present, displaced)
    recorded = tuple(Recorded(first + place, recorded_at, events[place]) for place in sorted(present))
    return Written(recorded, frozenset(range(len(events))) - new, end)


def _told_of_nobody(event: Event, known: Event) -> Event:
    """An event as it would be known had its customer been forgotten like that of the known one.

    A source that tells everything once more does not make known again who was to be forgotten.
    """
    data, before = event.data, known.data
    if not (isinstance(data, Enqueued) and isinstance(before, Enqueued)):
        return event
    if before.customer is None or not before.customer.startswith(PREFIX):
        return event
    return replace(event, data=replace(data, customer=before.customer))


def _corrections(database: sqlite3.Connection, ignored: list[_Row]) -> list[_Row]:
    """The rows whose key is known, where any row of that key has another content than is known."""
    differing: set[tuple[str, str]] = set()
    for start, size in _portions(len(ignored)):
        values: list[object] = [
            value
            for place, (_, _, source, ident, body) in enumerate(ignored[start : start + size], start)
            for value in (place, source, ident, body)
        ]
        values += [None] * (4 * size - len(values))  # rows of nothing: they meet no event
        places = _numbers(database, _DIFFERING[size], values)
        differing.update((ignored[place][2], ignored[place][3]) for place in places)
    return [row for row in ignored if (row[2], row[3]) in differing]


def _advance(
    database: sqlite3.Connection, tail: Tail, recorded_at: float, present: set[int], displaced: int
) -> Tail:
    """The new end, with the positions that came to hold no event written down."""
    if not present:
        return tail
    steps = max(present) + 1
    removed = steps - len(present) + displaced
    database.execute("UPDATE counters SET value = value + ? WHERE name = 'removed'", (removed,))
    return tail._replace(
        position=tail.position + steps, recorded_at=recorded_at, removed=tail.removed + removed
    )


def _numbers(database: sqlite3.Connection, query: str, values: Sequence[object]) -> list[int]:
    """The whole numbers that `query` gives as one text: one row, so that the thread waits but once."""
    (listed,) = database.execute(query, values).fetchone()
    return [int(number) for number in listed.split(",")] if listed else []


def _forgotten(database: sqlite3.Connection, tail: Tail, events: Sequence[Event]) -> frozenset[int]:
    """The places of events that were known once and that retention deleted."""
    end = (tail.forgotten_day + 1) * DAY_S
    if not events or min(map(_at_of, events)) >= end:
        return frozenset()
    return frozenset(
        place
        for place, event in enumerate(events)
        if event.at < end
        and database.execute(
            "SELECT 1 FROM forgotten WHERE day = ? AND key = ?", day_and_key(event)
        ).fetchone()
    )


def day_and_key(event: Event) -> tuple[int, int]:
    """What is kept of an event that is deleted: the day it happened, and 8 bytes of hash of its key.

    With 100 million of them, the chance that a new event is taken for an old one is under 1 in 10^11; only
    events of a day that old are compared at all.
    """
    key = f"{len(event.source)}:{event.source}{event.id}".encode()
    hashed = int.from_bytes(blake2b(key, digest_size=8).digest(), "big", signed=True)
    return math.floor(event.at / DAY_S), hashed


def read(database: sqlite3.Connection, after: int) -> Iterator[Group]:
    """The events after position `after`, in the groups they were written in; holds one page and one group.

    Raises:
        ValueError: An event cannot be read; the text names its position.
    """
    query = "SELECT position, recorded_at, body FROM events WHERE position > ? ORDER BY position LIMIT ?"
    group: list[Recorded] = []
    while page := database.execute(query, (after, _PAGE_ROWS)).fetchall():
        for position, recorded_at, body in page:
            if group and group[0].recorded_at != recorded_at:
                yield Group(group[0].recorded_at, tuple(group), 0)
                group.clear()
            try:
                group.append(Recorded(position, recorded_at, unpack(body)))
            except msgspec.DecodeError as error:
                raise ValueError(f"the event at position {position} cannot be read ({error})") from error
        after = page[-1][0]
    if group:
        yield Group(group[0].recorded_at, tuple(group), 0)
