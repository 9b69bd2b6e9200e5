"""When a queue is open: hours of the week in a time zone, days that differ, time that counts only then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct

Span = tuple[float, float]
"""From and until, seconds of the day as the clock on the wall shows it: 0 <= from < until <= 86,400."""

_DAY_S = 86_400.0
# Nobody works off a wait that ends later than this: the calendar says when it is open again, or never.
_AHEAD_DAYS = 400


class Hours(Struct, frozen=True, kw_only=True):
    """A queue's calendar.

    The clock on the wall rules: a queue that opens at 8 does so on the days when the clock is set, too. A
    time that a spring night leaves out is read as if the clock had not been set (half past two is half past
    three); one that an autumn night has twice counts as its first.

    Attributes:
        zone: The time zone of the spans.
        week: The spans of each weekday from Monday, ascending, not overlapping; none: closed all day.
        days: The spans of single days, which take the place of their weekday's.
    """

    zone: tzinfo
    week: tuple[tuple[Span, ...], ...]
    days: dict[date, tuple[Span, ...]] = {}

    def spans(self, since_at: float) -> Iterator[tuple[float, float]]:
        """The times (from, until) in which it is open, from the one that ends after `since_at`, ascending.

        Points in time are seconds since 1970 UTC. Ends after 400 days.
        """
        first = datetime.fromtimestamp(since_at, UTC).astimezone(self.zone).date()
        closed_at = float("-inf")
        for ahead in range(-1, _AHEAD_DAYS):
            day = first + timedelta(days=ahead)
            for opens_s, closes_s in self.days.get(day, self.week[day.weekday()]):
                # In a spring night the end of one span may come to lie after the beginning of the next.
                opens_at, closes_at = max(closed_at, self._at(day, opens_s)), self._at(day, closes_s)
                closed_at = max(closed_at, closes_at)
                if closes_at > max(since_at, opens_at):
                    yield opens_at, closes_at

    def open_at(self, at: float) -> bool:
        """Whether it is open at this moment; the moment of closing is closed."""
        span = next(self.spans(at), None)
        return span is not None and span[0] <= at

    def opens_at(self, at: float) -> float | None:
        """When it is open at or after this moment; None: not within 400 days."""
        span = next(self.spans(at), None)
        return None if span is None else max(at, span[0])

    def open_s_between(self, since_at: float, until_at: float) -> float:
        """How many seconds it is open between two moments; 0 when the second is not after the first."""
        total_s = 0.0
        for opens_at, closes_at in self.spans(since_at):
            if opens_at >= until_at:
                break
            total_s += min(closes_at, until_at) - max(opens_at, since_at)
        return max(0.0, total_s)

    def after_open_s(self, since_at: float, open_s: float) -> float | None:
        """When it will have been open for `open_s` since `since_at`; None: not within 400 days."""
        left_s = open_s
        for opens_at, closes_at in self.spans(since_at):
            begins_at = max(opens_at, since_at)
            if closes_at - begins_at >= left_s:
                return begins_at + left_s
            left_s -= closes_at - begins_at
        return None

    def _at(self, day: date, wall_s: float) -> float:
        if wall_s >= _DAY_S:
            day, wall_s = day + timedelta(days=1), 0.0
        midnight = datetime.combine(day, time())
        return (midnight + timedelta(seconds=wall_s)).replace(tzinfo=self.zone).timestamp()


def either(known: Sequence[Hours]) -> Hours:
    """Open while any of some calendars is; on the clock of the first."""
    days = {
        day: tuple(one.days.get(day, one.week[day.weekday()]) for one in known)
        for one in known
        for day in one.days
    }
    return Hours(
        zone=known[0].zone,
        week=tuple(_merged([one.week[weekday] for one in known]) for weekday in range(7)),
        days={day: _merged(spans) for day, spans in days.items()},
    )


def _merged(tables: Iterable[tuple[Span, ...]]) -> tuple[Span, ...]:
    """Spans that touch or overlap made one, ascending."""
    merged: list[Span] = []
    for begin, end in sorted(span for spans in tables for span in spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)
