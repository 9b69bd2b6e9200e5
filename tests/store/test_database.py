"""The file is ours alone to read, written by one process, brought up to date, or refused in one sentence."""

from __future__ import annotations

import errno
import os
import re
import resource
import sqlite3
import stat
from pathlib import Path

import pytest

from queuewatch.store.database import (
    FileLock,
    InUseError,
    StoreError,
    explain,
    is_ours,
    open_for_reading,
    open_for_writing,
    reading,
)
from queuewatch.store.schema import MIGRATIONS


def make(path: Path) -> None:
    database, lock = open_for_writing(path)
    database.close()
    lock.release()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_and_its_directory_are_for_this_user_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "journal.db"
    database, lock = open_for_writing(path)
    database.execute("INSERT INTO counters VALUES ('one', 1)")
    modes = {one.name: mode(one) for one in path.parent.iterdir()}
    database.close()
    lock.release()
    assert mode(path.parent) == 0o700
    assert set(modes.values()) == {0o600}
    assert {"journal.db", "journal.db-wal", "journal.db.lock"} <= set(modes)


def test_a_commit_is_on_disk_before_it_returns(tmp_path: Path) -> None:
    database, lock = open_for_writing(tmp_path / "journal.db")
    full = 2
    settings = [
        database.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "auto_vacuum")
    ]
    database.close()
    lock.release()
    assert settings == ["wal", full, 2]


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    database, lock = open_for_writing(path)
    with pytest.raises(InUseError, match=rf"journal\.db: another queuewatch \(process {os.getpid()}\)"):
        open_for_writing(path)
    database.close()
    lock.release()
    make(path)


def test_the_lock_holds_also_where_the_disk_has_no_room_for_the_number_of_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        lock = FileLock(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(InUseError, match=r"another queuewatch \(process unknown\)"):
        FileLock(path)
    lock.release()


def test_a_lock_file_that_was_left_behind_keeps_nobody_off(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    (tmp_path / "journal.db.lock").write_text("1")
    make(path)
    assert (tmp_path / "journal.db.lock").read_text() == str(os.getpid())


def test_opening_what_is_up_to_date_writes_nothing_so_that_it_starts_on_a_full_or_locked_disk(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.db"
    make(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    make(path)
    other.execute("ROLLBACK")
    other.close()


def test_an_older_file_is_brought_up_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    database, lock = open_for_writing(path)
    database.execute("INSERT INTO counters VALUES ('kept', 7)")
    database.close()
    lock.release()
    newer = (*MIGRATIONS, ("ALTER TABLE counters ADD COLUMN unit TEXT NOT NULL DEFAULT 'events'",))
    database, lock = open_for_writing(path, newer)
    row = database.execute("SELECT value, unit FROM counters WHERE name = 'kept'").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    database.close()
    lock.release()
    assert row == (7, "events")
    assert version == len(MIGRATIONS) + 1


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    make(path)
    newer = (*MIGRATIONS, ("CREATE TABLE halfway (one)", "this is no SQL"))
    with pytest.raises(StoreError, match="syntax error"):
        open_for_writing(path, newer)
    database = open_for_reading(path)
    (halfway,) = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'halfway'").fetchone()
    database.close()
    assert halfway == 0


def test_a_disk_that_is_full_at_the_start_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    make(path)
    more_than_fits = (
        "PRAGMA max_page_count = 1",  # of what there is already
        "CREATE TABLE more (what)",
        "INSERT INTO more VALUES (zeroblob(1000000))",
    )
    with pytest.raises(StoreError, match=r"journal\.db: .*is full"):
        open_for_writing(path, (*MIGRATIONS, more_than_fits))


@pytest.mark.parametrize("opened", [open_for_writing, open_for_reading])
def test_a_newer_file_is_refused(tmp_path: Path, opened: type) -> None:
    path = tmp_path / "journal.db"
    newer = (*MIGRATIONS, ("CREATE TABLE later (one)",))
    database, lock = open_for_writing(path, newer)
    database.close()
    lock.release()
    known = len(MIGRATIONS)
    with pytest.raises(StoreError, match=rf"newer queuewatch .*schema {known + 1}, this one knows {known}"):
        opened(path)


@pytest.mark.parametrize("opened", [open_for_writing, open_for_reading])
def test_a_database_of_somebody_else_is_refused_and_left_alone(tmp_path: Path, opened: type) -> None:
    path = tmp_path / "addresses.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE people (name)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"addresses\.db: this SQLite database is not a queuewatch journal"):
        opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("opened", [open_for_writing, open_for_reading])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, opened: type) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("buy milk\n" * 200)
    with pytest.raises(StoreError, match=r"notes\.txt: this is not a queuewatch journal .*another file"):
        opened(path)


def test_a_file_that_was_cut_short_is_refused_with_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    make(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(StoreError, match=r"journal\.db: the file is damaged .*backup"):
        open_for_writing(path)


def test_where_no_directory_can_be_made_the_sentence_says_which(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(StoreError, match=r"journal\.db: a file is where its directory .*; move .*var away"):
        open_for_writing(tmp_path / "var" / "journal.db")
    with pytest.raises(StoreError, match=r"journal\.db: a file is where its directory"):
        open_for_writing(tmp_path / "var" / "deeper" / "journal.db")


def test_a_directory_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir()
    with pytest.raises(StoreError, match=r"journal\.db: "):
        open_for_writing(tmp_path / "journal.db")


def test_reading_where_there_is_no_journal_makes_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no journal here"):
        open_for_reading(tmp_path / "journal.db")
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_this_user_may_not_look_for_is_told_from_none(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, in which nobody can look")
    with pytest.raises(StoreError, match=r"journal\.db: Not a directory; do it as the user that the service"):
        open_for_reading(tmp_path / "var" / "journal.db")


def test_an_empty_file_cannot_be_read_until_the_service_has_started_once(tmp_path: Path) -> None:
    (tmp_path / "journal.db").touch()
    with pytest.raises(StoreError, match="start the service once"):
        open_for_reading(tmp_path / "journal.db")


def test_an_error_that_has_no_words_of_ours_is_told_in_its_own() -> None:
    assert explain(Path("journal.db"), sqlite3.ProgrammingError("closed")) == "journal.db: closed"
    assert explain(Path("journal.db"), OSError("odd")) == "journal.db: odd"


@pytest.mark.parametrize(
    ("number", "what", "cure"),
    [
        (errno.ENOSPC, "the disk is full", "free some space"),
        (errno.EROFS, "read-only", "writable"),
        (errno.EACCES, "this user may not write there", "let this user own var and all"),
        (errno.EIO, "the disk does not take or give the data", "system's log"),
    ],
)
def test_an_error_of_the_system_is_told_with_its_cure_and_names_the_file_once(
    number: int, what: str, cure: str
) -> None:
    said = explain(Path("var/journal.db"), OSError(number, os.strerror(number), "var/journal.db"))
    assert re.fullmatch(rf"var/journal\.db: .*{what}.* \(.+\); .*{cure}.*", said)
    assert said.count("journal.db") == 1


def sqlite_error(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("said so")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (sqlite_error("SQLITE_FULL"), False),
        (sqlite_error("SQLITE_READONLY_DBMOVED"), False),
        (sqlite_error("SQLITE_IOERR_WRITE"), False),
        (sqlite_error("SQLITE_BUSY_SNAPSHOT"), False),
        (sqlite_error("SQLITE_CORRUPT"), False),
        (sqlite_error("SQLITE_NOTADB"), False),
        (sqlite_error("SQLITE_CANTOPEN"), False),
        (sqlite_error("SQLITE_NOMEM"), False),
        (OSError(errno.EIO, "no"), False),
        (MemoryError(), False),
        (sqlite_error("SQLITE_CONSTRAINT_UNIQUE"), True),
        (sqlite_error("SQLITE_ERROR"), True),
        (sqlite_error("SQLITE_TOOBIG"), True),
        (sqlite3.ProgrammingError("closed"), True),
        (OverflowError("too large"), True),
        (ZeroDivisionError(), True),
    ],
)
def test_what_the_disk_or_another_does_is_told_from_a_mistake_of_ours(error: Exception, ours: bool) -> None:
    assert is_ours(error) is ours


def test_what_sqlite_says_while_a_journal_is_read_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    make(path)
    with (
        pytest.raises(StoreError, match=r"^.*journal\.db: no such table: nowhere$"),
        reading(path) as database,
    ):
        database.execute("SELECT * FROM nowhere")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        database.execute("SELECT 1")
