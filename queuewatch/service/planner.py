"""The planner beside the service: keeps the rows, makes plans off the event loop, looks back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import tzinfo
from typing import Protocol

from msgspec import Struct, field

from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.accuracy import Kept, keep, packed, unpacked
from queuewatch.core.plan.agents import WhatIf
from queuewatch.core.plan.document import Plan, plan
from queuewatch.core.plan.outlook import NoForecastError
from queuewatch.core.state.history import Diary, QueueHistory, Written
from queuewatch.core.teams.scheduled import Scheduled
from queuewatch.logs import logger
from queuewatch.planning.setup import Setup
from queuewatch.planning.workshop import UnknownQueueError, Workshop
from queuewatch.ports import Clock, JournalFailedError
from queuewatch.service.foreseen import Figures, Foreseen, foresee

_log = logger("service.planner")

FLUSH_S = 60.0
DAY_S = 86_400.0
_MOST_KEPT = 200  # plans at hand; beyond that all are made anew
_LOOK_BACK_DAYS = 24
_KEEP_DAYS = 15
_MOST_QUEUES = 200  # of which a forecast is kept each day


class Store(Protocol):
    """Where rows and forecasts are kept."""

    async def save(self, site: str, channels: dict[str, Channel], rows: list[Written]) -> None:
        """Write rows down."""
        ...

    async def begin(self, now: float) -> float | None:
        """The service starts."""
        ...

    async def alive(self, now: float) -> None:
        """The service is alive."""
        ...

    async def keep(self, site: str, queue: str, made_at: float, body: bytes) -> None:
        """Keep a forecast."""
        ...

    def history(self, site: str, queue: str) -> QueueHistory | None:
        """The past of a queue; blocks."""
        ...

    def kept(self, site: str, queue: str, since: float) -> list[bytes]:
        """Forecasts made since; blocks."""
        ...


class Known(Struct, frozen=True):
    """A site as the service knows it: the channel of each queue, its diary, and the plan brought in."""

    site: str
    channels: dict[str, Channel]
    diary: Diary
    scheduled: Scheduled = field(default_factory=Scheduled)


class Asked(Struct, frozen=True, kw_only=True):
    """What a planner asks for."""

    site: str
    queue: str
    length_s: int
    horizon_days: int
    change: WhatIf = WhatIf()


class Planner:
    """`serve.planner.Planning`: one plan at a time, in a thread.

    Args:
        clock: The time.
        setup: What was configured.
        store: Where rows and forecasts are kept.
        known: What the service knows now.
    """

    def __init__(
        self, clock: Clock, setup: Setup, store: Store, known: Callable[[], Iterable[Known]]
    ) -> None:
        self._clock = clock
        self._setup = setup
        self._store = store
        self._known = known
        self._one = asyncio.Lock()
        self._plans: dict[tuple[Asked, int, int], Plan] = {}
        self._shops: dict[tuple[str, int], Workshop] = {}
        self._foreseen: dict[tuple[str, str], Foreseen] = {}
        self._unforeseen: dict[tuple[str, str], str] = {}

    # ── keeping ───────────────────────────────────────────────────────────────────────────────────────

    async def run(self, also: Callable[[], Awaitable[None]] | None = None) -> None:
        """Write rows down once a minute, keep a forecast of each queue once a day; ends when cancelled.

        Args:
            also: What else is to be done once a minute, with what was written down.
        """
        while not await self._begin():
            await self._clock.sleep_until(self._clock.now() + FLUSH_S)
        told_hour = -1.0
        while True:
            await self._clock.sleep_until(self._clock.now() + FLUSH_S)
            if not await self.flush():
                continue
            hour = self._clock.now() // 3600.0
            if hour != told_hour:
                told_hour = hour
                await self._tell()
            if also is not None:
                await also()

    async def _begin(self) -> bool:
        """Write down since when nobody saw what happens; False when the disk does not take it."""
        try:
            await self._store.begin(self._clock.now())
        except JournalFailedError as error:
            _log.warning("intervals not written", why=str(error))
            return False
        return True

    async def flush(self) -> bool:
        """Write down what changed; False when the disk does not take it, and it is tried again."""
        try:
            for one in self._known():
                rows = one.diary.take()
                if not rows:
                    continue
                try:
                    await self._store.save(one.site, one.channels, rows)
                except JournalFailedError:
                    one.diary.put_back(rows)
                    raise
            await self._store.alive(self._clock.now())
        except JournalFailedError as error:
            _log.warning("intervals not written", why=str(error))
            return False
        return True

    async def _tell(self) -> None:
        """Make each queue's forecast anew, keep the day's first, and look back for the metrics."""
        length_s = self._setup.settings.planner.interval_min * 60
        for one in list(self._known()):
            for queue in list(one.channels)[:_MOST_QUEUES]:
                asked = Asked(site=one.site, queue=queue, length_s=length_s, horizon_days=_KEEP_DAYS)
                try:
                    async with self._one:
                        kept, foreseen = await asyncio.to_thread(self._foresee, asked, one.channels[queue])
                    if kept is not None:
                        await self._store.keep(one.site, queue, kept.made_at, packed(kept))
                except (NoForecastError, UnknownQueueError, ValueError, JournalFailedError) as error:
                    why = str(error)
                    if self._unforeseen.get((one.site, queue)) != why:  # the same every hour is no news
                        _log.info("no forecast", site=one.site, queue=queue, why=why)
                    self._unforeseen[one.site, queue] = why
                    continue
                self._unforeseen.pop((one.site, queue), None)
                self._foreseen[one.site, queue] = foreseen

    def _foresee(self, asked: Asked, channel: Channel) -> tuple[Kept | None, Foreseen]:
        now = self._clock.now()
        shop = self._shop(asked.site)
        outlook = shop.outlook(asked.queue, asked.length_s, asked.horizon_days, now)
        made = shop.plan(asked.queue, outlook)
        kept = keep(outlook, [int(one) for one in made.agents.ravel()])
        told = self._told(asked, now)
        calendar = outlook.calendar
        new = not told or calendar.day_of(told[-1].made_at) < calendar.day_of(now)
        scores = {
            "day" if one.lead_days == 1 else "week": one
            for one in shop.look_back(asked.queue, asked.length_s, now, told)
        }
        scored = Figures(
            site=asked.site,
            queue=asked.queue,
            channel=channel,
            wape={lead: one.wape for lead, one in scores.items() if one.wape is not None},
            cover={
                (lead, share): value
                for lead, one in scores.items()
                for share, value in (("80", one.cover_80), ("95", one.cover_95))
                if value is not None
            },
        )
        return (kept if new else None), foresee((*told, kept), calendar, asked.length_s, scored, now)

    # ── planning ──────────────────────────────────────────────────────────────────────────────────────

    def figures(self) -> list[Figures]:
        """What metrics tell of the forecasts made up to the last full hour, for the interval that is now."""
        now = self._clock.now()
        return [one.at(now) for one in self._foreseen.values()]

    def plannable(self) -> list[tuple[str, str, Channel | None]]:
        """The site, name and channel of whatever can be planned: queues, and pools of them (no channel)."""
        found: list[tuple[str, str, Channel | None]] = [
            (one.site, queue, channel) for one in self._known() for queue, channel in one.channels.items()
        ]
        for one in list(self._known()):
            found += [(one.site, name, None) for name in self.pools(one.site)]
        return found

    def pools(self, site: str) -> dict[str, tuple[str, ...]]:
        """The groups of queues that share agents, all of whose queues the site has."""
        known = {queue for one in self._known() if one.site == site for queue in one.channels}
        pools = self._setup.settings.planner.pools
        return {name: pool.queues for name, pool in pools.items() if set(pool.queues) <= known}

    def zone_of(self, queue: str) -> tzinfo:
        """The zone of a queue's clock."""
        hours = self._setup.rules.of(queue).hours
        return self._setup.zone if hours is None else hours.zone

    @property
    def defaults(self) -> tuple[int, int]:
        """Length of an interval, seconds, and days ahead, where nobody asks for others."""
        planner = self._setup.settings.planner
        return planner.interval_min * 60, planner.horizon_days

    async def make(self, place: tuple[str, str], length_s: int, horizon_days: int, change: WhatIf) -> Plan:
        """Make a plan, or hand over the one just made.

        Raises:
            UnknownQueueError: Nothing is remembered of the queue.
            NoForecastError: There is nothing to forecast from.
            ValueError: No number of agents keeps a target.
        """
        site, queue = place
        asked = Asked(site=site, queue=queue, length_s=length_s, horizon_days=horizon_days, change=change)
        await self.flush()
        now = self._clock.now()
        # The core goes on with its own while a thread reads this.
        scheduled = next((one.scheduled.copy() for one in self._known() if one.site == site), Scheduled())
        key = (asked, int(now // 300.0), scheduled.version)
        async with self._one:
            made = self._plans.get(key)
            if made is None:
                made = await asyncio.to_thread(self._made, asked, now, scheduled)
                if len(self._plans) >= _MOST_KEPT:
                    self._plans.clear()
                self._plans[key] = made
            return made

    def _made(self, asked: Asked, now: float, scheduled: Scheduled) -> Plan:
        shop = self._shop(asked.site)
        outlook = shop.outlook(asked.queue, asked.length_s, asked.horizon_days, now)
        made = shop.plan(asked.queue, outlook, asked.change)
        back = shop.look_back(asked.queue, asked.length_s, now, self._told(asked, now))
        members = shop.members(asked.queue)
        begins = [begin for index in range(len(outlook)) for begin, _ in outlook.cells(index)]
        whose = (asked.queue,) if asked.queue in scheduled.queues else members
        planned = {
            begin: fewest
            for begin in begins
            if (fewest := scheduled.fewest(whose, begin, begin + asked.length_s)) is not None
        }
        pool = members if len(members) > 1 else ()
        return plan(asked.site, asked.queue, made, back, scheduled=planned, queues=pool)

    def _shop(self, site: str) -> Workshop:
        """The workshop of a site; its pasts are read anew every five minutes, what it learned stays."""
        stamp = int(self._clock.now() // 300.0)
        shop = self._shops.get((site, stamp))
        if shop is None:
            old = next((one for (name, _), one in self._shops.items() if name == site), None)
            pasts: dict[str, QueueHistory | None] = {}

            def past(queue: str) -> QueueHistory | None:
                if queue not in pasts:
                    pasts[queue] = self._store.history(site, queue)
                return pasts[queue]

            shop = Workshop(self._setup, past) if old is None else old.renewed(past)
            self._shops = {place: one for place, one in self._shops.items() if place[0] != site}
            self._shops[site, stamp] = shop
        return shop

    def _told(self, asked: Asked, now: float) -> list[Kept]:
        since = now - _LOOK_BACK_DAYS * DAY_S
        return [unpacked(body) for body in self._store.kept(asked.site, asked.queue, since)]
