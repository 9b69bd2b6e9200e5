"""A queue's past as the forecast wants it: local days of intervals, what is unknown marked as unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from queuewatch.core.hours import Hours, Span
from queuewatch.core.plan.calendar import DAY_S, Calendar, number
from queuewatch.core.state.history import QueueHistory
from queuewatch.queueing.forecasting.days import ORDINARY, Bools, Days, Floats, History

_BLIND = 0.1  # share of an interval that nobody saw from which on its count is not believed
_FEWEST_SEEN = 0.5  # share of a longer interval that must be known to speak for the rest
_USUAL = 0.02  # of the busiest hour: what is less is outside the hours that a queue keeps
_TOO_SILENT = 20.0  # contacts
_WEEKS_TO_KNOW = 3
_SEEN_TO_BE_CLOSED = 2  # days of one weekday on which nobody came at that hour
_HOUR_S = 3600
_WEEK = 7


@dataclass(frozen=True, eq=False)
class Line:
    """A queue's past, a value for each short interval from `since` on.

    Attributes:
        since: Beginning of the first, seconds since the epoch.
        base_s: Their length.
        demand: Contacts offered, attempts repeated after giving up left out; NaN where nobody saw.
        handled, handling_s, handling_s2: Contacts whose handling time is known, its sum, and that of its
            squares; 0 where only the sum was told.
        abandoned, waited_s: Contacts that gave up, and all the time waited by anybody.
    """

    since: int
    base_s: int
    demand: Floats
    handled: Floats
    handling_s: Floats
    handling_s2: Floats
    abandoned: Floats
    waited_s: Floats

    def __len__(self) -> int:
        return len(self.demand)


def line(past: QueueHistory) -> Line:
    """All intervals of a history, also those in which nothing happened, and those nobody saw."""
    base = past.base_s
    since = int(past.since // base) * base
    count = max(0, int((past.until - since) // base))
    columns = np.zeros((7, count))
    for one in past.intervals:
        place = (one.start - since) // base
        if 0 <= place < count:
            row = one.row
            columns[:, place] = (
                row.offered - row.repeated,
                row.handled,
                row.handling_s,
                row.handling_s2,
                row.abandoned,
                row.waited_s,
                row.blind_s,
            )
    blind = columns[6]
    for begin, end in past.outages:
        for place in range(max(0, int((begin - since) // base)), min(count, int((end - since) // base) + 1)):
            start = since + place * base
            blind[place] += max(0.0, min(end, start + base) - max(begin, start))
    demand = np.where(blind > _BLIND * base, np.nan, np.maximum(columns[0], 0.0))
    return Line(since, base, demand, *columns[1:6])


def without_silences(past: Line, calendar: Calendar) -> Line:
    """The past with stretches marked as unknown in which nothing came though many contacts were usual.

    A source may fall silent without telling. Where twenty contacts were to be expected (by the median of the
    same hours of the same weekday) and none came, that was no chance: e^-20. A closed holiday that nobody
    told of looks the same, and is better left out as well.
    """
    demand = past.demand.copy()
    table = [(day, np.nan_to_num(counts)) for day, counts in _hourly(past, calendar)]
    if len(table) < _WEEKS_TO_KNOW * _WEEK:
        return past
    usual = {
        weekday: np.median([counts for day, counts in table if day.weekday() == weekday], axis=0)
        for weekday in range(_WEEK)
    }
    for day, counts in table:
        expected = usual[day.weekday()]
        empty = np.concatenate([[False], counts == 0.0, [False]]).astype(np.int8)
        starts, stops = np.flatnonzero(np.diff(empty) == 1), np.flatnonzero(np.diff(empty) == -1)
        for start, stop in zip(starts, stops, strict=True):
            if expected[start:stop].sum() >= _TOO_SILENT:
                begin = (calendar.begins_at(day) + int(start) * _HOUR_S - past.since) // past.base_s
                end = (calendar.begins_at(day) + int(stop) * _HOUR_S - past.since) // past.base_s
                demand[max(0, begin) : max(0, end)] = np.nan
    return replace(past, demand=demand)


def usual_hours(past: Line, calendar: Calendar) -> Hours:
    """The hours that a queue seems to keep: on each weekday from the first to the last hour with contacts.

    An hour counts that brought at least a fiftieth of the busiest one, over the whole past, or on which
    somebody came on half of the days, and more than once: a quiet night is no closed one.
    """
    seen, came, known = np.zeros((3, _WEEK, 24))
    for day, counts in _hourly(past, calendar):
        seen[day.weekday()] += np.nan_to_num(counts)
        came[day.weekday()] += np.nan_to_num(counts) > 0.0
        known[day.weekday()] += ~np.isnan(counts)
    often = (came >= _SEEN_TO_BE_CLOSED) & (2.0 * came >= known)
    busy = often | (seen >= _USUAL * max(float(seen.max()), 1.0))
    week: list[tuple[Span, ...]] = []
    for hours in busy:
        at = np.flatnonzero(hours)
        week.append(((float(at[0]) * _HOUR_S, float(at[-1] + 1) * _HOUR_S),) if len(at) else ())
    return Hours(zone=calendar.zone, week=tuple(week))


def undecided_hours(past: Line, calendar: Calendar, hours: Hours) -> Bools:
    """Shape (7, 24): hours outside those that a queue seems to keep, seen too seldom to call it closed then.

    Nobody who came on a single Monday at eight may be chance, or a Monday that was a holiday; of a weekday
    that was never seen nothing is known at all.

    Args:
        past: What came.
        calendar: Whose clock it is.
        hours: From `usual_hours` of the same past.
    """
    times = np.zeros((_WEEK, 24), dtype=np.int64)
    for day, counts in _hourly(past, calendar):
        times[day.weekday()] += ~np.isnan(counts)
    within = np.zeros((_WEEK, 24), dtype=bool)
    for weekday, spans in enumerate(hours.week):
        for opens_s, closes_s in spans:
            within[weekday, int(opens_s) // _HOUR_S : int(closes_s) // _HOUR_S] = True
    return np.asarray(~within & (times < _SEEN_TO_BE_CLOSED), dtype=np.bool_)


def _hourly(past: Line, calendar: Calendar) -> list[tuple[date, Floats]]:
    """Local days with the contacts of each hour; NaN where nobody counted."""
    if not len(past):
        return []
    first = calendar.day_of(past.since)
    last = calendar.day_of(past.since + len(past) * past.base_s - 1)
    table = days(past, Calendar(zone=calendar.zone), _HOUR_S, (first, last))
    return [(first + timedelta(days=index), counts) for index, counts in enumerate(table.counts)]


def days(
    past: Line,
    calendar: Calendar,
    length_s: int,
    span: tuple[date, date],
    kinds: dict[str, int] | None = None,
) -> History:
    """Local days of intervals.

    Args:
        past: What came.
        calendar: The queue's days.
        length_s: Of an interval; a multiple of the past's own.
        span: The first day and the last.
        kinds: Numbers of the labels of special days; those not listed are given one.
    """
    first, last = span
    which = planned(calendar, length_s, first, last, kinds)
    counts = np.full(which.open.shape, np.nan)
    for index in range(len(which)):
        counts[index] = spread(past, past.demand, calendar, first + timedelta(days=index), length_s)
    return History(which, counts)


def planned(
    calendar: Calendar, length_s: int, first: date, last: date, kinds: dict[str, int] | None = None
) -> Days:
    """The days themselves: when the queue is open, and which are special."""
    kinds = {} if kinds is None else kinds
    count = (last - first).days + 1
    opened: Bools = np.zeros((count, DAY_S // length_s), dtype=bool)
    kind = np.zeros(count, dtype=np.int64)
    for index in range(count):
        day = first + timedelta(days=index)
        opened[index] = calendar.open_cells(day, length_s)
        label = calendar.label(day)
        kind[index] = ORDINARY if label is None else kinds.setdefault(label, len(kinds) + 1)
    return Days(number(first), opened, kind)


def spread(past: Line, values: Floats, calendar: Calendar, day: date, length_s: int) -> Floats:
    """Shape (intervals,): sums of `values` over each interval of a local day; NaN where too little is known.

    An interval of which a part is unknown is filled up from its rest; one that the clock has twice is the
    mean of both.
    """
    each = length_s // past.base_s
    total, known = np.zeros(DAY_S // length_s), np.zeros(DAY_S // length_s)
    cells = calendar.cells(day, length_s)
    ends = [begin for begin, _ in cells[1:]] + [calendar.begins_at(day + timedelta(days=1))]
    for (begin, cell), end in zip(cells, ends, strict=True):
        start = (begin - past.since) // past.base_s
        stop = (end - past.since) // past.base_s
        piece = values[max(0, start) : max(0, stop)]
        seen = ~np.isnan(piece)
        total[cell] += piece[seen].sum()
        known[cell] += seen.sum()
    enough = known >= _FEWEST_SEEN * each
    return np.asarray(np.where(enough, total * each / np.maximum(known, 1), np.nan))
