"""The digest of the week: at its moment, once, through restarts and failures, on a clock moved by hand."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from queuewatch.core.hours import Hours
from queuewatch.ports import SendFailedError
from queuewatch.service.weekly import FIRST_RETRY_S, NoDigestError, Weekly
from tests.clocks import HandClock
from tests.service.fakes import FakeLedger, at_work

BERLIN = ZoneInfo("Europe/Berlin")
MONDAYS = Hours(zone=BERLIN, week=(((8 * 3600.0, 86_400.0),), *((),) * 6))


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


DUE = utc("2026-11-23T07:00")  # a Monday; eight in Berlin
KEY = ("digest/2026-11-23T07:00:00.000000Z", "slack")
WEEK_S = 7 * 86_400.0


class House:
    """What outlives the service, and Slack; `run` starts the weekly digest anew."""

    def __init__(self, at: float = DUE - 3600) -> None:
        self.clock = HandClock(at)
        self.ledger = FakeLedger()
        self.posted: list[tuple[float, str]] = []
        self.made: list[float] = []
        self.failures: list[Exception] = []
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.open = asyncio.Event()
        self.open.set()
        self.making = asyncio.Event()
        self.making.set()

    async def compose(self, ends_at: float) -> str:
        self.made.append(ends_at)
        await self.making.wait()
        if self.failures and isinstance(self.failures[0], NoDigestError):
            raise self.failures.pop(0)
        return f"the week until {ends_at:.0f}"

    async def post(self, text: str) -> None:
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.posted.append((self.clock.now(), text))

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        weekly = Weekly(
            self.clock,
            self.ledger,
            MONDAYS,
            self.compose,
            self.post,
            sender="slack",
            outcomes=self.outcomes,
            chance=lambda: 1.0,
        )
        async with at_work(weekly.run()):
            yield

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.posted]


async def test_it_is_posted_at_exactly_its_moment_each_week_and_tells_of_the_time_until_then() -> None:
    house = House()
    async with house.run():
        await house.clock.move(DUE - 0.001)
        assert house.posted == []
        await house.clock.move(DUE)
        assert house.posted == [(DUE, f"the week until {DUE:.0f}")]
        await house.clock.move(DUE + 2 * WEEK_S)
    assert house.times == [DUE, DUE + WEEK_S, DUE + 2 * WEEK_S]
    assert house.outcomes == {("slack", "sent"): 3}


async def test_it_goes_by_the_clock_on_the_wall_when_the_clock_is_set() -> None:
    house = House(utc("2026-03-23T06:00"))
    async with house.run():
        await house.clock.move(utc("2026-03-30T12:00"))
    assert house.times == [utc("2026-03-23T07:00"), utc("2026-03-30T06:00")]


async def test_a_restart_after_it_was_posted_does_not_post_it_again() -> None:
    house = House()
    async with house.run():
        await house.clock.move(DUE)
    async with house.run():
        await house.clock.move(DUE + 3600)
    assert house.times == [DUE]
    assert house.ledger.kept == {KEY: "sent"}


async def test_a_service_that_was_down_at_the_moment_posts_it_when_it_is_back_that_day() -> None:
    house = House(DUE + 4 * 3600)
    async with house.run():
        assert house.posted == [(DUE + 4 * 3600, f"the week until {DUE:.0f}")]


async def test_a_service_that_comes_back_another_day_waits_for_the_next_one() -> None:
    house = House(utc("2026-11-23T23:00"))
    async with house.run():
        assert house.made == []
        await house.clock.move(DUE + WEEK_S)
    assert house.times == [DUE + WEEK_S]


async def test_a_crash_while_it_is_made_makes_and_posts_it_after_the_restart() -> None:
    house = House()
    house.making.clear()
    async with house.run():
        await house.clock.move(DUE)
        assert house.ledger.kept == {}
    house.making.set()
    async with house.run():
        assert house.times == [DUE]
    assert house.ledger.kept == {KEY: "sent"}


async def test_a_crash_while_it_is_posted_does_not_post_it_a_second_time() -> None:
    house = House()
    house.open.clear()
    async with house.run():
        await house.clock.move(DUE)
        assert house.ledger.kept == {KEY: "claimed"}
    house.open.set()
    async with house.run():
        await house.clock.move(DUE + 3600)
        assert house.times == []
        assert house.ledger.kept == {KEY: "failed"}
        await house.clock.move(DUE + WEEK_S)
    assert house.times == [DUE + WEEK_S]
    assert house.outcomes == {("slack", "given_up"): 1, ("slack", "sent"): 1}


async def test_what_slack_or_the_report_fails_at_is_tried_again_later_and_later() -> None:
    house = House()
    house.failures = [
        NoDigestError("the report took too long"),
        SendFailedError("hooks.example answered 503"),
    ]
    async with house.run():
        await house.clock.move(DUE)
        assert house.clock.sleeping_until == [DUE + FIRST_RETRY_S]
        await house.clock.move(DUE + FIRST_RETRY_S)
        assert house.clock.sleeping_until == [DUE + 3 * FIRST_RETRY_S]
        await house.clock.move(DUE + 3600)
    assert house.times == [DUE + 3 * FIRST_RETRY_S]
    assert house.outcomes == {("slack", "failed"): 1, ("slack", "sent"): 1}


async def test_slack_is_left_alone_for_as_long_as_it_asks() -> None:
    house = House()
    house.failures = [SendFailedError("hooks.example answered 429", retry_after_s=500.0)]
    async with house.run():
        await house.clock.move(DUE + 499.999)
        assert house.posted == []
        await house.clock.move(DUE + 500)
    assert house.times == [DUE + 500]


async def test_what_slack_refuses_for_good_is_not_posted_again_that_week() -> None:
    house = House()
    house.failures = [SendFailedError("hooks.example answered 404", permanent=True)]
    async with house.run():
        await house.clock.move(DUE + 3600)
        assert house.ledger.kept == {KEY: "failed"}
        await house.clock.move(DUE + WEEK_S)
    assert house.times == [DUE + WEEK_S]
    assert house.outcomes == {("slack", "refused"): 1, ("slack", "sent"): 1}


async def test_nobody_is_told_on_tuesday_what_could_not_be_made_on_monday() -> None:
    house = House()
    house.failures = [NoDigestError("there is no journal here")] * 1000
    async with house.run():
        await house.clock.move(DUE + 2 * 86_400)
        assert house.ledger.kept == {KEY: "failed"}
        assert house.clock.sleeping_until == [DUE + WEEK_S]
    assert house.posted == []


async def test_what_slack_takes_again_only_when_the_day_is_over_stays_unsent() -> None:
    house = House()
    midnight_at = utc("2026-11-23T23:00")
    house.failures = [SendFailedError("hooks.example answered 429", retry_after_s=midnight_at - DUE)]
    async with house.run():
        await house.clock.move(midnight_at)
        assert house.ledger.kept == {KEY: "failed"}
    assert house.posted == []


async def test_a_ledger_that_cannot_be_written_holds_it_up_and_nothing_else() -> None:
    house = House()
    house.ledger.broken = 2
    async with house.run():
        await house.clock.move(DUE)
        assert house.posted == []
        await house.clock.move(DUE + 3600)
    assert house.times == [DUE + 3 * FIRST_RETRY_S]
