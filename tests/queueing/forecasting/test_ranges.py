"""Tests of ranges: residuals of a known law teach that law."""

from statistics import NormalDist

import numpy as np
import pytest

from queuewatch.queueing.forecasting.days import Floats, root_of_mean
from queuewatch.queueing.forecasting.ranges import (
    LEADS,
    factor,
    learn_spread,
    learn_stretch,
    pool_of,
    pools,
    unlearned,
)

ROWS = 400


def test_leads_are_pooled_with_their_like() -> None:
    assert pool_of(np.array([1, 2, 3, 4, 7, 8, 14, 15, 28, 29, 56])).tolist() == [
        0,
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
        5,
        5,
    ]
    assert pools() == len(LEADS) == 6


@pytest.mark.parametrize(("mean", "level"), [(0.5, 0.0), (40.0, 0.0), (1000.0, 0.1)])
def test_poisson_counts_about_a_level_teach_just_that(mean: float, level: float) -> None:
    chance = np.random.default_rng(7)
    rate = mean * np.linspace(0.2, 2.0, 12)  # chance and level differ in how they grow with the rate
    counts = chance.poisson(rate * np.exp(level * chance.standard_normal((ROWS, 1)))).astype(np.float64)
    roots, lead = np.tile(root_of_mean(rate), (ROWS, 1)), np.ones(ROWS, dtype=np.int64)
    spread = learn_spread(counts, roots, lead)
    seen = np.sqrt(np.mean((np.sqrt(counts + 0.25) - roots) ** 2, axis=0))
    assert spread.deviation(roots, lead)[0] == pytest.approx(seen, rel=0.12)
    assert spread.level[0] == pytest.approx(
        level / 2.0, abs=0.03
    )  # a relative error is half as large on roots
    assert spread.days[0] == ROWS


def test_an_interval_that_is_harder_gets_a_wider_range() -> None:
    chance = np.random.default_rng(8)
    error = chance.standard_normal((ROWS, 9)) * np.array([1.0] * 4 + [2.0] + [1.0] * 4)
    counts = np.square(30.0 + error) - 0.25
    spread = learn_spread(counts, np.full((ROWS, 9), 30.0), np.ones(ROWS, dtype=np.int64))
    assert int(np.argmax(spread.shape)) == 4


def test_leads_without_residuals_are_as_the_leads_before_them() -> None:
    chance = np.random.default_rng(9)
    counts = chance.poisson(50.0, (60, 4)).astype(np.float64)
    spread = learn_spread(counts, np.full((60, 4), np.sqrt(50.0)), np.repeat([2, 40], [57, 3]))
    start = unlearned(4)
    assert spread.noise[0] == start.noise[0]  # nothing at lead 1, and nothing before it
    assert np.all(spread.noise[1:] == spread.noise[1])
    assert np.all(spread.stretch[1:] == spread.stretch[1])
    assert spread.days.tolist() == [0, 57, 0, 0, 0, 3]


def test_intervals_that_are_not_known_teach_nothing() -> None:
    chance = np.random.default_rng(10)
    counts = chance.poisson(50.0, (60, 4)).astype(np.float64)
    roots, lead = np.full((60, 4), np.sqrt(50.0)), np.ones(60, dtype=np.int64)
    holes = np.vstack([counts, np.full((30, 4), np.nan)])
    more = learn_spread(holes, np.full((90, 4), 99.0 * np.sqrt(50.0)), np.ones(90, dtype=np.int64))
    less = learn_spread(counts, np.full((60, 4), 99.0 * np.sqrt(50.0)), lead)
    assert more.level[0] == less.level[0]
    assert learn_spread(counts, roots, lead).level[0] < less.level[0]


def test_normal_residuals_need_no_stretch_and_heavy_tails_do() -> None:
    chance = np.random.default_rng(11)
    normal = learn_stretch(np.abs(chance.standard_normal(100_000)), 2000)
    assert normal == pytest.approx(np.ones(3), abs=0.02)
    heavy = learn_stretch(np.abs(chance.standard_t(3, 100_000)), 2000)
    assert heavy[2] > 1.4
    assert learn_stretch(np.zeros(0), 0).tolist() == [1.0, 1.0, 1.0]


def test_the_quantile_is_a_normal_one_times_the_stretch_interpolated() -> None:
    normal = NormalDist()
    stretch = np.array([[1.0, 2.0, 3.0]])
    assert factor(0.9, stretch)[0] == pytest.approx(2.0 * normal.inv_cdf(0.9))
    assert factor(0.025, stretch)[0] == pytest.approx(3.0 * normal.inv_cdf(0.025))
    assert factor(0.5, stretch)[0] == 0.0
    assert factor(0.999, stretch)[0] == pytest.approx(3.0 * normal.inv_cdf(0.999))
    assert factor(0.825, stretch)[0] == pytest.approx(1.5 * normal.inv_cdf(0.825))


@pytest.mark.parametrize(("size", "level"), [(100.0, 0.0), (100.0, 0.12), (3.0, 0.1)])
def test_ranges_cover_what_they_say_of_days_they_were_not_learned_from(size: float, level: float) -> None:
    chance = np.random.default_rng(12)
    rate = size * np.linspace(0.5, 1.5, 12)
    day = np.exp(level * chance.standard_normal((2 * ROWS, 1)))
    counts = chance.poisson(rate * day).astype(np.float64)
    roots, lead = np.tile(root_of_mean(rate), (ROWS, 1)), np.ones(ROWS, dtype=np.int64)
    spread, came = learn_spread(counts[:ROWS], roots, lead), counts[ROWS:]

    def edge(probability: float) -> Floats:
        away = factor(probability, spread.stretched(lead))[:, None] * spread.deviation(roots, lead)
        return np.asarray(np.square(np.maximum(roots + away, 0.5)) - 0.25)

    for share in (0.8, 0.95):
        inside = (edge((1.0 - share) / 2.0) <= came) & (came <= edge((1.0 + share) / 2.0))
        # with a level the intervals of a day err together, so days are the draws, of those that teach and of
        # those that are told; three deviations, and 1 % for the border of whole counts
        assert inside.mean() == pytest.approx(
            share, abs=3.0 * np.sqrt(2.0 * share * (1.0 - share) / ROWS) + 0.01
        )
