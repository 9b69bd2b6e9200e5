"""Opening hours: what the clock on the wall says, on the days when it is set, too."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.hours import Hours, either

BERLIN = ZoneInfo("Europe/Berlin")
WORK = ((9 * 3600.0, 12 * 3600.0), (13 * 3600.0, 17 * 3600.0))
OFFICE = Hours(zone=BERLIN, week=(WORK,) * 5 + ((), ()), days={date(2026, 12, 24): ((9 * 3600.0, 36_000.0),)})
ALWAYS = Hours(zone=BERLIN, week=(((0.0, 86_400.0),),) * 7)
NEVER = Hours(zone=BERLIN, week=((),) * 7)
NIGHT = Hours(zone=BERLIN, week=(((0.0, 6 * 3600.0), (22 * 3600.0, 86_400.0)),) * 7)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-23T08:59:59", False),  # a Monday
        ("2026-11-23T09:00:00", True),
        ("2026-11-23T11:59:59", True),
        ("2026-11-23T12:00:00", False),
        ("2026-11-23T13:00:00", True),
        ("2026-11-23T17:00:00", False),
        ("2026-11-22T10:00:00", False),  # a Sunday
        ("2026-12-24T09:30:00", True),
        ("2026-12-24T10:00:00", False),  # the day before Christmas closes at ten
        ("2026-12-24T14:00:00", False),
    ],
)
def test_it_is_open_as_the_clock_on_the_wall_says(when: str, is_open: bool) -> None:
    assert OFFICE.open_at(at(when)) is is_open


def test_who_comes_after_closing_time_waits_for_the_next_opening() -> None:
    assert OFFICE.opens_at(at("2026-11-20T17:00:00")) == at("2026-11-23T09:00:00")  # over a weekend
    assert OFFICE.opens_at(at("2026-11-23T09:30:00")) == at("2026-11-23T09:30:00")


def test_open_time_leaves_out_nights_lunches_and_weekends() -> None:
    assert OFFICE.open_s_between(at("2026-11-20T16:00:00"), at("2026-11-23T10:00:00")) == 2 * 3600
    assert OFFICE.open_s_between(at("2026-11-23T11:30:00"), at("2026-11-23T13:30:00")) == 3600
    assert OFFICE.open_s_between(at("2026-11-23T13:30:00"), at("2026-11-23T11:30:00")) == 0
    assert OFFICE.open_s_between(at("2026-11-23T09:00:00"), at("2026-11-30T09:00:00")) == 5 * 7 * 3600


def test_work_goes_on_where_it_stopped() -> None:
    assert OFFICE.after_open_s(at("2026-11-20T16:00:00"), 2 * 3600) == at("2026-11-23T10:00:00")
    assert OFFICE.after_open_s(at("2026-11-20T16:00:00"), 3600) == at("2026-11-20T17:00:00")
    assert OFFICE.after_open_s(at("2026-11-20T16:30:00"), 0) == at("2026-11-20T16:30:00")


def test_a_queue_that_never_opens_says_so() -> None:
    assert NEVER.opens_at(0.0) is None
    assert NEVER.after_open_s(0.0, 1.0) is None
    assert not NEVER.open_at(0.0)
    assert NEVER.open_s_between(0.0, 1e7) == 0


def test_a_night_shift_runs_over_midnight() -> None:
    assert NIGHT.after_open_s(at("2026-11-23T23:00:00"), 2 * 3600) == at("2026-11-24T01:00:00")
    assert NIGHT.open_at(at("2026-11-24T00:00:00"))


def test_the_day_when_the_clock_goes_forward_has_an_hour_less() -> None:
    spring = (at("2027-03-28T00:00:00"), at("2027-03-29T00:00:00"))
    assert ALWAYS.open_s_between(*spring) == 23 * 3600
    assert NIGHT.open_s_between(*spring) == (5 + 2) * 3600
    gap = Hours(zone=BERLIN, week=(((2.25 * 3600, 2.75 * 3600),),) * 7)
    assert gap.open_s_between(*spring) == 30 * 60
    meeting = Hours(zone=BERLIN, week=(((3600.0, 2.5 * 3600), (3 * 3600.0, 5 * 3600.0)),) * 7)
    assert meeting.open_s_between(*spring) == 3 * 3600  # from 1 to 2, and from 3 to 5: never twice at once


def test_the_day_when_the_clock_goes_back_has_an_hour_more() -> None:
    autumn = (at("2026-10-25T00:00:00"), at("2026-10-26T00:00:00"))
    assert ALWAYS.open_s_between(*autumn) == 25 * 3600
    assert OFFICE.open_s_between(at("2026-10-26T00:00:00"), at("2026-10-27T00:00:00")) == 7 * 3600


MOMENTS = st.integers(
    int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2028, 1, 1, tzinfo=UTC).timestamp())
).map(float)


@given(MOMENTS, st.integers(1, 10**6).map(float))
def test_so_much_open_time_passes_until_then_as_was_asked_for(since_at: float, open_s: float) -> None:
    until_at = OFFICE.after_open_s(since_at, open_s)
    assert until_at is not None
    assert OFFICE.open_s_between(since_at, until_at) == open_s


@given(MOMENTS, st.integers(0, 3 * 10**6), st.integers(0, 3 * 10**6))
def test_open_time_adds_up(early: float, first_s: int, second_s: int) -> None:
    middle, late = early + first_s, early + first_s + second_s
    total_s = OFFICE.open_s_between(early, late)
    assert total_s == OFFICE.open_s_between(early, middle) + OFFICE.open_s_between(middle, late)


def test_either_is_open_while_one_of_them_is() -> None:
    early = Hours(zone=UTC, week=(((0.0, 100.0), (300.0, 400.0)),) + ((),) * 6)
    late = Hours(
        zone=UTC,
        week=(((100.0, 200.0),), ((5.0, 6.0),)) + ((),) * 5,
        days={date(2026, 6, 1): ((50.0, 60.0),)},
    )
    both = either([early, late])
    assert both.week[:3] == (((0.0, 200.0), (300.0, 400.0)), ((5.0, 6.0),), ())
    assert both.days == {date(2026, 6, 1): ((0.0, 100.0), (300.0, 400.0))}
