"""Forecast of a mean that varies slowly, such as handling time: the day's level times the hour's habit."""

from dataclasses import dataclass

import numpy as np

from queuewatch.queueing.forecasting.days import Days, Floats, Ints
from queuewatch.queueing.forecasting.methods import Fitted
from queuewatch.queueing.forecasting.ranges import factor, learn_stretch, pool_of, pools
from queuewatch.queueing.forecasting.smooth import FactorsCalendar
from queuewatch.queueing.forecasting.table import (
    Ahead,
    Table,
    discounted,
    look_ahead,
    neighbours,
    roles,
    usually_open,
)

_HABIT_CONTACTS = 400.0  # contacts after which an interval's own habit counts as much as the day's level
_UNKNOWN = 0.15  # relative deviation of the level where there is no past to try it on
_ORIGINS = 30
_FEWEST_ERRORS = 5
_GROWN = 1.1  # times the days learned from at which the level's method learns again


@dataclass(frozen=True, eq=False)
class Means:
    """Means of consecutive days, and how many contacts each is the mean of.

    Attributes:
        days: which days.
        values: shape (days, intervals); the mean, above 0, of any unit; NaN where unknown.
        contacts: shape (days, intervals); how many it is the mean of; 0 where none.
    """

    days: Days
    values: Floats
    contacts: Floats

    def __post_init__(self) -> None:
        if not self.values.shape == self.contacts.shape == self.days.open.shape:
            raise ValueError(
                f"means have shape {self.values.shape}, contacts {self.contacts.shape}, "
                f"days {self.days.open.shape}; make them equal"
            )
        if np.any(self.values <= 0) or np.any(self.contacts < 0):
            raise ValueError(
                "a mean is not above 0, or a number of contacts is below; give NaN for an unknown mean"
            )

    @property
    def behind(self) -> Floats:
        """Shape (days, intervals): contacts behind each mean that counts; 0 where closed or unknown."""
        return np.where(self.days.open & ~np.isnan(self.values), self.contacts, 0.0)

    def part(self, start: int, stop: int) -> "Means":
        """The days from `start` up to `stop`, counted from the first."""
        return Means(self.days.part(start, stop), self.values[start:stop], self.contacts[start:stop])


@dataclass(frozen=True, eq=False)
class MeanForecast:
    """What the mean will be.

    Attributes:
        days: the days forecast.
        mean: shape (days, intervals); in the unit given.
        deviation: shape (days,); relative standard deviation of the day's level.
        stretch: shape (days, 3); factors on the normal's central 50, 80 and 95 % ranges.
    """

    days: Days
    mean: Floats
    deviation: Floats
    stretch: Floats

    def quantile(self, probability: float) -> Floats:
        """Shape (days, intervals): what the true mean does not exceed with this probability in (0, 1).

        It is the range of the level, not of the mean of the few contacts that one interval happens to have.

        Raises:
            ValueError: the probability is not inside (0, 1).
        """
        return np.asarray(self.mean * np.exp(factor(probability, self.stretch) * self.deviation)[:, None])


def forecast_means(past: Means, ahead: Days) -> MeanForecast:
    """What a slowly varying mean will be on the days that follow.

    The level is that of a Gaussian process over weekday, drift and the last days (as for contacts), in
    which odd days and days with few contacts say less; the habit of an interval is its share of the day's
    level, shrunk to 1 by how few contacts it was seen with. Ranges come from forecasts tried on the past.

    Raises:
        ValueError: no mean is known, or `ahead` does not follow.
    """
    future = look_ahead(past.days, ahead)
    if not past.behind.any():
        raise ValueError("no mean is known on any open day; give one as a constant instead")
    habit, table = _levels(past)
    level = _forecast(table, future, _fit(table))
    deviation, stretch = _errors(past, table, len(ahead))
    pool = pool_of(np.arange(1, len(ahead) + 1))
    return MeanForecast(ahead, level[:, None] * habit, deviation[pool], stretch[pool])


def _levels(past: Means) -> tuple[Floats, Table]:
    """The habit of each interval, shape (intervals,), and a table with one column: the level of each day."""
    behind = past.behind
    days = np.flatnonzero(behind.any(axis=1))
    number, value = behind[days], np.nan_to_num(past.values[days])
    level = np.sum(number * value, axis=1) / number.sum(axis=1)
    relative = np.sum(number * value / level[:, None], axis=0)
    habit = (relative + _HABIT_CONTACTS) / (number.sum(axis=0) + _HABIT_CONTACTS)
    level = np.sum(number * value, axis=1) / np.sum(number * habit, axis=1)
    total = number.sum(axis=1)
    table = Table(
        number=past.days.number[days],
        role=roles(past.days, usually_open(past.days))[days],
        phase=past.days.month_phase[days],
        roots=level[:, None],
        weight=np.minimum(1.0, total / np.median(total)),
        effect={},
    )
    return habit, discounted(table, neighbours(table, np.ones(len(table), dtype=bool)))


def _fit(table: Table) -> Fitted:
    method = FactorsCalendar(factors=1, month=False)
    if len(table) >= method.needs:
        return method.fit(table)
    return lambda now, ahead: np.full((len(ahead.role), 1), np.average(now.roots[:, 0], weights=now.weight))


def _forecast(table: Table, ahead: Ahead, fitted: Fitted) -> Floats:
    return np.asarray(np.maximum(fitted(table, ahead)[:, 0], table.roots.min() / 2.0))


def _errors(past: Means, table: Table, most: int) -> tuple[Floats, Floats]:
    """Relative deviation, shape (pools,), and stretch, shape (pools, 3), of levels forecast in the past."""
    lead, error = _tried(past, table, most)
    deviation, stretch = np.full(pools(), _UNKNOWN), np.ones((pools(), 3))
    for pool in range(pools()):
        mine = np.abs(error[pool_of(lead) == pool])
        if len(mine) >= _FEWEST_ERRORS:
            deviation[pool] = max(float(np.sqrt(np.mean(np.square(mine)))), 1e-6)
            stretch[pool] = learn_stretch(mine / deviation[pool], len(mine))
        elif pool:
            deviation[pool], stretch[pool] = deviation[pool - 1], stretch[pool - 1]
    return deviation, stretch


def _tried(past: Means, table: Table, most: int) -> tuple[Ints, Floats]:
    """Leads in days, and logarithms of what came over what was said, of forecasts tried on the past."""
    leads, errors = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    learned_from, fitted = 0, _fit(table)
    for row in range(max(_FEWEST_ERRORS, len(table) - _ORIGINS - most), len(table)):
        start = int(table.number[row]) - past.days.first
        known = _levels(past.part(0, start))[1]
        if row >= _GROWN * learned_from:
            fitted, learned_from = _fit(known), row
        said = _forecast(
            known, look_ahead(past.days.part(0, start), past.days.part(start, start + most)), fitted
        )
        lead = table.number[row:] - table.number[row]
        near = lead < len(said)
        leads.append(lead[near] + 1)
        errors.append(np.log(table.roots[row:, 0][near] / said[lead[near]]))
    return np.concatenate(leads), np.concatenate(errors)
