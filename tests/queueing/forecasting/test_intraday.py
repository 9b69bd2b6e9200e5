"""Tests of the update within the day."""

import numpy as np
import pytest

from queuewatch.queueing.forecasting.days import Floats
from queuewatch.queueing.forecasting.intraday import UNLEARNED, Drift, given_seen, learn_drift, learn_rest

NOTHING = np.full(3, np.nan)


def errors(drift: Drift, days: int, intervals: int, seed: int = 2) -> Floats:
    root = np.linalg.cholesky(drift.correlation(intervals))
    return np.asarray(np.random.default_rng(seed).standard_normal((days, intervals)) @ root.T)


def test_the_correlation_is_that_of_its_three_parts() -> None:
    correlation = Drift(level=1.0, drift=1.0, noise=2.0, memory=0.5).correlation(2)
    assert correlation.diagonal().tolist() == [1.0, 1.0]
    assert correlation[0, 1] == pytest.approx((1.0 + np.exp(-1.0)) / 4.0)


def test_a_day_of_which_nothing_was_seen_stays_as_forecast() -> None:
    roots, deviation = given_seen(np.ones(3), np.full(3, 0.5), NOTHING, UNLEARNED)
    assert roots.tolist() == [1.0] * 3
    assert deviation.tolist() == [0.5] * 3


def test_an_interval_seen_moves_and_narrows_the_next_as_the_normal_law_says() -> None:
    drift = Drift(level=1.0, drift=0.0, noise=1.0, memory=1.0)  # correlation ½
    seen = np.array([12.0, np.nan])
    roots, deviation = given_seen(np.array([10.0, 20.0]), np.array([1.0, 3.0]), seen, drift)
    assert roots[1] == pytest.approx(20.0 + 3.0 * 0.5 * 2.0)
    assert deviation[1] == pytest.approx(3.0 * np.sqrt(1.0 - 0.25))
    # of the seen interval, were it to come again: the level explains half of what was seen
    assert roots[0] == pytest.approx(10.0 + 0.5 * 2.0)


def test_an_absurd_interval_counts_as_four_deviations() -> None:
    drift = Drift(level=1.0, drift=0.0, noise=1.0, memory=1.0)
    roots, _ = given_seen(np.full(2, 10.0), np.ones(2), np.array([900.0, np.nan]), drift)
    assert roots[1] == pytest.approx(12.0)


@pytest.mark.parametrize("intervals", [24, 96])
def test_the_drift_of_many_days_is_found_again(intervals: int) -> None:
    truth = Drift(level=0.3, drift=0.5, noise=0.2, memory=0.2)
    found = learn_drift(errors(truth, 600, intervals))
    assert found.correlation(8) == pytest.approx(truth.correlation(8), abs=0.12)


def test_without_days_the_drift_is_a_guess() -> None:
    assert learn_drift(np.zeros((0, 4))) is UNLEARNED


def test_one_wild_day_changes_the_drift_by_little() -> None:
    truth = Drift(level=0.0, drift=0.6, noise=0.4, memory=0.2)
    days = errors(truth, 300, 12)
    wild = np.vstack([days, np.full((1, 12), 30.0)])
    assert learn_drift(wild).correlation(12) == pytest.approx(learn_drift(days).correlation(12), abs=0.05)


def test_ranges_of_the_rest_are_stretched_to_what_came() -> None:
    truth = Drift(level=0.4, drift=0.3, noise=0.3, memory=0.3)
    roots, deviation = np.full((300, 12), 30.0), np.ones((300, 12))
    assert learn_rest(30.0 + errors(truth, 300, 12), roots, deviation, truth) == pytest.approx(
        np.ones(3), abs=0.1
    )
    wider = learn_rest(30.0 + 2.0 * errors(truth, 300, 12), roots, deviation, truth)
    assert wider == pytest.approx(np.full(3, 2.0), abs=0.3)


def test_without_days_the_rest_is_not_stretched() -> None:
    none = np.zeros((0, 4))
    assert learn_rest(none, none, none, UNLEARNED).tolist() == [1.0, 1.0, 1.0]
