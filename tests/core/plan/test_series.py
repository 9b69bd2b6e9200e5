"""Tests of a past as days of intervals: what is unknown is not zero."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from queuewatch.core.plan.calendar import Calendar
from queuewatch.core.plan.series import (
    days,
    line,
    planned,
    spread,
    undecided_hours,
    usual_hours,
    without_silences,
)
from queuewatch.core.state.history import Interval, QueueHistory, Row
from tests.core.plan.pasts import BERLIN, CALENDAR, MONDAY, moment, office, past


def test_attempts_that_are_repeated_are_no_demand() -> None:
    rows = [Interval(0, Row(offered=5, repeated=2))]
    told = line(QueueHistory(channel="phone", intervals=rows, since=0.0, until=600.0))
    assert told.demand.tolist() == [3.0, 0.0]


def test_what_nobody_saw_is_unknown() -> None:
    rows = [Interval(0, Row(offered=5, blind_s=30.0)), Interval(300, Row(offered=5, blind_s=31.0))]
    told = line(
        QueueHistory(channel="phone", intervals=rows, since=0.0, until=1500.0, outages=[(700.0, 1000.0)])
    )
    np.testing.assert_array_equal(told.demand, [5.0, np.nan, np.nan, np.nan, 0.0])


def test_rows_outside_of_what_is_known_are_not_counted() -> None:
    rows = [Interval(0, Row(offered=5)), Interval(900, Row(offered=5))]
    assert (
        line(QueueHistory(channel="phone", intervals=rows, since=300.0, until=900.0)).demand.tolist()
        == [0.0] * 2
    )


def test_an_interval_known_in_part_is_filled_up_from_its_rest() -> None:
    rows = [Interval(int(moment(MONDAY)) + 300 * place, Row(offered=4)) for place in range(6)]
    told = QueueHistory(
        channel="phone",
        intervals=rows,
        since=moment(MONDAY),
        until=moment(MONDAY, 1.0),
        outages=[(moment(MONDAY), moment(MONDAY) + 600.0)],
    )
    counts = spread(line(told), line(told).demand, CALENDAR, MONDAY, 1800)
    assert counts[0] == pytest.approx(24.0)
    assert counts[1] == 0.0
    assert np.isnan(counts[2])


def test_the_hour_that_autumn_has_twice_is_the_mean_of_both() -> None:
    autumn = date(2026, 10, 25)
    told = past(1, lambda _: 24.0, first=autumn, seed=None)
    counts = days(line(told), Calendar(zone=BERLIN), 3600, (autumn, autumn)).counts[0]
    np.testing.assert_allclose(counts, 24.0)


def test_usual_hours_are_those_with_contacts() -> None:
    told = past(4, office)
    found = usual_hours(line(told), Calendar(zone=BERLIN))
    assert found.week == CALENDAR.hours.week  # type: ignore[union-attr]  # it has hours
    nothing = QueueHistory(channel="phone", intervals=[], since=0.0, until=0.0)
    assert usual_hours(line(nothing), Calendar(zone=BERLIN)).week == ((),) * 7


def test_special_days_of_one_label_are_of_one_kind() -> None:
    from queuewatch.core.plan.calendar import SpecialDay  # noqa: PLC0415

    sale = {MONDAY: SpecialDay(label="sale"), MONDAY + timedelta(days=2): SpecialDay(label="sale")}
    calendar = Calendar(zone=BERLIN, special=sale | {MONDAY + timedelta(days=3): SpecialDay(label="fair")})
    assert planned(calendar, 3600, MONDAY, MONDAY + timedelta(days=3)).kind.tolist() == [1, 0, 1, 2]


def test_a_silence_where_many_are_usual_is_unknown() -> None:
    told = past(5, office)
    day = MONDAY + timedelta(days=15)
    begin, end = moment(day, 12.0), moment(day, 13.0)
    silent = replace(told, intervals=[one for one in told.intervals if not begin <= one.start < end])
    heard = without_silences(line(silent), CALENDAR)
    counts = days(heard, CALENDAR, 3600, (day, day)).counts[0]
    assert np.isnan(counts[12])
    assert counts[11] > 0.0
    assert counts[3] == 0.0


def test_after_two_weeks_nobody_knows_what_is_usual() -> None:
    told = line(past(2, office))
    assert without_silences(told, CALENDAR) is told


def test_what_was_seen_on_one_such_day_only_is_not_yet_believed_closed() -> None:
    calendar = Calendar(zone=BERLIN)
    for weeks, undecided in ((1, True), (2, False)):
        told = line(past(weeks, office))
        found = undecided_hours(told, calendar, usual_hours(told, calendar))
        assert found[0, 3] == found[6, 12] == undecided
        assert not found[0, 9:17].any()


def test_a_quiet_night_in_which_somebody_mostly_comes_is_open() -> None:
    """One caller at half past two on three Mondays of four is little beside sixty an hour, and not nobody."""
    whole = past(4, office)
    nights = [Interval(int(moment(MONDAY + timedelta(weeks=week), 2.5)), Row(offered=1)) for week in range(3)]
    told = replace(whole, intervals=sorted([*whole.intervals, *nights], key=lambda one: one.start))
    found = usual_hours(line(told), Calendar(zone=BERLIN))
    assert found.week[0] == ((2 * 3600.0, 17 * 3600.0),)
