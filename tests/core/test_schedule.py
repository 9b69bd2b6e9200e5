"""Levels told by the calendar: on their borders, when the clock is set, from first to last day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from queuewatch.core.hours import Hours, Span
from queuewatch.core.schedule import Planned, planned
from queuewatch.core.view import NoticeLevel

BERLIN = ZoneInfo("Europe/Berlin")
NINE_TO_ELEVEN: Span = (9 * 3600.0, 11 * 3600.0)


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def entry(
    *weekdays: int,
    spans: tuple[Span, ...] = (NINE_TO_ELEVEN,),
    level: NoticeLevel = "busy",
    first: date | None = None,
    last: date | None = None,
) -> Planned:
    week = tuple(spans if day in weekdays else () for day in range(7))
    return Planned(level=level, hours=Hours(zone=BERLIN, week=week), first=first, last=last)


def test_it_holds_from_exactly_its_beginning_until_just_before_its_end() -> None:
    schedule = (entry(0),)  # Monday 2026-11-23, when Berlin is an hour ahead
    begins_at, ends_at = utc("2026-11-23T08:00"), utc("2026-11-23T10:00")
    assert planned(schedule, begins_at - 0.001) == (None, begins_at)
    assert planned(schedule, begins_at) == ("busy", ends_at)
    assert planned(schedule, ends_at - 0.001) == ("busy", ends_at)
    assert planned(schedule, ends_at) == (None, utc("2026-11-30T08:00"))


def test_it_goes_by_the_clock_on_the_wall_when_the_clock_is_set() -> None:
    sundays = (entry(6, spans=((1800.0, 9 * 3600.0),)),)
    # Half past midnight is 23:30 UTC in winter; nine is 07:00 UTC since the clock was set at two.
    assert planned(sundays, utc("2026-03-28T23:30")) == ("busy", utc("2026-03-29T07:00"))
    # In autumn the same times are ten hours and a half apart, not eight.
    assert planned(sundays, utc("2026-10-24T22:30")) == ("busy", utc("2026-10-25T08:00"))


def test_a_time_that_the_spring_night_leaves_out_holds_for_as_long_as_it_says() -> None:
    gap = (entry(6, spans=((2.25 * 3600, 2.75 * 3600),)),)
    begins_at, ends_at = utc("2026-03-29T01:15"), utc("2026-03-29T01:45")
    assert planned(gap, begins_at - 1) == (None, begins_at)
    assert planned(gap, begins_at) == ("busy", ends_at)
    assert planned(gap, ends_at)[0] is None


def test_it_holds_on_its_first_and_its_last_day_and_never_after() -> None:
    days = tuple(range(7))
    schedule = (entry(*days, first=date(2026, 12, 1), last=date(2026, 12, 2)),)
    assert planned(schedule, utc("2026-11-30T08:30")) == (None, utc("2026-12-01T08:00"))
    assert planned(schedule, utc("2026-12-01T08:00")) == ("busy", utc("2026-12-01T10:00"))
    assert planned(schedule, utc("2026-12-02T09:59")) == ("busy", utc("2026-12-02T10:00"))
    assert planned(schedule, utc("2026-12-02T10:00")) == (None, None)
    assert planned(schedule, utc("2027-12-02T08:30")) == (None, None)


def test_a_whole_last_day_ends_at_its_midnight() -> None:
    schedule = (entry(*range(7), spans=((0.0, 86_400.0),), last=date(2026, 12, 2)),)
    midnight_at = utc("2026-12-02T23:00")
    assert planned(schedule, midnight_at - 0.001) == ("busy", midnight_at)
    assert planned(schedule, midnight_at) == (None, None)


def test_a_first_day_years_ahead_is_waited_for() -> None:
    schedule = (entry(*range(7), first=date(2030, 1, 1)),)
    assert planned(schedule, utc("2026-11-23T08:30")) == (None, utc("2030-01-01T08:00"))


def test_a_weekday_that_never_comes_between_the_days_never_holds() -> None:
    schedule = (entry(0, first=date(2026, 12, 1), last=date(2026, 12, 2)),)  # a Tuesday and a Wednesday
    assert planned(schedule, utc("2026-11-30T08:30")) == (None, None)


def test_of_several_that_hold_the_first_counts_and_each_border_is_looked_at() -> None:
    schedule = (
        entry(0, spans=((9.5 * 3600, 10 * 3600),), level="normal"),
        entry(0),
    )
    assert planned(schedule, utc("2026-11-23T08:00")) == ("busy", utc("2026-11-23T08:30"))
    assert planned(schedule, utc("2026-11-23T08:30")) == ("normal", utc("2026-11-23T09:00"))
    assert planned(schedule, utc("2026-11-23T09:00")) == ("busy", utc("2026-11-23T10:00"))


def test_without_a_schedule_nothing_is_planned() -> None:
    assert planned((), utc("2026-11-23T08:00")) == (None, None)
