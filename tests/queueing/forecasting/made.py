"""Made-up histories whose truth is known, for the tests of forecasts."""

import numpy as np

from queuewatch.queueing.forecasting.days import Days, Floats, History

MONDAY = 11_995  # 2002-11-04, in days since 1970-01-01
WEEK: Floats = np.array([1.4, 1.1, 1.0, 0.9, 1.0, 0.6, 0.3])


def office_days(days: int, intervals: int = 6, *, first: int = MONDAY) -> Days:
    """Days on which the queue is open from Monday to Friday."""
    opened = np.tile(((first + np.arange(days) + 3) % 7 < 5)[:, None], (1, intervals))
    return Days(first, opened, np.zeros(days, dtype=np.int64))


def all_days(days: int, intervals: int = 6, *, first: int = MONDAY) -> Days:
    """Days on which the queue is always open."""
    return Days(first, np.ones((days, intervals), dtype=bool), np.zeros(days, dtype=np.int64))


def rates(days: Days, size: float = 100.0) -> Floats:
    """Contacts an interval: a week's pattern times a day's, the same each week."""
    hours = 1.0 + 0.5 * np.sin(np.pi * (np.arange(days.intervals) + 0.5) / days.intervals)
    return np.asarray(size * WEEK[days.weekday][:, None] * hours)


def exact(days: Days, size: float = 100.0) -> History:
    """A history without chance."""
    return History(days, rates(days, size))


def poisson(days: Days, size: float = 100.0, *, seed: int = 1, level: float = 0.0) -> History:
    """A history of Poisson counts; each day's rate is off by a relative deviation `level`."""
    chance = np.random.default_rng(seed)
    day = np.exp(level * chance.standard_normal(len(days)))
    return History(days, chance.poisson(rates(days, size) * day[:, None]).astype(np.float64))


def with_counts(history: History, day: int, counts: Floats | float) -> History:
    """The history with other counts on one day."""
    changed = history.counts.copy()
    changed[day] = counts
    return History(history.days, changed)
