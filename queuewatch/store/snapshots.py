"""Snapshots of the state, so that a restart need not replay everything: the last two are kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from hashlib import blake2b

from queuewatch.ports import SNAPSHOTS_KEPT, Snapshot

_PIECE_BYTES = 512 * 1024  # what the events that come in meanwhile have to wait for


def save(database: sqlite3.Connection, snapshot: Snapshot) -> Iterator[None]:
    """Write a snapshot piece by piece, in steps of one transaction each; it counts from the last piece on."""
    (number,) = database.execute(
        "SELECT 1 + max((SELECT coalesce(max(number), 0) FROM snapshots),"
        " (SELECT coalesce(max(snapshot), 0) FROM snapshot_pieces))"
    ).fetchone()
    pieces = range(0, len(snapshot.state), _PIECE_BYTES)
    for piece, start in enumerate(pieces):
        part = snapshot.state[start : start + _PIECE_BYTES]
        database.execute("INSERT INTO snapshot_pieces VALUES (?, ?, ?)", (number, piece, part))
        yield
    database.execute(
        "INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, ?)",
        (
            number,
            snapshot.position,
            snapshot.taken_at,
            snapshot.schema,
            len(pieces),
            _checksum(snapshot),
        ),
    )
    database.execute(
        "DELETE FROM snapshots"
        " WHERE number NOT IN (SELECT number FROM snapshots ORDER BY number DESC LIMIT ?)",
        (SNAPSHOTS_KEPT,),
    )
    yield
    while _delete_piece(database):
        yield


def _delete_piece(database: sqlite3.Connection) -> bool:
    """Delete one piece that belongs to no snapshot (any more); False when there is none."""
    deleted = database.execute(
        "DELETE FROM snapshot_pieces WHERE rowid = (SELECT rowid FROM snapshot_pieces"
        " WHERE snapshot NOT IN (SELECT number FROM snapshots) LIMIT 1)"
    )
    return deleted.rowcount > 0


def latest(database: sqlite3.Connection, schema: int) -> Snapshot | None:
    """The last snapshot of this schema that is undamaged."""
    heads = database.execute(
        "SELECT number, position, taken_at, pieces, checksum FROM snapshots"
        " WHERE schema = ? ORDER BY number DESC",
        (schema,),
    ).fetchall()
    for number, position, taken_at, pieces, checksum in heads:
        parts = database.execute(
            "SELECT bytes FROM snapshot_pieces WHERE snapshot = ? ORDER BY piece", (number,)
        ).fetchall()
        snapshot = Snapshot(position, taken_at, schema, b"".join(part for (part,) in parts))
        if len(parts) == pieces and _checksum(snapshot) == checksum:
            return snapshot
    return None


def covered(database: sqlite3.Connection) -> int:
    """Up to which position events are in all the snapshots that are kept; 0 until there are two."""
    number, position = database.execute("SELECT count(*), min(position) FROM snapshots").fetchone()
    return int(position) if number >= SNAPSHOTS_KEPT else 0


def _checksum(snapshot: Snapshot) -> bytes:
    head = f"{snapshot.position} {snapshot.taken_at!r} {snapshot.schema} ".encode()
    hashed = blake2b(head, digest_size=16)
    hashed.update(snapshot.state)
    return hashed.digest()
