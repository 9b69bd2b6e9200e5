"""What outlives the events: rows of five minutes, outages, and the forecasts that were made, a blob a day."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from queuewatch.core.facts.terms import Channel
from queuewatch.core.state.history import BASE_S, Key, QueueHistory, Row, Written, summed
from queuewatch.ports import JournalFailedError
from queuewatch.store.database import StoreError, reading
from queuewatch.store.journal import Journal

_DAY_S = 86_400
_TENTHS = 10.0  # durations are kept to a tenth of a second, as whole numbers: that packs best
_ALIVE = "alive"
_LEAST_OUTAGE_S = 60.0
_FORECASTS_KEPT_S = 120 * _DAY_S


class _Cell(Struct, array_like=True, gc=False):
    """A row in a day's blob: its interval within the day, its part, its counts, its durations in tenths."""

    index: int
    part: int
    counts: tuple[int, int, int, int, int, int]
    tenths: tuple[int, int, int, int, int]
    squares: int
    past: dict[str, int]


_cells = msgspec.msgpack.Decoder(list[_Cell])


class IntervalStore:
    """`service.planner.Store` on tables beside the journal's, written by the journal's thread.

    Every method that writes raises JournalFailedError when the disk fails or the journal is closed.
    """

    def __init__(self, journal: Journal, path: Path) -> None:
        self._journal = journal
        self._path = path

    async def save(self, site: str, channels: dict[str, Channel], rows: Sequence[Written]) -> None:
        """Write rows down; each replaces what was written of it before.

        Args:
            site: Their site.
            channels: The channel of each queue.
            rows: Whole rows.
        """
        days: dict[tuple[str, int], list[Written]] = {}
        for one in rows:
            days.setdefault((one.queue, one.key[0] // _DAY_S), []).append(one)

        def run(database: sqlite3.Connection) -> None:
            for (queue, day), some in days.items():
                _merge(database, (site, queue, day), channels.get(queue, "phone"), some)

        await self._journal.transact(run)

    async def begin(self, now: float) -> float | None:
        """The service starts: whatever nobody saw since it was last alive is an outage.

        Returns:
            When the service was last alive; None when it never was.
        """

        def run(database: sqlite3.Connection) -> float | None:
            found = database.execute("SELECT value FROM counters WHERE name = ?", (_ALIVE,)).fetchone()
            if found and now - found[0] > _LEAST_OUTAGE_S:
                database.execute("INSERT OR REPLACE INTO outages VALUES (?, ?)", (float(found[0]), now))
            return float(found[0]) if found else None

        return await self._journal.transact(run)

    async def alive(self, now: float) -> None:
        """The service is alive and sees what happens."""

        def run(database: sqlite3.Connection) -> None:
            database.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (_ALIVE, int(now)))

        await self._journal.transact(run)

    async def keep(self, site: str, queue: str, made_at: float, body: bytes) -> None:
        """Keep a forecast, and forget those nobody will look back at."""

        def run(database: sqlite3.Connection) -> None:
            database.execute(
                "INSERT OR REPLACE INTO forecasts VALUES (?, ?, ?, ?)", (site, queue, made_at, body)
            )
            database.execute("DELETE FROM forecasts WHERE made_at < ?", (made_at - _FORECASTS_KEPT_S,))

        await self._journal.transact(run)

    def history(self, site: str, queue: str) -> QueueHistory | None:
        """All that is remembered of a queue; blocks. None when nothing is.

        Raises:
            JournalFailedError: The file cannot be read.
        """
        with _as_failure():
            return read_history(self._path, site, queue)

    def kept(self, site: str, queue: str, since: float) -> list[bytes]:
        """The forecasts made since, oldest first; blocks.

        Raises:
            JournalFailedError: The file cannot be read.
        """
        with _as_failure(), reading(self._path) as database:
            rows = database.execute(
                "SELECT body FROM forecasts WHERE site = ? AND queue = ? AND made_at >= ? ORDER BY made_at",
                (site, queue, since),
            )
            return [body for (body,) in rows]


@contextmanager
def _as_failure() -> Iterator[None]:
    """Within the service a file that cannot be read is a disk that fails: it may be mended while we go on."""
    try:
        yield
    except StoreError as error:
        raise JournalFailedError(str(error)) from error


def read_history(path: Path, site: str, queue: str) -> QueueHistory | None:
    """All that is remembered of a queue in this journal; blocks. None when nothing is.

    Raises:
        StoreError: There is no journal, or it cannot be read.
    """
    with reading(path) as database:
        days = database.execute(
            "SELECT day, channel, body FROM intervals WHERE site = ? AND queue = ? ORDER BY day",
            (site, queue),
        ).fetchall()
        if not days:
            return None
        parts: dict[Key, Row] = {}
        for day, _, body in days:
            parts.update(_unpacked(day, body))
        intervals = summed(parts)
        alive = database.execute("SELECT value FROM counters WHERE name = ?", (_ALIVE,)).fetchone()
        since = float(intervals[0].start)
        until = max(float(alive[0]) if alive else since, float(intervals[-1].start + BASE_S))
        outages = database.execute(
            "SELECT since_at, until_at FROM outages WHERE until_at > ? ORDER BY since_at", (since,)
        ).fetchall()
        return QueueHistory(
            channel=days[-1][1], intervals=intervals, since=since, until=until, outages=outages
        )


def known_queues(path: Path) -> list[tuple[str, str]]:
    """The (site, queue) pairs that a journal remembers a past of; blocks.

    Raises:
        StoreError: There is no journal, or it cannot be read.
    """
    with reading(path) as database:
        return database.execute("SELECT DISTINCT site, queue FROM intervals ORDER BY site, queue").fetchall()


def _merge(
    database: sqlite3.Connection, place: tuple[str, str, int], channel: Channel, rows: list[Written]
) -> None:
    day = place[2]
    found = database.execute(
        "SELECT body FROM intervals WHERE site = ? AND queue = ? AND day = ?", place
    ).fetchone()
    whole = dict(_unpacked(day, found[0])) if found else {}
    whole.update((one.key, one.row) for one in rows)
    body = _packed(day, whole)
    database.execute("INSERT OR REPLACE INTO intervals VALUES (?, ?, ?, ?, ?)", (*place, channel, body))


def _packed(day: int, rows: dict[Key, Row]) -> bytes:
    cells = [
        _Cell(
            (start - day * _DAY_S) // BASE_S,
            part,
            (row.offered, row.repeated, row.answered, row.abandoned, row.left, row.handled),
            (
                round(row.waited_s * _TENTHS),
                round(row.handling_s * _TENTHS),
                round(row.there_s * _TENTHS),
                round(row.busy_s * _TENTHS),
                round(row.blind_s * _TENTHS),
            ),
            round(row.handling_s2),
            {threshold: count for threshold, count in row.past.items() if count},
        )
        for (start, part), row in sorted(rows.items())
    ]
    return zlib.compress(msgspec.msgpack.encode(cells), 9)


def _unpacked(day: int, body: bytes) -> Iterator[tuple[Key, Row]]:
    for cell in _cells.decode(zlib.decompress(body)):
        offered, repeated, answered, abandoned, left, handled = cell.counts
        waited_s, handling_s, there_s, busy_s, blind_s = (tenth / _TENTHS for tenth in cell.tenths)
        row = Row(
            offered=offered,
            repeated=repeated,
            answered=answered,
            abandoned=abandoned,
            left=left,
            waited_s=waited_s,
            handled=handled,
            handling_s=handling_s,
            handling_s2=float(cell.squares),
            there_s=there_s,
            busy_s=busy_s,
            blind_s=blind_s,
            past=cell.past,
        )
        yield (day * _DAY_S + cell.index * BASE_S, cell.part), row
