"""Tests of the forecast of handling times: level, habit, few contacts, odd days, ranges."""

import numpy as np
import pytest

from queuewatch.queueing.forecasting.days import Days, Floats
from queuewatch.queueing.forecasting.means import Means, forecast_means
from tests.queueing.forecasting.made import MONDAY, all_days, office_days

HABIT: Floats = np.array([0.9, 1.0, 1.1])


def steady(days: Days, contacts: float = 200.0, *, level: float = 300.0) -> Means:
    shape = (len(days), 3)
    return Means(days, np.broadcast_to(level * HABIT, shape).copy(), np.full(shape, contacts))


def test_a_steady_handling_time_is_forecast_with_the_habit_of_each_interval() -> None:
    said = forecast_means(steady(all_days(60, 3)), all_days(7, 3, first=MONDAY + 60))
    assert said.mean == pytest.approx(np.tile(300.0 * HABIT, (7, 1)), rel=0.01)
    assert np.all(said.deviation < 0.01)


def test_a_habit_seen_with_few_contacts_is_not_believed() -> None:
    said = forecast_means(steady(all_days(20, 3), 0.5), all_days(1, 3, first=MONDAY + 20))
    assert said.mean[0] == pytest.approx(np.full(3, 300.0), rel=0.02)


def test_few_days_give_their_mean_weighted_by_contacts_and_a_wide_range() -> None:
    past = steady(all_days(2, 3))
    past.values[1] *= 2.0
    past.contacts[1] = 0.0
    said = forecast_means(past, all_days(1, 3, first=MONDAY + 2))
    assert said.mean.mean() == pytest.approx(300.0, rel=0.01)
    assert said.quantile(0.9)[0, 1] == pytest.approx(said.mean[0, 1] * np.exp(1.2816 * 0.15), rel=1e-3)


def test_means_that_are_not_known_are_left_out() -> None:
    past = steady(office_days(40, 3))
    past.values[10:12] = np.nan
    past.values[20, 1] = np.nan
    said = forecast_means(past, office_days(7, 3, first=MONDAY + 40))
    assert said.mean[2] == pytest.approx(300.0 * HABIT, rel=0.01)


def test_one_odd_day_moves_the_level_by_little() -> None:
    chance = np.random.default_rng(4)
    past = steady(all_days(60, 3))
    past.values[:] *= np.exp(0.02 * chance.standard_normal((60, 1)))
    calm = forecast_means(past, all_days(1, 3, first=MONDAY + 60)).mean
    past.values[57] *= 3.0
    odd = forecast_means(past, all_days(1, 3, first=MONDAY + 60)).mean
    assert odd == pytest.approx(calm, rel=0.03)


def test_ranges_cover_levels_that_wander() -> None:
    chance = np.random.default_rng(5)
    inside = total = 0
    for _ in range(8):
        level = np.exp(np.cumsum(0.02 * chance.standard_normal(90)) + 0.03 * chance.standard_normal(90))
        past = steady(all_days(90, 3))
        past.values[:] *= level[:, None]
        said = forecast_means(past.part(0, 83), past.days.part(83, 90))
        low, high = said.quantile(0.1)[:, 1], said.quantile(0.9)[:, 1]
        inside += int(np.sum((low <= past.values[83:, 1]) & (past.values[83:, 1] <= high)))
        total += 7
    # the seven days of one history err together: as if from 8 to 56 draws, three deviations of some 20
    assert inside / total == pytest.approx(0.8, abs=3.0 * np.sqrt(0.8 * 0.2 / 20.0))


def test_nothing_known_is_refused() -> None:
    with pytest.raises(ValueError, match="no mean is known"):
        forecast_means(steady(all_days(3, 3), 0.0), all_days(1, 3, first=MONDAY + 3))


def test_means_that_cannot_be_are_refused() -> None:
    days = all_days(1, 1)
    with pytest.raises(ValueError, match="make them equal"):
        Means(days, np.ones((1, 2)), np.ones((1, 2)))
    with pytest.raises(ValueError, match="not above 0"):
        Means(days, np.zeros((1, 1)), np.ones((1, 1)))
    with pytest.raises(ValueError, match="not above 0"):
        Means(days, np.ones((1, 1)), np.full((1, 1), -1.0))
