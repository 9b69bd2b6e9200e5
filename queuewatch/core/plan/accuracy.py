"""How good past forecasts were: what was said of days that are over by now, against what came."""

from __future__ import annotations

import zlib
from datetime import date, timedelta

import msgspec
import numpy as np
from msgspec import Struct

from queuewatch.core.plan.calendar import DAY_S, Calendar, day_numbered, number
from queuewatch.core.plan.outlook import Outlook
from queuewatch.core.plan.series import line, spread
from queuewatch.core.state.history import QueueHistory
from queuewatch.queueing.forecasting.backtest import wape
from queuewatch.queueing.forecasting.days import Bools, Floats

KEPT_DAYS = 15
_TENTHS = 10.0
_NOTHING_SAID = -1.0
_WEEK = 7


class Kept(Struct, frozen=True, kw_only=True):
    """A forecast as it was made, to be held against what comes; counts in tenths, flat by day and interval.

    Attributes:
        made_at: When.
        first: Its first day, in days since 1970-01-01.
        length_s: Of an interval.
        mean: Contacts expected; below 0 where nothing could be said.
        ranges: Edges of the 80 % and the 95 % range: low and high of each.
        agents: Agents it called for.
        totals: Edges of the 80 % range of whole days: low and high.
    """

    made_at: float
    first: int
    length_s: int
    mean: list[int]
    ranges: tuple[list[int], list[int], list[int], list[int]]
    agents: list[int] = []
    totals: tuple[list[int], list[int]] = ([], [])

    def table(self, values: list[int]) -> Floats:
        """Shape (days, intervals): contacts; 0 where nothing could be said."""
        told = np.array(values, dtype=np.float64).reshape(-1, DAY_S // self.length_s)
        return np.asarray(np.maximum(told, 0.0) / _TENTHS)

    def said(self, day: int) -> bool:
        """Whether anything could be said of the day of this index."""
        each = DAY_S // self.length_s
        return any(one >= 0 for one in self.mean[day * each : (day + 1) * each])


_kept = msgspec.msgpack.Decoder(Kept)


def keep(outlook: Outlook, agents: list[int] | None = None) -> Kept:
    """What is kept of an outlook: its first `KEPT_DAYS` days."""

    def tenths(values: Floats) -> list[int]:
        found: list[int] = np.rint(values[:KEPT_DAYS] * _TENTHS).astype(np.int64).ravel().tolist()
        return found

    low_80, high_80 = outlook.range(0.8)
    low_95, high_95 = outlook.range(0.95)
    return Kept(
        made_at=outlook.made_at,
        first=number(outlook.first),
        length_s=outlook.length_s,
        mean=tenths(np.where(outlook.unknown, _NOTHING_SAID, outlook.mean)),
        ranges=(tenths(low_80), tenths(high_80), tenths(low_95), tenths(high_95)),
        agents=[] if agents is None else agents,
        totals=(tenths(outlook.totals(0.1)), tenths(outlook.totals(0.9))),
    )


def packed(kept: Kept) -> bytes:
    """A kept forecast as bytes."""
    return zlib.compress(msgspec.msgpack.encode(kept), 9)


def unpacked(body: bytes) -> Kept:
    """What `packed` made."""
    return _kept.decode(zlib.decompress(body))


class DayScore(Struct, frozen=True, kw_only=True):
    """One past day: what was said, with its 80 % range, and what came; None where nobody counted."""

    day: date
    said: float
    low: float
    high: float
    came: float | None


class Accuracy(Struct, frozen=True, kw_only=True):
    """How good forecasts were over some days.

    Attributes:
        lead_days: Days between the making and the day forecast.
        days: Day by day.
        wape: Sum of the intervals' absolute errors over what came, in [0, ∞); None where nothing came.
        bias: What was said over what came, less 1.
        cover_80, cover_95: Share of intervals that came inside the range.
        naive_wape: Error of "the same weekday a week before"; None where that is not known.
    """

    lead_days: int
    days: tuple[DayScore, ...]
    wape: float | None
    bias: float | None
    cover_80: float | None
    cover_95: float | None
    naive_wape: float | None


def accuracy(
    told: list[Kept], history: QueueHistory, calendar: Calendar, lead_days: int, span: tuple[date, date]
) -> Accuracy | None:
    """Hold forecasts against what came.

    Args:
        told: Forecasts, in the order in which they were made.
        history: What came.
        calendar: The queue's days, by which contacts arrive.
        lead_days: For each day the last forecast counts that was made at least so many days before.
        span: The first day and the last.

    Returns:
        None where no such forecast was made.
    """
    found = _found(told, calendar, lead_days, span)
    if not found:
        return None
    past = line(history)

    def spread_of(one: _Found, back: int = 0) -> Floats:
        day = one.day - timedelta(days=back)
        return spread(past, past.demand, calendar, day, one.kept.length_s)

    said = [one.kept.table(one.kept.mean)[one.place] for one in found]
    came = [np.where(row > 0.0, spread_of(one), np.nan) for row, one in zip(said, found, strict=True)]
    days = tuple(_day(*row) for row in zip(found, said, came, strict=True))
    before = np.concatenate([spread_of(one, _WEEK) for one in found])
    bounds = [
        np.concatenate([one.kept.table(one.kept.ranges[n])[one.place] for one in found]) for n in range(4)
    ]
    return _scored(lead_days, days, (np.concatenate(came), np.concatenate(said), before), bounds)


class _Found(Struct, frozen=True):
    """A day, the forecast that counts for it, and which of its days it is."""

    day: date
    kept: Kept
    place: int


def _found(told: list[Kept], calendar: Calendar, lead_days: int, span: tuple[date, date]) -> list[_Found]:
    """The forecast that counts for each day, where one was made in time and said something of it."""
    first, last = span
    found = []
    for index in range((last - first).days + 1):
        day = first + timedelta(days=index)
        fit = [one for one in told if _made(one, calendar) <= day - timedelta(days=lead_days)]
        fit = [one for one in fit if (day - day_numbered(one.first)).days < len(one.table(one.mean))]
        if fit and fit[-1].said(place := (day - day_numbered(fit[-1].first)).days):
            found.append(_Found(day, fit[-1], place))
    return found


def _scored(
    lead_days: int,
    days: tuple[DayScore, ...],
    values: tuple[Floats, Floats, Floats],
    bounds: list[Floats],
) -> Accuracy:
    """The scores over all intervals: `values` are what came, what was said, and what came a week before."""
    actual, forecast, before = values
    known = ~np.isnan(actual)
    total = float(actual[known].sum())
    naive = None if np.isnan(before[known]).any() else _number(wape(actual, np.nan_to_num(before)))
    return Accuracy(
        lead_days=lead_days,
        days=days,
        wape=_number(wape(actual, forecast)),
        bias=_number(float(forecast[known].sum()) / total - 1.0) if total > 0.0 else None,
        cover_80=_share(actual, known, bounds[0], bounds[1]),
        cover_95=_share(actual, known, bounds[2], bounds[3]),
        naive_wape=naive,
    )


def _made(kept: Kept, calendar: Calendar) -> date:
    return calendar.day_of(kept.made_at)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value


def _share(actual: Floats, known: Bools, low: Floats, high: Floats) -> float | None:
    if not known.any():
        return None
    # Edges were kept to a tenth, and what came is a whole number.
    inside = (low[known] - 0.05 <= actual[known]) & (actual[known] <= high[known] + 0.05)
    return float(inside.mean())


def _day(one: _Found, said: Floats, came: Floats) -> DayScore:
    known = ~np.isnan(came)
    low, high = one.kept.totals
    return DayScore(
        day=one.day,
        said=float(said.sum()),
        low=low[one.place] / _TENTHS,
        high=high[one.place] / _TENTHS,
        came=float(came[known].sum()) if known.any() else None,
    )
