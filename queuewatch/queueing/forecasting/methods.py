"""Ways to forecast days from a table of days, behind one interface; all speak roots, √(count + ¼)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from queuewatch.queueing.forecasting.days import Floats
from queuewatch.queueing.forecasting.table import CLOSED, Ahead, Table

Fitted: TypeAlias = Callable[[Table, Ahead], Floats]
"""From a table (at least the one it was fitted on) and days ahead to roots, shape (days, intervals)."""


class Method(Protocol):
    """A way to forecast."""

    @property
    def name(self) -> str:
        """What planners and benchmarks call it."""
        ...

    @property
    def needs(self) -> int:
        """Fewest open, counted days it can learn from."""
        ...

    def fit(self, table: Table) -> Fitted:
        """Learn what costs time; a fitted method is used for some days before it is fitted again."""
        ...


@dataclass(frozen=True)
class SameWeekday:
    """The mean of the last days of the same weekday: one of them is the seasonal naive forecast.

    Attributes:
        days: how many.
    """

    days: int
    needs: int = 1

    @property
    def name(self) -> str:
        """`same weekday`, with the number of days where it is more than one."""
        return "same weekday" if self.days == 1 else f"mean of last {self.days} same weekdays"

    def fit(self, table: Table) -> Fitted:  # noqa: ARG002 -- nothing to learn
        """Nothing is learned beforehand."""
        return self._forecast

    def _forecast(self, table: Table, ahead: Ahead) -> Floats:
        def one(role: int) -> Floats:
            same = np.flatnonzero(table.role == role)
            chosen = (same if len(same) else np.arange(len(table)))[-self.days :]
            return np.asarray(table.roots[chosen].mean(axis=0))

        return _by_role(ahead, one, table)


@dataclass(frozen=True)
class WeekProfile:
    """The week's profile times the level of late.

    The profile of each weekday is a mean that forgets half in `memory` days, the level an exponentially
    weighted mean of each day against its profile; odd days count for less in both.

    Attributes:
        memory: days in which the profile forgets half.
        speed: share of the newest day in the level, (0, 1].
    """

    memory: float = 56.0
    speed: float = 0.25
    needs: int = 1

    @property
    def name(self) -> str:
        """`week profile and level`."""
        return "week profile and level"

    def fit(self, table: Table) -> Fitted:  # noqa: ARG002 -- nothing to learn
        """Nothing is learned beforehand."""
        return self._forecast

    def _forecast(self, table: Table, ahead: Ahead) -> Floats:
        fresh = table.weight * 0.5 ** ((table.number[-1] - table.number) / self.memory)
        everyone = np.average(table.roots, axis=0, weights=fresh)

        def profile(role: int) -> Floats:
            same = table.role == role
            return np.average(table.roots[same], axis=0, weights=fresh[same]) if same.any() else everyone

        profiles = np.array([profile(role) for role in range(7)])
        expected = profiles[table.role]
        levels = np.sum(table.roots * expected, axis=1) / np.maximum(np.sum(expected**2, axis=1), 1e-9)
        age = np.arange(len(table))[::-1]
        level = np.average(levels, weights=table.weight * (1.0 - self.speed + 1e-12) ** age)
        return _by_role(ahead, lambda role: level * profiles[role], table)


@dataclass(frozen=True)
class FactorsAR:
    """Singular value decomposition of days, and for each factor's scores a weekday mean and the day before.

    Source: Shen, Huang (2008), Interday forecasting and intraday updating of call center arrivals,
    Manufacturing & Service Operations Management 10:391-410. Here with odd days weighted down.

    Attributes:
        factors: how many.
    """

    factors: int = 4
    needs: int = 15

    @property
    def name(self) -> str:
        """`factors + AR`."""
        return "factors + AR"

    def fit(self, table: Table) -> Fitted:
        """The factors and the regression of each one's scores."""
        loadings = factor_loadings(table, self.factors)
        scores = table.roots @ loadings.T
        design = np.column_stack([table.role[1:, None] == np.arange(7), np.zeros(len(table) - 1)]).astype(
            float
        )
        weight = np.sqrt(table.weight[1:] * table.weight[:-1])
        effects = []
        for series in scores.T:
            mean = np.average(series, weights=table.weight)
            design[:, -1] = series[:-1] - mean
            left = (design * weight[:, None]).T @ design + 1e-3 * np.diag(
                [1.0] * 7 + [design[:, -1].var() + 1e-9]
            )
            effects.append(np.append(np.linalg.solve(left, design.T @ (weight * (series[1:] - mean))), mean))
        return lambda now, ahead: _iterate(now.roots[-1] @ loadings.T, np.array(effects), ahead) @ loadings


def factor_loadings(table: Table, factors: int) -> Floats:
    """Shape (factors or fewer, intervals): orthonormal patterns of the day, the first mostly positive."""
    gram = (table.roots * table.weight[:, None]).T @ table.roots
    kept = min(factors, len(table), len(gram))
    vectors = np.linalg.eigh(gram)[1][:, ::-1][:, :kept].T
    return np.asarray(vectors * np.where(vectors.sum(axis=1) < 0, -1.0, 1.0)[:, None])


def _iterate(scores: Floats, effects: Floats, ahead: Ahead) -> Floats:
    """Scores of the days ahead, shape (days, factors), one open day from the last."""
    mean, carry = effects[:, -1], np.clip(effects[:, -2], -0.98, 0.98)
    rows = []
    for role in ahead.role:
        if role != CLOSED:
            scores = mean + effects[:, role] + carry * (scores - mean)
        rows.append(scores)
    return np.array(rows)


def _by_role(ahead: Ahead, forecast: Callable[[int], Floats], table: Table) -> Floats:
    """Rows of the days ahead from a forecast for each role."""
    rows = {int(role): forecast(int(role)) for role in set(ahead.role.tolist()) - {CLOSED}}
    return np.array([rows.get(int(role), np.zeros(table.roots.shape[1])) for role in ahead.role])
