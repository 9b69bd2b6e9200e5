"""What outlives a service, and the service on it, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Rules
from queuewatch.ports import Source
from queuewatch.service.dispatch import Dispatch
from queuewatch.service.loop import Service, SnapshotEvery
from tests.clocks import HandClock, settle
from tests.service.fakes import Desktop, FakeJournal, FakeLedger, FakeSender, at_work

RULES = Rules()


class House:
    """What outlives the service, and the service; `run` starts it anew on what there is."""

    def __init__(self, *sources: Source, snapshot_every: SnapshotEvery | None = None) -> None:
        self.rules = RULES
        self.clock = HandClock()
        self.journal = FakeJournal()
        self.ledger = FakeLedger()
        self.desktop = Desktop()
        self.sender = FakeSender()
        self._sources = sources
        self._every = snapshot_every

    @asynccontextmanager
    async def run(self, *, stops: bool = True) -> AsyncIterator[Service]:
        """The service at work; without `stops` it ends as in a crash."""
        dispatch = Dispatch(self.clock, [self.sender], chance=lambda: 1.0)
        service = Service(self.clock, self.rules, dispatch, self._sources, self._every)
        self.journal.heed = service.heed
        await service.start(self.journal, self.ledger, self.desktop.outbox)
        posts = (dispatch.run(post) for post in dispatch.posts)
        async with at_work(service.run(), *posts, *map(service.run_source, self._sources)):
            yield service
        if stops:
            await service.stop()

    async def tell(self, service: Service, *events: Event) -> None:
        """Events come in and are committed at once."""
        taking = asyncio.create_task(service.take("pbx", events))
        await settle()
        self.journal.commit(self.clock.now())
        await taking
