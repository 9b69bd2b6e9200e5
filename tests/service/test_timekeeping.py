"""A clock that jumps, or is behind what is written down, is told: at once, once, and that it is over."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from queuewatch.service.timekeeping import BACK_S, FORWARD_S, LOOK_EVERY_S, Timekeeper, behind
from tests.clocks import NOON, HandClock
from tests.service.fakes import at_work

HOUR_S = 3600.0


class House:
    """A clock that is kept, and when something was written last."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.latest_at = NOON
        self.keeper = Timekeeper(self.clock, lambda: behind(self.latest_at, self.clock.now()))


def test_a_clock_is_behind_only_by_more_than_it_is_ever_set_right_by() -> None:
    assert behind(NOON, NOON + HOUR_S) is None
    assert behind(NOON, NOON) is None
    assert behind(NOON, NOON - BACK_S) is None
    said = behind(NOON, NOON - HOUR_S)
    assert said is not None
    assert "3600 s behind" in said
    assert "2026-11-21T12:00:00" in said
    assert "NTP" in said


async def test_a_clock_that_is_behind_is_told_once_and_when_it_has_caught_up() -> None:
    house = House()
    house.latest_at = NOON + 60.0
    with capture_logs() as logs:
        async with at_work(house.keeper.run()):
            await house.clock.move(NOON + 50.0)
            assert [line["event"] for line in logs] == ["clock behind"]
            await house.clock.move(NOON + 60.0)
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("clock behind", "error"),
        ("clock caught up", "info"),
    ]


@pytest.mark.parametrize(
    ("by_s", "is_told"),
    [
        *((by_s, True) for by_s in (-HOUR_S, 24 * HOUR_S, -BACK_S - 1.0, FORWARD_S + 1.0)),
        # To be set right by little, or to be late for a moment, is no jump.
        *((by_s, False) for by_s in (-BACK_S, 0.0, FORWARD_S)),
    ],
)
async def test_a_jump_is_told_once_with_how_far(by_s: float, is_told: bool) -> None:
    house = House()
    with capture_logs() as logs:
        async with at_work(house.keeper.run()):
            await house.clock.jump(by_s)
            await house.clock.move_by(3 * LOOK_EVERY_S)
    jumps = [line for line in logs if line["event"] == "clock jumped"]
    assert [line["by_s"] for line in jumps] == ([by_s] if is_told else [])
