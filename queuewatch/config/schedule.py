"""`[[notice.schedule]]` and `[[queues."NAME".schedule]]`: levels that are told by the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from queuewatch.core.view import NoticeLevel

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Times = Annotated[
    str,
    Meta(
        pattern=r"^\d\d:\d\d-\d\d:\d\d(, ?\d\d:\d\d-\d\d:\d\d)*$",
        description='times such as "09:00-11:00" or "09:00-11:00, 13:00-14:00"',
    ),
]
OnWeekday = Annotated[Weekday, Meta(description='a day of the week such as "mon"')]
Day = Annotated[str, Meta(description='a day such as "2026-12-24"')]


class ScheduleSection(Struct, frozen=True, kw_only=True):
    """One entry: at which times of which days, from the first until the last day, which level is told."""

    days: Annotated[tuple[OnWeekday, ...], Meta(min_length=1)] = WEEK
    times: Times
    level: NoticeLevel
    first: Day | None = None
    last: Day | None = None


def about_schedule(schedule: Sequence[ScheduleSection], table: str) -> Iterator[str]:
    """What is wrong with the days of a schedule, and how to mend it."""
    for place, entry in enumerate(schedule):
        for name in ("first", "last"):
            day = getattr(entry, name)
            if day is not None and not is_day(day):
                yield f'{table}[{place}].{name} is "{day}", which is no day; write it as "2026-12-24"'
        if entry.first is not None and entry.last is not None and entry.last < entry.first:
            yield (
                f"{table}[{place}].last is {entry.last}, before the {entry.first} of first; "
                "exchange them, or remove one"
            )


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar, written as 2026-12-24."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
