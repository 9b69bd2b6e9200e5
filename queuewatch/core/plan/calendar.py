"""Which local days and intervals there are, when a queue is open in them, and which days are special.

A planner thinks in local days cut into equal intervals of the clock on the wall. When the clock is set, a day
has an interval too few (in spring: it is closed) or has some twice (in autumn: both bear the same number).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from queuewatch.core.hours import Hours, Span

DAY_S = 86_400
_EPOCH = date(1970, 1, 1)
_SHORTEST_S = 300
_HALF = 0.5


class SpecialDay(Struct, frozen=True, kw_only=True):
    """A day of which the planner knows more than the past does.

    Attributes:
        label: Days of one label differ alike; what past ones brought is learned.
        factor: Contacts against an ordinary day of its weekday; None: as learned from its label.
        closed: The queue is closed.
        like: A past day it will be like, in level.
    """

    label: str = "special"
    factor: float | None = None
    closed: bool = False
    like: date | None = None


class Calendar(Struct, frozen=True, kw_only=True):
    """A queue's days.

    Attributes:
        zone: The time zone of the planner's days.
        hours: When it is open; None: always.
        holidays: Public holidays with their names.
        works_holidays: Whether it is open on them (as on other days, though with other contacts).
        special: What the planner said of single days.
    """

    zone: tzinfo = UTC
    hours: Hours | None = None
    holidays: dict[date, str] = {}
    works_holidays: bool = False
    special: dict[date, SpecialDay] = {}

    def spans(self, day: date) -> tuple[Span, ...]:
        """When it is open on this day, seconds of the clock on the wall.

        The planner's word goes before the hours of single days, these before holidays, these before weekdays.
        """
        if self.shut(day):
            return ()
        if self.hours is not None and day in self.hours.days:
            return self.hours.days[day]
        return ((0.0, float(DAY_S)),) if self.hours is None else self.hours.week[day.weekday()]

    def shut(self, day: date) -> bool:
        """Whether somebody said that it is closed on this very day: the planner, or a public holiday."""
        told = self.special.get(day)
        if told is not None and told.closed:
            return True
        single = self.hours is not None and day in self.hours.days
        return day in self.holidays and not self.works_holidays and not single

    def label(self, day: date) -> str | None:
        """What kind of special day it is; None: an ordinary one."""
        told = self.special.get(day)
        if told is not None:
            return told.label
        return self.holidays.get(day) if self.works_holidays else None

    def day_of(self, at: float) -> date:
        """The local day of a point in time."""
        return datetime.fromtimestamp(at, UTC).astimezone(self.zone).date()

    def begins_at(self, day: date) -> int:
        """When a local day begins, seconds since the epoch."""
        return int(datetime.combine(day, time(), self.zone).timestamp())

    def cells(self, day: date, length_s: int) -> list[tuple[int, int]]:
        """The intervals of a day, ascending: when each begins (seconds since the epoch), and which it is.

        On most days the n-th is number n; see the module for the others.
        """
        begin, end = self.begins_at(day), self.begins_at(day + timedelta(days=1))
        if end - begin == DAY_S:
            return [(begin + place * length_s, place) for place in range(DAY_S // length_s)]
        found, known = [], -1
        for at in range(begin, end, _SHORTEST_S):
            wall = datetime.fromtimestamp(at, UTC).astimezone(self.zone)
            cell, into_s = divmod(wall.hour * 3600 + wall.minute * 60, length_s)
            if cell != known or into_s == 0:
                found.append((at, cell))
            known = cell
        return found

    def open_cells(self, day: date, length_s: int) -> NDArray[np.bool_]:
        """Shape (intervals,): whether it is open for at least half of each interval, and there is one."""
        start = np.arange(0, DAY_S, length_s, dtype=np.float64)
        opened = np.zeros(len(start))
        for opens_s, closes_s in self.spans(day):
            opened += np.clip(np.minimum(closes_s, start + length_s) - np.maximum(opens_s, start), 0.0, None)
        there = np.zeros(len(start), dtype=bool)
        there[[cell for _, cell in self.cells(day, length_s)]] = True
        return np.asarray(there & (opened >= _HALF * length_s), dtype=np.bool_)


def number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day_numbered(days: int) -> date:
    """The day of this number."""
    return _EPOCH + timedelta(days=days)
