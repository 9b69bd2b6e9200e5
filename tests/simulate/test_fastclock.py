"""A clock that runs faster."""

from __future__ import annotations

import asyncio

import pytest

from queuewatch.simulate.fastclock import FastClock
from tests.simulate.clocks import HandClock


def test_it_starts_at_the_present_and_runs_faster() -> None:
    base = HandClock(1000.0)
    clock = FastClock(base, 10.0)
    assert clock.now() == 1000.0
    base.at = 1006.0
    assert clock.now() == 1060.0


async def test_a_sleep_is_as_much_shorter() -> None:
    base = HandClock(1000.0)
    clock = FastClock(base, 10.0)
    assert not await clock.sleep_until(1060.0)
    assert base.at == pytest.approx(1006.0)
    assert clock.now() == pytest.approx(1060.0)


async def test_a_sleeper_is_woken_as_on_any_clock() -> None:
    base = HandClock(1000.0)
    wake = asyncio.Event()
    wake.set()
    assert await FastClock(base, 10.0).sleep_until(2000.0, wake)
    assert base.at == 1000.0


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_time_does_not_stand_still_or_go_back(speed: float) -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        FastClock(HandClock(0.0), speed)
