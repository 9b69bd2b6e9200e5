"""Fakes at the edges of the service: each does what it is told, when it is told."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal, TypeVar

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import Data, Enqueued, Event
from queuewatch.outgoing import Delivery, Manner
from queuewatch.ports import (
    COMMIT_BUCKETS_S,
    CommitsView,
    FaultError,
    Group,
    Incoming,
    JournalFailedError,
    OverloadedError,
    Receipt,
    Recorded,
    Snapshot,
)
from queuewatch.store.outbox import Outbox
from queuewatch.store.schema import MIGRATIONS
from tests.clocks import NOON, HandClock, settle

T = TypeVar("T")

Outcome = Literal["claimed", "sent", "failed"]


@asynccontextmanager
async def at_work(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """These run meanwhile; each has begun, and ends only when it is cancelled."""
    tasks = [asyncio.create_task(one) for one in works]
    await settle()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(one) for one in ended} <= {asyncio.CancelledError}


class FakeJournal:
    """Commits when told; what it holds outlives the service, which is told of commits through `heed`."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.snapshots: list[Snapshot] = []
        self.broken: str | None = None
        self.snapshots_fail = False
        self.full: list[float] = []
        self.held: list[bool] = []
        self.faulty: set[str] = set()
        self.anonymised: list[tuple[str, str, int]] = []
        self.saving: asyncio.Future[None] | None = None
        self.heed: Callable[[Group], None] = lambda _group: None
        self._waiting: list[tuple[tuple[Event, ...], asyncio.Future[Receipt]]] = []

    @property
    def pending(self) -> int:
        return sum(len(events) for events, _ in self._waiting)

    @property
    def failure(self) -> str | None:
        return self.broken

    def append(self, events: Sequence[Event], *, held: bool = False) -> asyncio.Future[Receipt]:
        self.held.append(held)
        if self.faulty & {one.id for one in events}:
            raise FaultError("queuewatch made a mistake")
        if self.full:
            raise OverloadedError(self.full.pop(0))
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((tuple(events), future))
        return future

    def anonymise(self, customer: str, stand_in: str, upto: int) -> asyncio.Future[None]:
        self.anonymised.append((customer, stand_in, upto))
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    async def probe(self) -> str | None:
        """The disk is mended when somebody tries it."""
        self.broken = None
        return self.broken

    def fail(self, why: str) -> None:
        """The disk takes nothing of what waits."""
        self.broken = why
        waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            future.set_exception(JournalFailedError(why))

    def commit(self, at: float) -> None:
        """Write everything that waits, as of `at`."""
        self.broken = None
        waiting, self._waiting = self._waiting, []
        known = {(one.event.source, one.event.id) for group in self.groups for one in group.recorded}
        new: list[Recorded] = []
        repeated = 0
        for events, _ in waiting:
            for event in events:
                if (event.source, event.id) in known:
                    repeated += 1
                    continue
                known.add((event.source, event.id))
                new.append(Recorded(self.last_position + len(new) + 1, at, event))
        group = Group(at, tuple(new), repeated)
        self.groups.append(group)
        self.heed(group)
        for events, future in waiting:
            future.set_result(Receipt(len(events), 0))

    @property
    def last_position(self) -> int:
        return sum(len(group.recorded) for group in self.groups)

    def read(self, after: int = 0) -> Iterator[Group]:
        for group in self.groups:
            if group.recorded and group.recorded[-1].position > after:
                yield group

    def latest_snapshot(self, schema: int) -> Snapshot | None:
        return next((one for one in reversed(self.snapshots) if one.schema == schema), None)

    def save_snapshot(self, snapshot: Snapshot) -> asyncio.Future[None]:
        self.snapshots.append(snapshot)
        self.saving = asyncio.get_running_loop().create_future()
        if self.snapshots_fail:
            self.saving.set_exception(JournalFailedError("the disk is full"))
        else:
            self.saving.set_result(None)
        return self.saving

    def commits(self) -> CommitsView:
        return CommitsView(counts=(0,) * (len(COMMIT_BUCKETS_S) + 1), sum_s=0.0)


class FakeLedger:
    """What was decided to be sent, in a dict that outlives the service."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Outcome] = {}
        self.broken = 0
        self.unreadable = 0

    async def claim(self, key: str, sender: str, at: float) -> bool:
        del at
        if self.broken:
            self.broken -= 1
            raise JournalFailedError("the disk is full")
        if (key, sender) in self.kept:
            return False
        self.kept[key, sender] = "claimed"
        return True

    async def settle(self, key: str, sender: str, at: float, outcome: Literal["sent", "failed"]) -> None:
        del at
        if self.kept[key, sender] == "claimed":
            self.kept[key, sender] = outcome

    async def forget_refused(self) -> int:
        refused = [one for one, outcome in self.kept.items() if outcome == "failed"]
        for one in refused:
            del self.kept[one]
        return len(refused)

    async def is_settled(self, key: str, sender: str) -> bool:
        if self.unreadable:
            self.unreadable -= 1
            raise JournalFailedError("another program is writing to the file")
        return self.kept.get((key, sender)) in {"sent", "failed"}


class Desktop:
    """Where transactions run at once: a database in memory or in a file, as the journal's is laid out."""

    def __init__(self, path: str = ":memory:") -> None:
        self.broken = 0
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA synchronous = OFF")  # processes die here, not machines
        if not self.database.execute("PRAGMA user_version").fetchone()[0]:
            for statement in (one for step in MIGRATIONS for one in step):
                self.database.execute(statement)
            self.database.execute("PRAGMA user_version = 1")
        self.outbox = Outbox(self)

    async def transact(self, run: Callable[[sqlite3.Connection], T]) -> T:
        if self.broken:
            self.broken -= 1
            raise JournalFailedError("the disk is full")
        self.database.execute("BEGIN IMMEDIATE")
        try:
            result = run(self.database)
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")
        return result


class FakeSender:
    """Keeps what it is given; `failures` come first, one an attempt; it sends while `open` is set."""

    def __init__(
        self, name: str = "fake", failures: Sequence[Exception] = (), manner: Manner | None = None
    ) -> None:
        self.name = name
        self.manner = manner or Manner()
        self.failures = list(failures)
        self.attempts: list[tuple[float, str]] = []
        self.sent: list[Delivery] = []
        self.open = asyncio.Event()
        self.open.set()
        self.clock: HandClock | None = None

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> str | None:
        self.attempts.append((self.clock.now() if self.clock else 0.0, delivery.key))
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(delivery)
        return None

    @property
    def notices(self) -> list[str]:
        """The keys of the notices that were sent, in order."""
        return [one.key for one in self.sent if one.kind == "notice"]

    @property
    def states(self) -> list[str]:
        """The queues whose state was sent, in order."""
        return [one.view.queue for one in self.sent if one.kind == "queue_state" and one.view]


class FakeSource:
    """Brings what it is given, and says whether the service asked for more."""

    def __init__(self, *pieces: Incoming, name: str = "pbx") -> None:
        self.name = name
        self.trouble: str | None = None
        self.asked = 0
        self.ended = False
        self._pieces = pieces

    async def events(self) -> AsyncGenerator[Incoming]:
        try:
            for piece in self._pieces:
                self.asked += 1
                yield piece
            self.asked += 1
            await asyncio.Event().wait()
        finally:
            self.ended = True


def event(ident: str, data: Data, *, at: float = NOON, source: str = "pbx", subject: str = "") -> Event:
    return Event(ident, source, at, data, subject)


def joined(contact: str, *, at: float = NOON, queue: str = "sales") -> Event:
    """A caller joins."""
    return event(f"{contact}-joined", Enqueued(queue=queue, channel="phone"), at=at, subject=contact)


def ordered(
    level: Literal["normal", "busy", "very_busy"] | None,
    *,
    at: float = NOON,
    queue: str = "sales",
    until_at: float | None = None,
) -> Event:
    """A supervisor sets the notice by hand: the shortest way to a decision."""
    return event(
        f"{queue}-{level}-{at}",
        NoticeOverridden(queue=queue, level=level, by="ada", until_at=until_at),
        at=at,
        source="desk",
    )
