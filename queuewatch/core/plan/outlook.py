"""What the days ahead bring: contacts per interval with ranges, handling time, patience; how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import msgspec
import numpy as np

from queuewatch.core.plan.calendar import Calendar, day_numbered
from queuewatch.core.plan.series import (
    days,
    line,
    planned,
    spread,
    undecided_hours,
    usual_hours,
    without_silences,
)
from queuewatch.core.plan.service import Service, service
from queuewatch.core.state.history import QueueHistory
from queuewatch.queueing.forecast import Forecast, Learned, borrow, forecast, learn
from queuewatch.queueing.forecasting.backtest import wape
from queuewatch.queueing.forecasting.days import Bools, Days, Floats, History, poisson_variance, unrooted
from queuewatch.queueing.forecasting.methods import Method
from queuewatch.queueing.forecasting.ranges import factor

LENGTHS_S = (300, 900, 1800, 3600)
"""Lengths of intervals that a plan may have, seconds."""

LONGEST_DAYS = 56
_FEWEST_DAYS = 14  # of a queue's own past below which it borrows another one's profile, where one is named
_WEEKS_ALIKE = 4
_WEEK = timedelta(days=7)


class NoForecastError(ValueError):
    """There is nothing to forecast from; the text says what is missing, and the cure."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """The days ahead of one queue, or of several as one.

    Attributes:
        calendar: Its days; hours that nobody configured are as they seem to be.
        length_s: Of an interval.
        first: The first day forecast: today, or the day after the past ends.
        made_at: When, seconds since the epoch.
        said: The forecast.
        unknown: Shape (days, intervals); never seen on that weekday, so that nothing can be said of them.
        weekdays: Shape (7,); whether any such day was seen, Monday first.
        scale: Shape (days,); what the planner said of single days, as a factor.
        service: Handling time and patience.
        learned: Where method and ranges come from.
        hours_guessed: Nobody told the opening hours.
        borrowed: Name of the queue whose profile was borrowed.
        known_days: Days of the past with counts.
        unknown_share: Share of the open past that nobody counted.
        tested_wape: Error of the chosen method in the back-test; None when nothing could be tried.
    """

    calendar: Calendar
    length_s: int
    first: date
    made_at: float
    said: Forecast
    unknown: Bools
    weekdays: Bools
    scale: Floats
    service: Service
    learned: Learned
    hours_guessed: bool
    borrowed: str | None
    known_days: int
    unknown_share: float
    tested_wape: float | None

    def __len__(self) -> int:
        return len(self.said.days)

    @property
    def mean(self) -> Floats:
        """Shape (days, intervals): contacts expected."""
        return np.asarray(self.said.mean * self.scale[:, None])

    def range(self, share: float) -> tuple[Floats, Floats]:
        """Shape (days, intervals): the central range of the contacts with this share of cases."""
        low, high = self.said.range(share)
        return low * self.scale[:, None], high * self.scale[:, None]

    def rate_quantile(self, probability: float) -> Floats:
        """Shape (days, intervals): expected contacts if the days turn out as busy as once in so many.

        Unlike the range of contacts it leaves out the chance within an interval, of which Erlang's formulas
        take care themselves.
        """
        said = self.said
        own = np.maximum(np.square(said.deviation) - poisson_variance(said.roots), 1e-6)
        moved = said.roots + factor(probability, said.stretch)[:, None] * np.sqrt(own)
        return np.asarray(np.where(said.days.open, unrooted(moved), 0.0) * self.scale[:, None])

    def totals(self, probability: float = 0.5) -> Floats:
        """Shape (days,): contacts of whole days not exceeded with this probability."""
        return np.asarray(self.said.totals(probability) * self.scale)

    def day(self, index: int) -> date:
        """The day of this index."""
        return self.first + timedelta(days=index)

    def cells(self, index: int) -> list[tuple[int, int]]:
        """The intervals of a day: when each begins, and its column."""
        return self.calendar.cells(self.day(index), self.length_s)


@dataclass(frozen=True, eq=False)
class Model:
    """What was learned of a queue, to forecast with for some hours without trying everything again.

    Attributes:
        calendar: As in `Outlook`.
        arrives: The same for arrivals, which for e-mail is at all hours.
        past: Whole days that are known.
        kinds: Numbers of the special days' labels.
        learned: By the back-test.
        undecided: Shape (7, intervals); where hours are guessed: when too little was seen to call it closed.
    """

    calendar: Calendar
    arrives: Calendar
    length_s: int
    past: History
    kinds: dict[str, int]
    learned: Learned
    service: Service
    hours_guessed: bool
    undecided: Bools


def understand(
    history: QueueHistory,
    calendar: Calendar,
    length_s: int,
    now: float,
    *,
    horizon_days: int,
    extra: Sequence[Method] = (),
) -> Model:
    """Learn from all days before today.

    Args:
        history: Of the queue.
        calendar: Its days.
        length_s: One of `LENGTHS_S`, and a multiple of the history's own.
        now: The present; today is the local day of it.
        horizon_days: How far ahead matters, days.
        extra: More methods to try.

    Raises:
        NoForecastError: The interval is too short for the history, or there is no past.
    """
    if length_s % history.base_s:
        raise NoForecastError(
            f"the history has intervals of {history.base_s // 60} min, of which {length_s // 60} min cannot "
            f"be made; choose a multiple of {history.base_s // 60}"
        )
    past = without_silences(line(history), calendar)
    guessed = calendar.hours is None and history.channel != "email"
    undecided = np.zeros((7, 24), dtype=bool)
    if guessed:
        hours = usual_hours(past, calendar)
        undecided = undecided_hours(past, calendar, hours)
        calendar = msgspec.structs.replace(calendar, hours=hours)
    arrives = _at_all_hours(calendar) if history.channel == "email" else calendar
    today = calendar.day_of(now)
    first = calendar.day_of(history.since)
    kinds: dict[str, int] = {}
    if first >= today:
        known = _nothing(arrives, length_s, today, kinds)
    else:
        known = days(past, arrives, length_s, (first, today - timedelta(days=1)), kinds)
    learned = learn(known, days=min(horizon_days, LONGEST_DAYS), extra=extra)
    served = service(past, calendar, length_s, now)
    undecided = np.repeat(undecided, 3600 // length_s, axis=1)
    return Model(calendar, arrives, length_s, known, kinds, learned, served, guessed, undecided)


def _at_all_hours(calendar: Calendar) -> Calendar:
    """The calendar by which e-mail arrives; on holidays, too."""
    return Calendar(
        zone=calendar.zone, holidays=calendar.holidays, works_holidays=True, special=calendar.special
    )


def _nothing(calendar: Calendar, length_s: int, today: date, kinds: dict[str, int]) -> History:
    """A past of one day of which nothing is known."""
    before = planned(calendar, length_s, today - timedelta(days=1), today - timedelta(days=1), kinds)
    return History(before, np.full(before.open.shape, np.nan))


def foresee(
    model: Model,
    history: QueueHistory,
    now: float,
    *,
    horizon_days: int,
    alike: tuple[str, Model, float | None] | None = None,
) -> Outlook:
    """Forecast today and the days after it, today with what came so far.

    Args:
        model: What was learned, today or some days ago.
        history: Of the queue, up to now.
        now: The present.
        horizon_days: Days to forecast, today included.
        alike: For a queue with little past: name and model of another one, and how many contacts the new
            one is expected to have for each of the other's (None: as it seems).

    Raises:
        NoForecastError: Nothing was counted, and there is no other queue to borrow from.
    """
    today = model.calendar.day_of(now)
    past = _up_to(model, history, today)
    counted = int(past.known.any(axis=1).sum())
    borrows = None if alike is None or counted >= _FEWEST_DAYS else alike
    if borrows is not None:
        _must_fit(past, borrows[1], today)
        model = _with_hours_of(model, borrows[1])
    seen = _seen([past] if borrows is None else [past, borrows[1].past])
    ahead, unknown = _ahead(model, seen, (today, today + timedelta(days=horizon_days - 1)))
    said = _with_today(_said(model, past, ahead, borrows), model, history)
    uncounted = past.days.open & np.isnan(past.counts)
    return Outlook(
        calendar=model.calendar,
        length_s=model.length_s,
        first=today,
        made_at=now,
        said=said,
        unknown=unknown,
        weekdays=np.asarray(seen.any(axis=1), dtype=np.bool_),
        scale=_scale(model, past, today, horizon_days),
        service=model.service,
        learned=said.learned,
        hours_guessed=model.hours_guessed,
        borrowed=None if borrows is None else borrows[0],
        known_days=counted,
        unknown_share=float(uncounted.sum() / max(1, past.days.open.sum())),
        tested_wape=_tested(model) if borrows is None else None,
    )


def _ahead(model: Model, seen: Bools, span: tuple[date, date]) -> tuple[Days, Bools]:
    """The days to forecast, open where something is known of them; and where they are open but unknown."""
    ahead = _learned_kinds_only(planned(model.arrives, model.length_s, *span, dict(model.kinds)), model)
    unknown = _unknown(model, ahead, seen)
    return replace(ahead, open=ahead.open & ~unknown), unknown


def _said(
    model: Model, past: History, ahead: Days, borrows: tuple[str, Model, float | None] | None
) -> Forecast:
    """The forecast of the queue itself, or in the shape of the one it borrows from.

    Raises:
        NoForecastError: There is nothing to forecast from.
    """
    try:
        if borrows is not None:
            return _borrowed(past, borrows[1], borrows[2], ahead)
        return forecast(past, ahead, model.learned)
    except ValueError as error:
        raise NoForecastError(str(error)) from None


def _tested(model: Model) -> float | None:
    """The error of the model's method in its trial; None when nothing could be tried."""
    tested = model.learned.tested
    if tested is None:
        return None
    return wape(tested.counts, unrooted(tested.mean_roots(model.learned.members)))


def _with_hours_of(model: Model, other: Model) -> Model:
    """The model with the guessed hours of another queue, where its own are no more than guessed."""
    if not model.hours_guessed:
        return model
    return replace(
        model,
        calendar=msgspec.structs.replace(model.calendar, hours=other.calendar.hours),
        arrives=msgspec.structs.replace(model.arrives, hours=other.arrives.hours),
        undecided=other.undecided,
    )


def _seen(pasts: list[History]) -> Bools:
    """Shape (7, intervals): whether an open interval of this weekday was ever counted."""
    seen = np.zeros((7, pasts[0].days.intervals), dtype=bool)
    for past in pasts:
        for weekday, known in zip(past.days.weekday, past.known, strict=True):
            seen[weekday] |= known
    return seen


def _unknown(model: Model, ahead: Days, seen: Bools) -> Bools:
    """Shape (days, intervals): open but never seen, or seen too seldom to tell whether it is open at all."""
    unknown = ahead.open & ~seen[ahead.weekday]
    for index, weekday in enumerate(ahead.weekday):
        if not model.calendar.shut(day_numbered(ahead.first + index)):
            unknown[index] |= model.undecided[weekday]
    return np.asarray(unknown, dtype=np.bool_)


def _up_to(model: Model, history: QueueHistory, today: date) -> History:
    """The model's days, and those that have passed since it learned."""
    first = model.past.days.first
    last = today - timedelta(days=1)
    start = day_numbered(first)
    if (last - start).days + 1 == len(model.past):
        return model.past
    return days(line(history), model.arrives, model.length_s, (start, last), dict(model.kinds))


def _learned_kinds_only(ahead: Days, model: Model) -> Days:
    """Kinds of days that never were are ordinary days: there is nothing to learn their effect from."""
    seen = np.isin(ahead.kind, np.unique(model.past.days.kind))
    return Days(ahead.first, ahead.open, np.where(seen, ahead.kind, 0))


def _must_fit(past: History, alike: Model, today: date) -> None:
    theirs = alike.past
    if day_numbered(theirs.days.first + len(theirs)) != today:
        raise NoForecastError("the queue to borrow from has a past that ends on another day; learn both anew")
    if len(past) == 0 or past.days.intervals != theirs.days.intervals:
        raise NoForecastError("the queue to borrow from has other intervals")


def _borrowed(past: History, alike: Model, scale: float | None, ahead: Days) -> Forecast:
    theirs = alike.past
    both = Days(ahead.first, ahead.open, np.zeros(len(ahead), dtype=np.int64))
    return borrow(past, theirs, both, scale=scale, learned=alike.learned)


def _with_today(said: Forecast, model: Model, history: QueueHistory) -> Forecast:
    """The forecast once what came today is known."""
    past = line(history)
    day = day_numbered(said.days.first)
    if not len(past):
        return said
    seen = spread(past, past.demand, model.calendar, day, model.length_s)
    # The interval under way is not over: what came in it so far would look like too little.
    end = past.since + len(past) * past.base_s
    for begin, cell in model.calendar.cells(day, model.length_s):
        if begin + model.length_s > end:
            seen[cell] = np.nan
    return said.updated(seen)


def _scale(model: Model, past: History, today: date, horizon_days: int) -> Floats:
    """Shape (days,): what the planner said of single days."""
    scale = np.ones(horizon_days)
    for index in range(horizon_days):
        told = model.calendar.special.get(today + timedelta(days=index))
        if told is None:
            continue
        if told.factor is not None:
            scale[index] = told.factor
        elif told.like is not None:
            scale[index] = _like(past, told.like, model.calendar)
    return scale


def _like(past: History, day: date, calendar: Calendar) -> float:
    """Contacts of a past day against the same weekday in the weeks around it; 1 where that is not known."""
    first = day_numbered(past.days.first)

    def total(one: date) -> float | None:
        index = (one - first).days
        if not 0 <= index < len(past) or not past.known[index].any():
            return None
        return float(past.counts[index][past.known[index]].sum())

    itself = total(day)
    around = [
        found
        for weeks in range(-_WEEKS_ALIKE, _WEEKS_ALIKE + 1)
        if weeks and calendar.label(day + weeks * _WEEK) is None
        if (found := total(day + weeks * _WEEK)) is not None
    ]
    if itself is None or not around or np.median(around) <= 0.0:
        return 1.0
    return itself / float(np.median(around))


def scaled(outlook: Outlook, volume: float, handling: float) -> Outlook:
    """The outlook if so many times as many contacts came, and each took so many times as long."""
    changed = replace(outlook.service, handling_s=outlook.service.handling_s * handling)
    return replace(outlook, scale=outlook.scale * volume, service=changed)
