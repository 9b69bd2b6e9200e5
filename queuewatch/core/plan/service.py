"""How long contacts take, by weekday and hour, and how long customers wait before they give up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from queuewatch.core.plan.calendar import DAY_S, Calendar
from queuewatch.core.plan.series import Line
from queuewatch.queueing.forecasting.days import Floats

_WEEKS = 8
_HALF_LIFE_DAYS = 28.0
_ALIKE = 60.0  # contacts' worth of belief that an hour is like the rest
_HOURS = 24
_FEWEST_ABANDONED = 10  # below this the past says nothing about how long people wait
_DEFAULT_S = 300.0
_FEWEST_SQUARED = 200  # contacts below which it is not believed how uneven their handling times are
_CV2 = (0.25, 4.0)  # what is believed at all


@dataclass(frozen=True, eq=False)
class Service:
    """How contacts are served.

    Attributes:
        handling_s: Shape (7, intervals); mean handling time by weekday and interval, seconds.
        patience_s: Mean time until a waiting customer hangs up; `inf` where too few did to tell.
        contacts: Whose handling times it rests on; 0: it is a guess of five minutes.
        handling_cv2: Squared coefficient of variation of the handling time; 1 (exponential) where unknown.
    """

    handling_s: Floats
    patience_s: float
    contacts: int
    handling_cv2: float = 1.0


def service(past: Line, calendar: Calendar, length_s: int, now: float) -> Service:
    """Learn from the last eight weeks, the recent ones more.

    The mean of a weekday's hour is drawn to the mean of that hour on all days, and this to the mean of all:
    the fewer contacts speak for it, the more. Patience is the time waited by anybody over the number who gave
    up: the most likely mean if patience is exponential and waits end it early.
    """
    handled = np.zeros((7, _HOURS))
    spent_s = np.zeros((7, _HOURS))
    contacts, abandoned, waited_s = 0.0, 0.0, 0.0
    squared = np.zeros(3)
    today = calendar.day_of(now)
    for back in range(_WEEKS * 7):
        day = today - timedelta(days=back)
        begin, end = calendar.begins_at(day), calendar.begins_at(day + timedelta(days=1))
        start = max(0, (begin - past.since) // past.base_s)
        stop = max(0, (end - past.since) // past.base_s)
        if stop <= start or start >= len(past):
            continue
        weight = 0.5 ** (back / _HALF_LIFE_DAYS)
        places = np.arange(start, min(stop, len(past)))
        hour = np.minimum((past.since + places * past.base_s - begin) * _HOURS // DAY_S, _HOURS - 1)
        np.add.at(handled[day.weekday()], hour, weight * past.handled[places])
        np.add.at(spent_s[day.weekday()], hour, weight * past.handling_s[places])
        some = places[past.handling_s2[places] > 0.0]
        squared += [past.handled[some].sum(), past.handling_s[some].sum(), past.handling_s2[some].sum()]
        contacts += float(past.handled[places].sum())
        abandoned += float(past.abandoned[places].sum())
        waited_s += float(past.waited_s[places].sum())
    overall_s = spent_s.sum() / handled.sum() if handled.sum() > 0 else _DEFAULT_S
    by_hour = (spent_s.sum(axis=0) + _ALIKE * overall_s) / (handled.sum(axis=0) + _ALIKE)
    means = (spent_s + _ALIKE * by_hour) / (handled + _ALIKE)
    hour_of = np.arange(DAY_S // length_s) * length_s // 3600
    patience_s = waited_s / abandoned if abandoned >= _FEWEST_ABANDONED and waited_s > 0.0 else np.inf
    return Service(
        np.maximum(means[:, hour_of], 1.0), float(patience_s), round(contacts), _cv2(*squared.tolist())
    )


def _cv2(contacts: float, handling_s: float, handling_s2: float) -> float:
    """Squared coefficient of variation: of so many contacts, with this sum of times, and of squares."""
    if contacts < _FEWEST_SQUARED or handling_s <= 0.0:
        return 1.0
    mean_s = handling_s / contacts
    return min(max(handling_s2 / contacts / mean_s**2 - 1.0, _CV2[0]), _CV2[1])
