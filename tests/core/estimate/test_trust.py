"""How far each way to tell a wait is trusted."""

from __future__ import annotations

import numpy as np
import pytest

from queuewatch.core.estimate.trust import Trust


def test_at_first_all_ways_are_trusted_alike() -> None:
    assert Trust([0.0, 0.0]).weights().tolist() == [0.5, 0.5]


def test_who_has_been_right_is_trusted_and_who_errs_later_loses_it_again() -> None:
    trust = Trust([0.0, 0.0])
    said = np.array([[0.9, 0.1], [0.5, 0.5]])
    for _ in range(50):
        trust.score(said, np.array([1.0, 0.0]))
    assert trust.weights()[0] > 0.99
    for _ in range(400):
        trust.score(said, np.array([0.0, 1.0]))
    assert trust.weights()[1] > 0.99


def test_the_scores_are_brier_scores() -> None:
    trust = Trust([0.0])
    trust.score(np.array([[0.8, 0.4]]), np.array([1.0, 0.0]))
    assert trust.scores == [pytest.approx((0.2**2 + 0.4**2) / 2)]


def test_who_comes_behind_others_is_answered_at_once_as_often_as_it_was_seen() -> None:
    trust = Trust([0.0])
    assert trust.passes(1) == 0.0
    trust.came_behind(1, at_once=True)
    assert trust.passes(1) < 0.05
    for number in range(2000):
        trust.came_behind(1, at_once=number % 4 == 0)
    assert trust.passes(1) == pytest.approx(0.25 * 200.0 / 220.0, abs=0.01)
    for _ in range(2000):
        trust.came_behind(1, at_once=False)
    assert trust.passes(1) < 0.001


def test_behind_one_behind_two_and_behind_more_are_not_the_same() -> None:
    trust = Trust([0.0])
    for ahead in (1, 1, 1, 2, 2, 3, 9):
        trust.came_behind(ahead, at_once=True)
    assert trust.passes(1) > trust.passes(2) > 0.0
    assert trust.passes(3) == trust.passes(4) == trust.passes(100) == trust.passes(2)
