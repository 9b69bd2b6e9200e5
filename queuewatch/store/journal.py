"""The journal as the service sees it: events are handed in, and told of once they are on disk."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from queuewatch.clock import monotonic
from queuewatch.core.facts.events import Event
from queuewatch.core.facts.wire import Read, pack_all, unpack, unpack_all
from queuewatch.ports import (
    Clock,
    CommitsView,
    FaultError,
    Group,
    JournalFailedError,
    OverloadedError,
    Receipt,
    Snapshot,
)
from queuewatch.store import reading, snapshots
from queuewatch.store.anonymise import anonymise
from queuewatch.store.database import StoreError, explain, open_for_writing
from queuewatch.store.durations import Durations
from queuewatch.store.faults import Faults, describe
from queuewatch.store.outages import Outages
from queuewatch.store.retention import Retention, forget
from queuewatch.store.table import Tail, load_tail
from queuewatch.store.writer import Batch, Call, Chore, Done, Writer

T = TypeVar("T")


class Limits(Struct, frozen=True):
    """How much may wait to be written; beyond that, `append` raises OverloadedError."""

    events: int = 50_000
    size_bytes: int = 64 * 1024 * 1024


class Journal:
    """`ports.Journal` on SQLite: one file, one writer thread, one event loop.

    Recovery goes: open; `latest_snapshot`, `read(after=its position)`; then `append`. Blocks only to open.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        on_group: Callable[[Group], None],
        *,
        limits: Limits | None = None,
        retention: Retention | None = None,
    ) -> None:
        """Open the journal, making it where there is none, and start its thread.

        Args:
            path: The database file.
            clock: Gives each group its time, read in the writer thread.
            on_group: Called in the loop after each commit that had events in it, in order, before the
                futures of `append` resolve. If it raises, those futures fail with what it raised, and so
                does the loop's exception handler hear of it. A group of nothing but repetitions is told of
                with `recorded` empty; no trace of it is on disk.
            limits: How much may wait to be written.
            retention: What is deleted, and when; applied after each snapshot.

        Raises:
            StoreError: The file cannot be used.
        """
        self._path = path
        self._clock = clock
        self._on_group = on_group
        self._limits = limits or Limits()
        self._retention = retention or Retention()
        opened = open_for_writing(path)
        try:
            self._tail: Tail = load_tail(opened[0])
        except sqlite3.Error as error:
            opened[0].close()
            opened[1].release()
            raise StoreError(explain(path, error)) from error
        self._outages = Outages()
        self._faults = Faults()
        self._closing: asyncio.Task[None] | None = None
        self._pending_events = 0
        self._pending_bytes = 0
        self._appended_at: deque[float] = deque()
        self._took_s = 0.0
        self._s_per_event = 0.0
        self._commits = Durations()
        self._writer = Writer(path, opened, clock, self._told)

    @property
    def failure(self) -> str | None:
        """Why the last transaction could not be written, in one sentence; None when it could."""
        return self._outages.failure

    @property
    def pending(self) -> int:
        """How many events have been handed in and are not yet told of as durable."""
        return self._pending_events

    @property
    def slow_s(self) -> float:
        """How long the disk lets us wait: the last transaction, or what is being written now, seconds."""
        waited_s = monotonic() - self._appended_at[0] if self._appended_at else 0.0
        return max(self._took_s, waited_s)

    def free_bytes(self) -> int:
        """How much room is left on the journal's disk; raises OSError."""
        return shutil.disk_usage(self._path.parent).free

    def append(self, events: Sequence[Event], *, held: bool = False) -> asyncio.Future[Receipt]:
        """Have events written, all in one transaction. Must be called in the event loop.

        The future resolves after the commit, and after `on_group` has been called; it fails with
        JournalFailedError when the disk does not take them, with FaultError after a mistake of ours in them:
        then none of them is acknowledged.

        Args:
            events: What to write.
            held: Who hands them in keeps them until they are written, so that nobody is refused meanwhile.

        Raises:
            OverloadedError: Too much is waiting to be written.
            JournalFailedError: The journal is closed.
            FaultError: An event would not be read back as it is (a field out of its range).
        """
        self._refuse_when_closed()
        events = events if isinstance(events, Read) else tuple(events)
        if self._pending_events and self._pending_events + len(events) > self._limits.events:
            raise self._overloaded()
        try:
            bodies = _packed(events)
        except (ValueError, TypeError, OverflowError, msgspec.MsgspecError) as error:
            self._faults.tell(error, _doing(events))
            raise FaultError(describe(error)) from error
        size = sum(map(len, bodies))
        if self._pending_bytes and self._pending_bytes + size > self._limits.size_bytes:
            raise self._overloaded()
        self._pending_events += len(events)
        self._pending_bytes += size
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._appended_at.append(monotonic())
        self._writer.submit(Batch(events, bodies, size, future, held))
        return future

    def transact(self, run: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """Have `run` called in the writer thread within the next transaction; the future gets its result.

        Raises:
            JournalFailedError: The journal is closed. The future fails with it when the disk fails.
        """
        self._refuse_when_closed()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writer.submit(Call(run, future))
        return future

    def save_snapshot(self, snapshot: Snapshot) -> asyncio.Future[None]:
        """Keep a snapshot, in pieces between the commits; the future resolves when it is on disk.

        The two last ones are kept. After it, what retention no longer wants is deleted, in small steps.

        Raises:
            JournalFailedError: The journal is closed. The future fails with it when the disk fails.
        """
        saved = self._chore(lambda database: snapshots.save(database, snapshot), must_finish=True)
        forgotten = self._chore(
            lambda database: forget(database, self._retention, self._clock.now()), must_finish=False
        )
        # Nobody waits for it; why it failed stands in `failure`.
        forgotten.add_done_callback(lambda future: future.cancelled() or future.exception())
        return saved

    def anonymise(self, customer: str, stand_in: str, upto: int) -> asyncio.Future[None]:
        """Put a stand-in where a customer's keyed hash stands, in events up to a position and in decisions.

        Resolves when it is on disk. Snapshots that know the customer must have been replaced before.

        Raises:
            JournalFailedError: The journal is closed. The future fails with it when the disk fails.
        """
        return self._chore(lambda database: anonymise(database, customer, stand_in, upto), must_finish=True)

    def latest_snapshot(self, schema: int) -> Snapshot | None:
        """The last undamaged snapshot whose state is of this schema; blocks.

        Raises:
            StoreError: The file cannot be read.
        """
        return reading.latest_snapshot(self._path, schema)

    def read(self, after: int = 0) -> Iterator[Group]:
        """The events after position `after`, in the groups they were written in; blocks.

        Memory holds a page of them. `repeated` is 0: repetitions are not kept.

        Raises:
            StoreError: The file cannot be read.
        """
        return reading.read_groups(self._path, after)

    async def probe(self) -> str | None:
        """Write something, to see whether the disk takes it; returns `failure`.

        For a service that is sent no events while it says that it is not ready.
        """
        try:
            await self.transact(_write_something)
        except JournalFailedError as error:
            return str(error)
        return None

    def commits(self) -> CommitsView:
        """How long the commits of events took, and how many events the journal holds."""
        return msgspec.structs.replace(self._commits.view(), events=self._tail.events)

    async def close(self) -> None:
        """Write what is pending, finish a snapshot that is being saved, end the thread. May be repeated."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="journal-close")
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await self._writer.stop()
        self._outages.ends()

    def _chore(
        self, start: Callable[[sqlite3.Connection], Iterator[None]], *, must_finish: bool
    ) -> asyncio.Future[None]:
        self._refuse_when_closed()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer.submit(Chore(start, future, must_finish))
        return future

    def _refuse_when_closed(self) -> None:
        if self._closing is not None:
            raise JournalFailedError(f"{self._path}: the journal is closed")

    def _overloaded(self) -> OverloadedError:
        return OverloadedError(min(30.0, max(0.1, self._pending_events * self._s_per_event)))

    def _told(self, done: Done) -> None:
        """In the loop, after a transaction: count, tell of the group, resolve the futures."""
        self._count(done)
        try:
            if done.group and (done.group.recorded or done.group.repeated):
                self._on_group(done.group)
        except Exception as error:
            done.answers = [(future, error) for future, _ in done.answers]
            raise
        finally:
            for future, answer in done.answers:
                if future.done():
                    continue  # whoever waited gave up; what it asked for is done all the same
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    def _count(self, done: Done) -> None:
        self._look_at(done)
        for _ in done.batches:
            self._appended_at.popleft()
        self._tail = done.tail or self._tail
        events = sum(len(batch.events) for batch in done.batches)
        self._pending_events -= events
        self._pending_bytes -= sum(batch.size for batch in done.batches)
        if done.batches and done.failure is None and done.fault is None:
            self._commits.add(done.took_s)
            self._s_per_event = done.took_s / max(1, events)

    def _look_at(self, done: Done) -> None:
        """What it tells of the disk, and of us; what wrote nothing tells nothing of the disk."""
        if done.failure is not None:
            self._outages.failed(done.failure)
            for batch in done.batches:
                if not batch.held:
                    self._outages.refused(len(batch.events))
        elif done.fault is not None:
            events = [event for batch in done.batches for event in batch.events]
            self._faults.tell(done.fault, _doing(events))
        elif done.wrote:
            self._outages.wrote()
            self._took_s = done.took_s


def _doing(events: Sequence[Event]) -> str:
    """What was to be written, for who looks for a mistake in it."""
    if not events:
        return "what was decided, or asked for"
    sources = sorted({event.source for event in events})
    kinds = sorted({type(event.data).__name__ for event in events})
    return f"events: {len(events)}, of {', '.join(sources)}: {', '.join(kinds)}"


def _packed(events: Sequence[Event]) -> list[bytes]:
    """The events packed, once it is sure that they will be read back as they are, as after a restart."""
    bodies = pack_all(events)
    if isinstance(events, Read):
        return bodies
    with suppress(msgspec.ValidationError):
        if unpack_all(bodies) == list(events):
            return bodies
    for event, body in zip(events, bodies, strict=True):
        _check(event, body)
    return bodies


def _check(event: Event, body: bytes) -> None:
    """Find out why it would not be read back, if it would not."""
    why = "a field is of another type than its own"
    try:
        if unpack(body) == event:
            return
    except msgspec.ValidationError as error:
        why = str(error)
    raise ValueError(f"event {event.id!r} of {event.source!r} would not be read back as it is: {why}")


def _write_something(database: sqlite3.Connection) -> None:
    database.execute("UPDATE counters SET value = value + 1 WHERE name = 'probes'")
