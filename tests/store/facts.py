"""What the tests of the store share: a clock moved by hand, events made up, and a way to hold the writer."""

from __future__ import annotations

import asyncio
import resource
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.ports import Group
from queuewatch.store.journal import Journal
from tests.clocks import NOON, HandClock


def joined(
    ident: str | int,
    *,
    source: str = "pbx",
    at: float = NOON,
    place: int | None = None,
    version_at: float | None = None,
) -> Event:
    """A caller joined the queue; `place` makes events of one key differ."""
    fact = Enqueued(queue="support", channel="phone", position=place)
    return Event(str(ident), source, at, fact, f"caller-{ident}", version_at=version_at)


@asynccontextmanager
async def held(journal: Journal) -> AsyncIterator[None]:
    """Hold the writer thread: what is appended meanwhile is pending, all of it, until the end."""
    holds, go_on = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        holds.set()
        go_on.wait()

    journal.transact(hold)
    await asyncio.to_thread(holds.wait)
    try:
        yield
    finally:
        go_on.set()


def events_in(journal: Journal, after: int = 0) -> list[Event]:
    """What can be read back, in order."""
    return [recorded.event for group in journal.read(after) for recorded in group.recorded]


def quiet(_: Group) -> None:
    """What is told of groups when a test does not look at them."""


def open_journal(path: Path, clock: HandClock | None = None) -> Journal:
    """A journal at a clock that stands still."""
    return Journal(path, clock or HandClock(), quiet)


@contextmanager
def full_disk(free_bytes: int, path: Path) -> Iterator[None]:
    """A disk with so much room for the log of `path`: files of this process may not grow further."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = path.with_name(path.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + free_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
