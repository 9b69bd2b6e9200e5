"""What others see of the core, and of what goes out, and do with the latter; looking changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import get_args

from msgspec.structs import replace

from queuewatch.core import views as views_of
from queuewatch.core.care import Care
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.seen.whatif import Ask
from queuewatch.core.view import (
    BoardView,
    ContactView,
    NoticeLevel,
    PromiseView,
    QueueView,
    SourceView,
    WhatIfView,
)
from queuewatch.outgoing import Outbox, OutboxState, OutboxView, Posted
from queuewatch.ports import Clock, CommitsView, Health, Journal, Ledger, Source
from queuewatch.service.dispatch import Dispatch
from queuewatch.service.planner import Known
from queuewatch.service.refusals import Refusals
from queuewatch.service.timekeeping import behind

# A board is drawn anew at most this often, however many look at it, seconds.
BOARD_KEEP_S = 0.1


class Window:
    """The half of `ports.Desk` for those who look; `Service` is the other, and owns what is seen here."""

    _journal: Journal
    _ledger: Ledger
    _outbox: Outbox

    def __init__(self, clock: Clock, rules: Rules, dispatch: Dispatch, sources: Sequence[Source]) -> None:
        self._clock = clock
        self._rules = rules
        self._dispatch = dispatch
        self._sources = sources
        self._core = Core()
        self._recorded_at = 0.0
        self._refusals = Refusals()
        self._version = 0
        self._news = asyncio.Event()
        self._drawn = views_of.Drawn()
        self._board: BoardView | None = None

    async def changed(self, version: int) -> int:
        """Wait until the board's version is past `version`; returns the new one."""
        while self._version <= version:
            await self._news.wait()
        return self._version

    def board(self) -> BoardView:
        """Everything, as of now."""
        now = self._clock.now()
        board = self._board
        if board is None or not board.at <= now < board.at + BOARD_KEEP_S:
            board = self._board = BoardView(
                at=now,
                version=self._version,
                queues=self._drawn.queues(self._core, self._rules, now),
                sources=tuple(self._source_views()),
                misfits=views_of.misfits(self._core),
                troubles=tuple(self._own_troubles()),
            )
        return board

    def _source_views(self) -> list[SourceView]:
        views = views_of.source_views(self._core, self._rules)
        for source in self._sources:
            known = views.get(source.name) or _never_heard(source.name)
            trouble = source.trouble
            up = known.up and trouble is None
            views[source.name] = replace(known, up=up, trouble=trouble or known.trouble)
        for name, refusals in self._refusals.of().items():
            known = views.get(name) or _never_heard(name)
            refused = {one.reason: one.count for one in refusals}
            views[name] = replace(known, refused=refused, refusals=refusals)
        return list(views.values())

    def queue(self, queue: str, site: str = "default") -> QueueView | None:
        """One queue; None when nobody has ever spoken of it."""
        if not self._knows(queue, site):
            return None
        return views_of.queue_view(self._core, self._rules, site, queue, self._clock.now())

    def contacts(self, queue: str, site: str = "default") -> tuple[ContactView, ...] | None:
        """Those who wait, in line; None when the queue is unknown."""
        if not self._knows(queue, site):
            return None
        return tuple(views_of.contact_views(self._core, self._rules, site, queue, self._clock.now()))

    def contact(self, queue: str, contact: str, site: str = "default") -> ContactView | None:
        """One waiting contact; None when it does not wait there."""
        return next((one for one in self.contacts(queue, site) or () if one.contact == contact), None)

    def what_if(self, queue: str, site: str, ask: Ask) -> WhatIfView | None:
        """One queue with other staffing; None when the queue is unknown."""
        if not self._knows(queue, site):
            return None
        return views_of.what_if(self._core, self._rules, site, queue, self._clock.now(), ask)

    def promise(self, ident: str, queue: str, site: str = "default") -> PromiseView | None:
        """The promise of this key; None where nobody told it, or it is no longer remembered."""
        return views_of.promise(self._core, site, queue, ident)

    def promises(self, site: str = "default", queue: str | None = None) -> tuple[PromiseView, ...] | None:
        """The promises remembered, the latest first; None when the site is unknown."""
        if site not in self._core.sites:
            return None
        return tuple(views_of.promise_views(self._core, site, queue))

    def known(self) -> list[Known]:
        """Every site's queues and what happened in them, for the planner."""
        return [
            Known(
                name,
                {queue: one.channel for queue, one in site.queues.items()},
                self._core.attention[name].diary,
                self._core.attention[name].scheduled,
            )
            for name, site in self._core.sites.items()
        ]

    def _look(self, site: str, queue: str) -> QueueView | None:
        return self.queue(queue, site)

    def _knows(self, queue: str, site: str) -> bool:
        return site in self._core.sites and queue in self._core.sites[site].queues

    def health(self) -> Health:
        """Whether the journal can be written, the clock is right, and the sources speak."""
        troubles = self._own_troubles()
        troubles |= {f"source {one.name}": one.trouble for one in self._sources if one.trouble}
        return Health(troubles)

    def _own_troubles(self) -> dict[str, str]:
        """Of what of the service itself is not well, why not."""
        whys = {"journal": self._journal.failure, "clock": self.clock_trouble()}
        return {what: why for what, why in whys.items() if why}

    def clock_trouble(self) -> str | None:
        """Why the machine's clock cannot be right, in one sentence; None where it may be."""
        return behind(self._recorded_at, self._clock.now())

    def commits(self) -> CommitsView:
        """How long the journal's commits took, and whether they come about."""
        return replace(self._journal.commits(), failing=self._journal.failure is not None)

    def cares(self) -> dict[str, Care]:
        """What the customers of each site are owed, and who is to be told; to be read only."""
        return views_of.cares(self._core)

    def notices(self) -> dict[tuple[str, str, NoticeLevel], int]:
        """How often each level was entered, by site, queue and level.

        Each queue has all levels: a counter that comes into being with its first event hides it from
        Prometheus, which sees only what is added to a number it knows.
        """
        attention = self._core.attention
        return {
            (name, queue, level): attention[name].notices.get(queue, {}).get(level, 0)
            for name, site in self._core.sites.items()
            for queue in site.queues
            for level in get_args(NoticeLevel)
        }

    def deliveries(self) -> dict[tuple[str, str], int]:
        """How many deliveries, by sender and outcome."""
        return dict(self._dispatch.outcomes)

    def outboxes(self) -> dict[str, OutboxView]:
        """How each sender's outbox stands."""
        return self._dispatch.room.views()

    async def posted(self, states: Sequence[OutboxState] = (), most: int = 100) -> tuple[Posted, ...]:
        """What goes, went, or did not get out, newest first; of these states only, where any are named."""
        return await self._outbox.listed(states, most)

    async def resend(self, numbers: Sequence[int]) -> int:
        """Have these sent once more, such as dead letters; returns how many."""
        resent = await self._outbox.resend(numbers, self._clock.now())
        self._dispatch.room.wake()
        return resent

    async def resend_notices(self) -> int:
        """Have notices that were refused for good sent once more; returns how many there were."""
        forgotten = await self._ledger.forget_refused()
        await self._dispatch.catch_up(views_of.notices_in_force(self._core))
        return forgotten

    async def drop(self, numbers: Sequence[int], by: str) -> int:
        """Send these no more; returns how many."""
        dropped = await self._outbox.drop(numbers, self._clock.now(), f"dropped by {by}")
        self._dispatch.room.wake()
        return dropped


def _never_heard(name: str) -> SourceView:
    return SourceView(source=name, up=True, heard_at=None, lag_s=None, events={}, refused={})
