"""The last two snapshots are kept; a damaged or half-written one is passed over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from queuewatch.ports import Snapshot
from queuewatch.store.schema import MIGRATIONS
from queuewatch.store.snapshots import covered, latest, save
from tests.clocks import NOON

LARGE = bytes(range(256)) * 5_000  # 1.28 MB: three pieces


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        for statement in MIGRATIONS[0]:
            database.execute(statement)
        yield database


def snapshot(position: int, state: bytes = b"state", schema: int = 1) -> Snapshot:
    return Snapshot(position, NOON + position, schema, state)


def keep(database: sqlite3.Connection, *some: Snapshot) -> None:
    for one in some:
        for _ in save(database, one):
            pass


def pieces(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT count(*) FROM snapshot_pieces").fetchone()[0])


@pytest.mark.parametrize("state", [b"", b"small", LARGE])
def test_a_snapshot_comes_back_as_it_was(database: sqlite3.Connection, state: bytes) -> None:
    keep(database, snapshot(7, state))
    assert latest(database, 1) == snapshot(7, state)


def test_there_is_none_before_the_first(database: sqlite3.Connection) -> None:
    assert latest(database, 1) is None


def test_a_large_one_is_written_in_steps_and_counts_from_the_last(database: sqlite3.Connection) -> None:
    keep(database, snapshot(1))
    seen = []
    for _ in save(database, snapshot(2, LARGE)):
        current = latest(database, 1)
        assert current is not None
        seen.append(current.position)
    assert seen == [1, 1, 1, 2]


def test_the_last_two_are_kept_and_nothing_of_the_others(database: sqlite3.Connection) -> None:
    keep(database, snapshot(1, LARGE), snapshot(2), snapshot(3))
    assert covered(database) == 2
    assert pieces(database) == 2


def test_events_are_covered_once_there_are_two(database: sqlite3.Connection) -> None:
    keep(database, snapshot(5))
    assert covered(database) == 0
    keep(database, snapshot(9))
    assert covered(database) == 5


def test_one_of_another_schema_is_passed_over(database: sqlite3.Connection) -> None:
    keep(database, snapshot(1, schema=1), snapshot(2, schema=2))
    assert latest(database, 1) == snapshot(1)
    assert latest(database, 3) is None


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE snapshot_pieces SET bytes = x'00' WHERE snapshot = 2 AND piece = 1",
        "DELETE FROM snapshot_pieces WHERE snapshot = 2 AND piece = 2",
        "UPDATE snapshots SET position = 9 WHERE number = 2",
        "UPDATE snapshots SET checksum = x'00' WHERE number = 2",
    ],
)
def test_a_damaged_one_is_passed_over_for_the_one_before(database: sqlite3.Connection, damage: str) -> None:
    keep(database, snapshot(1), snapshot(2, LARGE))
    database.execute(damage)
    assert latest(database, 1) == snapshot(1)


def test_what_a_crash_left_half_written_is_deleted_after_the_next(database: sqlite3.Connection) -> None:
    next(save(database, snapshot(1, LARGE)))
    assert latest(database, 1) is None
    keep(database, snapshot(2))
    assert latest(database, 1) == snapshot(2)
    assert pieces(database) == 1
