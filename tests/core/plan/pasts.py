"""Pasts for the tests of planning: so many contacts an hour, on a clock in Berlin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from queuewatch.core.facts.terms import Channel
from queuewatch.core.hours import Hours
from queuewatch.core.plan.calendar import Calendar
from queuewatch.core.state.history import Interval, QueueHistory, Row

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Hours(zone=BERLIN, week=(*[((9 * 3600.0, 17 * 3600.0),)] * 5, ((10 * 3600.0, 14 * 3600.0),), ()))
CALENDAR = Calendar(zone=BERLIN, hours=OFFICE)
MONDAY = date(2026, 6, 1)


def moment(day: date, hour: float = 0.0) -> float:
    """A time of the clock in Berlin, as a point in time."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # the zone comes below
    return (midnight + timedelta(hours=hour)).replace(tzinfo=BERLIN).timestamp()


def past(
    weeks: int,
    rate: Callable[[datetime], float],
    *,
    first: date = MONDAY,
    seed: int | None = 1,
    channel: Channel = "phone",
    base_s: int = 300,
) -> QueueHistory:
    """Some weeks in which `rate` contacts an hour came, by the clock in Berlin; drawn, or exact without seed.

    Handling takes five minutes, as uneven as exponential times; nine in ten are answered after 20 s, the
    rest gives up after a minute.
    """
    rng = None if seed is None else np.random.default_rng(seed)
    since, until = int(moment(first)), int(moment(first + timedelta(weeks=weeks)))
    intervals = []
    for start in range(since, until, base_s):
        mean = rate(datetime.fromtimestamp(start, BERLIN)) * base_s / 3600.0
        offered = int(rng.poisson(mean)) if rng is not None else round(mean)
        if not offered:
            continue
        answered = offered - offered // 10
        row = Row(
            offered=offered,
            answered=answered,
            abandoned=offered - answered,
            waited_s=answered * 20.0 + (offered - answered) * 60.0,
            handled=answered,
            handling_s=answered * 300.0,
            handling_s2=answered * 2.0 * 300.0**2,
        )
        intervals.append(Interval(start, row))
    return QueueHistory(
        channel=channel, intervals=intervals, since=float(since), until=float(until), base_s=base_s
    )


def office(at: datetime) -> float:
    """Sixty contacts an hour while the office is open, a quarter more on Mondays."""
    if at.weekday() == 6 or not 9 <= at.hour < 17 or (at.weekday() == 5 and not 10 <= at.hour < 14):
        return 0.0
    return 75.0 if at.weekday() == 0 else 60.0
