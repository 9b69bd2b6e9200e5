"""Tests of what the days ahead bring: the level, ranges, today, special days, new queues."""

from __future__ import annotations

from dataclasses import replace as changed
from datetime import date, timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from queuewatch.core.plan.calendar import Calendar, SpecialDay
from queuewatch.core.plan.outlook import Model, NoForecastError, Outlook, foresee, scaled, understand
from queuewatch.core.state.history import QueueHistory
from tests.core.plan.pasts import BERLIN, CALENDAR, MONDAY, OFFICE, moment, office, past

WEEKS = 10
TODAY = MONDAY + timedelta(weeks=WEEKS)
NOW = moment(TODAY)


@pytest.fixture(scope="module")
def told() -> QueueHistory:
    return past(WEEKS, office)


@pytest.fixture(scope="module")
def model(told: QueueHistory) -> Model:
    return understand(told, CALENDAR, 1800, NOW, horizon_days=7)


@pytest.fixture(scope="module")
def outlook(model: Model, told: QueueHistory) -> Outlook:
    return foresee(model, told, NOW, horizon_days=7)


@pytest.fixture(scope="module")
def guessed(told: QueueHistory) -> Model:
    """What is learned where nobody tells the hours."""
    return understand(told, Calendar(zone=BERLIN), 1800, NOW, horizon_days=7)


def test_the_week_ahead_is_as_the_weeks_before(outlook: Outlook) -> None:
    """75 an hour on Monday's eight hours, 60 on other days, 4 hours on Saturday, none on Sunday."""
    expected = np.array([600, 480, 480, 480, 480, 240, 0.0])
    np.testing.assert_allclose(outlook.mean.sum(axis=1), expected, rtol=0.05)
    assert outlook.known_days == WEEKS * 6
    assert outlook.unknown_share == 0.0
    assert not outlook.hours_guessed
    assert outlook.borrowed is None
    assert outlook.tested_wape == pytest.approx(np.sqrt(2 / (np.pi * 31)), rel=0.2)  # Poisson's own


def test_ranges_lie_in_each_other_about_the_middle(outlook: Outlook) -> None:
    (low_80, high_80), (low_95, high_95) = outlook.range(0.8), outlook.range(0.95)
    here = outlook.mean > 0
    for below, above in (
        (low_95, low_80),
        (low_80, outlook.mean),
        (outlook.mean, high_80),
        (high_80, high_95),
    ):
        assert (below[here] < above[here]).all()
    # A busy day's rate leaves out the chance of single intervals, and so lies lower than their counts.
    assert (outlook.rate_quantile(0.9)[here] < high_80[here]).all()
    assert (outlook.totals(0.1) <= outlook.totals(0.9)).all()


def test_what_came_today_moves_the_rest_of_today(told: QueueHistory) -> None:
    busy = past(1, lambda at: 2.0 * office(at), first=TODAY)
    noon = moment(TODAY, 13.0)
    morning = [one for one in busy.intervals if one.start < noon]
    known = replace(told, intervals=told.intervals + morning, until=noon)
    model = understand(known, CALENDAR, 1800, noon, horizon_days=2)
    calm = foresee(model, told, NOW, horizon_days=2)
    moved = foresee(model, known, noon, horizon_days=2)
    afternoon = slice(27, 34)
    # Days of pure chance hang together little, and the forecast has learned so.
    assert moved.mean[0, afternoon].sum() > 1.02 * calm.mean[0, afternoon].sum()
    np.testing.assert_allclose(moved.mean[1], calm.mean[1])


def test_the_planner_knows_more_of_single_days(told: QueueHistory) -> None:
    sale = MONDAY + timedelta(days=22)
    loud = replace(
        told,
        intervals=sorted(
            [
                *(one for one in told.intervals if not moment(sale) <= one.start < moment(sale, 24.0)),
                *(
                    one
                    for one in past(1, lambda at: 3 * office(at), first=sale - timedelta(days=1)).intervals
                    if moment(sale) <= one.start < moment(sale, 24.0)
                ),
            ],
            key=lambda one: one.start,
        ),
    )
    tomorrow = TODAY + timedelta(days=1)
    days = {
        sale: SpecialDay(label="sale"),
        TODAY: SpecialDay(factor=1.5),
        tomorrow: SpecialDay(like=sale),
        TODAY + timedelta(days=2): SpecialDay(closed=True),
        TODAY + timedelta(days=3): SpecialDay(like=date(2020, 1, 1)),
        TODAY + timedelta(days=4): SpecialDay(label="never seen"),
    }
    calendar = replace(CALENDAR, special=days)
    made = foresee(understand(loud, calendar, 1800, NOW, horizon_days=5), loud, NOW, horizon_days=5)
    # Thursday comes after a day that was closed out of turn, and so is like a Monday.
    np.testing.assert_allclose(made.mean.sum(axis=1), [900, 1440, 0, 600, 480], rtol=0.08)


def test_a_label_teaches_what_its_days_bring(told: QueueHistory) -> None:
    sales = [MONDAY + timedelta(weeks=week, days=2) for week in (2, 4, 6, 8)]
    doubled = [
        replace(one, row=_times(one, 2))
        if any(moment(day) <= one.start < moment(day, 24) for day in sales)
        else one
        for one in told.intervals
    ]
    wednesday = TODAY + timedelta(days=2)
    special = {day: SpecialDay(label="mailing") for day in [*sales, wednesday]}
    calendar = replace(CALENDAR, special=special)
    loud = replace(told, intervals=doubled)
    made = foresee(understand(loud, calendar, 1800, NOW, horizon_days=3), loud, NOW, horizon_days=3)
    assert made.mean[2].sum() > 1.5 * made.mean[1].sum()


def _times(one: object, factor: int) -> object:
    from queuewatch.core.state.history import Row  # noqa: PLC0415

    whole = Row()
    for _ in range(factor):
        whole.add(one.row)  # type: ignore[attr-defined]
    return whole


def test_hours_that_nobody_told_are_as_they_seem(guessed: Model, told: QueueHistory) -> None:
    made = foresee(guessed, told, NOW, horizon_days=7)
    assert made.hours_guessed
    assert made.calendar.hours is not None
    assert made.calendar.hours.week == OFFICE.week


def test_mail_comes_at_night_too() -> None:
    told = past(6, lambda _: 6.0, channel="email")
    now = moment(MONDAY + timedelta(weeks=6))
    made = foresee(understand(told, CALENDAR, 3600, now, horizon_days=2), told, now, horizon_days=2)
    assert made.calendar == CALENDAR
    assert (made.mean > 4.0).all()


def test_a_model_of_yesterday_still_forecasts(told: QueueHistory, outlook: Outlook) -> None:
    yesterday = moment(TODAY - timedelta(days=1))
    older = understand(told, CALENDAR, 1800, yesterday, horizon_days=7)
    made = foresee(older, told, NOW, horizon_days=7)
    np.testing.assert_allclose(made.mean.sum(axis=1), outlook.mean.sum(axis=1), rtol=0.03)


def test_a_new_queue_borrows_the_profile_of_another(model: Model) -> None:
    new = past(1, lambda at: office(at) / 2, first=TODAY - timedelta(weeks=1))
    own = understand(new, CALENDAR, 1800, NOW, horizon_days=7)
    made = foresee(own, new, NOW, horizon_days=7, alike=("sales", model, 0.5))
    assert made.borrowed == "sales"
    assert made.tested_wape is None
    np.testing.assert_allclose(made.mean.sum(axis=1)[:5], [300, 240, 240, 240, 240], rtol=0.1)


def test_a_queue_without_any_past_has_a_forecast_by_the_planners_scale_alone(model: Model) -> None:
    none = QueueHistory(channel="phone", intervals=[], since=NOW, until=NOW)
    own = understand(none, CALENDAR, 1800, NOW, horizon_days=7)
    made = foresee(own, none, NOW, horizon_days=7, alike=("sales", model, 0.5))
    np.testing.assert_allclose(made.mean.sum(axis=1)[:3], [300, 240, 240], rtol=0.1)
    with pytest.raises(NoForecastError, match="borrow the profile of another queue"):
        foresee(own, none, NOW, horizon_days=7)


def test_profiles_that_do_not_fit_are_refused(model: Model) -> None:
    new = past(1, office, first=TODAY - timedelta(weeks=1))
    hourly = understand(new, CALENDAR, 3600, NOW, horizon_days=7)
    with pytest.raises(NoForecastError, match="other intervals"):
        foresee(hourly, new, NOW, horizon_days=7, alike=("sales", model, None))
    tomorrow = moment(TODAY + timedelta(days=1))
    later = understand(new, CALENDAR, 1800, tomorrow, horizon_days=7)
    with pytest.raises(NoForecastError, match="ends on another day"):
        foresee(later, new, tomorrow, horizon_days=7, alike=("sales", model, None))


def test_intervals_shorter_than_the_past_has_are_refused() -> None:
    coarse = past(3, office, base_s=3600)
    with pytest.raises(NoForecastError, match="choose a multiple of 60"):
        understand(coarse, CALENDAR, 1800, NOW, horizon_days=7)


def test_what_if_scales_contacts_and_handling(outlook: Outlook) -> None:
    more = scaled(outlook, 1.2, 0.5)
    np.testing.assert_allclose(more.mean, 1.2 * outlook.mean)
    np.testing.assert_allclose(more.service.handling_s, 0.5 * outlook.service.handling_s)
    assert changed(more, scale=outlook.scale).said is outlook.said
    assert len(outlook) == 7
    assert outlook.day(1) == TODAY + timedelta(days=1)


def test_weekdays_never_seen_are_unknown_though_the_hours_are_configured() -> None:
    """Monday to Wednesday were seen; Thursday to Saturday are open, but how busy? Sunday is closed."""
    today = MONDAY + timedelta(days=3)
    told = part(past(1, office), moment(today))
    made = foresee(
        understand(told, CALENDAR, 1800, moment(today), horizon_days=7), told, moment(today), horizon_days=7
    )
    assert made.weekdays.tolist() == [True, True, True, False, False, False, False]
    assert made.unknown.sum(axis=1).tolist() == [16, 16, 8, 0, 0, 0, 0]
    assert (made.mean[:3] == 0.0).all()
    assert (made.mean[4:].sum(axis=1) > 300.0).all()


def test_without_hours_what_was_never_seen_is_unknown_at_all_hours_but_on_days_off() -> None:
    today = MONDAY + timedelta(days=1)
    told = part(past(1, office), moment(today))
    calendar = Calendar(zone=BERLIN, holidays={today + timedelta(days=1): "Corpus Christi"})
    made = foresee(
        understand(told, calendar, 3600, moment(today), horizon_days=7), told, moment(today), horizon_days=7
    )
    assert made.unknown.sum(axis=1).tolist() == [24, 0, 24, 24, 24, 24, 16]
    assert (made.mean[6] > 0.0).sum() == 8


def test_a_new_queue_that_borrows_a_profile_borrows_the_guessed_hours_with_it(guessed: Model) -> None:
    few = past(1, office, first=TODAY - timedelta(days=7))
    few = replace(few, since=moment(TODAY - timedelta(days=1)), intervals=[])
    own = understand(few, Calendar(zone=BERLIN), 1800, NOW, horizon_days=7)
    made = foresee(own, few, NOW, horizon_days=7, alike=("support", guessed, 1.0))
    assert made.borrowed == "support"
    assert not made.unknown.any()
    assert (made.mean[0] > 0.0).sum() == 16


def part(whole: QueueHistory, until: float) -> QueueHistory:
    """A past up to a moment."""
    return replace(whole, until=until, intervals=[one for one in whole.intervals if one.start < until])
