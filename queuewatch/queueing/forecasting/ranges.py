"""How far off forecasts are: ranges from back-test residuals, on the scale of roots."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from queuewatch.queueing.forecasting.days import Bools, Floats, Ints, poisson_variance, rooted

LEADS = (1, 2, 4, 8, 15, 29)
"""First lead (in open days) of each pool of residuals."""

_CENTRAL = (0.5, 0.8, 0.95)  # central ranges whose coverage is set by the residuals
_NORMAL_DAYS = 3.0  # days' worth of belief in the normal distribution
_ALIKE_DAYS = 10.0  # days' worth of belief in intervals that are alike
_LEAST_VARIANCE = 1e-6  # where nothing ever came nothing errs, and still nothing is divided by 0
_FEWEST_ROWS = 5  # days of residuals below which a pool borrows from the leads before it
_NEW_NOISE, _NEW_LEVEL = 1.3, 0.12  # without any residuals: Poisson with a day level known to 12 % of roots


@dataclass(frozen=True, eq=False)
class Spread:
    """The standard deviation of forecast errors on the roots' scale, and how heavy their tails are.

    The variance of a cell is (noise · Poisson's + level² · root²) · shape²: chance in the interval, and a
    day that is busier or quieter than foreseen as a whole.

    Attributes:
        noise: shape (pools,); against Poisson's variance.
        level: shape (pools,); relative error of the day's root.
        shape: shape (intervals,); intervals that are harder or easier than others.
        stretch: shape (pools, 3); factors on the normal quantiles of the central 50, 80 and 95 %.
        days: shape (pools,); days of residuals each pool was learned from.
    """

    noise: Floats
    level: Floats
    shape: Floats
    stretch: Floats
    days: Ints

    def deviation(self, roots: Floats, lead: Ints) -> Floats:
        """Shape (rows, intervals): standard deviations of forecasts `roots` at leads of shape (rows,)."""
        pool = pool_of(lead)
        variance = self.noise[pool, None] * poisson_variance(roots) + np.square(
            self.level[pool, None] * roots
        )
        return np.asarray(np.sqrt(np.maximum(variance, _LEAST_VARIANCE)) * self.shape)

    def stretched(self, lead: Ints) -> Floats:
        """Shape (rows, 3): factors on the normal quantiles of the central 50, 80 and 95 % at these leads."""
        return np.asarray(self.stretch[pool_of(lead)])


def factor(probability: float, stretch: Floats) -> Floats:
    """Shape (rows,): deviations from the forecast to the quantile of this probability.

    Args:
        probability: inside (0, 1).
        stretch: shape (rows, 3); factors on the normal quantiles of the central 50, 80 and 95 %. Between
            these they are interpolated, outside they stay.

    Raises:
        ValueError: the probability is not inside (0, 1).
    """
    if not 0.0 < probability < 1.0:
        raise ValueError(f"probability {probability} is not inside (0, 1); give 0.9 for 9 times in 10")
    central = abs(2.0 * probability - 1.0)
    return np.asarray(
        float(ndtri(probability)) * np.array([np.interp(central, _CENTRAL, row) for row in stretch])
    )


def pool_of(lead: Ints) -> Ints:
    """Shape (rows,): the pool of residuals that speaks for these leads, in open days from 1."""
    return np.asarray(np.searchsorted(LEADS, lead, side="right") - 1)


def pools() -> int:
    """How many pools of leads there are."""
    return len(LEADS)


def unlearned(intervals: int) -> Spread:
    """The spread of a queue nothing is known about: wide."""
    pools = len(LEADS)
    return Spread(
        noise=np.full(pools, _NEW_NOISE),
        level=np.full(pools, _NEW_LEVEL),
        shape=np.ones(intervals),
        stretch=np.ones((pools, len(_CENTRAL))),
        days=np.zeros(pools, dtype=np.int64),
    )


def learn_spread(counts: Floats, roots: Floats, lead: Ints) -> Spread:
    """The spread that back-test residuals show, by pool of leads.

    Quantiles are split-conformal: the (n+1)/n-th empirical quantile of the standardised residuals, n the
    days, as the intervals of a day err together, but at most half of the tail is added so; few days are eked
    out with the normal distribution.
    Source: Lei et al. (2018), Distribution-free predictive inference for regression, JASA 113:1094-1111.

    Args:
        counts: shape (rows, intervals); what came, NaN where unknown.
        roots: shape (rows, intervals); what was forecast.
        lead: shape (rows,); in open days, from 1.
    """
    known = ~np.isnan(counts)
    error = np.where(known, rooted(np.nan_to_num(counts)) - roots, 0.0)
    start = unlearned(counts.shape[1])
    noise, level, days = start.noise.copy(), start.level.copy(), start.days.copy()
    pool = pool_of(lead)
    for index in range(len(LEADS)):
        rows = (pool == index) & known.any(axis=1)
        days[index] = rows.sum()
        if days[index] >= _FEWEST_ROWS:
            noise[index], level[index] = _noise_and_level(error[rows], roots[rows], known[rows])
        elif index:
            noise[index], level[index] = noise[index - 1], level[index - 1]
    flat = Spread(noise, level, start.shape, start.stretch, days)
    shape = _shape(error / flat.deviation(roots, lead), known)
    shaped = Spread(noise, level, shape, start.stretch, days)
    size = np.abs(error) / shaped.deviation(roots, lead)
    stretch = start.stretch.copy()
    for index in range(len(LEADS)):
        rows = pool == index
        if days[index] >= _FEWEST_ROWS:
            stretch[index] = learn_stretch(size[rows][known[rows]], int(days[index]))
        elif index:
            stretch[index] = stretch[index - 1]
    return Spread(noise, level, shape, stretch, days)


def _noise_and_level(error: Floats, roots: Floats, known: Bools) -> tuple[float, float]:
    """Non-negative least squares of squared errors on Poisson's variance and the squared root."""
    from scipy.optimize import nnls  # noqa: PLC0415  # loads half of scipy, which only a forecast needs

    poisson, square = poisson_variance(roots)[known], np.square(roots)[known]
    weight = 1.0 / (poisson + 0.0025 * square)  # squared errors scatter with their size
    design = np.column_stack([poisson * weight, square * weight])
    noise, level = nnls(design, np.square(error)[known] * weight)[0]
    return max(float(noise), 0.2), float(np.sqrt(level))


def _shape(standard: Floats, known: Bools) -> Floats:
    """Relative deviation of each interval, shrunk to 1 and smoothed along the day."""
    square = np.where(known, np.minimum(np.square(standard), 9.0), 0.0).sum(axis=0) + _ALIKE_DAYS
    mean = square / (known.sum(axis=0) + _ALIKE_DAYS)
    padded = np.concatenate([mean[:1], mean, mean[-1:]])
    return np.asarray(np.sqrt(0.25 * padded[:-2] + 0.5 * mean + 0.25 * padded[2:]))


def learn_stretch(size: Floats, days: int) -> Floats:
    """Shape (3,): factors that bring the normal's central quantiles to those of standardised residuals.

    Args:
        size: shape (cells,); absolute residuals over their deviations.
        days: that the cells are from.
    """
    if len(size) == 0:
        return np.ones(len(_CENTRAL))
    normal = ndtri(0.5 + np.array(_CENTRAL) / 2.0)
    central = np.array(_CENTRAL)
    # A correction for few days must not make one cell in a thousand the measure of 19 in 20.
    seen = np.quantile(size, np.minimum(1.0 - (1.0 - central) / 2.0, central * (1.0 + 1.0 / days)))
    return np.asarray((days * seen / normal + _NORMAL_DAYS) / (days + _NORMAL_DAYS))
