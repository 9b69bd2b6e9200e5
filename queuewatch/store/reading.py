"""Reading a journal: by the service when it starts, and by other commands while the service writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from queuewatch.ports import Group, Snapshot
from queuewatch.store import snapshots, table
from queuewatch.store.database import StoreError, reading


def read_groups(path: Path, after: int = 0) -> Iterator[Group]:
    """The events after position `after`, in the groups they were written in; memory holds a page of them.

    Retention may have deleted the first ones. An event that is corrected meanwhile may come twice, as it was
    and as it is.

    Raises:
        StoreError: There is no journal, or it cannot be read.
    """
    with _reading(path) as database:
        yield from table.read(database, after)


def latest_snapshot(path: Path, schema: int) -> Snapshot | None:
    """The last undamaged snapshot whose state is of this schema.

    Raises:
        StoreError: There is no journal, or it cannot be read.
    """
    with _reading(path) as database:
        return snapshots.latest(database, schema)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with reading(path) as database:
        try:
            yield database
        except ValueError as error:
            raise StoreError(
                f"{path}: {error}; delete that row of the table events with the sqlite3 shell, "
                "or bring the file back from a backup"
            ) from error
