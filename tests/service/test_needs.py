"""What the forecast calls for, told to the core: of what was planned, often enough, and only what is new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace
from structlog.testing import capture_logs

from queuewatch.core.facts.acts import NeedTold, PlannedSpan, PlanTold
from queuewatch.core.facts.events import Event
from queuewatch.core.plan.agents import WhatIf
from queuewatch.core.plan.document import Plan, UnknownRow
from queuewatch.core.plan.outlook import NoForecastError
from queuewatch.core.teams.scheduled import Scheduled
from queuewatch.ports import OverloadedError
from queuewatch.service.needs import AHEAD_S, EVERY_S, SOURCE, NeedTeller, called_for, names
from tests.clocks import HandClock
from tests.core.plan.pasts import MONDAY, moment
from tests.planning.plans import made

NOW = moment(MONDAY + timedelta(weeks=6), 9.0) + 60.0
LENGTH_S = 1800.0


class KnownSite(Struct, frozen=True):
    """A site with its plan."""

    site: str
    scheduled: Scheduled


class FakePlanning:
    """Has one plan for all, or none."""

    def __init__(self, pools: dict[str, tuple[str, ...]] | None = None) -> None:
        self.pooled = pools or {}
        self.made: Plan | None = made()
        self.asked: list[tuple[str, str]] = []

    @property
    def defaults(self) -> tuple[int, int]:
        return int(LENGTH_S), 14

    def pools(self, site: str) -> dict[str, tuple[str, ...]]:
        assert site == "default"
        return self.pooled

    async def make(self, place: tuple[str, str], length_s: int, _horizon_days: int, change: WhatIf) -> Plan:
        assert (length_s, change) == (LENGTH_S, WhatIf())
        self.asked.append(place)
        if self.made is None:
            raise NoForecastError("there is nothing")
        return self.made


class Office:
    """A site, what plans it, and what was told."""

    def __init__(self, pools: dict[str, tuple[str, ...]] | None = None) -> None:
        self.clock = HandClock(NOW)
        self.planning = FakePlanning(pools)
        self.scheduled = Scheduled()
        self.told: list[NeedTold] = []
        self.full = False
        self.teller = NeedTeller(self.clock, self.planning, self.sites, self.take)

    def sites(self) -> Iterable[KnownSite]:
        return [KnownSite("default", self.scheduled)]

    def plan(self, *queues: str) -> None:
        for queue in queues:
            spans = (PlannedSpan(NOW, NOW + 9 * AHEAD_S, 5),)
            self.scheduled.tell(PlanTold(queue=queue, by="Grace", spans=spans), NOW)

    async def take(self, source: str, events: tuple[Event, ...]) -> None:
        assert source == SOURCE
        if self.full:
            raise OverloadedError(1.0)
        for one in events:
            assert isinstance(one.data, NeedTold)
            self.told.append(one.data)
            self.scheduled.need(one.data, self.clock.now())


def test_a_plan_calls_for_its_agents_none_where_closed_and_nothing_where_nothing_is_known() -> None:
    first, second = made().rows[0], made().rows[1]
    dark = UnknownRow(at=first.at + 2 * LENGTH_S, local="", why="no history")
    partly = replace(made(), rows=(first, second), unknown=(dark,))
    told = list(called_for(partly, NOW))
    assert told[0] == PlannedSpan(first.at, first.at + LENGTH_S, first.agents)
    assert told[1] == PlannedSpan(second.at, second.at + LENGTH_S, second.agents)
    assert dark.at not in {one.begins_at for one in told}
    assert {one.agents for one in told[2:]} == {0}
    assert told[-1].begins_at < NOW + AHEAD_S <= told[-1].until_at


def test_intervals_begin_on_the_planners_clock_a_quarter_of_an_hour_beside_utc() -> None:
    quarter_s = 900.0
    rows = tuple(replace(row, at=row.at + quarter_s) for row in made().rows)
    told = list(called_for(replace(made(), rows=rows), NOW + quarter_s))
    assert told[0] == PlannedSpan(rows[0].at, rows[0].at + LENGTH_S, rows[0].agents)
    assert next(called_for(replace(made(), rows=()), NOW)).agents == 0


def test_of_queues_that_share_agents_the_group_is_told_of_once_all_are_planned() -> None:
    office = Office()
    office.plan("sales", "chat")
    assert names(office.scheduled, {"desk": ("sales", "support")}) == ["sales", "chat"]
    assert names(office.scheduled, {"desk": ("sales", "chat")}) == ["desk"]
    assert names(office.scheduled, {"alone": ("sales",)}) == ["sales", "chat"]
    office.plan("desk")
    assert names(office.scheduled, {"desk": ("sales", "support")}) == ["chat", "desk"]


async def test_what_is_not_planned_is_not_told_of() -> None:
    office = Office()
    await office.teller.tell()
    assert office.planning.asked == []


async def test_it_is_told_anew_every_quarter_of_an_hour_if_it_changed() -> None:
    office = Office()
    office.plan("sales")
    await office.teller.tell()
    assert [one.queue for one in office.told] == ["sales"]
    await office.clock.move(NOW + EVERY_S - 1.0)
    await office.teller.tell()
    assert len(office.planning.asked) == 1
    await office.clock.move(NOW + EVERY_S)
    await office.teller.tell()
    assert (len(office.planning.asked), len(office.told)) == (2, 1)  # the same need is no news
    office.planning.made = replace(made(), rows=tuple(replace(row, agents=99) for row in made().rows))
    await office.clock.move(NOW + 2 * EVERY_S)
    await office.teller.tell()
    assert [one.spans[0].agents for one in office.told] == [made().rows[0].agents, 99]


async def test_what_cannot_be_told_now_is_tried_again() -> None:
    office = Office()
    office.plan("sales")
    office.planning.made = None
    await office.teller.tell()
    office.planning.made, office.full = made(), True
    await office.clock.move(NOW + EVERY_S)
    await office.teller.tell()
    assert office.told == []
    office.full = False
    await office.clock.move(NOW + 2 * EVERY_S)
    await office.teller.tell()
    assert len(office.told) == 1


async def test_why_nothing_is_told_is_in_the_log_when_it_changes() -> None:
    office = Office()
    office.plan("sales")
    with capture_logs() as logs:
        for round_ in range(4):
            office.planning.made = made() if round_ == 2 else None
            await office.clock.move(NOW + round_ * EVERY_S)
            await office.teller.tell()
    assert [one["why"] for one in logs] == ["there is nothing", "there is nothing"]


async def test_a_time_of_which_nothing_is_known_is_not_told_of() -> None:
    office = Office()
    office.plan("sales")
    begin = NOW // LENGTH_S * LENGTH_S
    dark = tuple(UnknownRow(at=begin + n * LENGTH_S, local="", why="") for n in range(20))
    office.planning.made = replace(made(), rows=(), unknown=dark)
    await office.teller.tell()
    assert office.told == []


async def test_a_group_says_who_shares_it() -> None:
    office = Office({"desk": ("sales", "chat")})
    office.plan("sales", "chat")
    office.planning.made = replace(made(), queues=("sales", "chat"))
    await office.teller.tell()
    assert [(one.queue, one.shared_by) for one in office.told] == [("desk", ("sales", "chat"))]
