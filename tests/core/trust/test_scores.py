"""Scores by hand calculation, and by the laws that make them scores."""

from __future__ import annotations

from math import isnan, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.trust import scores
from queuewatch.core.trust.scores import Bin

SAID = [10.0, 20.0, 40.0]
WAS = [13.0, 20.0, 36.0]

chances = st.floats(0.0, 1.0)
times = st.floats(0.0, 1000.0)


def test_errors_of_three_waits_by_hand() -> None:
    assert scores.rmse(SAID, WAS) == pytest.approx(sqrt((9 + 0 + 16) / 3))
    assert scores.mae(SAID, WAS) == pytest.approx(7 / 3)
    assert scores.bias(SAID, WAS) == pytest.approx(1 / 3)


def test_brier_of_three_chances_by_hand() -> None:
    assert scores.brier([0.2, 0.5, 1.0], [False, True, True]) == pytest.approx((0.04 + 0.25 + 0) / 3)
    weighted = scores.brier([0.2, 0.5, 1.0], [False, True, True], [1.0, 2.0, 0.0])
    assert weighted == pytest.approx((0.04 + 0.5) / 3)


def test_skill_is_the_share_of_the_references_score_that_is_saved() -> None:
    assert scores.skill(0.1, 0.2) == pytest.approx(0.5)
    assert scores.skill(0.2, 0.2) == 0.0
    assert scores.skill(0.3, 0.2) == pytest.approx(-0.5)
    assert isnan(scores.skill(0.0, 0.0))


def test_a_range_covers_its_ends_and_a_promise_is_kept_on_the_second() -> None:
    assert scores.coverage([10, 10, 10, 10], [20, 20, 20, 20], [10, 20, 9.9, 20.1]) == 0.5
    assert scores.kept([20, 20, 20], [20, 20.1, 3]) == pytest.approx(2 / 3)


def test_pinball_loss_by_hand() -> None:
    # 10 s over a 90 % quantile cost 9, 10 s below it cost 1.
    assert scores.pinball([50, 50], [60, 40], 0.9) == pytest.approx((9 + 1) / 2)
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got 1.1"):
        scores.pinball([1], [1], 1.1)


def test_the_reliability_diagram_has_the_edge_of_a_bin_in_the_upper_one_and_no_empty_bins() -> None:
    found = scores.reliability([0.05, 0.1, 0.15, 1.0], [False, True, False, True], bins=10)
    assert found == [Bin(1, 0.05, 0.0), Bin(2, pytest.approx(0.125), 0.5), Bin(1, 1.0, 1.0)]  # type: ignore[arg-type]


def test_nothing_to_score_is_no_score() -> None:
    for found in (
        scores.rmse([], []),
        scores.brier([], []),
        scores.coverage([], [], []),
        scores.kept([], []),
    ):
        assert isnan(found)
    assert scores.reliability([], []) == []


def test_values_without_a_partner_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one for each, got \(2,\) and \(1,\)"):
        scores.mae([1, 2], [1])
    with pytest.raises(ValueError, match="one for each"):
        scores.brier([0.5, 0.5], [True, False], [1.0])


def test_weights_of_five_waits_by_hand() -> None:
    # Gave up at 10 (of five: G = 4/5) and at 30 (of the three left: G = 4/5 * 2/3 = 8/15).
    endured = [10.0, 20.0, 30.0, 60.0, 70.0]
    answered = [False, True, False, True, False]
    moments, staying = scores.staying_curve(endured, answered)
    assert list(moments) == [10.0, 30.0, 70.0]
    assert list(staying) == pytest.approx([4 / 5, 8 / 15, 0.0])
    weights, past = scores.censoring_weights(endured, answered, 60.0)
    assert list(weights) == pytest.approx([0.0, 5 / 4, 0.0, 15 / 8, 15 / 8])
    assert list(past) == [False, False, False, False, True]
    assert sum(weights) == pytest.approx(5.0)


def test_an_answer_and_a_hang_up_at_the_same_moment_count_the_answer_first() -> None:
    moments, staying = scores.staying_curve([10.0, 10.0, 20.0], [True, False, True])
    assert (list(moments), list(staying)) == ([10.0], [0.5])
    weights, _ = scores.censoring_weights([10.0, 10.0, 20.0], [True, False, True], 15.0)
    assert list(weights) == pytest.approx([1.0, 0.0, 2.0])


def test_weighing_makes_up_for_those_who_gave_up() -> None:
    """Exponential waits and patience: the weighted share past t is that of the offered wait, e^(-t/100)."""
    rng = np.random.default_rng(3)
    waits, patience = rng.exponential(100.0, 40_000), rng.exponential(150.0, 40_000)
    weights, past = scores.censoring_weights(np.minimum(waits, patience), waits <= patience, 60.0)
    # Four standard errors of the mean of the weighted outcomes.
    spread = float((weights * past).std()) / 200.0
    assert (weights * past).mean() == pytest.approx(np.exp(-0.6), abs=4 * spread)


@given(st.lists(st.tuples(times, st.booleans()), min_size=1, max_size=30), times)
def test_the_weights_of_all_come_to_as_many_as_there_are(
    waits: list[tuple[float, bool]], threshold: float
) -> None:
    endured = [endured for endured, _ in waits]
    answered = [answered for _, answered in waits]
    weights, past = scores.censoring_weights(endured, answered, threshold)
    if any(past):
        assert weights.sum() == pytest.approx(len(waits))
    assert (
        (weights == 0) == [not good and not over for good, over in zip(answered, past, strict=True)]
    ).all()
    assert (weights[weights > 0] >= 1.0 - 1e-12).all()


@given(st.lists(st.tuples(chances, st.booleans()), min_size=1, max_size=30))
def test_the_brier_score_is_a_share_and_lowest_for_the_share_that_happened(
    said: list[tuple[float, bool]],
) -> None:
    happened = [came for _, came in said]
    share = sum(happened) / len(happened)
    same = scores.brier([share] * len(said), happened)
    assert 0.0 <= scores.brier([chance for chance, _ in said], happened) <= 1.0
    assert all(same <= scores.brier([chance] * len(said), happened) + 1e-12 for chance, _ in said)


@given(st.lists(times, min_size=1, max_size=30), times, chances)
def test_no_value_beats_the_quantile_at_pinball(values: list[float], other: float, share: float) -> None:
    quantile = float(np.quantile(values, share, method="inverted_cdf"))
    best = scores.pinball([quantile] * len(values), values, share)
    assert best <= scores.pinball([other] * len(values), values, share) + 1e-9


@given(st.lists(st.tuples(times, times), min_size=1, max_size=30))
def test_the_errors_are_ordered_as_means_are(pairs: list[tuple[float, float]]) -> None:
    said, was = [a for a, _ in pairs], [b for _, b in pairs]
    assert abs(scores.bias(said, was)) <= scores.mae(said, was) + 1e-9 <= scores.rmse(said, was) + 2e-9


@given(st.lists(st.tuples(chances, st.booleans()), max_size=50), st.integers(1, 20))
def test_every_contact_stands_in_one_bin(said: list[tuple[float, bool]], bins: int) -> None:
    found = scores.reliability([c for c, _ in said], [h for _, h in said], bins)
    assert sum(one.contacts for one in found) == len(said)
    assert len(found) <= bins


def test_nan_is_no_score_of_anything() -> None:
    assert isnan(scores.rmse([nan], [1.0]))
