"""The database file: who may open it, how it is opened, and what its errors mean in words."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

from queuewatch.store.schema import APPLICATION_ID, MIGRATIONS, Migrations

_OLDEST_SQLITE = (3, 32, 0)  # the first that binds 32,766 variables, which the many-row inserts need

_OWN = "let this user own {folder} and all that is in it"
_SYSTEM = "look into the system's log for this disk"
_BACK = "put it back as it was, or stop the service and bring it back from a backup"

# By the beginning of SQLite's name for the error, or by the system's: what is wrong, and the cure.
_WORDS = (
    ("SQLITE_FULL", "the disk is full", "free some space on it"),
    ("SQLITE_READONLY_DBMOVED", "the file was moved or deleted while in use", _BACK),
    ("ENOENT", "the file was moved or deleted while in use", _BACK),
    ("ESTALE", "the file was moved or deleted while in use", _BACK),
    ("SQLITE_READONLY", "the file or its disk is read-only", "make both writable for this user"),
    ("SQLITE_NOTADB", "this is not a queuewatch journal", "name another file, or move this one away"),
    (
        "SQLITE_CORRUPT",
        "the file is damaged",
        "bring it back from a backup, or move it away (with its -wal and -shm) and start with a new one",
    ),
    ("SQLITE_CANTOPEN", "the file cannot be opened", _OWN),
    ("SQLITE_BUSY", "another program is writing to the file", "end that program"),
    ("SQLITE_LOCKED", "another program is writing to the file", "end that program"),
    ("SQLITE_PROTOCOL", "another program is writing to the file", "end that program"),
    ("SQLITE_IOERR", "the disk does not take or give the data", _SYSTEM),
    ("SQLITE_NOMEM", "the machine has no memory left", "give it more, or end what takes it"),
    ("ENOSPC", "the disk is full", "free some space on it"),
    ("EDQUOT", "this user's share of the disk is used up", "free some space, or raise the quota"),
    ("EROFS", "the file or its disk is read-only", "make both writable for this user"),
    ("EACCES", "this user may not write there", _OWN),
    ("EPERM", "this user may not write there", _OWN),
    ("EEXIST", "a file is where its directory should be", "move {folder} away, or name another directory"),
    ("ENOTDIR", "a file is where its directory should be", "move that away, or name another directory"),
    ("EISDIR", "this is a directory", "name a file, or move the directory away"),
    ("EIO", "the disk does not take or give the data", _SYSTEM),
)


T = TypeVar("T")


class Transacting(Protocol):
    """Runs what it is given within a transaction; the journal does, in its thread."""

    def transact(self, run: Callable[[sqlite3.Connection], T]) -> Awaitable[T]:
        """Have `run` called within the next transaction; gives what it returns."""
        ...


class StoreError(Exception):
    """The journal's file cannot be used; the text is one sentence that names the file and the cure."""


class InUseError(StoreError):
    """Another process is writing to the journal."""


def explain(path: Path, error: BaseException) -> str:
    """What an error from SQLite or the system means: one sentence that names the file and the cure."""
    said = error.strerror if isinstance(error, OSError) else error
    for beginning, what, cure in _WORDS:
        if _name_of(error).startswith(beginning):
            return f"{path}: {what} ({said}); {cure.format(folder=path.parent)}"
    return f"{path}: {said or error}"


def is_ours(error: BaseException) -> bool:
    """Whether an error within a transaction is a mistake of ours, and neither the disk nor anybody else."""
    if isinstance(error, OSError | MemoryError):
        return False
    return not any(_name_of(error).startswith(beginning) for beginning, _, _ in _WORDS)


def _name_of(error: BaseException) -> str:
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or 0, "")
    return str(getattr(error, "sqlite_errorname", ""))


class FileLock:
    """Keeps a second process off the journal. The system drops it when this process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock, on a file beside the journal.

        Raises:
            InUseError: Another process has it.
        """
        beside = path.with_name(path.name + ".lock")
        self._file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 20).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise InUseError(
                f"{path}: another queuewatch (process {holder}) is writing to this journal; "
                "stop it, or give this one a file of its own"
            ) from None
        with suppress(OSError):  # a full disk: the lock holds all the same, and nobody is told who has it
            os.ftruncate(self._file, 0)
            os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        """Let others have it."""
        os.close(self._file)


class Moorings:
    """Whether a journal's files are still those that were opened.

    SQLite writes on into a file that was moved or deleted: what it takes then, no restart would find.
    """

    def __init__(self, path: Path) -> None:
        """Look at the files of a journal that is open."""
        files = (path, path.with_name(path.name + "-wal"))
        self._known = {one: _identity(one) for one in files if one.exists()}

    def check(self) -> None:
        """Look again.

        Raises:
            OSError: One of them is gone, or another is in its place.
        """
        for path, known in self._known.items():
            if _identity(path) != known:
                raise OSError(errno.ESTALE, f"another file is in the place of {path.name}")


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def holder_of(path: Path) -> str | None:
    """The number of the process that writes to this journal now; None where none does. Changes nothing."""
    try:
        file = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(file, 20).decode(errors="replace").strip() or "unknown"
    else:
        return None
    finally:
        os.close(file)


def open_for_writing(path: Path, migrations: Migrations = MIGRATIONS) -> tuple[sqlite3.Connection, FileLock]:
    """Open the journal, making it (0600, in a directory of 0700) where there is none; one process at a time.

    Raises:
        StoreError: It cannot be opened, is damaged, is not ours, is newer than we are, or is in use.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(f"{path}: SQLite {sqlite3.sqlite_version} is too old for a journal; 3.32 will do")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(path)
    except OSError as error:
        raise StoreError(explain(path, error)) from error
    try:
        return _open(path, migrations), lock
    except BaseException:
        lock.release()
        raise


def _open(path: Path, migrations: Migrations) -> sqlite3.Connection:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(explain(path, error)) from error
    try:
        if not _check(database, path, len(migrations)):
            # Can be chosen only while the file is empty, and switching to WAL already fills it. Else it would
            # change nothing and yet write, and a service whose disk is full is to start.
            database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        _migrate(database, migrations)
    except sqlite3.Error as error:
        database.close()
        raise StoreError(explain(path, error)) from error
    except StoreError:
        database.close()
        raise
    return database


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open a journal to read it, also while another process writes to it.

    Raises:
        StoreError: There is none, or it cannot be read.
    """
    database, version = _look_into(path)
    if version < len(MIGRATIONS):
        database.close()
        raise StoreError(f"{path}: an older queuewatch wrote this; start the service once to bring it up")
    return database


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A journal open to be read, as by `open_for_reading`.

    Raises:
        StoreError: There is none, or it cannot be read; also while it is being read.
    """
    with closing(open_for_reading(path)) as database:
        try:
            yield database
        except sqlite3.Error as error:
            raise StoreError(explain(path, error)) from error


def schema_of(path: Path) -> int:
    """The schema version of a journal that may be older than this queuewatch, 0 of an empty file.

    Raises:
        StoreError: There is none, it is not ours, or a newer queuewatch wrote it.
    """
    database, version = _look_into(path)
    database.close()
    return version


def _look_into(path: Path) -> tuple[sqlite3.Connection, int]:
    try:
        path.stat()
    except FileNotFoundError:
        raise StoreError(
            f"{path}: there is no journal here; start the service once, or name another file"
        ) from None
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; do it as the user that the service runs as") from None
    try:
        database = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise StoreError(explain(path, error)) from error
    try:
        return database, _check(database, path, len(MIGRATIONS))
    except sqlite3.Error as error:
        database.close()
        raise StoreError(explain(path, error)) from error
    except StoreError:
        database.close()
        raise


def _check(database: sqlite3.Connection, path: Path, newest: int) -> int:
    """The schema version of a journal of ours, 0 of an empty file; refuses what is neither."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise StoreError(
            f"{path}: this SQLite database is not a queuewatch journal; name another file, or move it away"
        )
    if version > newest:
        raise StoreError(
            f"{path}: a newer queuewatch wrote this journal (schema {version}, this one knows {newest}); "
            "install that version again, or name another file"
        )
    return int(version)


def _migrate(database: sqlite3.Connection, migrations: Migrations) -> None:
    """Bring the file up to the newest schema: one migration, one transaction."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    for number, statements in enumerate(migrations[version:], version + 1):
        database.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {number}")
            database.execute("COMMIT")
        finally:
            # Still open only after an error; a full disk, for one, has SQLite roll back by itself.
            if database.in_transaction:
                database.execute("ROLLBACK")
