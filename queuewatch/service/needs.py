"""Tells the core what the forecast calls for where a plan was brought in, as a fact for the journal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Protocol
from uuid import uuid4

from queuewatch.core.facts.acts import NeedTold, PlannedSpan
from queuewatch.core.facts.events import Event
from queuewatch.core.plan.agents import WhatIf
from queuewatch.core.plan.document import Plan
from queuewatch.core.teams.scheduled import Scheduled
from queuewatch.logs import logger
from queuewatch.ports import Clock, JournalFailedError, OverloadedError

_log = logger("service.needs")

SOURCE = "/planner"
EVERY_S = 900.0
"""The forecast moves with what comes: it is told anew so often, seconds."""
AHEAD_S = 7200.0
"""Told of so long ahead, seconds: longer than anybody looks, so that one telling may fail."""
_HORIZON_DAYS = 2

Take = Callable[[str, tuple[Event, ...]], Awaitable[object]]


class Site(Protocol):
    """A site as the service knows it."""

    @property
    def site(self) -> str:
        """Its name."""
        ...

    @property
    def scheduled(self) -> Scheduled:
        """The plan that was brought in."""
        ...


class Planning(Protocol):
    """Who makes plans."""

    @property
    def defaults(self) -> tuple[int, int]:
        """Length of an interval, seconds, and days ahead."""
        ...

    def pools(self, site: str) -> dict[str, tuple[str, ...]]:
        """The groups of a site's queues that share agents."""
        ...

    async def make(self, place: tuple[str, str], length_s: int, horizon_days: int, change: WhatIf) -> Plan:
        """Make a plan."""
        ...


class NeedTeller:
    """Tells of the need of whatever was planned.

    Args:
        clock: The time.
        planning: Makes the plans.
        sites: The sites as they are now.
        take: Journals facts.
    """

    def __init__(
        self, clock: Clock, planning: Planning, sites: Callable[[], Iterable[Site]], take: Take
    ) -> None:
        self._clock = clock
        self._planning = planning
        self._sites = sites
        self._take = take
        self._told_at: dict[tuple[str, str], float] = {}
        self._untold: dict[tuple[str, str], str] = {}

    async def tell(self) -> None:
        """Tell what is due; what cannot be told now is tried again when it is due again."""
        now = self._clock.now()
        for one in list(self._sites()):
            for name in names(one.scheduled, self._planning.pools(one.site)):
                place = (one.site, name)
                if now < self._told_at.get(place, float("-inf")) + EVERY_S:
                    continue
                self._told_at[place] = now
                try:
                    await self._told(one, name, now)
                except (ValueError, LookupError, OverloadedError, JournalFailedError) as error:
                    why = str(error)
                    if self._untold.get(place) != why:  # the same every time is no news
                        _log.info("no need told", site=one.site, queue=name, why=why)
                    self._untold[place] = why
                else:
                    self._untold.pop(place, None)

    async def _told(self, one: Site, name: str, now: float) -> None:
        length_s, _ = self._planning.defaults
        made = await self._planning.make((one.site, name), length_s, _HORIZON_DAYS, WhatIf())
        fact = NeedTold(queue=name, spans=tuple(called_for(made, now)), shared_by=made.queues)
        known = one.scheduled.needs.get(name)
        if not fact.spans or (known is not None and set(fact.spans) <= set(known.spans)):
            return
        event = Event(id=uuid4().hex, source=SOURCE, at=now, data=fact, site=one.site)
        await self._take(SOURCE, (event,))


def names(scheduled: Scheduled, pools: dict[str, tuple[str, ...]]) -> list[str]:
    """What is to be told of: queues that were planned, and groups of them instead of their queues."""
    planned = scheduled.queues
    groups = {
        name: queues
        for name, queues in pools.items()
        if len(queues) > 1 and (name in planned or all(queue in planned for queue in queues))
    }
    shared = {queue for queues in groups.values() for queue in queues}
    return [*(name for name in planned if name not in shared and name not in groups), *groups]


def called_for(made: Plan, now: float) -> Iterator[PlannedSpan]:
    """The agents that a plan calls for in the time ahead; none where it is closed, nothing where unknown."""
    length_s = float(made.interval_s)
    agents: dict[float, int | None] = {row.at: row.agents for row in made.rows}
    agents |= dict.fromkeys((row.at for row in made.unknown), None)
    # Intervals begin on the planner's clock, which may be a quarter of an hour beside that of UTC.
    beside_s = min(agents, default=0.0) % length_s
    at = (now - beside_s) // length_s * length_s + beside_s
    while at < now + AHEAD_S:
        count = agents.get(at, 0)
        if count is not None:
            yield PlannedSpan(at, at + length_s, count)
        at += length_s
