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

_OUTBOX = (
    # What was decided and has to go out, once per sender. `body` is the decision as JSON. `unsure`: it was
    # claimed, and nobody has said since whether the other side took it. `queued_at` is when the time to give
    # up counts from. `thread` is what the rows about one alert, or one voucher, have in common.
    """
    CREATE TABLE outbox (
        number INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        sender TEXT NOT NULL,
        kind TEXT NOT NULL,
        thread TEXT NOT NULL,
        site TEXT NOT NULL,
        state TEXT NOT NULL
            CHECK (state IN ('pending', 'claimed', 'sent', 'merged', 'dead', 'dropped')),
        decided_at REAL NOT NULL,
        queued_at REAL NOT NULL,
        due_at REAL NOT NULL,
        claimed_at REAL,
        settled_at REAL,
        attempts INTEGER NOT NULL DEFAULT 0,
        unsure INTEGER NOT NULL DEFAULT 0,
        why TEXT NOT NULL DEFAULT '',
        receipt TEXT NOT NULL DEFAULT '',
        body BLOB NOT NULL,
        UNIQUE (key, sender)
    )
    """,
    "CREATE INDEX outbox_waiting ON outbox (sender, number) WHERE state IN ('pending', 'claimed')",
    "CREATE INDEX outbox_dead ON outbox (sender) WHERE state = 'dead'",
    "CREATE INDEX outbox_settled ON outbox (settled_at)",
    # Up to when decisions are in the outbox. What was decided before there was one goes to nobody any more.
    "CREATE TABLE outbox_mark (only INTEGER PRIMARY KEY CHECK (only = 1), written_at REAL NOT NULL)",
    """
    INSERT INTO outbox_mark
        SELECT 1, coalesce((SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1), 0)
    """,
    # The message that a sender keeps of a site's alerts: it speaks of the rows from `since` on.
    """
    CREATE TABLE bulletins (
        sender TEXT NOT NULL,
        site TEXT NOT NULL,
        since INTEGER NOT NULL,
        receipt TEXT NOT NULL,
        PRIMARY KEY (sender, site)
    ) WITHOUT ROWID
    """,
    # What was decided about money, for good: nothing here is ever changed or deleted.
    """
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        at REAL NOT NULL,
        site TEXT NOT NULL,
        decision TEXT NOT NULL,
        incentive TEXT NOT NULL,
        body BLOB NOT NULL
    )
    """,
    "CREATE INDEX audit_at ON audit (at)",
    "CREATE INDEX audit_incentive ON audit (incentive)",
    """
    CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
        BEGIN SELECT raise(ABORT, 'the audit is only ever added to'); END
    """,
    """
    CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
        BEGIN SELECT raise(ABORT, 'the audit is only ever added to'); END
    """,
)

_PLANNER = (
    # A day (UTC) of a queue: its intervals of five minutes, packed, about a kilobyte; see `intervals.py`.
    """
    CREATE TABLE intervals (
        site TEXT NOT NULL,
        queue TEXT NOT NULL,
        day INTEGER NOT NULL,
        channel TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (site, queue, day)
    )
    """,
    "CREATE TABLE outages (since_at REAL PRIMARY KEY, until_at REAL NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE forecasts (
        site TEXT NOT NULL,
        queue TEXT NOT NULL,
        made_at REAL NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (site, queue, made_at)
    )
    """,
)

MIGRATIONS: Migrations = (_V1, _OUTBOX, _PLANNER)
