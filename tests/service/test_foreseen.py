"""Metrics of forecasts speak of the interval that is now, by the forecast that was made so long before."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from queuewatch.core.plan.accuracy import Kept
from queuewatch.core.plan.calendar import Calendar, number
from queuewatch.service.foreseen import AHEAD_S, Figures, foresee

HALF_HOUR_S = 1800
A_DAY = 48
TODAY = date(2026, 3, 10)
MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC).timestamp()
TEN = MIDNIGHT + 10 * 3600.0
CALENDAR = Calendar(zone=UTC)
SCORED = Figures(site="default", queue="sales", channel="phone", wape={"day": 0.1})


def kept(day: date, contacts: float, *, agents: int = 3, rising: bool = False) -> Kept:
    """A forecast made at noon of a day, for ten days: so many contacts in each half hour, or more each."""
    mean = [int(10 * contacts) + (index % A_DAY if rising else 0) for index in range(10 * A_DAY)]
    low, high = [one - 10 for one in mean], [one + 20 for one in mean]
    return Kept(
        made_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp(),
        first=number(day),
        length_s=HALF_HOUR_S,
        mean=mean,
        ranges=(low, high, low, high),
        agents=[agents] * len(mean),
    )


def test_each_lead_is_the_last_forecast_made_so_many_days_before() -> None:
    told = [kept(date(2026, 3, 3), 7.0), kept(date(2026, 3, 8), 2.0), kept(date(2026, 3, 9), 5.0, agents=9)]
    now = foresee(told, CALENDAR, HALF_HOUR_S, SCORED, TEN).at(TEN)
    # None was made today: what holds today was said yesterday.
    assert now.contacts == {"now": 5.0, "day": 5.0, "week": 7.0}
    assert (now.agents, now.wape) == (9, {"day": 0.1})
    assert now.ranges["week", "80", "low"] == pytest.approx(6.0)
    assert now.ranges["week", "80", "high"] == pytest.approx(9.0)


@pytest.mark.parametrize(("after_s", "tenths"), [(0.0, 20), (1799.0, 20), (1800.0, 21), (5400.0, 23)])
def test_time_moves_on_to_the_next_interval_without_a_new_forecast(after_s: float, tenths: int) -> None:
    foreseen = foresee([kept(TODAY, 0.0, rising=True)], CALENDAR, HALF_HOUR_S, SCORED, TEN)
    assert foreseen.at(TEN + after_s).contacts["now"] == tenths / 10


def test_what_was_said_long_ago_is_told_no_more_but_how_good_it_was_is() -> None:
    foreseen = foresee([kept(TODAY, 4.0)], CALENDAR, HALF_HOUR_S, SCORED, TEN)
    assert foreseen.at(TEN + AHEAD_S).contacts == {"now": 4.0}
    assert foreseen.at(TEN + AHEAD_S + HALF_HOUR_S) == SCORED


def test_over_midnight_the_next_day_begins() -> None:
    late = MIDNIGHT + 23.75 * 3600
    foreseen = foresee([kept(TODAY, 0.0, rising=True)], CALENDAR, HALF_HOUR_S, SCORED, late)
    assert foreseen.at(late).contacts == {"now": 4.7}
    # Made yesterday by now.
    assert foreseen.at(MIDNIGHT + 86_400.0).contacts == {"now": 0.0, "day": 0.0}


def test_an_interval_of_which_nothing_was_said_is_absent() -> None:
    silent = kept(TODAY, -0.1)
    assert foresee([silent], CALENDAR, HALF_HOUR_S, SCORED, TEN).at(TEN).contacts == {}
    tomorrow = kept(date(2026, 3, 11), 5.0)
    assert foresee([tomorrow], CALENDAR, HALF_HOUR_S, SCORED, TEN).at(TEN).contacts == {}
    long_ago = kept(date(2026, 2, 1), 5.0)
    assert foresee([long_ago], CALENDAR, HALF_HOUR_S, SCORED, TEN).at(TEN).contacts == {}
