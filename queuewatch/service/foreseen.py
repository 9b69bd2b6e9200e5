"""What was forecast of the interval that is now, and how long before: for metrics, at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.accuracy import Kept
from queuewatch.core.plan.calendar import Calendar, number

AHEAD_S = 3 * 3600.0
"""Forecasts are made anew every hour; should that fail, what was said before holds for so long."""
_DAY_S = 86_400
_TENTHS = 10.0
_LEADS = (("now", 0), ("day", 1), ("week", 7))
_EDGES = (("80", "low"), ("80", "high"), ("95", "low"), ("95", "high"))


class Figures(Struct, frozen=True, kw_only=True):
    """What metrics tell of a queue's forecasts.

    Attributes:
        contacts: Contacts expected in the present interval, by lead: `now`, `day` and `week` ahead.
        ranges: The edges of their ranges, by lead, range (per cent) and edge (`low`, `high`).
        agents: Agents the present interval calls for, as planned last.
        wape: Error of last week's forecasts, by lead.
        cover: Share of intervals that came inside the range, by lead and range.
    """

    site: str
    queue: str
    channel: Channel
    contacts: dict[str, float] = {}
    ranges: dict[tuple[str, str, str], float] = {}
    agents: int | None = None
    wape: dict[str, float] = {}
    cover: dict[tuple[str, str], float] = {}


class Foreseen(Struct, frozen=True, kw_only=True):
    """What is told of a queue's forecasts in the next hours.

    Attributes:
        moments: The intervals from the present one on: when each begins, and what is told from then on.
        until_at: When the last of them ends.
        later: What is told after that: how good forecasts were, and nothing of an interval.
    """

    moments: tuple[tuple[float, Figures], ...]
    until_at: float
    later: Figures

    def at(self, now: float) -> Figures:
        """What the forecasts say of the interval that `now` lies in."""
        if now >= self.until_at:
            return self.later
        return next((one for begins_at, one in reversed(self.moments) if begins_at <= now), self.later)


def foresee(told: Sequence[Kept], calendar: Calendar, length_s: int, scored: Figures, now: float) -> Foreseen:
    """Find what is to be told in the next hours.

    Args:
        told: The forecasts as they were made, the oldest first.
        calendar: Whose days and intervals they speak of.
        length_s: Of an interval.
        scored: How good last week's were.
        now: The present.
    """
    days = dict.fromkeys(calendar.day_of(at) for at in (now, now + AHEAD_S))
    moments = tuple(
        (float(begins_at), _interval(told, calendar, scored, day, cell))
        for day in days
        for begins_at, cell in calendar.cells(day, length_s)
        if now - length_s < begins_at <= now + AHEAD_S
    )
    until_at = moments[-1][0] + length_s if moments else now
    return Foreseen(moments=moments, until_at=until_at, later=scored)


def _interval(told: Sequence[Kept], calendar: Calendar, scored: Figures, day: date, cell: int) -> Figures:
    """What is told of one interval of a day: by the last forecast that was made so many days before."""
    contacts: dict[str, float] = {}
    ranges: dict[tuple[str, str, str], float] = {}
    agents: int | None = None
    for lead, days in _LEADS:
        made_by = day - timedelta(days=days)
        kept = next((one for one in reversed(told) if calendar.day_of(one.made_at) <= made_by), None)
        place = None if kept is None else _place(kept, day, cell)
        if kept is None or place is None or kept.mean[place] < 0:
            continue
        contacts[lead] = kept.mean[place] / _TENTHS
        for (share, edge), values in zip(_EDGES, kept.ranges, strict=True):
            ranges[lead, share, edge] = values[place] / _TENTHS
        if agents is None and place < len(kept.agents):
            agents = kept.agents[place]
    return replace(scored, contacts=contacts, ranges=ranges, agents=agents)


def _place(kept: Kept, day: date, cell: int) -> int | None:
    """Where an interval stands in a kept forecast; None where it does not reach."""
    since = number(day) - kept.first
    place = since * (_DAY_S // kept.length_s) + cell
    return place if since >= 0 and place < len(kept.mean) else None
