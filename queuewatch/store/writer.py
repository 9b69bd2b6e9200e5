"""The writer thread: takes all that is pending, writes it in one transaction, and tells the event loop."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from queuewatch.clock import monotonic
from queuewatch.core.facts.events import Event
from queuewatch.ports import Clock, FaultError, Group, JournalFailedError, Receipt
from queuewatch.store.database import FileLock, Moorings, explain, is_ours
from queuewatch.store.faults import describe
from queuewatch.store.table import Tail, Written, load_tail, write

_GROUP_EVENTS = 5_000  # a larger group gains nothing more on the disk, and holds up the loop when it is told
_EARLY_EVENTS = 600  # so many are worth a commit of their own while the loop reads on
_STEP_S = 1e-6  # between groups while the clock stands still or is behind
_OVER = object()


@dataclass(slots=True, eq=False)
class Batch:
    """Events handed in together; they are written in one transaction.

    `held`: who handed them in keeps them until they are written.
    """

    events: Sequence[Event]
    bodies: Sequence[bytes]
    size: int
    future: asyncio.Future[Receipt]
    held: bool = False


@dataclass(slots=True, eq=False)
class Call:
    """Something else to do within the next transaction; `future` gets what it returns.

    It is done anew where its transaction was taken back for a mistake in something else.
    """

    run: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]


@dataclass(slots=True, eq=False)
class Chore:
    """Something longer, done in steps between the groups, each step a transaction of its own.

    Attributes:
        start: Gives the steps.
        future: Resolves after the last step.
        must_finish: It goes before those that need not be, and the thread finishes it before it ends;
            others are cancelled then.
    """

    start: Callable[[sqlite3.Connection], Iterator[None]]
    future: asyncio.Future[None]
    must_finish: bool
    steps: Iterator[None] | None = None


@dataclass(slots=True, eq=False)
class _Stop:
    future: asyncio.Future[None]


Job = Batch | Call | Chore | _Stop
Answer = tuple[asyncio.Future[Any], Any]


@dataclass(slots=True, eq=False)
class Done:
    """What the loop is told after a transaction.

    Attributes:
        batches: The batches that were in it.
        answers: The futures to resolve, each with its result, or with an exception.
        wrote: Whether anything was written.
        failure: In one sentence, why the disk did not take it.
        fault: The mistake of ours, where that was why it could not be written.
        group: What is new, if there were events.
        tail: Where the journal ends now.
        took_s: How long it took to write them.
    """

    batches: list[Batch] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    wrote: bool = False
    failure: str | None = None
    fault: Exception | None = None
    group: Group | None = None
    tail: Tail | None = None
    took_s: float = 0.0


class Writer:
    """The one thread that writes to the database; it owns the connection and the lock, and closes both."""

    def __init__(
        self,
        path: Path,
        opened: tuple[sqlite3.Connection, FileLock],
        clock: Clock,
        tell: Callable[[Done], None],
    ) -> None:
        """Start the thread.

        Args:
            path: The database, for what is said of errors.
            opened: The connection and the lock; the thread's from now on.
            clock: Gives each group its time.
            tell: Called in the loop of the jobs' futures after each transaction; resolves them.
        """
        self._path = path
        self._database, self._lock = opened
        self._moorings = Moorings(path)
        self._clock = clock
        self._tell = tell
        self._submitted: list[Job] = []  # in this turn of the loop, and not handed over yet
        self._submitted_events = 0
        self._jobs: SimpleQueue[list[Job]] = SimpleQueue()
        self._inbox: deque[Job] = deque()
        self._chores: deque[Chore] = deque()
        self._tail: Tail | None = None
        self._recorded_at = -math.inf
        # A daemon, so that a program that forgets to close can still end: what is acknowledged is on disk.
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Have something written; returns at once. Must be called in the event loop.

        The thread gets all of one turn of the loop at once: woken by the first of them it would write that
        one alone, and the others only after a commit. But where there are many, it begins with the first:
        while it writes these the loop reads the others, and while it writes those the loop takes these in.
        """
        if not self._submitted:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._submitted.append(job)
        self._submitted_events += len(job.events) if isinstance(job, Batch) else 0
        if self._submitted_events >= _EARLY_EVENTS:
            self._hand_over()

    async def stop(self) -> None:
        """Write what is pending, finish the chores that must be, and end the thread."""
        stopped = asyncio.get_running_loop().create_future()
        self._submitted.append(_Stop(stopped))
        self._hand_over()
        await asyncio.shield(stopped)
        self._thread.join()

    def _hand_over(self) -> None:
        jobs, self._submitted = self._submitted, []
        self._submitted_events = 0
        if jobs:
            self._jobs.put(jobs)

    def _run(self) -> None:
        stop = None
        while stop is None:
            jobs, stop = self._take(wait=not self._chores)
            if jobs:
                self._commit(jobs)
            if self._chores:
                self._step()
        self._finish(stop)

    def _take(self, *, wait: bool) -> tuple[list[Batch | Call], _Stop | None]:
        """All that is pending, up to one group; waits for something if it may."""
        with suppress(Empty):
            self._inbox.extend(self._jobs.get(block=wait and not self._inbox))
            while True:
                self._inbox.extend(self._jobs.get_nowait())
        taken: list[Batch | Call] = []
        events = 0
        while self._inbox and events < _GROUP_EVENTS:
            job = self._inbox.popleft()
            if isinstance(job, _Stop):
                return taken, job
            if isinstance(job, Chore):
                self._plan(job)
                continue
            taken.append(job)
            events += len(job.events) if isinstance(job, Batch) else 1
        return taken, None

    def _plan(self, chore: Chore) -> None:
        """Put a chore behind those that came before it; but those that must be finished go first."""
        first = sum(one.must_finish for one in self._chores)
        self._chores.insert(first if chore.must_finish else len(self._chores), chore)

    def _commit(self, jobs: list[Batch | Call]) -> None:
        """Write a group and whatever else was asked for, in one transaction: all of it or nothing.

        After a mistake of ours its halves are tried, each by itself, so that in the end only that fails in
        which the mistake is.
        """
        batches = [job for job in jobs if isinstance(job, Batch)]
        calls = [job for job in jobs if isinstance(job, Call)]
        done = Done(batches)
        started_at = monotonic()
        try:
            with self._transaction(done) as database:
                written = self._write(database, batches)
                done.answers = [(call.future, call.run(database)) for call in calls]
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            self._failed(done, error, [job.future for job in jobs])
            if done.fault and len(jobs) > 1:
                middle = len(jobs) // 2
                self._commit(jobs[:middle])
                self._commit(jobs[middle:])
                return
        else:
            if batches:
                done.group = Group(self._recorded_at, written.recorded, len(written.repeated))
                done.answers += _receipts(batches, written)
            self._tail = done.tail = written.tail
        done.took_s = monotonic() - started_at
        self._report(done, jobs[0].future)

    def _write(self, database: sqlite3.Connection, batches: list[Batch]) -> Written:
        tail = self._tail or load_tail(database)
        if not batches:
            return Written((), frozenset(), tail)
        last = max(tail.recorded_at, self._recorded_at)
        self._recorded_at = max(self._clock.now(), last + _STEP_S, math.nextafter(last, math.inf))
        events = [event for batch in batches for event in batch.events]
        bodies = [body for batch in batches for body in batch.bodies]
        return write(database, tail, self._recorded_at, events, bodies)

    def _step(self) -> None:
        """Do one step of the first chore."""
        chore = self._chores[0]
        done = Done()
        try:
            with self._transaction(done) as database:
                chore.steps = chore.steps or chore.start(database)
                over = next(chore.steps, _OVER) is _OVER
            self._tail = done.tail = load_tail(self._database)
        except Exception as error:  # noqa: BLE001 - as in _commit
            over = True
            self._failed(done, error, [chore.future])
        else:
            if over:
                done.answers = [(chore.future, None)]
        if over:
            self._chores.popleft()
        self._report(done, chore.future)

    @contextmanager
    def _transaction(self, done: Done) -> Iterator[sqlite3.Connection]:
        self._moorings.check()
        database = self._database
        before = database.total_changes
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
            database.execute("COMMIT")
            done.wrote = database.total_changes > before
        finally:
            # Still open only after an error; some errors have SQLite roll back by itself.
            if database.in_transaction:
                database.execute("ROLLBACK")

    def _failed(self, done: Done, error: Exception, futures: list[asyncio.Future[Any]]) -> None:
        self._tail = None  # read anew: nothing that was reckoned in a failed transaction is believed
        done.answers = []
        if is_ours(error):
            done.fault = error
        else:
            done.failure = explain(self._path, error)
        for future in futures:
            failed = JournalFailedError(done.failure) if done.failure else FaultError(describe(error))
            failed.__cause__ = error
            done.answers.append((future, failed))

    def _report(self, done: Done, asked: asyncio.Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            asked.get_loop().call_soon_threadsafe(self._tell, done)

    def _finish(self, stop: _Stop) -> None:
        while self._chores:
            if self._chores[0].must_finish:
                self._step()
            else:
                chore = self._chores.popleft()
                with suppress(RuntimeError):
                    chore.future.get_loop().call_soon_threadsafe(chore.future.cancel)
        try:
            self._database.close()
        finally:
            self._lock.release()
            self._report(Done(answers=[(stop.future, None)]), stop.future)


def _receipts(batches: list[Batch], written: Written) -> list[Answer]:
    answers: list[Answer] = []
    place = 0
    for batch in batches:
        count = len(batch.events)
        repeated = (
            sum(one in written.repeated for one in range(place, place + count)) if written.repeated else 0
        )
        answers.append((batch.future, Receipt(count - repeated, repeated)))
        place += count
    return answers
