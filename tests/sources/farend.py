"""The other end of a connection that a source makes, for tests: it can be reached, or not, each time anew."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import cast

from queuewatch.ports import Incoming
from queuewatch.sources.stream import Streams, StreamSource
from tests.clocks import HandClock, settle
from tests.sources.wire import Wire


class FarEnd:
    """Inherit, and make the `source`, which is to connect by `connect`.

    Attributes:
        outcomes: What each try to connect comes to; when there are none left, nobody answers.
        asked: Where and how it was tried to connect.
    """

    source: StreamSource

    def __init__(self, *outcomes: Wire | OSError) -> None:
        self.outcomes = list(outcomes)
        self.clock = HandClock(1000.0)
        self.asked: list[tuple[str, int, ssl.SSLContext | None]] = []

    async def connect(self, host: str, port: int, tls: ssl.SSLContext | None) -> Streams:
        self.asked.append((host, port, tls))
        if not self.outcomes:
            await asyncio.Event().wait()
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome.reader, cast("asyncio.StreamWriter", outcome)

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[Incoming]]:
        async with aclosing(self.source.events()) as events:
            yield events

    async def next(self, events: AsyncIterator[Incoming], *, after: float = 0.0) -> Incoming:
        """The next that comes, time moving on by `after` once nothing happens any more."""
        task = asyncio.ensure_future(anext(events))
        await settle()
        if after:
            assert not task.done()
            await self.clock.move_by(after)
        return await asyncio.wait_for(task, 5)

    async def pass_time(self, events: AsyncIterator[Incoming], *moves: float) -> asyncio.Task[Incoming]:
        """Time moves on and nothing comes of it; the wait for the next goes on."""
        task = asyncio.ensure_future(anext(events))
        for seconds in moves:
            await settle()
            await self.clock.move_by(seconds)
        await settle()
        assert not task.done()
        return task


async def cancel(task: asyncio.Task[Incoming]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
