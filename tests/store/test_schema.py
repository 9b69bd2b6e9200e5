"""The list of migrations makes the tables that the store works on."""

from __future__ import annotations

import sqlite3

from queuewatch.store.schema import MIGRATIONS


def test_the_first_migration_makes_every_table() -> None:
    database = sqlite3.connect(":memory:")
    for statement in MIGRATIONS[0]:
        database.execute(statement)
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.close()
    assert tables == {"events", "counters", "forgotten", "snapshots", "snapshot_pieces", "ledger"}


def test_a_source_and_an_id_stand_in_the_table_once() -> None:
    database = sqlite3.connect(":memory:")
    for statement in MIGRATIONS[0]:
        database.execute(statement)
    row = "INSERT OR IGNORE INTO events VALUES (?, 1.0, 'pbx', '1', x'00')"
    inserted = [database.execute(row, (position,)).rowcount for position in (1, 2)]
    database.close()
    assert inserted == [1, 0]
