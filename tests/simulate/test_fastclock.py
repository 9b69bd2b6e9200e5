"""A clock that runs faster."""

from __future__ import annotations

import asyncio

import pytest

from queuewatch.simulate.fastclock import STEP_S, FastClock
from tests.clocks import HastyClock


def test_it_starts_at_the_present_and_runs_faster() -> None:
    base = HastyClock(1000.0)
    clock = FastClock(base, 10.0)
    assert clock.now() == 1000.0
    base.at = 1006.0
    assert clock.now() == 1060.0


async def test_a_sleep_is_as_much_shorter() -> None:
    base = HastyClock(1000.0)
    clock = FastClock(base, 10.0)
    assert not await clock.sleep_until(1060.0)
    assert base.at == pytest.approx(1006.0)
    assert clock.now() == pytest.approx(1060.0)


async def test_a_sleeper_is_woken_as_on_any_clock() -> None:
    base = HastyClock(1000.0)
    wake = asyncio.Event()
    wake.set()
    assert await FastClock(base, 10.0).sleep_until(2000.0, wake)
    assert base.at == 1000.0


async def test_it_first_catches_up_with_the_present_at_another_speed() -> None:
    base = HastyClock(1000.0)
    clock = FastClock(base, 10.0, lead_s=600.0, lead_speed=60.0)
    assert (clock.now(), clock.live_at) == (400.0, 1000.0)
    clock.go()
    base.at = 1005.0
    assert clock.now() == 700.0
    base.at = 1010.0
    assert clock.now() == 1000.0
    base.at = 1013.0
    assert clock.now() == 1030.0
    base.at = 1002.0
    assert not await clock.sleep_until(700.0)
    assert base.at == pytest.approx(1005.0)
    assert not await clock.sleep_until(1030.0)
    assert base.at == pytest.approx(1013.0)


async def test_until_it_may_go_it_runs_like_any_clock() -> None:
    base = HastyClock(1000.0)
    clock = FastClock(base, 10.0, lead_s=600.0, lead_speed=60.0)
    assert not await clock.sleep_until(405.0)
    assert base.at == pytest.approx(1005.0)
    clock.go()
    assert clock.now() == pytest.approx(405.0)
    base.at = 1006.0
    assert clock.now() == pytest.approx(465.0)
    clock.go()  # it goes already
    assert clock.now() == pytest.approx(465.0)


async def test_who_sleeps_as_it_begins_to_go_oversleeps_by_a_step_at_most() -> None:
    base = HastyClock(1000.0)
    clock = FastClock(base, 10.0, lead_s=600.0, lead_speed=60.0)

    class GoesAfterASecond(HastyClock):
        async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
            woken = await super().sleep_until(at, wake)
            if self.at > 1001.0:
                clock.go()
            return woken

    base.__class__ = GoesAfterASecond
    assert not await clock.sleep_until(460.0)
    assert base.at == pytest.approx(1002.0, abs=STEP_S + 0.01)
    wake = asyncio.Event()
    wake.set()
    assert await FastClock(base, 10.0, lead_s=600.0).sleep_until(2000.0, wake)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_time_does_not_stand_still_or_go_back(speed: float) -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        FastClock(HastyClock(0.0), speed)
    with pytest.raises(ValueError, match="greater than 0"):
        FastClock(HastyClock(0.0), 1.0, lead_s=1.0, lead_speed=speed)
