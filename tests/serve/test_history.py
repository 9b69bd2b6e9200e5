"""The day as the boards chart it: a sample a minute, unknown is null, a day is kept."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from queuewatch.core.view import BUCKETS_S, HistogramView, WaitView
from queuewatch.serve.history import EVERY_S, KEEP, SPAN_S, Histories
from tests.clocks import HandClock, HastyClock
from tests.serve.conftest import Client
from tests.serve.desk import NOON, FakeDesk, queue, quiet


def answered_by(number: int) -> dict[str, Any]:
    return {"counts": replace(queue().counts, answered=number)}


def test_a_sample_holds_what_the_board_showed() -> None:
    desk = FakeDesk(views=[queue(targets={"60": 0.2, "180": 0.02})])
    histories = Histories(desk, HandClock(NOON))
    histories.sample()
    day = histories.of("sales", "default")
    assert day.at == (datetime.fromtimestamp(NOON, UTC),)
    assert (day.typical_s, day.kept_s, day.oldest_s) == ((115.0,), (250.0,), (75.0,))
    assert (day.waiting, day.agents, day.chances) == ((3.0,), (2.0,), {"60": (0.82,), "180": (0.24,)})


def test_answered_and_abandoned_are_counted_since_the_sample_before() -> None:
    desk = FakeDesk(views=[queue(**answered_by(5))])
    histories = Histories(desk, HandClock(NOON))
    histories.sample()
    desk.views[0] = queue(**answered_by(9))
    histories.sample()
    assert histories.of("sales", "default").answered == (0.0, 4.0)


def waits(**by_bucket: int) -> dict[str, Any]:
    """Counts of waits, by the place of their bucket."""
    counts = tuple(by_bucket.get(f"b{place}", 0) for place in range(len(BUCKETS_S) + 1))
    return {"counts": replace(queue().counts, wait=HistogramView(counts=counts, sum_s=0.0))}


def test_those_answered_are_counted_by_how_long_they_had_waited_every_five_minutes() -> None:
    desk = FakeDesk(views=[queue(at=NOON, **waits(b0=7))])
    histories = Histories(desk, HandClock(NOON))
    histories.sample()
    desk.views[0] = queue(at=NOON + SPAN_S - EVERY_S, **waits(b0=8, b20=2))
    histories.sample()
    desk.views[0] = queue(at=NOON + SPAN_S, **waits(b0=9, b20=2))
    histories.sample()
    heat = histories.of("sales", "default").heat
    assert heat.borders_s == BUCKETS_S
    assert heat.at == tuple(datetime.fromtimestamp(NOON + so, UTC) for so in (0, SPAN_S))
    # What was counted before the first sample belongs to nobody's time.
    assert heat.answered[0] == (1, *[0] * (len(BUCKETS_S) - 1), 2)
    assert heat.answered[1] == (1, *[0] * len(BUCKETS_S))


def test_of_a_queue_never_seen_there_is_no_heat() -> None:
    assert Histories(FakeDesk(views=[]), HandClock(NOON)).of("sales", "default").heat.at == ()


def test_what_nobody_could_say_is_null() -> None:
    desk = FakeDesk(
        views=[quiet("sales", targets={"60": 0.2}, next=WaitView(place=1, no_estimate="no_agents"))]
    )
    histories = Histories(desk, HandClock(NOON))
    histories.sample()
    day = histories.of("sales", "default")
    assert (day.typical_s, day.agents, day.chances) == ((None,), (None,), {"60": (None,)})
    assert day.oldest_s == (0.0,)


def test_a_day_is_kept_and_no_more() -> None:
    desk = FakeDesk(views=[queue()])
    histories = Histories(desk, HandClock(NOON))
    for minute in range(KEEP + 1):
        desk.views[0] = queue(at=NOON + minute * EVERY_S)
        histories.sample()
    at = histories.of("sales", "default").at
    assert len(at) == KEEP
    assert at[0] == datetime.fromtimestamp(NOON + EVERY_S, UTC)


async def test_it_samples_once_a_minute() -> None:
    class Patient(HastyClock):
        async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
            if len(self.slept) == 2:
                raise asyncio.CancelledError
            return await super().sleep_until(at, wake)

    desk, clock = FakeDesk(views=[queue()]), Patient(NOON)
    with suppress(asyncio.CancelledError):
        await Histories(desk, clock).run()
    assert (desk.boards, clock.slept) == (3, [60.0, 60.0])


async def test_a_queue_nothing_is_remembered_of_has_an_empty_day(client: Client) -> None:
    response = await client.get("/v1/queues/sales/history")
    told = await response.json()
    assert (response.status, told["at"], told["chances"]) == (200, [], {})


async def test_an_unknown_queue_is_not_found(client: Client) -> None:
    assert (await client.get("/v1/queues/slaes/history")).status == 404
