"""Durable events a second, and how long they wait for it: `python -m benchmarks.journal` (about a minute).

Beside the journal stand, in the same run and on the same disk, with the same table and `synchronous=FULL`:

- the ceiling: the standard library's sqlite3, `executemany` and a commit per batch, from one thread, with the
  events packed beforehand and nobody to tell;
- aiosqlite (`pip install 'queuewatch[bench]'`), with group commit written the obvious way: one task takes
  what is pending, `executemany`, `commit`. It tells no repetition from a correction and checks nothing.

Each figure is the best of three runs: other work on the machine makes a run slower, nothing makes it faster.
"""

import asyncio
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar

from queuewatch.clock import SystemClock
from queuewatch.core.events import Enqueued, Event
from queuewatch.core.wire import pack
from queuewatch.ports import Group
from queuewatch.store.database import open_for_writing
from queuewatch.store.journal import Journal

SIZES = {1: 20_000, 100: 50_000, 1_000: 100_000}  # events of a batch: events in all
IN_FLIGHT = {1: 2_000, 100: 100, 1_000: 10}  # events of a batch: batches at a time
PACE = 10_000  # events a second, one by one
PACED_S = 4.0
RUNS = 3
INSERT = "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)"

T = TypeVar("T")
Row = tuple[int, float, str, str, bytes]


class Store(Protocol):
    """What is measured: takes events, and can be closed."""

    def append(self, events: Sequence[Event]) -> Awaitable[Any]:
        """Done once they are durable."""

    async def close(self) -> None:
        """Let the file go."""


Opened = Callable[[Path], Awaitable[Store]]


def event(number: int) -> Event:
    """A caller who joins, as an Asterisk would tell it."""
    fact = Enqueued(queue="support", channel="phone", customer="5f" * 16, tier="existing", language="de")
    at = 1.7e9 + number / 7
    return Event(f"{at:.3f}-{number}", "asterisk/pbx-north", at, fact, f"{at:.3f}")


def row(number: int) -> Row:
    """The same as it goes into the table."""
    one = event(number)
    return number + 1, 1.7e9, one.source, one.id, pack(one)


def told(_: Group) -> None:
    """The service would apply the group here."""


async def open_ours(path: Path) -> Store:
    """The journal, as the service opens it."""
    return Journal(path, SystemClock(), told)


class WithAiosqlite:
    """Group commit over aiosqlite."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._position = 0
        self._pending: list[tuple[Sequence[Event], asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._write())

    @classmethod
    async def open(cls, path: Path) -> "WithAiosqlite":
        """Make the same table with the same settings."""
        import aiosqlite  # noqa: PLC0415 - it need not be there

        database, lock = open_for_writing(path)
        database.close()
        lock.release()
        opened = await aiosqlite.connect(path, isolation_level=None)
        await opened.execute("PRAGMA synchronous = FULL")
        return cls(opened)

    def append(self, events: Sequence[Event]) -> Awaitable[None]:
        """Have events written with the next group."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((events, future))
        self._wake.set()
        return future

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            group, self._pending = self._pending, []
            now = time.time()
            rows: list[Row] = []
            for events, _ in group:
                for one in events:
                    self._position += 1
                    rows.append((self._position, now, one.source, one.id, pack(one)))
            await self._database.execute("BEGIN IMMEDIATE")
            await self._database.executemany(INSERT, rows)
            await self._database.commit()
            for _, future in group:
                future.set_result(None)

    async def close(self) -> None:
        """Let the file go."""
        self._task.cancel()
        await self._database.close()


def in_folder(run: Callable[[Path], T]) -> T:
    """Run with a new file on this disk (the folder for temporary files may be in memory)."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        return run(Path(folder) / "journal.db")


def raw(total: int, size: int) -> float:
    """Events a second that sqlite3 takes in batches, one after the other."""
    total = min(total, 2_000 * size)  # one by one it takes long
    rows = [row(number) for number in range(total)]

    def run(path: Path) -> float:
        database, lock = open_for_writing(path)
        started = time.perf_counter()
        for start in range(0, total, size):
            database.execute("BEGIN IMMEDIATE")
            database.executemany(INSERT, rows[start : start + size])
            database.execute("COMMIT")
        took = time.perf_counter() - started
        database.close()
        lock.release()
        return total / took

    return max(in_folder(run) for _ in range(RUNS))


def full_speed(opened: Opened, events: Sequence[Event], size: int) -> tuple[float, float, float]:
    """Events a second, in batches of `size`; median and p99 of a batch to durable, milliseconds."""

    async def run(path: Path) -> tuple[float, float, float]:
        store = await opened(path)
        waits: list[float] = []
        room = asyncio.Semaphore(IN_FLIGHT[size])

        async def one(batch: Sequence[Event]) -> None:
            since = time.perf_counter()
            await store.append(batch)
            waits.append(time.perf_counter() - since)
            room.release()

        started = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for start in range(0, len(events), size):
                await room.acquire()
                tasks.create_task(one(events[start : start + size]))
        took = time.perf_counter() - started
        await store.close()
        return len(events) / took, *quantiles_ms(waits)

    return max(in_folder(lambda path: asyncio.run(run(path))) for _ in range(RUNS))


def paced(opened: Opened) -> tuple[float, float]:
    """Median and p99, in milliseconds, from when a single event was due until it was durable."""

    async def run(path: Path) -> tuple[float, float]:
        store = await opened(path)
        waits: list[float] = []
        started = time.perf_counter()

        async def one(number: int) -> None:
            await store.append([event(number)])
            waits.append(time.perf_counter() - started - number / PACE)

        number = 0
        async with asyncio.TaskGroup() as tasks:
            while (elapsed := time.perf_counter() - started) < PACED_S:
                while number < elapsed * PACE:
                    tasks.create_task(one(number))
                    number += 1
                await asyncio.sleep(0.0005)
        await store.close()
        return quantiles_ms(waits)

    return min((in_folder(lambda path: asyncio.run(run(path))) for _ in range(RUNS)), key=lambda run: run[1])


def quantiles_ms(waits: list[float]) -> tuple[float, float]:
    """Median and p99, in milliseconds."""
    waits.sort()
    return 1e3 * waits[len(waits) // 2], 1e3 * waits[int(0.99 * len(waits))]


def bytes_per_event(events: Sequence[Event]) -> float:
    """What an event takes on disk once the log is folded in."""

    async def run(path: Path) -> None:
        store = await open_ours(path)
        for start in range(0, len(events), 1_000):
            await store.append(events[start : start + 1_000])
        await store.close()

    def size(path: Path) -> float:
        asyncio.run(run(path))
        return path.stat().st_size / len(events)

    return in_folder(size)


def beside_a_thread_that_computes(at_once: bool, groups: int = 40, size: int = 100) -> float:  # noqa: FBT001
    """Milliseconds a group takes, the mean of some, written row by row or with one statement.

    Row by row the writer gives up the interpreter lock at each row and may get it back 5 ms later. Whether
    it does is luck: the system's scheduler decides.
    """
    many = f"INSERT OR IGNORE INTO events VALUES {','.join(['(?,?,?,?,?)'] * size)}"  # noqa: S608
    over = threading.Event()

    def compute() -> None:
        while not over.is_set():
            pass

    def run(path: Path) -> float:
        database, lock = open_for_writing(path)
        took = 0.0
        for group in range(groups):
            rows = [row(number) for number in range(group * size, group * size + size)]
            started = time.perf_counter()
            database.execute("BEGIN IMMEDIATE")
            if at_once:
                database.execute(many, [value for one in rows for value in one])
            else:
                database.executemany(INSERT, rows)
            database.execute("COMMIT")
            took += time.perf_counter() - started
        database.close()
        lock.release()
        return 1e3 * took / groups

    computing = threading.Thread(target=compute)
    computing.start()
    try:
        return in_folder(run)
    finally:
        over.set()
        computing.join()


def main() -> None:
    """Measure and print."""
    peers: dict[str, Opened] = {"journal": open_ours}
    if find_spec("aiosqlite"):
        peers["aiosqlite"] = WithAiosqlite.open
    else:
        print("aiosqlite is skipped: it is not installed (pip install 'queuewatch[bench]')")
    print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
    print(f"{'batches of':>10}  {'':12}{'events/s':>10}{'of ceiling':>12}{'median ms':>11}{'p99 ms':>9}")
    for size, total in SIZES.items():
        ceiling = raw(total, size)
        print(f"{size:>10,}  {'sqlite3':12}{ceiling:>10,.0f}{1:>12.2f}")
        events = [event(number) for number in range(total)]
        for name, opened in peers.items():
            rate, median, p99 = full_speed(opened, events, size)
            print(f"{'':>10}  {name:12}{rate:>10,.0f}{rate / ceiling:>12.2f}{median:>11.1f}{p99:>9.1f}")
    print(f"single events, {PACE:,} a second")
    waits = {name: paced(opened) for name, opened in peers.items()}
    for name, (median, p99) in waits.items():
        beside = f"  p99 {p99 / waits['journal'][1]:.1f} times the journal's"
        print(f"{'':>10}  {name:34}{median:>11.1f}{p99:>9.1f}{beside}")
    events = [event(number) for number in range(50_000)]
    print(f"on disk {bytes_per_event(events):.0f} bytes an event, packed it has {len(pack(events[0]))}")
    by_row = beside_a_thread_that_computes(at_once=False)
    at_once = beside_a_thread_that_computes(at_once=True)
    print(
        f"100 rows beside a thread that computes, mean of 40 groups: {by_row:.1f} ms row by row, "
        f"{at_once:.1f} ms with one statement: {by_row / at_once:.1f} times"
    )


if __name__ == "__main__":
    main()
