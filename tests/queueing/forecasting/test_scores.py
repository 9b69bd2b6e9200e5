"""Tests of the scores, by hand and on laws that are known."""

import numpy as np
import pytest

from queuewatch.queueing.forecasting.backtest import back_test
from queuewatch.queueing.forecasting.methods import WeekProfile
from queuewatch.queueing.forecasting.scores import score, score_tested
from tests.queueing.forecasting.made import all_days, poisson

PROFILE = WeekProfile()


def test_a_score_by_hand() -> None:
    counts = np.array([[10.0, 20.0, np.nan]])
    quantiles = np.array([5.0, 8.0, 12.0, 15.0, 19.0])[:, None, None] * np.ones((1, 1, 3))
    result = score(counts, np.full((1, 3), 12.0), quantiles, np.array([4.0]))
    assert result.rows == 1
    assert result.wape == pytest.approx((2.0 + 8.0) / 30.0)
    assert result.mase == pytest.approx((2.0 + 8.0) / 2 / 4.0)
    assert (result.cover_80, result.cover_95) == (0.5, 0.5)
    of_ten = 0.025 * 5 + 0.1 * 2 + 0.5 * 2 + 0.1 * 5 + 0.025 * 9
    of_twenty = 0.025 * 15 + 0.1 * 12 + 0.5 * 8 + 0.9 * 5 + 0.975 * 1
    assert result.pinball == pytest.approx((of_ten + of_twenty) / 10)


def test_a_count_on_the_border_of_a_range_is_inside() -> None:
    quantiles = np.array([1.0, 2.0, 3.0, 4.0, 5.0])[:, None, None]
    assert score(np.array([[2.0]]), np.ones((1, 1)), quantiles, np.ones(1)).cover_80 == 1.0
    assert score(np.array([[5.0]]), np.ones((1, 1)), quantiles, np.ones(1)).cover_95 == 1.0


def test_nothing_to_score_is_no_score() -> None:
    result = score(np.full((1, 1), np.nan), np.ones((1, 1)), np.ones((5, 1, 1)), np.ones(1))
    assert result.rows == 0
    assert np.isnan(result.wape)
    few = back_test(poisson(all_days(30)), [PROFILE], range(25, 28), days=1)
    assert score_tested(few, [PROFILE.name]).rows == 0


@pytest.mark.parametrize(("size", "level"), [(100.0, 0.0), (100.0, 0.12), (3.0, 0.1)])
def test_ranges_learned_as_time_goes_on_cover_what_they_say(size: float, level: float) -> None:
    covers = []
    for seed in range(4):
        history = poisson(all_days(130), size, seed=seed, level=level)
        tested = back_test(history, [PROFILE], range(60, 130), days=1)
        result = score_tested(tested, [PROFILE.name])
        assert result.rows == 65  # all but the first five
        covers.append((result.cover_80, result.cover_95))
    mean_80, mean_95 = np.mean(covers, axis=0)
    # with a level the intervals of a day err together: 260 days are 260 draws; three deviations, and 1 %
    # for the border of whole counts and for ranges learned from few days being a little wide
    assert mean_80 == pytest.approx(0.8, abs=3.0 * np.sqrt(0.8 * 0.2 / 260) + 0.01)
    assert mean_95 == pytest.approx(0.95, abs=3.0 * np.sqrt(0.95 * 0.05 / 260) + 0.01)
