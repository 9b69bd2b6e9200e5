"""The rest of the day, once some of it has been seen."""

from dataclasses import dataclass

import numpy as np

from queuewatch.queueing.forecasting.days import Floats
from queuewatch.queueing.forecasting.ranges import learn_stretch
from queuewatch.queueing.forecasting.threads import one_thread

_CUTS = (0.25, 0.5, 0.75)  # shares of the day seen at which the update is tried on past days
_MOST = 4.0  # deviations beyond which an interval seen is an oddity, not news
_COARSE = 48  # intervals a day that are enough to learn from
_ODD_DAY = 2.0  # times the usual size at which a day's residuals begin to count for less


@dataclass(frozen=True)
class Drift:
    """How the standardised errors of one day hang together: the day as a whole, a drift, and chance.

    The correlation of two intervals h of a day apart is (level + drift · e^(-h/memory)) over the sum of all
    three; of an interval with itself 1.

    Attributes:
        level: variance of the day as a whole.
        drift: variance of what wanders within the day.
        noise: variance that is each interval's own.
        memory: of the wandering, as a share of the day.
    """

    level: float
    drift: float
    noise: float
    memory: float

    def correlation(self, intervals: int) -> Floats:
        """Shape (intervals, intervals)."""
        place = np.arange(intervals) / intervals
        apart = np.abs(place[:, None] - place[None, :])
        whole = self.level + self.drift * np.exp(-apart / self.memory) + self.noise * np.eye(intervals)
        return np.asarray(whole / (self.level + self.drift + self.noise))


UNLEARNED = Drift(level=0.3, drift=0.3, noise=0.4, memory=0.3)
"""For a queue without residuals."""


@one_thread()
def learn_drift(standard: Floats) -> Drift:
    """The most likely drift of days' standardised errors, taken as normal.

    Args:
        standard: shape (days, intervals); errors over their deviations, 0 where unknown.
    """
    from scipy.optimize import minimize  # noqa: PLC0415  # loads half of scipy, which only a forecast needs

    if len(standard) == 0:
        return UNLEARNED
    block = -(-standard.shape[1] // _COARSE)
    used = standard.shape[1] // block * block
    standard = standard[:, :used].reshape(len(standard), -1, block).mean(axis=2)
    size = np.sqrt(np.mean(np.square(standard), axis=1))
    usual = max(float(np.median(size)), 1e-6)
    calm = standard * np.minimum(1.0, _ODD_DAY * usual / np.maximum(size, 1e-9))[:, None] / usual
    scatter = calm.T @ calm / len(calm)
    intervals = standard.shape[1]

    def cost(logs: Floats) -> float:
        level, drift, noise, memory = np.exp(logs)
        whole = Drift(level, drift, noise, memory).correlation(intervals) * (level + drift + noise)
        return float(np.linalg.slogdet(whole)[1] + np.trace(np.linalg.solve(whole, scatter)))

    bounds = [(-7.0, 3.0)] * 3 + [(-3.5, 1.0)]
    start = np.log([UNLEARNED.level, UNLEARNED.drift, UNLEARNED.noise, UNLEARNED.memory])
    level, drift, noise, memory = np.exp(minimize(cost, start, method="L-BFGS-B", bounds=bounds).x)
    return Drift(float(level), float(drift), float(noise) * block, float(memory))


def given_seen(roots: Floats, deviation: Floats, seen: Floats, drift: Drift) -> tuple[Floats, Floats]:
    """The day's forecast given the intervals seen: the conditional normal distribution.

    It is the penalised update of Shen, Huang (2008) with the penalty that the errors' covariance implies,
    the best linear prediction of Goldberg, Ritov, Mandelbaum (2014), Predicting the continuation of a
    function with applications to call center data.

    Args:
        roots: shape (intervals,); the forecast before, as roots.
        deviation: shape (intervals,); its standard deviations.
        seen: shape (intervals,); roots of the counts so far, NaN where not (yet) known.
        drift: how the errors hang together.

    Returns:
        Roots and standard deviations of all intervals, of the seen ones as if they were to come again.
    """
    known = ~np.isnan(seen)
    if not known.any():
        return roots, deviation
    correlation = drift.correlation(len(roots))
    news = np.clip((seen[known] - roots[known]) / deviation[known], -_MOST, _MOST)
    across = correlation[:, known] - np.eye(len(roots))[:, known] * (1.0 - _shared(drift))
    weights = np.linalg.solve(correlation[np.ix_(known, known)], across.T)
    left = np.maximum(1.0 - np.sum(weights * across.T, axis=0), 1e-6)
    return roots + deviation * (news @ weights), deviation * np.sqrt(left)


def _shared(drift: Drift) -> float:
    """Share of an interval's variance that is not its own chance."""
    return (drift.level + drift.drift) / (drift.level + drift.drift + drift.noise)


def learn_rest(came: Floats, roots: Floats, deviation: Floats, drift: Drift) -> Floats:
    """Shape (3,): factors that bring the ranges of updated forecasts to what they say, tried on past days.

    Args:
        came: shape (days, intervals); roots of what came, NaN where unknown.
        roots: shape (days, intervals); what was forecast before the day, as roots.
        deviation: shape (days, intervals); its standard deviations.
        drift: how the errors of a day hang together.
    """
    sizes = []
    for actual, said, spread in zip(came, roots, deviation, strict=True):
        opened = np.flatnonzero(~np.isnan(actual))
        for share in _CUTS:
            cut = int(len(opened) * share)
            seen = np.full_like(actual, np.nan)
            seen[opened[:cut]] = actual[opened[:cut]]
            moved, narrowed = given_seen(said, spread, seen, drift)
            rest = opened[cut:]
            sizes.append(np.abs(actual[rest] - moved[rest]) / narrowed[rest])
    return learn_stretch(np.concatenate(sizes) if sizes else np.zeros(0), len(came))
