"""How good a forecast was: errors of its centre and coverage of its ranges, told without peeking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from queuewatch.queueing.forecasting.backtest import Backtest, mase, wape
from queuewatch.queueing.forecasting.days import Floats, unrooted
from queuewatch.queueing.forecasting.ranges import factor, learn_spread

PINBALL = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Quantiles whose pinball losses are averaged."""

_RELEARN_DAYS = 5  # days after which the ranges are learned anew
_FEWEST_KNOWN = 5  # rows with a known outcome below which no range is told, and no row is scored


@dataclass(frozen=True)
class Score:
    """How good forecasts were, over all their intervals.

    Attributes:
        rows: days scored.
        wape: sum of absolute errors over the sum of what came, in [0, ∞).
        mase: mean absolute error against the same weekday a week before.
        cover_80: share of intervals inside the central 80 % range.
        cover_95: share of intervals inside the central 95 % range.
        pinball: mean pinball loss over the quantiles `PINBALL`, in contacts.
    """

    rows: int
    wape: float
    mase: float
    cover_80: float
    cover_95: float
    pinball: float


def score(counts: Floats, forecast: Floats, quantiles: Floats, naive: Floats) -> Score:
    """The score of forecasts.

    Args:
        counts: shape (rows, intervals); what came, NaN where unknown.
        forecast: shape (rows, intervals).
        quantiles: shape (5, rows, intervals); at `PINBALL`.
        naive: shape (rows,); mean absolute error of the same weekday a week before.
    """
    known = ~np.isnan(counts)
    came, edges = counts[known], quantiles[:, known]
    if not len(came):
        return Score(0, *[float("nan")] * 5)
    miss = came - edges
    level = np.array(PINBALL)[:, None]
    return Score(
        rows=int(known.any(axis=1).sum()),
        wape=wape(counts, forecast),
        mase=mase(counts, forecast, naive),
        cover_80=float(np.mean((edges[1] <= came) & (came <= edges[3]))),
        cover_95=float(np.mean((edges[0] <= came) & (came <= edges[4]))),
        pinball=float(np.mean(np.maximum(level * miss, (level - 1.0) * miss))),
    )


def score_tested(tested: Backtest, members: Sequence[str]) -> Score:
    """The score of a combination of methods in a back-test; its ranges are learned anew as time goes on.

    At each origin only the outcomes known then teach the ranges; forecasts from before there were five are
    not scored.

    Args:
        tested: the back-test.
        members: names of methods whose mean is scored.
    """
    roots = tested.mean_roots(members)
    quantiles = np.full((len(PINBALL), *roots.shape), np.nan)
    scored = np.zeros(len(tested), dtype=bool)
    learned_at, spread = -_RELEARN_DAYS, None
    for origin in np.unique(tested.origin).tolist():
        known = tested.target < origin
        if known.sum() < _FEWEST_KNOWN:
            continue
        if spread is None or origin - learned_at >= _RELEARN_DAYS:
            spread, learned_at = learn_spread(tested.counts[known], roots[known], tested.lead[known]), origin
        rows = tested.origin == origin
        scored |= rows
        deviation, stretch = (
            spread.deviation(roots[rows], tested.lead[rows]),
            spread.stretched(tested.lead[rows]),
        )
        for index, level in enumerate(PINBALL):
            edge = np.maximum(roots[rows] + factor(level, stretch)[:, None] * deviation, 0.5)
            quantiles[index, rows] = np.square(edge) - 0.25
    chosen = tested.where(scored)
    return score(chosen.counts, unrooted(roots[scored]), quantiles[:, scored], chosen.naive)
