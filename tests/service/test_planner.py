"""The planner beside the service: rows are kept, plans are made and kept, and looked back at."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from queuewatch.config import Settings
from queuewatch.config.sections import HoursSection, Pool
from queuewatch.config.sections import Planner as PlannerSection
from queuewatch.core.facts.acts import PlannedSpan, PlanTold
from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.agents import WhatIf
from queuewatch.core.state.history import Diary, QueueHistory, Row, Written
from queuewatch.planning.setup import make_setup
from queuewatch.planning.workshop import UnknownQueueError
from queuewatch.ports import JournalFailedError
from queuewatch.service.planner import FLUSH_S, Known, Planner
from tests.clocks import HandClock
from tests.core.plan.pasts import MONDAY, moment, office, past
from tests.service.fakes import at_work

NOW = moment(MONDAY + timedelta(weeks=4), 10.0)
DAY = "09:00-17:00"
SETTINGS = Settings(
    hours=HoursSection(zone="Europe/Berlin", mon=DAY, tue=DAY, wed=DAY, thu=DAY, fri=DAY, sat="10:00-14:00"),
    planner=PlannerSection(interval_min=60, horizon_days=2, pools={"office": Pool(queues=("sales",))}),
)


class FakeStore:
    """Keeps in memory."""

    def __init__(self) -> None:
        self.rows: list[Written] = []
        self.forecasts: list[bytes] = []
        self.alive_at: list[float] = []
        self.began_at: list[float] = []
        self.fails = False
        self.pasts: dict[str, QueueHistory] = {"sales": replace(past(4, office), until=NOW)}

    async def save(self, site: str, channels: dict[str, Channel], rows: list[Written]) -> None:
        if self.fails:
            raise JournalFailedError("the disk is full")
        assert (site, channels) == ("default", {"sales": "phone", "new": "phone"})
        self.rows += rows

    async def begin(self, now: float) -> float | None:
        if self.fails:
            raise JournalFailedError("the disk is full")
        self.began_at.append(now)
        return None

    async def alive(self, now: float) -> None:
        self.alive_at.append(now)

    async def keep(self, site: str, queue: str, made_at: float, body: bytes) -> None:
        assert (site, queue, made_at) == ("default", "sales", NOW + FLUSH_S)
        self.forecasts.append(body)

    def history(self, site: str, queue: str) -> QueueHistory | None:
        assert site == "default"
        return self.pasts.get(queue)

    def kept(self, site: str, queue: str, since: float) -> list[bytes]:
        assert (site, since < NOW) == ("default", True)
        return self.forecasts if queue == "sales" else []


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def diary() -> Diary:
    diary = Diary()
    diary.rows = {"sales": {(int(NOW), 0): Row(offered=3)}}
    diary.dirty = {"sales": {(int(NOW), 0): None}}
    return diary


@pytest.fixture
def planner(store: FakeStore, diary: Diary) -> Planner:
    known = Known("default", {"sales": "phone", "new": "phone"}, diary)
    return Planner(HandClock(NOW), make_setup(SETTINGS), store, lambda: [known])


async def test_rows_are_written_down_once(planner: Planner, store: FakeStore) -> None:
    assert await planner.flush()
    assert await planner.flush()
    assert [one.row.offered for one in store.rows] == [3]
    assert store.alive_at == [NOW, NOW]


async def test_rows_that_the_disk_did_not_take_are_written_later(planner: Planner, store: FakeStore) -> None:
    store.fails = True
    assert not await planner.flush()
    store.fails = False
    assert await planner.flush()
    assert len(store.rows) == 1


async def test_a_disk_that_takes_nothing_at_the_start_is_tried_again_and_does_not_end_the_service(
    store: FakeStore,
) -> None:
    clock = HandClock(NOW)
    planner = Planner(clock, make_setup(SETTINGS), store, list)
    store.fails = True
    async with at_work(planner.run()):
        await clock.move(NOW + FLUSH_S)
        assert store.began_at == []
        store.fails = False
        await clock.move(NOW + 2 * FLUSH_S)
        assert store.began_at == [NOW + 2 * FLUSH_S]
        assert store.alive_at == []
        await clock.move(NOW + 3 * FLUSH_S)
        assert store.alive_at == [NOW + 3 * FLUSH_S]


async def test_a_plan_is_made_once_for_all_who_ask(planner: Planner) -> None:
    one = await planner.make(("default", "sales"), 3600, 2, WhatIf())
    assert len(one.days) == 2
    assert one.rows[0].agents > 0
    assert await planner.make(("default", "sales"), 3600, 2, WhatIf()) is one
    more = await planner.make(("default", "sales"), 3600, 2, WhatIf(volume=2.0))
    assert (more.days[0].agent_hours or 0.0) > (one.days[0].agent_hours or 0.0) > 0.0
    with pytest.raises(UnknownQueueError):
        await planner.make(("default", "none"), 3600, 2, WhatIf())


async def test_what_was_planned_stands_beside_what_is_needed_as_soon_as_it_is_brought_in(
    store: FakeStore, diary: Diary
) -> None:
    known = Known("default", {"sales": "phone", "new": "phone"}, diary)
    planner = Planner(HandClock(NOW), make_setup(SETTINGS), store, lambda: [known])
    before = await planner.make(("default", "sales"), 3600, 2, WhatIf())
    assert {row.planned for row in before.rows} == {None}
    begin = before.rows[0].at
    spans = (PlannedSpan(begin, begin + 900.0, 3), PlannedSpan(begin + 900.0, begin + 5400.0, 5))
    known.scheduled.tell(PlanTold(queue="sales", by="Grace", spans=spans), NOW)
    after = await planner.make(("default", "sales"), 3600, 2, WhatIf())
    assert [row.planned for row in after.rows[:2]] == [3, None]
    assert planner.zone_of("sales") == make_setup(SETTINGS).zone


async def test_queues_and_pools_can_be_planned(planner: Planner) -> None:
    assert list(planner.plannable()) == [
        ("default", "sales", "phone"),
        ("default", "new", "phone"),
        ("default", "office", None),
    ]
    assert planner.defaults == (3600, 2)
    pool = await planner.make(("default", "office"), 3600, 2, WhatIf())
    assert pool.queue == "office"


async def test_why_there_is_no_forecast_is_in_the_log_once_and_not_every_hour(
    store: FakeStore, diary: Diary
) -> None:
    clock = HandClock(NOW)
    store.pasts = {}
    known = Known("default", {"sales": "phone", "new": "phone"}, diary)
    planner = Planner(clock, make_setup(SETTINGS), store, lambda: [known])
    running = asyncio.create_task(planner.run())
    with capture_logs() as logs:
        async with asyncio.timeout(60):
            for at in (NOW + FLUSH_S, NOW + FLUSH_S + 3600.0):
                while not clock.sleeping_until:  # noqa: ASYNC110  # plans are made in a thread
                    await asyncio.sleep(0.01)  # noqa: TID251  # plans are made in a thread
                await clock.move(at)
            while not clock.sleeping_until:  # noqa: ASYNC110  # plans are made in a thread
                await asyncio.sleep(0.01)  # noqa: TID251  # plans are made in a thread
    running.cancel()
    assert sorted(one["queue"] for one in logs) == ["new", "sales"]


async def test_each_day_a_forecast_is_kept_and_metrics_tell_of_it(store: FakeStore, diary: Diary) -> None:
    clock = HandClock(NOW)
    known = Known("default", {"sales": "phone", "new": "phone"}, diary)
    planner = Planner(clock, make_setup(SETTINGS), store, lambda: [known])
    async with asyncio.timeout(60):
        async with asyncio.TaskGroup() as group:
            running = group.create_task(planner.run())
            while not clock.sleeping_until:  # noqa: ASYNC110  # lets it begin
                await asyncio.sleep(0)  # noqa: TID251  # lets it begin
            await clock.move(NOW + FLUSH_S)
            while not planner.figures():  # noqa: ASYNC110  # the plan is made in a thread
                await asyncio.sleep(0.01)  # noqa: TID251  # the plan is made in a thread
            running.cancel()
    (figures,) = planner.figures()
    assert figures.queue == "sales"
    assert figures.contacts["now"] == pytest.approx(75.0, rel=0.3)
    assert figures.agents is not None
    assert figures.wape["week"] < 0.3
    assert len(store.forecasts) == 1
    assert store.began_at == [NOW]
