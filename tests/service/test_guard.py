"""The journal in trouble: told at once past the outbox that lies in it, once, and that it is over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from queuewatch.core.decisions import AlertChanged
from queuewatch.outgoing import Delivery, Manner
from queuewatch.ports import SendFailedError
from queuewatch.service.guard import END_HOLD_S, LOOK_EVERY_S, SLOW_HOLD_S, SLOW_S, Guard
from tests.clocks import NOON, HandClock
from tests.service.fakes import at_work

FULL = "var/queuewatch.db: the disk is full; free some space"
BULLETINS = Manner(kinds=frozenset(("alert",)), bulletins=True)
SINGLE = Manner(kinds=frozenset(("alert",)))
VOUCHERS = Manner(kinds=frozenset(("voucher",)))


class FakeDisk:
    """A journal's disk that is as somebody says."""

    def __init__(self) -> None:
        self.failure: str | None = None
        self.slow_s = 0.01
        self.free = 10_000_000_000
        self.gone = False
        self.probed: Callable[[], None] = lambda: None

    def free_bytes(self) -> int:
        if self.gone:
            raise OSError("no such folder")
        return self.free

    async def probe(self) -> str | None:
        self.probed()
        return self.failure


class Team:
    """A sender that takes what it is sent, or fails as it is told."""

    def __init__(self, manner: Manner = BULLETINS, name: str = "slack") -> None:
        self.name = name
        self.manner = manner
        self.taken: list[Delivery] = []
        self.fails: list[SendFailedError] = []

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> str | None:
        if self.fails:
            raise self.fails.pop(0)
        self.taken.append(delivery)
        return "C1 17.5"

    @property
    def told(self) -> list[tuple[float, str, str, str]]:
        """When, which phase, why, and in which words of the machine."""
        changes = [one.bulletin.news[0] if one.bulletin else one.decision for one in self.taken]
        return [
            (one.at - NOON, one.phase, one.reason, one.detail)
            for one in changes
            if isinstance(one, AlertChanged)
        ]


class House:
    """A guard, its clock, its disk, and whom it tells."""

    def __init__(self, *teams: Team) -> None:
        self.clock = HandClock()
        self.disk = FakeDisk()
        self.teams = teams or (Team(),)
        self.outcomes: Counter[tuple[str, str]] = Counter()

    @asynccontextmanager
    async def guarded(self) -> AsyncIterator[None]:
        guard = Guard(
            self.clock,
            self.disk,
            self.teams,
            self.outcomes,
            site="default",
            low_mb=500.0,
            chance=lambda: 1.0,
        )
        async with at_work(guard.run()):
            yield

    async def until(self, seconds: float) -> None:
        await self.clock.move(NOON + seconds)


async def test_a_disk_that_is_full_is_told_at_the_next_look_and_over_a_minute_after_it_is_well() -> None:
    house = House()
    async with house.guarded():
        await house.until(2)
        house.disk.failure = FULL
        await house.until(LOOK_EVERY_S)
        (team,) = house.teams
        assert team.told == [(LOOK_EVERY_S, "raised", "cannot_write", FULL)]
        await house.until(100)
        house.disk.failure = None
        await house.until(105 + END_HOLD_S - LOOK_EVERY_S)
        assert len(team.told) == 1
        await house.until(105 + END_HOLD_S)
        assert [(at, phase) for at, phase, *_ in team.told[1:]] == [(105 + END_HOLD_S, "resolved")]
    raised, over = (one.bulletin for one in team.taken)
    assert raised is not None
    assert over is not None
    assert (raised.receipt, over.receipt) == ("", "C1 17.5"), "a bot changes the message it posted"
    assert raised.alerts[0].severity == "critical"
    assert (raised.open, over.open) == ((raised.alerts[0],), ())
    assert house.outcomes == {("slack", "sent"): 2}


async def test_a_journal_that_is_well_is_never_spoken_of() -> None:
    house = House()
    house.disk.slow_s = SLOW_S - 0.001
    house.disk.free = 500_000_000
    async with house.guarded():
        await house.until(120)
    assert house.teams[0].told == []


async def test_a_disk_that_is_slow_is_told_when_it_has_been_so_for_half_a_minute() -> None:
    house = House()
    house.disk.slow_s = SLOW_S
    async with house.guarded():
        await house.until(SLOW_HOLD_S - 1)
        assert house.teams[0].told == []
        await house.until(SLOW_HOLD_S)
        assert house.teams[0].told == [(SLOW_HOLD_S, "raised", "slow", "2.0 s")]
        assert house.teams[0].taken[0].bulletin is not None
        assert house.teams[0].taken[0].bulletin.alerts[0].severity == "warning"


async def test_one_slow_commit_is_no_trouble() -> None:
    house = House()
    house.disk.slow_s = 9.0
    async with house.guarded():
        await house.until(SLOW_HOLD_S - LOOK_EVERY_S)
        house.disk.slow_s = 0.01
        await house.until(120)
    assert house.teams[0].told == []


async def test_a_disk_that_fills_up_is_told_before_it_is_full_and_again_when_it_is() -> None:
    house = House()
    house.disk.free = 499_999_999
    async with house.guarded():
        assert house.teams[0].told == [(0, "raised", "disk_nearly_full", "500 MB")]
        house.disk.failure = FULL
        await house.until(LOOK_EVERY_S)
    assert house.teams[0].told[1:] == [(LOOK_EVERY_S, "escalated", "cannot_write", FULL)]


async def test_a_disk_that_does_not_say_how_full_it_is_is_no_trouble_before_it_fails() -> None:
    house = House()
    house.disk.gone = True
    async with house.guarded():
        await house.until(60)
    assert house.teams[0].told == []


async def test_while_it_was_in_trouble_the_disk_is_tried_even_when_nothing_comes_in() -> None:
    house = House()
    house.disk.slow_s = 3.0

    def well() -> None:
        house.disk.slow_s = 0.001

    async with house.guarded():
        house.disk.probed = well
        await house.until(SLOW_HOLD_S + LOOK_EVERY_S + END_HOLD_S)
    assert [phase for _, phase, *_ in house.teams[0].told] == ["raised", "resolved"]


async def test_a_disk_that_flaps_is_one_alert() -> None:
    house = House()
    async with house.guarded():
        for begins_s in (0.0, 80.0, 160.0):
            house.disk.failure = FULL
            await house.until(begins_s + LOOK_EVERY_S)
            house.disk.failure = None
            await house.until(begins_s + 80.0)
    changes = [one.bulletin.alerts[0] for one in house.teams[0].taken if one.bulletin]
    assert [one.phase for one in changes] == ["raised", "resolved", *["updated", "resolved"] * 2]
    assert len({one.alert for one in changes}) == 1


async def test_what_cannot_be_sent_is_tried_again_until_it_is_taken() -> None:
    house = House()
    (team,) = house.teams
    team.fails = [SendFailedError("no answer"), SendFailedError("too many", retry_after_s=30.0)]
    house.disk.failure = FULL
    async with house.guarded():
        await house.until(2 - 0.001)
        assert len(team.fails) == 1
        await house.until(2)
        assert (len(team.fails), team.taken) == (0, [])
        await house.until(32)
    assert len(team.taken) == 1
    assert house.outcomes == {("slack", "failed"): 2, ("slack", "sent"): 1}


async def test_what_nobody_heard_of_is_not_said_to_be_over() -> None:
    house = House()
    (team,) = house.teams
    team.fails = [SendFailedError("no answer")] * 3 + [SendFailedError("no such channel", permanent=True)]
    house.disk.failure = FULL
    async with house.guarded():
        await house.until(30)
        house.disk.failure = None
        await house.until(120)
    assert team.taken == []
    assert house.outcomes == {("slack", "failed"): 3, ("slack", "refused"): 1}


@pytest.mark.parametrize(("manner", "count"), [(BULLETINS, 1), (SINGLE, 1), (VOUCHERS, 0)])
async def test_all_who_send_alerts_are_told_and_nobody_else(manner: Manner, count: int) -> None:
    stuck = Team(name="teams")
    stuck.fails = [SendFailedError("no answer")] * 1000
    house = House(stuck, Team(manner))
    house.disk.failure = FULL
    async with house.guarded():
        await house.until(10)
    assert len(house.teams[1].told) == count
