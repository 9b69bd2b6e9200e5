"""Waits that pass only while a queue is open."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.estimate.opentime import AHEAD_S, FORWARD_S, ByTheClock, OpenClock
from queuewatch.core.estimate.others.number import Number
from queuewatch.core.estimate.place import InLine
from queuewatch.core.hours import Hours
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import Visit

HOUR_S, DAY_S = 3600.0, 86_400.0
MONDAY_AT = 1_700_438_400.0  # 2023-11-20T00:00:00Z
FRIDAY_AT = MONDAY_AT + 4 * DAY_S
HOURS = Hours(zone=ZoneInfo("UTC"), week=(((9 * HOUR_S, 17 * HOUR_S),),) * 5 + ((), ()))
NEVER = Hours(zone=ZoneInfo("UTC"), week=((),) * 7)


def test_it_stands_at_night_and_goes_by_day() -> None:
    clock = OpenClock()
    assert clock.read(HOURS, MONDAY_AT + 9 * HOUR_S) == 0.0
    assert clock.read(HOURS, MONDAY_AT + 10 * HOUR_S) == HOUR_S
    assert clock.read(HOURS, MONDAY_AT + 20 * HOUR_S) == 8 * HOUR_S
    assert clock.read(HOURS, MONDAY_AT + DAY_S + 9.5 * HOUR_S) == 8.5 * HOUR_S


def test_what_lies_before_the_mark_is_less() -> None:
    clock = OpenClock()
    clock.read(HOURS, MONDAY_AT + 12 * HOUR_S)
    assert clock.read(HOURS, MONDAY_AT + 10 * HOUR_S) == -2 * HOUR_S
    assert clock.read(HOURS, MONDAY_AT) == -3 * HOUR_S


def test_a_mark_that_moves_on_changes_nothing_of_what_it_shows() -> None:
    plain, moved = OpenClock(), OpenClock()
    for days in range(0, 40, 2):
        at = MONDAY_AT + days * DAY_S + 11 * HOUR_S
        moved.forward(HOURS, at)
        assert moved.read(HOURS, at) == pytest.approx(plain.read(HOURS, at))
    assert moved.at is not None
    assert plain.at is not None
    assert moved.at > plain.at + FORWARD_S


def test_a_move_is_told_by_it_with_all_its_times() -> None:
    visit = Visit(
        contact="m",
        queue="mail",
        number=1,
        channel="email",
        source="/mail",
        stage="answered",
        enqueued_at=FRIDAY_AT + 16 * HOUR_S,
        confirmed_at=0.0,
        answered_at=FRIDAY_AT + 3 * DAY_S + 10 * HOUR_S,
    )
    clock = OpenClock(MONDAY_AT)
    told = clock.change(Change(visit, "waiting", "answered", FRIDAY_AT + 3 * DAY_S + 10 * HOUR_S), HOURS)
    # From Friday at four to Monday at ten it was open for two hours.
    assert told.visit.wait_s == 2 * HOUR_S
    assert told.at == 41 * HOUR_S
    assert told.visit.ended_at is None
    assert visit.wait_s == 66 * HOUR_S


def test_two_open_hours_from_friday_at_four_are_monday_at_ten() -> None:
    told = ByTheClock(Number(2 * HOUR_S), HOURS, FRIDAY_AT + 16 * HOUR_S)
    assert told.mean_s == pytest.approx(66 * HOUR_S)
    assert told.quantile_s(0.9) == pytest.approx(66 * HOUR_S)
    assert (told.chance_over(65.9 * HOUR_S), told.chance_over(66 * HOUR_S)) == (1.0, 0.0)
    assert told.chance_there(12 * HOUR_S) == 1.0


def test_what_is_never_open_is_never_answered() -> None:
    told = ByTheClock(Number(60.0), NEVER, MONDAY_AT)
    assert (told.mean_s, told.quantile_s(0.5)) == (AHEAD_S, AHEAD_S)
    assert told.chance_over(AHEAD_S / 2.0) == 1.0


def test_before_now_it_is_certain() -> None:
    assert ByTheClock(Number(0.0), HOURS, MONDAY_AT).chance_over(-1.0) == 1.0


@given(st.floats(0.0, 7 * DAY_S), st.floats(0.01, 0.99), st.integers(0, 40))
def test_quantiles_and_chances_agree_by_the_clock(since_s: float, share: float, ahead: int) -> None:
    told = ByTheClock(InLine(float(ahead), 1 / 900.0, 0.0), HOURS, MONDAY_AT + since_s)
    t_s = told.quantile_s(share)
    assert told.chance_over(t_s) == pytest.approx(1.0 - share, abs=1e-3)
    assert HOURS.open_at(MONDAY_AT + since_s + t_s - 1e-3)
