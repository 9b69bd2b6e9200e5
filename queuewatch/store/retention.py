"""Retention: events that are old enough, or too many, and no longer needed to start again, are deleted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from msgspec import Struct

from queuewatch.core.facts.wire import unpack
from queuewatch.store.snapshots import covered
from queuewatch.store.table import DAY_S, day_and_key, load_tail

_STEP_ROWS = 500  # what the events that come in meanwhile have to wait for
_STEP_KEYS = 5_000
_STEP_PAGES = 500
_SPARE_PAGES = 256  # left free in the file: the next events fill them


class Retention(Struct, frozen=True):
    """How long events are kept. Only those that both kept snapshots cover are ever deleted.

    A source that reads its file from the beginning, or a broker that hands over an old session, repeats
    events that may be deleted by then; they must not be counted twice. So about 20 bytes of each deleted
    event are kept, for longer: the day it happened and a hash of its key. A later correction of a deleted
    event is taken for a repetition, for there is nothing left to correct.

    Attributes:
        age_s: Events written longer ago are deleted; None keeps them.
        size_bytes: The oldest events are deleted while the database holds more; None sets no limit.
        keys_age_s: Keys of deleted events that happened longer ago are deleted.
    """

    age_s: float | None = 90 * DAY_S
    size_bytes: int | None = None
    keys_age_s: float = 400 * DAY_S


def forget(database: sqlite3.Connection, retention: Retention, now: float) -> Iterator[None]:
    """Delete what is to be deleted, in steps of one transaction each, and give the space back."""
    while _forget_events(database, retention, now):
        yield
    while _forget_keys(database, now - retention.keys_age_s):
        yield
    while _free_pages(database) > _SPARE_PAGES:
        database.execute(f"PRAGMA incremental_vacuum({_STEP_PAGES})").fetchall()
        yield


def _forget_events(database: sqlite3.Connection, retention: Retention, now: float) -> bool:
    """Delete the oldest events, up to one step; False when nothing is left to delete.

    The last event always stays: the next position and time are reckoned from it.
    """
    tail = load_tail(database)
    too_large = retention.size_bytes is not None and _used_bytes(database) > retention.size_bytes
    horizon = now - retention.age_s if retention.age_s is not None else float("-inf")
    doomed = database.execute(
        "SELECT position, body FROM events WHERE position <= ? AND (? OR recorded_at < ?)"
        " ORDER BY position LIMIT ?",
        (min(covered(database), tail.position - 1), too_large, horizon, _STEP_ROWS),
    ).fetchall()
    if not doomed:
        return False
    keys = [day_and_key(unpack(body)) for _, body in doomed]
    database.executemany("INSERT OR IGNORE INTO forgotten VALUES (?, ?)", keys)
    database.execute("DELETE FROM events WHERE position <= ?", (doomed[-1][0],))
    database.execute("UPDATE counters SET value = value + ? WHERE name = 'removed'", (len(doomed),))
    return True


def _forget_keys(database: sqlite3.Connection, happened_before: float) -> bool:
    """Delete the keys of the days before, up to one step; False when there are none."""
    deleted = database.execute(
        "DELETE FROM forgotten WHERE (day, key) IN"
        " (SELECT day, key FROM forgotten WHERE day < ? ORDER BY day, key LIMIT ?)",
        (happened_before // DAY_S, _STEP_KEYS),
    )
    return deleted.rowcount > 0


def _used_bytes(database: sqlite3.Connection) -> int:
    pages, free, size = (
        int(database.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _free_pages(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA freelist_count").fetchone()[0])
