"""Tests of the calendar method: what the date in the month does is learned, if it does anything."""

import numpy as np
import pytest

from queuewatch.queueing.forecasting.backtest import back_test, wape
from queuewatch.queueing.forecasting.days import Floats, History, unrooted
from queuewatch.queueing.forecasting.smooth import FactorsCalendar
from tests.queueing.forecasting.made import all_days, rates

CALENDAR, WEEKDAY = FactorsCalendar(), FactorsCalendar(month=False)


def errors(level: Floats, seed: int) -> tuple[float, float]:
    days = all_days(len(level))
    counts = np.random.default_rng(seed).poisson(rates(days) * level[:, None]).astype(np.float64)
    tested = back_test(
        History(days, counts), [CALENDAR, WEEKDAY], range(len(level) - 60, len(level) - 7, 8), days=7
    )
    with_month, without = (wape(tested.counts, unrooted(roots)) for roots in tested.roots)
    return with_month, without


def test_the_first_days_of_a_month_are_foreseen_when_they_are_busy() -> None:
    phase = all_days(240).month_phase
    with_month, without = errors(1.0 + 0.4 * np.exp(-phase / 0.1), seed=5)
    assert with_month < 0.9 * without


def test_where_the_month_does_nothing_looking_at_it_costs_little() -> None:
    with_month, without = errors(np.ones(150), seed=6)
    assert with_month < 1.02 * without


@pytest.mark.parametrize("method", [CALENDAR, WEEKDAY])
def test_a_queue_that_nobody_came_to_for_months_after_it_was_busy_has_a_forecast(
    method: FactorsCalendar,
) -> None:
    days = all_days(20 + 130 + 7)
    counts = rates(days) * (np.arange(len(days)) < 20)[:, None]
    tested = back_test(History(days, counts), [method], [150], days=7)
    said = unrooted(tested.roots[0])
    # At most the mean of all days known, of which 20 in 150 were busy.
    assert (said >= 0.0).all()
    assert said.max() <= rates(days).max() * 20 / 150


def test_days_beyond_the_window_are_forgotten() -> None:
    days = all_days(60)
    history = History(days, rates(days))
    assert FactorsCalendar(window=14).name == "factors + calendar"
    tested = back_test(history, [FactorsCalendar(window=14)], [53], days=7)
    assert wape(tested.counts, unrooted(tested.roots[0])) < 0.1
