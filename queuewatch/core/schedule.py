"""Levels that are told by the calendar: what a supervisor knows beforehand goes before what is estimated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from queuewatch.core.hours import Hours
from queuewatch.core.view import NoticeLevel


class Planned(Struct, frozen=True, kw_only=True):
    """A level that is told at certain times.

    Attributes:
        level: What is told then; "normal": it is never said to be busy then.
        hours: When, on its own clock.
        first: The first day on which it holds; None: always has.
        last: The last day on which it holds; None: it has no end.
    """

    level: NoticeLevel
    hours: Hours
    first: date | None = None
    last: date | None = None

    def span(self, at: float) -> tuple[float, float] | None:
        """The time (from, until) in which it holds at this moment, or next; seconds since 1970 UTC.

        None: not within 400 days, or of its first day.
        """
        begins_at = float("-inf") if self.first is None else self._midnight(self.first)
        ends_at = float("inf") if self.last is None else self._midnight(self.last + timedelta(days=1))
        if at >= ends_at:
            return None
        span = next(self.hours.spans(max(at, begins_at)), None)
        return span if span is not None and span[0] < ends_at else None

    def _midnight(self, day: date) -> float:
        return datetime.combine(day, time(), self.hours.zone).timestamp()


def planned(schedule: Iterable[Planned], now: float) -> tuple[NoticeLevel | None, float | None]:
    """The level that is planned for now, and when that may change; None where there is none.

    Of several that hold at once, the first one listed counts. A moment of ending is after the end.
    """
    level: NoticeLevel | None = None
    borders: list[float] = []
    for one in schedule:
        span = one.span(now)
        if span is None:
            continue
        begins_at, ends_at = span
        if begins_at <= now and level is None:
            level = one.level
        borders.append(begins_at if begins_at > now else ends_at)
    return level, min(borders, default=None)
