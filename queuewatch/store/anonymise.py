"""A customer is forgotten in the file: a stand-in goes where the keyed hash stood, in all that was kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

_STEP_ROWS = 5_000  # what the events that come in meanwhile have to wait for
# Nothing in the audit is ever changed otherwise: what was decided about money stays, only about whom goes.
_GUARD = "audit_stays"


def anonymise(database: sqlite3.Connection, customer: str, stand_in: str, upto: int) -> Iterator[None]:
    """Rewrite the events up to a position, and what was decided, in steps of one transaction each.

    Snapshots are not touched: newer ones, without the customer, must have taken their place before.
    """
    # What is overwritten or deleted from here on leaves no trace in the file's free pages.
    database.execute("PRAGMA secure_delete = ON")
    was, becomes = msgspec.json.encode(customer), msgspec.json.encode(stand_in)
    after = 0
    while rows := database.execute(
        "SELECT position, body FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?",
        (after, upto, _STEP_ROWS),
    ).fetchall():
        changed = [(body.replace(was, becomes), position) for position, body in rows if was in body]
        database.executemany("UPDATE events SET body = ? WHERE position = ?", changed)
        after = rows[-1][0]
        yield
    _decided(database, "outbox", was, becomes)
    yield
    (guard,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (_GUARD,)).fetchone()
    database.execute(f"DROP TRIGGER {_GUARD}")
    _decided(database, "audit", was, becomes)
    database.execute(guard)


def _decided(database: sqlite3.Connection, table: str, was: bytes, becomes: bytes) -> None:
    rows = database.execute(
        f"SELECT number, body FROM {table} WHERE instr(body, ?) > 0",  # noqa: S608  # a name of ours
        (was,),
    ).fetchall()
    database.executemany(
        f"UPDATE {table} SET body = ? WHERE number = ?",  # noqa: S608  # likewise
        [(body.replace(was, becomes), number) for number, body in rows],
    )
