"""How long it rings where an agent is free, learned from those who came so."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from queuewatch.core.estimate.ringing import PRIOR, RINGING, RINGS, SHORTEST, Ringing

TIMES = np.array([0.0, 10.0, 60.0])
IN_LINE = np.array([1.0, 0.9, 0.5])
IN_LINE_MEAN = 90.0


def after(waits: list[float]) -> Ringing:
    ringing = Ringing()
    for wait in waits:
        ringing.learn(wait, IN_LINE_MEAN)
    return ringing


def test_before_anything_is_seen_eight_of_ten_hear_two_rings() -> None:
    assert (Ringing().share, Ringing().mean) == (RINGS, RINGING)
    expected = 0.8 * np.exp(-TIMES / 10.0) + 0.2 * IN_LINE
    assert Ringing().over(TIMES, IN_LINE).tolist() == pytest.approx(expected.tolist())


def test_a_wait_counts_for_each_by_the_chance_that_it_was_that() -> None:
    rung, lined = 0.8 * exp(-2.0) / 10.0, 0.2 * exp(-20.0 / 90.0) / 90.0
    chance = rung / (rung + lined)
    ringing = after([20.0])
    assert ringing.share == pytest.approx((chance + RINGS * PRIOR) / (1.0 + PRIOR))
    assert ringing.mean == pytest.approx((chance * 20.0 + 8.0 * 10.0) / (chance + 8.0))


def test_where_all_hear_it_ring_hardly_anybody_is_taken_to_stand_in_line() -> None:
    ringing = after([10.0] * 200)
    assert ringing.share > 0.95
    assert ringing.over(TIMES, IN_LINE)[2] < 0.03


def test_where_free_agents_are_not_free_a_wait_is_one_in_line() -> None:
    waits = np.random.default_rng(2).exponential(IN_LINE_MEAN, 400).tolist()
    truth = exp(-60.0 / IN_LINE_MEAN)
    at_first, then = (float(one.over(TIMES, IN_LINE)[2]) for one in (Ringing(), after(waits)))
    assert abs(then - truth) < 0.4 * abs(at_first - truth)


@pytest.mark.parametrize("rings_for", [3.0, 25.0, 40.0])
def test_how_long_it_rings_is_learned(rings_for: float) -> None:
    waits = np.random.default_rng(3).exponential(rings_for, 1000).tolist()
    told = after(waits).over(TIMES, IN_LINE)
    # An eighth off at most: the mean of the last 200, of which some are taken for waits in line.
    assert told[1] == pytest.approx(exp(-10.0 / rings_for), abs=0.125)
    assert told[2] == pytest.approx(exp(-60.0 / rings_for), abs=0.125)


def test_a_source_of_whole_seconds_makes_no_ring_of_no_time() -> None:
    assert after([0.0] * 5000).mean >= SHORTEST


@pytest.mark.parametrize(("in_line", "rang"), [(20.0, 0.0), (5.0, 1.0), (1e-3, 1.0)])
def test_a_wait_of_days_is_counted_for_the_longer_of_the_two(in_line: float, rang: float) -> None:
    ringing = Ringing()
    ringing.learn(2e6, in_line)
    assert ringing.rang == pytest.approx(rang)
