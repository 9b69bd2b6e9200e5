"""Tests of local days: the clock is set twice a year, and every moment belongs to one interval."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.hours import Hours
from queuewatch.core.plan.calendar import Calendar, SpecialDay, day_numbered, number
from tests.core.plan.pasts import BERLIN, CALENDAR, MONDAY

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
lengths = st.sampled_from([300, 900, 1800, 3600])


def test_a_spring_day_has_an_hour_too_few_and_an_autumn_day_one_twice() -> None:
    spring = [cell for _, cell in CALENDAR.cells(SPRING, 1800)]
    autumn = [cell for _, cell in CALENDAR.cells(AUTUMN, 1800)]
    assert len(spring) == 46
    assert {4, 5}.isdisjoint(spring)
    assert len(autumn) == 50
    assert autumn.count(4) == autumn.count(5) == 2


def test_hours_that_come_twice_are_two_intervals_also_when_an_interval_is_an_hour() -> None:
    assert [cell for _, cell in CALENDAR.cells(AUTUMN, 3600)].count(2) == 2


@given(zones, days, lengths)
def test_every_moment_of_a_day_is_in_one_interval(zone: str, day: date, length_s: int) -> None:
    calendar = Calendar(zone=ZoneInfo(zone))
    cells = calendar.cells(day, length_s)
    begins = [begin for begin, _ in cells]
    assert begins[0] == calendar.begins_at(day)
    assert begins == sorted(set(begins))
    ends = [*begins[1:], calendar.begins_at(day + timedelta(days=1))]
    assert all(0 < end - begin <= length_s for begin, end in zip(begins, ends, strict=True))
    assert all(calendar.day_of(begin) == day for begin in begins)
    assert all(0 <= cell < 86_400 // length_s for _, cell in cells)


@given(zones, days)
def test_days_follow_one_another_without_a_gap(zone: str, day: date) -> None:
    calendar = Calendar(zone=ZoneInfo(zone))
    assert calendar.day_of(calendar.begins_at(day)) == day
    assert calendar.day_of(calendar.begins_at(day) - 1) == day - timedelta(days=1)


def test_open_is_what_is_open_for_half_of_it() -> None:
    hours = Hours(zone=BERLIN, week=(((9.25 * 3600, 9.75 * 3600), (10.3 * 3600, 10.5 * 3600)),) * 7)
    opened = Calendar(zone=BERLIN, hours=hours).open_cells(MONDAY, 1800)
    assert opened.nonzero()[0].tolist() == [18, 19]


def test_the_hour_that_spring_leaves_out_is_closed() -> None:
    opened = Calendar(zone=BERLIN).open_cells(SPRING, 1800)
    assert opened.sum() == 46
    assert not opened[4:6].any()


def test_the_planners_word_goes_before_single_days_and_these_before_holidays() -> None:
    thursday = date(2026, 12, 24)
    span = ((9 * 3600.0, 12 * 3600.0),)
    week = ((0.0, 86_400.0),)
    hours = Hours(zone=BERLIN, week=(week,) * 7, days={thursday: span})
    names = {thursday: "Christmas Eve", date(2026, 12, 25): "Christmas Day"}
    calendar = Calendar(zone=BERLIN, hours=hours, holidays=names)
    assert calendar.spans(thursday) == span
    assert calendar.spans(date(2026, 12, 25)) == ()
    assert calendar.spans(date(2026, 12, 28)) == week
    closed = Calendar(zone=BERLIN, hours=hours, special={thursday: SpecialDay(closed=True)})
    assert closed.spans(thursday) == ()


def test_holidays_on_which_people_work_differ_from_other_days() -> None:
    new_year = date(2026, 1, 1)
    works = Calendar(holidays={new_year: "New Year"}, works_holidays=True)
    assert works.spans(new_year) == ((0.0, 86_400.0),)
    assert works.label(new_year) == "New Year"
    assert works.label(date(2026, 1, 2)) is None
    assert Calendar(holidays={new_year: "New Year"}).label(new_year) is None
    sale = Calendar(special={new_year: SpecialDay(label="sale")})
    assert sale.label(new_year) == "sale"


@given(days)
def test_days_are_numbered_from_1970(day: date) -> None:
    assert day_numbered(number(day)) == day
    assert number(date(1970, 1, 1)) == 0


def test_without_a_zone_days_are_those_of_greenwich() -> None:
    assert Calendar().zone is UTC
    assert Calendar().begins_at(date(1970, 1, 2)) == pytest.approx(86_400)


def test_a_day_is_shut_when_somebody_said_so() -> None:
    day = date(2026, 6, 4)
    week = (((0.0, 3600.0),),) * 7
    assert not Calendar().shut(day)
    assert Calendar(special={day: SpecialDay(closed=True)}).shut(day)
    assert Calendar(holidays={day: "Corpus Christi"}).shut(day)
    assert not Calendar(holidays={day: "Corpus Christi"}, works_holidays=True).shut(day)
    single = Hours(zone=UTC, week=week, days={day: ((0.0, 60.0),)})
    assert not Calendar(holidays={day: "Corpus Christi"}, hours=single).shut(day)
