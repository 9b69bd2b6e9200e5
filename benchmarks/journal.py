"""Durable events a second, and how long they wait for it: `python -m benchmarks.journal` (two minutes or so).

Beside the journal stand, in the same run and on the same disk, with the same table and `synchronous=FULL`:

- the ceiling: the standard library's sqlite3, `executemany` and a commit per batch, from one thread, with the
  events packed beforehand and nobody to tell;
- aiosqlite (`pip install 'queuewatch[bench]'`), with group commit written the obvious way: one task takes
  what is pending, `executemany`, `commit`. It tells no repetition from a correction and checks nothing.

Each figure is the best of five runs, taken in turn: other work on the machine makes a run slower, nothing
makes it faster.
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar

from queuewatch.clock import SystemClock
from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.core.facts.wire import pack
from queuewatch.ports import Group
from queuewatch.store.database import open_for_writing
from queuewatch.store.journal import Journal
from queuewatch.store.table import load_tail, write

SIZES = {1: 20_000, 100: 50_000, 1_000: 100_000}  # events of a batch: events in all
IN_FLIGHT = {1: 2_000, 100: 100, 1_000: 10}  # events of a batch: batches at a time
PACE = 10_000  # events a second, one by one
PACED_S = 2.0
WORK_S = 20e-6  # what a busy loop does besides, for each event
RUNS = 5
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

    return in_folder(run)


def full_speed(opened: Opened, events: Sequence[Event], size: int) -> tuple[float, float, float, float]:
    """Events a second, in batches of `size`; median and p99 of a batch to durable, ms; processor µs an event.

    The processor's time is that of the whole process, with the task that this benchmark makes of each batch.
    """

    async def run(path: Path) -> tuple[float, float, float, float]:
        store = await opened(path)
        waits: list[float] = []
        room = asyncio.Semaphore(IN_FLIGHT[size])

        async def one(batch: Sequence[Event]) -> None:
            since = time.perf_counter()
            await store.append(batch)
            waits.append(time.perf_counter() - since)
            room.release()

        started = time.perf_counter()
        used = time.process_time()
        async with asyncio.TaskGroup() as tasks:
            for start in range(0, len(events), size):
                await room.acquire()
                tasks.create_task(one(events[start : start + size]))
        took = time.perf_counter() - started
        await store.close()
        used = time.process_time() - used
        return len(events) / took, *quantiles_ms(waits), 1e6 * used / len(events)

    return in_folder(lambda path: asyncio.run(run(path)))


def paced(opened: Opened, work_s: float) -> tuple[float, float]:
    """p99 and median, in milliseconds, from when a single event was due until it was durable.

    The loop works so many seconds more for each event.
    """

    async def run(path: Path) -> tuple[float, float]:
        store = await opened(path)
        waits: list[float] = []
        started = time.perf_counter()

        async def one(number: int) -> None:
            work(work_s)
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
        median, p99 = quantiles_ms(waits)
        return p99, median

    return in_folder(lambda path: asyncio.run(run(path)))


def work(seconds: float) -> None:
    """Keep the thread, and the interpreter, busy."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


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


def insert_cpu(at_once: bool, groups: int = 50, size: int = 1_000) -> float:  # noqa: FBT001
    """Processor µs a row, of groups written row by row (executemany) or as the journal does, all at once."""

    def run(path: Path) -> float:
        database, lock = open_for_writing(path)
        tail = load_tail(database)
        used = 0.0
        for group in range(groups):
            numbers = range(group * size, group * size + size)
            events = [event(number) for number in numbers]
            rows = [row(number) for number in numbers]
            started = time.process_time()
            database.execute("BEGIN IMMEDIATE")
            if at_once:
                tail = write(database, tail, 1.7e9 + group, events, [body for *_, body in rows]).tail
            else:
                database.executemany(INSERT, rows)
            database.execute("COMMIT")
            used += time.process_time() - started
        database.close()
        lock.release()
        return 1e6 * used / groups / size

    return in_folder(run)


def print_rates(peers: dict[str, Opened]) -> None:
    """Full speed, in batches of each size."""
    words = ("events/s", "of ceiling", "median ms", "p99 ms", "CPU µs")
    print(f"{'batches of':>10}  {'':10}", *(f"{word:>11}" for word in words))
    for size, total in SIZES.items():
        events = [event(number) for number in range(total)]
        ceiling = 0.0
        best = dict.fromkeys(peers, (0.0, 0.0, 0.0, 0.0))
        for _ in range(RUNS):
            ceiling = max(ceiling, raw(total, size))
            for name, opened in peers.items():
                best[name] = max(best[name], full_speed(opened, events, size))
        print(f"{size:>10,}  {'sqlite3':10} {ceiling:>11,.0f} {1:>11.2f}")
        for name, (rate, median, p99, used) in best.items():
            shown = f"{rate:>11,.0f} {rate / ceiling:>11.2f} {median:>11.1f} {p99:>11.1f} {used:>11.1f}"
            print(f"{'':>10}  {name:10} {shown}")


def print_waits(peers: dict[str, Opened], work_s: float) -> None:
    """Single events at a steady pace."""
    print(f"single events, {PACE:,} a second, in a loop that works {1e6 * work_s:.0f} µs more for each")
    best = dict.fromkeys(peers, (float("inf"), float("inf")))
    for _ in range(RUNS):
        for name, opened in peers.items():
            best[name] = min(best[name], paced(opened, work_s))
    for name, (p99, median) in best.items():
        ratio = p99 / best["journal"][0]
        print(f"{'':>10}  {name:34} {median:>11.1f} {p99:>11.1f}   p99 {ratio:.1f} times the journal's")


def main() -> None:
    """Measure and print."""
    peers: dict[str, Opened] = {"journal": open_ours}
    if find_spec("aiosqlite"):
        peers["aiosqlite"] = WithAiosqlite.open
    else:
        print("aiosqlite is skipped: it is not installed (pip install 'queuewatch[bench]')")
    print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
    print_rates(peers)
    print_waits(peers, 0.0)
    print_waits(peers, WORK_S)
    events = [event(number) for number in range(50_000)]
    print(f"on disk {bytes_per_event(events):.0f} bytes an event, packed it has {len(pack(events[0]))}")
    by_row = min(insert_cpu(at_once=False) for _ in range(RUNS))
    at_once = min(insert_cpu(at_once=True) for _ in range(RUNS))
    print(f"CPU µs a row in groups of 1,000: executemany {by_row:.2f}, the journal's write {at_once:.2f}")
    print(f"that is {by_row / at_once:.2f} times, though it also tells what is new")


if __name__ == "__main__":
    main()
