"""Tests of the scores, by hand and on laws that are known."""

import numpy as np
import pytest

from queuewatch.queueing.forecasting.scores import score


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
