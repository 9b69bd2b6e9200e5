"""How far each way to tell a wait is trusted."""

from __future__ import annotations

import numpy as np
import pytest

from queuewatch.core.estimate.trust import LEAST_LEVEL, Trust


def test_at_first_all_ways_are_trusted_alike() -> None:
    assert Trust([0.0, 0.0]).weights() == [0.5, 0.5]


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


def test_levels_move_until_promises_hold_however_wrong_the_curve_is() -> None:
    rng = np.random.default_rng(3)
    trust = Trust([0.0])
    kept = {0.1: 0, 0.5: 0, 0.9: 0}
    for _ in range(4000):
        reached = float(rng.random() ** 0.4)  # what is told is far too short
        for level in kept:
            kept[level] += reached <= trust.levels[level]
        trust.calibrate(reached)
    assert {level: count / 4000 for level, count in kept.items()} == pytest.approx(
        {0.1: 0.1, 0.5: 0.5, 0.9: 0.9}, abs=0.02
    )


def test_a_level_never_leaves_the_curve() -> None:
    trust = Trust([0.0])
    for _ in range(5000):
        trust.calibrate(1.0)
    assert trust.levels[0.9] == 1.0 - LEAST_LEVEL
    for _ in range(5000):
        trust.calibrate(0.0)
    assert trust.levels[0.1] == LEAST_LEVEL
