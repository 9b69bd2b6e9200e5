"""Factors of days whose scores depend on weekday, date in the month and the days before, learned together."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from queuewatch.queueing.forecasting.days import Floats, Ints
from queuewatch.queueing.forecasting.methods import Fitted, factor_loadings
from queuewatch.queueing.forecasting.table import Ahead, Table
from queuewatch.queueing.forecasting.threads import one_thread

_SLOW_DAYS = 60.0  # a level that drifts over months
_FAST_DAYS = 3.0  # a mood that lasts some days
_MONTH_WIDTH = 0.5  # of the periodic kernel: some five days either side of a date behave alike
_PRIOR_SHARE = 0.15  # of the scores' variance, expected of each component before anything is learned
_PRIOR_SPREAD = 3.0  # standard deviation of the logarithm of that share
_LEARN_DAYS = 120  # variances are learned from the last days only: four months say as much as a year
_LEAST_NOISE = 1e-11  # of the mean's variance: days all alike teach none, and with none all would be singular


@dataclass(frozen=True)
class FactorsCalendar:
    """Singular value decomposition of days; each factor's scores as a Gaussian process over the calendar.

    The covariance of two days' scores is the sum of: same weekday (or role), a slow drift, a mood of some
    days, and a like date in the month; their variances are the most likely ones (maximum a posteriori), so
    that what a queue does not show gets no say. The forecast is the best linear prediction (kriging).

    Source: factors as in Shen, Huang (2008); Gaussian process regression as in Rasmussen, Williams (2006),
    chapters 2 and 5.

    Attributes:
        factors: how many.
        window: the last days used at most.
        month: whether the date in the month is looked at.
    """

    factors: int = 4
    window: int = 200
    month: bool = True
    needs: int = 10

    @property
    def name(self) -> str:
        """`factors + calendar`, or `factors + weekday` without the month."""
        return "factors + calendar" if self.month else "factors + weekday"

    @one_thread()
    def fit(self, table: Table) -> Fitted:
        """The factors, and the variances of each one's components."""
        loadings = factor_loadings(table, self.factors)
        last = slice(max(0, len(table) - _LEARN_DAYS), None)
        parts = _Calendar.of(table).part(last).components(month=self.month)
        scores = table.roots[last] @ loadings.T
        variances = np.array([_learn(series, parts, 1.0 / table.weight[last]) for series in scores.T])
        return lambda now, ahead: self._forecast(now, ahead, loadings, variances)

    @one_thread()
    def _forecast(self, table: Table, ahead: Ahead, loadings: Floats, variances: Floats) -> Floats:
        last = slice(max(0, len(table) - self.window), None)
        past = _Calendar.of(table).part(last)
        future = _Calendar(ahead.days.number, ahead.role, ahead.days.month_phase)
        own, across = past.components(month=self.month), future.components(past, month=self.month)
        scores, noise = table.roots[last] @ loadings.T, 1.0 / table.weight[last]
        columns = []
        for series, variance in zip(scores.T, variances, strict=True):
            mean, free = _prior(series)
            nugget = np.maximum(variance[-1] * noise, _LEAST_NOISE * free)
            cover = np.tensordot(variance[:-1], own, 1) + np.diag(nugget) + free
            factor = cho_factor(cover, lower=True, overwrite_a=True, check_finite=False)
            answer = cho_solve(factor, series - mean, check_finite=False)
            columns.append(mean + (np.tensordot(variance[:-1], across, 1) + free) @ answer)
        return np.column_stack(columns) @ loadings


@dataclass(frozen=True, eq=False)
class _Calendar:
    """What the covariance looks at of some days."""

    number: Ints
    role: Ints
    phase: Floats

    @classmethod
    def of(cls, table: Table) -> "_Calendar":
        return cls(table.number, table.role, table.phase)

    def part(self, chosen: slice) -> "_Calendar":
        return _Calendar(self.number[chosen], self.role[chosen], self.phase[chosen])

    def components(self, other: "_Calendar | None" = None, *, month: bool) -> Floats:
        """Shape (components, days, other's days): weekday, drift, mood, and date in the month."""
        other = self if other is None else other
        apart = np.abs(self.number[:, None] - other.number[None, :])
        fading = np.exp(-np.arange(int(apart.max(initial=0)) + 1)[None, :] / [[_SLOW_DAYS], [_FAST_DAYS]])
        parts = np.empty((4 if month else 3, *apart.shape))
        parts[0] = self.role[:, None] == other.role[None, :]
        parts[1:3] = fading[:, apart]
        if month:
            mine, others = 2.0j * np.pi * self.phase, 2.0j * np.pi * other.phase
            turned = np.real(np.exp(mine)[:, None] * np.exp(-others)[None, :])  # the cosine of the distance
            parts[3] = np.exp((turned - 1.0) / _MONTH_WIDTH**2)
        return parts


def _prior(series: Floats) -> tuple[float, float]:
    """Where the scores lie, and a variance so wide that their mean is as good as unknown."""
    return float(np.median(series)), 100.0 * (float(series.var()) + 1e-6)


def _learn(series: Floats, parts: Floats, noise: Floats) -> Floats:
    """The most likely variance of each component and, last, of the noise; shape (components + 1,)."""
    from scipy.optimize import minimize  # noqa: PLC0415  # loads half of scipy, which only a forecast needs

    mean, free = _prior(series)
    centred, expected = series - mean, np.log(_PRIOR_SHARE * (float(series.var()) + 1e-6))
    stacked = np.concatenate([parts, np.diag(noise)[None]])
    flat, unit = stacked.reshape(len(stacked), -1), np.eye(len(series))

    def cost(logs: Floats) -> tuple[float, Floats]:
        variance = np.exp(logs)
        root = np.linalg.cholesky((variance @ flat).reshape(unit.shape) + free)
        half = solve_triangular(root, unit, lower=True, check_finite=False)
        inverse = half.T @ half
        answer = inverse @ centred
        slope = 0.5 * variance * (flat @ (inverse - np.outer(answer, answer)).ravel())
        away = (logs - expected) / _PRIOR_SPREAD
        value = 0.5 * float(centred @ answer) + float(np.log(np.diag(root)).sum()) + 0.5 * float(away @ away)
        return value, slope + away / _PRIOR_SPREAD

    start = np.full(len(stacked), expected)
    bounds = [(expected - 12.0, expected + 6.0)] * len(stacked)  # so that no covariance is singular
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 40})
    return np.asarray(np.exp(found.x))
