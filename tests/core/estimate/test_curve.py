"""A curve learned."""

from __future__ import annotations

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.estimate.curve import Curve

TIMES_S = [float(t) for t in range(0, 2001, 2)]
LEVELS = {0.1: 0.1, 0.5: 0.5, 0.9: 0.9}


def exponential(
    rate: float, leave: float = 0.0, levels: dict[float, float] | None = None, at_once: float = 0.0
) -> Curve:
    return Curve(
        TIMES_S,
        [exp(-rate * t) for t in TIMES_S],
        lambda: [exp(-leave * t) for t in TIMES_S],
        lambda: LEVELS if levels is None else levels,
        at_once,
    )


@pytest.mark.parametrize("t_s", [0.5, 2.0, 61.3, 1999.9, 2000.0, 2100.0])
def test_between_its_times_and_beyond_them_a_constant_rate_stays_one(t_s: float) -> None:
    assert exponential(0.005).chance_over(t_s) == pytest.approx(exp(-0.005 * t_s))


def test_at_no_time_at_all_everybody_still_waits() -> None:
    curve = exponential(0.01, 0.01)
    assert (curve.chance_over(0.0), curve.chance_over(-1.0), curve.chance_there(0.0)) == (1.0, 1.0, 1.0)


def test_still_there_is_who_is_neither_answered_nor_gone() -> None:
    curve = exponential(0.01, 0.004)
    assert curve.chance_there(100.0) == pytest.approx(exp(-1.4))
    assert curve.chance_there(200.0) == pytest.approx(exp(-2.8))


def test_the_mean_is_of_those_who_are_answered_before_they_give_up() -> None:
    assert exponential(0.01).mean_s == pytest.approx(100.0, rel=1e-3)
    assert exponential(0.01, 0.01).mean_s == pytest.approx(50.0, rel=1e-3)


def test_quantiles_are_of_the_answered_too_and_go_on_beyond_the_last_time() -> None:
    assert exponential(0.01).quantile_s(0.5) == pytest.approx(100.0 * log(2.0), rel=1e-2)
    assert exponential(0.01, 0.01).quantile_s(0.9) == pytest.approx(50.0 * log(10.0), rel=1e-2)
    assert exponential(0.0005).quantile_s(0.9) == pytest.approx(2000.0 * log(10.0), rel=0.1)
    assert exponential(0.01).quantile_s(1.0) > 2000.0


def test_a_level_that_has_proved_right_is_told_instead_of_the_one_asked_for() -> None:
    corrected = exponential(0.01, levels={0.9: 0.95})
    assert corrected.quantile_s(0.9) == exponential(0.01, levels={}).quantile_s(0.95)


@given(st.floats(0.001, 0.5), st.floats(0.0, 0.02), st.floats(0.02, 0.97))
def test_where_a_quantile_lies_in_the_curve_is_its_share(rate: float, leave: float, share: float) -> None:
    curve = exponential(rate, leave, levels={})
    assert curve.reached(curve.quantile_s(share)) == pytest.approx(share, abs=1e-6)


def test_a_wait_beyond_all_times_lies_near_the_end() -> None:
    assert 0.9 < exponential(0.001).reached(3000.0) < 1.0


def test_who_may_be_answered_at_once_waits_not_at_all_or_as_the_others_do() -> None:
    curve = exponential(0.01, at_once=0.4)
    assert (curve.chance_over(-1.0), curve.chance_over(0.0)) == (1.0, 0.6)
    assert curve.chance_over(100.0) == pytest.approx(0.6 * exp(-1.0))
    assert curve.mean_s == pytest.approx(60.0, rel=1e-3)
    assert (curve.quantile_s(0.1), curve.quantile_s(0.399)) == (0.0, 0.0)
    # Four in ten at once, and five sixths of the other six: nine in ten.
    assert curve.quantile_s(0.9) == pytest.approx(100.0 * log(6.0), rel=1e-2)


def test_of_those_who_are_answered_more_are_answered_at_once() -> None:
    # Half of those who wait give up: of ten, four are answered at once and three later.
    assert exponential(0.01, 0.01, at_once=0.4).quantile_s(4.0 / 7.0 - 1e-3) == 0.0
    assert exponential(0.01, 0.01, at_once=0.4).quantile_s(4.0 / 7.0 + 1e-2) > 0.0


@given(st.floats(0.0, 1.0))
def test_between_the_levels_that_are_followed_the_others_lie_in_between(share: float) -> None:
    told = exponential(0.01, levels={0.1: 0.2, 0.5: 0.5, 0.9: 0.8})
    low = max(one for one in ((0.0, 0.0), (0.1, 0.2), (0.5, 0.5), (0.9, 0.8)) if one[0] <= share)
    high = min(one for one in ((0.1, 0.2), (0.5, 0.5), (0.9, 0.8), (1.0, 1.0)) if one[0] >= share)
    plain = exponential(0.01, levels={})
    assert plain.quantile_s(low[1]) - 1e-6 <= told.quantile_s(share) <= plain.quantile_s(high[1]) + 1e-6
