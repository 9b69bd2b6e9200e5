"""A journal can be read at the start and by other commands; what is wrong with it is said in one sentence."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from queuewatch.core.facts.wire import pack
from queuewatch.ports import Snapshot
from queuewatch.store.database import StoreError, open_for_writing
from queuewatch.store.reading import latest_snapshot, read_groups
from queuewatch.store.snapshots import save
from queuewatch.store.table import load_tail, write
from tests.clocks import NOON
from tests.store.facts import joined


def fill(path: Path, count: int, *statements: str) -> None:
    database, lock = open_for_writing(path)
    with closing(database):
        events = [joined(one) for one in range(count)]
        write(database, load_tail(database), NOON, events, [pack(event) for event in events])
        for _ in save(database, Snapshot(count, NOON, 1, b"state")):
            pass
        for statement in statements:
            database.execute(statement)
    lock.release()


def test_a_journal_nobody_writes_to_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a #journal%20.db"
    fill(path, 3)
    (group,) = read_groups(path, after=1)
    assert [one.event for one in group.recorded] == [joined(1), joined(2)]
    assert latest_snapshot(path, 1) == Snapshot(3, NOON, 1, b"state")
    assert latest_snapshot(path, 2) is None


def test_a_journal_can_be_read_while_it_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    database, lock = open_for_writing(path)
    with closing(database):
        write(database, load_tail(database), NOON, [joined(1)], [pack(joined(1))])
        reading = read_groups(path)
        (group,) = reading
        write(database, load_tail(database), NOON + 1, [joined(2)], [pack(joined(2))])
    lock.release()
    assert [one.event for one in group.recorded] == [joined(1)]


def test_where_there_is_no_journal_nothing_is_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no journal here"):
        list(read_groups(tmp_path / "journal.db"))


def test_an_event_that_cannot_be_read_is_named_with_the_file_and_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    fill(path, 3, "UPDATE events SET body = x'7b' WHERE position = 2")
    with pytest.raises(
        StoreError, match=r"journal\.db: the event at position 2 cannot be read .*delete that row"
    ):
        list(read_groups(path))


def test_damage_in_the_middle_of_the_file_is_found_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    fill(path, 3_000)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 3 : len(damaged) // 2] = bytes(len(damaged) // 2 - len(damaged) // 3)
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match=r"journal\.db: the file is damaged .*backup"):
        list(read_groups(path))
