"""How good a forecast was: errors of its centre and coverage of its ranges."""

from dataclasses import dataclass

import numpy as np

from queuewatch.queueing.forecasting.backtest import mase, wape
from queuewatch.queueing.forecasting.days import Floats

PINBALL = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Quantiles whose pinball losses are averaged."""


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
