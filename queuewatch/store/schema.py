"""The tables of the journal's database, as an ordered list of migrations."""

from __future__ import annotations

Migrations = tuple[tuple[str, ...], ...]
"""Statements that lead from each schema version to the next; version n is what the first n lead to."""

APPLICATION_ID = 0x71774A31
"""Marks a SQLite file as a journal of ours ("qwJ1")."""

_V1 = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    # Readable with the sqlite3 shell: `body` is JSON. The key is (source, id) as text rather than a hash of
    # it, for ids that ascend within a source fill the index at its edge instead of all over it.
    """
    CREATE TABLE events (
        position INTEGER PRIMARY KEY,
        recorded_at REAL NOT NULL,
        source TEXT NOT NULL,
        id TEXT NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (source, id)
    )
    """,
    # `removed`: positions up to the last that hold no event, so that counting events takes no scan.
    # `probes`: written to, to see whether the disk takes it.
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT INTO counters VALUES ('removed', 0), ('probes', 0)",
    # Keys of events that retention deleted: the day the event happened and 8 bytes of hash.
    "CREATE TABLE forgotten (day INTEGER, key INTEGER, PRIMARY KEY (day, key)) WITHOUT ROWID",
    # A snapshot counts once its row is here; its bytes were written before, in pieces.
    """
    CREATE TABLE snapshots (
        number INTEGER PRIMARY KEY,
        position INTEGER NOT NULL,
        taken_at REAL NOT NULL,
        schema INTEGER NOT NULL,
        pieces INTEGER NOT NULL,
        checksum BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE snapshot_pieces (
        snapshot INTEGER NOT NULL,
        piece INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (snapshot, piece)
    )
    """,
    """
    CREATE TABLE ledger (
        key TEXT NOT NULL,
        sender TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('claimed', 'sent', 'failed')),
        claimed_at REAL NOT NULL,
        settled_at REAL,
        attempts INTEGER NOT NULL,
        PRIMARY KEY (key, sender)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX ledger_settled ON ledger (settled_at)",
    "CREATE INDEX ledger_unsettled ON ledger (claimed_at) WHERE state = 'claimed'",
)

MIGRATIONS: Migrations = (_V1,)
