"""Retention deletes what is old enough or too much, never what a restart needs, and the file shrinks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

import pytest

from queuewatch.core.facts.wire import pack
from queuewatch.ports import Snapshot
from queuewatch.store.database import open_for_writing
from queuewatch.store.retention import Retention, forget
from queuewatch.store.snapshots import save
from queuewatch.store.table import DAY_S, load_tail, read, write
from tests.clocks import NOON
from tests.store.facts import joined

HOUR_S = 3_600.0
KEEP_AN_HOUR = Retention(age_s=HOUR_S)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Connection]:
    database, lock = open_for_writing(tmp_path / "journal.db")
    with closing(database):
        yield database
    lock.release()


def put(database: Connection, count: int, recorded_at: float) -> None:
    tail = load_tail(database)
    events = [joined(tail.position + 1 + one, at=recorded_at) for one in range(count)]
    write(database, tail, recorded_at, events, [pack(event) for event in events])


def cover(database: Connection, older: int, newer: int) -> None:
    for position in (older, newer):
        for _ in save(database, Snapshot(position, NOON, 1, b"state")):
            pass


def run(database: Connection, retention: Retention, now: float) -> int:
    """Go through the steps, a transaction each; returns how many there were."""
    steps = forget(database, retention, now)
    done = -1
    over = False
    while not over:
        database.execute("BEGIN")
        over = next(steps, "over") == "over"
        database.execute("COMMIT")
        done += 1
    return done


def positions(database: Connection) -> list[int]:
    return [one.position for group in read(database, 0) for one in group.recorded]


def pages(database: Connection) -> int:
    return int(database.execute("PRAGMA page_count").fetchone()[0])


def test_an_event_is_deleted_once_it_is_older_than_the_limit(database: Connection) -> None:
    put(database, 1, NOON)
    put(database, 1, NOON + 1)
    put(database, 1, NOON + 2)
    cover(database, 3, 3)
    run(database, KEEP_AN_HOUR, NOON + HOUR_S)
    assert positions(database) == [1, 2, 3]
    run(database, KEEP_AN_HOUR, NOON + HOUR_S + 1)
    assert positions(database) == [2, 3]


def test_only_what_both_snapshots_cover_is_deleted(database: Connection) -> None:
    put(database, 5, NOON)
    cover(database, 2, 4)
    run(database, KEEP_AN_HOUR, NOON + 2 * HOUR_S)
    assert positions(database) == [3, 4, 5]


def test_nothing_is_deleted_before_there_are_two_snapshots(database: Connection) -> None:
    put(database, 3, NOON)
    for _ in save(database, Snapshot(3, NOON, 1, b"state")):
        pass
    run(database, KEEP_AN_HOUR, NOON + 2 * HOUR_S)
    assert positions(database) == [1, 2, 3]


def test_the_last_event_stays_so_that_positions_and_times_go_on(database: Connection) -> None:
    put(database, 3, NOON)
    cover(database, 3, 3)
    run(database, KEEP_AN_HOUR, NOON + 2 * HOUR_S)
    tail = load_tail(database)
    assert positions(database) == [3]
    assert (tail.position, tail.recorded_at, tail.events) == (3, NOON, 1)


def test_the_oldest_are_deleted_while_the_database_is_too_large(database: Connection) -> None:
    put(database, 6_000, NOON)
    cover(database, 6_000, 6_000)
    limit = pages(database) * 4_096 // 2
    run(database, Retention(age_s=None, size_bytes=limit), NOON)
    left = positions(database)
    assert left == list(range(left[0], 6_001))
    assert 1_500 < len(left) < 3_000


def test_a_database_of_just_the_size_that_is_allowed_is_not_too_large(database: Connection) -> None:
    put(database, 100, NOON)
    cover(database, 100, 100)
    size = pages(database) * 4_096
    run(database, Retention(age_s=None, size_bytes=size), NOON)
    assert len(positions(database)) == 100
    run(database, Retention(age_s=None, size_bytes=size - 1), NOON)
    assert positions(database) == [100]


def test_without_limits_everything_stays(database: Connection) -> None:
    put(database, 3, NOON)
    cover(database, 3, 3)
    assert run(database, Retention(age_s=None), NOON + 1_000 * DAY_S) == 0
    assert positions(database) == [1, 2, 3]


def test_the_file_shrinks_and_is_left_whole(database: Connection) -> None:
    put(database, 10_000, NOON)
    cover(database, 10_000, 10_000)
    before = pages(database)
    steps = run(database, KEEP_AN_HOUR, NOON + 2 * HOUR_S)
    assert steps > 10
    assert pages(database) < before
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_deleted_event_that_comes_again_is_still_known(database: Connection) -> None:
    put(database, 2, NOON)
    cover(database, 2, 2)
    run(database, KEEP_AN_HOUR, NOON + 2 * HOUR_S)
    again = [joined(1, at=NOON), joined(3, at=NOON)]
    written = write(database, load_tail(database), NOON + HOUR_S, again, [pack(event) for event in again])
    assert written.repeated == {0}
    assert [one.event.id for one in written.recorded] == ["3"]


def test_keys_are_kept_to_the_end_of_the_day_that_is_too_old(database: Connection) -> None:
    midnight = NOON - DAY_S / 2
    put(database, 1, midnight)
    put(database, 1, midnight + DAY_S)
    put(database, 1, midnight + DAY_S + 1)
    cover(database, 3, 3)
    retention = Retention(age_s=HOUR_S, keys_age_s=10 * DAY_S)
    keys = []
    for now in (midnight + 11 * DAY_S - 0.001, midnight + 11 * DAY_S, midnight + 12 * DAY_S):
        run(database, retention, now)
        keys.append(database.execute("SELECT count(*) FROM forgotten").fetchone()[0])
    assert keys == [2, 1, 0]
