"""How far back a history goes, and what is missing in it: what nobody told is unknown, and not less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from msgspec import Struct

WEEK_S = 7 * 86_400.0
# Of the time before may be missing one part in so many: half a day of a week.
_LITTLE = 14
_MANY = 10


class Reach(Struct, frozen=True, kw_only=True):
    """How far back a history goes.

    Attributes:
        begins_at: Time of its first fact; None where it holds nothing.
        before: It holds the whole time before, which can be held against the time reported.
        week: It holds the week before the time reported too, in which a customer may have come already.
        week_before: It holds the week before the time before.
        silent_days: Days now, and before, on which nobody came though many come on such a weekday.
    """

    begins_at: float | None
    before: bool
    week: bool
    week_before: bool
    silent_days: tuple[int, int]


def earlier(begins_at: float, ends_at: float, zone: tzinfo) -> float:
    """When the same stretch of time before [begins_at, ends_at) began, on the clock of the wall.

    A week in which a clock is set is an hour longer or shorter, and yet a week.
    """
    begins, ends = _local(begins_at, zone), _local(ends_at, zone)
    return (begins - (ends.replace(tzinfo=None) - begins.replace(tzinfo=None))).timestamp()


def reach(
    joined: Sequence[float], told_at: float | None, span: tuple[float, float, float], zone: tzinfo
) -> Reach:
    """How far back a history goes; a fourteenth of the time, or a quiet beginning, may be missing.

    A centre that is closed on a Saturday has no fact of the Saturday with which the time before begins.

    Args:
        joined: When each contact joined, up to the end of the time reported.
        told_at: Time of the first fact of any kind; None where there is none.
        span: When the time before and the time reported begin, and when that ends.
        zone: On whose clock days are.
    """
    before_at, begins_at, ends_at = span
    first_at = min((*joined, *(() if told_at is None else (told_at,))), default=None)
    quiet_s = min((at for at in joined if at >= begins_at), default=begins_at) - begins_at
    late_s = float("inf") if first_at is None else first_at - max((ends_at - begins_at) / _LITTLE, quiet_s)
    counts = Counter(_local(at, zone).date() for at in joined if at >= before_at)
    return Reach(
        begins_at=first_at,
        before=late_s <= before_at,
        week=late_s <= begins_at - WEEK_S,
        week_before=late_s <= before_at - WEEK_S,
        silent_days=(
            _silent(counts, _whole_days(begins_at, ends_at, zone)),
            _silent(counts, _whole_days(before_at, begins_at, zone)),
        ),
    )


def _silent(counts: Counter[date], days: Iterable[date]) -> int:
    most: Counter[int] = Counter()
    for day, came in counts.items():
        most[day.weekday()] = max(most[day.weekday()], came)
    return sum(not counts[day] and most[day.weekday()] >= _MANY for day in days)


def _whole_days(begins_at: float, ends_at: float, zone: tzinfo) -> list[date]:
    begins, last = _local(begins_at, zone), _local(ends_at, zone).date()
    first = begins.date()
    if begins != begins.replace(hour=0, minute=0, second=0, microsecond=0):
        first += timedelta(days=1)
    return [first + timedelta(days=number) for number in range((last - first).days)]


def _local(at: float, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(zone)
