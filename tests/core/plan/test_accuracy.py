"""Tests of forecasts held against what came."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from queuewatch.core.plan.accuracy import Kept, accuracy, keep, packed, unpacked
from queuewatch.core.plan.outlook import foresee, understand
from queuewatch.core.state.history import QueueHistory
from tests.core.plan.pasts import CALENDAR, MONDAY, moment, office, past

WEEKS = 8
THEN = MONDAY + timedelta(weeks=WEEKS)
WEEK = (THEN, THEN + timedelta(days=6))


@pytest.fixture(scope="module")
def told() -> QueueHistory:
    return past(WEEKS + 1, office)


@pytest.fixture(scope="module")
def kept(told: QueueHistory) -> Kept:
    now = moment(THEN)
    known = replace(told, until=now, intervals=[one for one in told.intervals if one.start < now])
    model = understand(known, CALENDAR, 1800, now, horizon_days=8)
    return keep(foresee(model, known, now, horizon_days=8), [3, 4])


def test_what_is_kept_comes_back(kept: Kept) -> None:
    assert unpacked(packed(kept)) == kept
    assert kept.agents == [3, 4]
    assert len(packed(kept)) < 4000


def test_a_good_forecast_errs_as_chance_does(kept: Kept, told: QueueHistory) -> None:
    found = accuracy([kept], told, CALENDAR, 0, WEEK)
    assert found is not None
    assert len(found.days) == 7
    assert found.wape is not None
    assert found.wape == pytest.approx(0.15, abs=0.04)  # Poisson's own with some thirty an interval: 0.14
    assert found.naive_wape is not None
    assert found.naive_wape > found.wape
    assert found.bias == pytest.approx(0.0, abs=0.05)
    assert found.cover_80 == pytest.approx(0.8, abs=0.12)
    assert found.cover_95 == pytest.approx(0.95, abs=0.06)
    monday = found.days[0]
    assert monday.came is not None
    assert monday.low < monday.said < monday.high


def test_days_nobody_counted_are_not_scored(kept: Kept, told: QueueHistory) -> None:
    blind = replace(told, outages=[(moment(THEN), moment(THEN + timedelta(days=7)))])
    found = accuracy([kept], blind, CALENDAR, 0, WEEK)
    assert found is not None
    assert (found.wape, found.bias, found.cover_80) == (None, None, None)
    assert all(day.came is None for day in found.days)


def test_only_what_was_told_in_time_counts(kept: Kept, told: QueueHistory) -> None:
    assert accuracy([kept], told, CALENDAR, 7, (THEN, THEN)) is None
    assert accuracy([kept], told, CALENDAR, 1, (THEN + timedelta(days=20), THEN + timedelta(days=20))) is None
    found = accuracy([kept], told, CALENDAR, 1, (THEN, THEN + timedelta(days=1)))
    assert found is not None
    assert [day.day for day in found.days] == [THEN + timedelta(days=1)]


def test_where_the_week_before_is_unknown_there_is_no_naive_forecast(kept: Kept, told: QueueHistory) -> None:
    late = replace(told, since=moment(THEN))
    found = accuracy([kept], late, CALENDAR, 0, WEEK)
    assert found is not None
    assert found.naive_wape is None


def test_days_of_which_nothing_could_be_said_are_not_held_against_what_came() -> None:
    said = Kept(made_at=0.0, first=0, length_s=43_200, mean=[-1, -1, -1, 20], ranges=([], [], [], []))
    assert [said.said(0), said.said(1)] == [False, True]
    assert said.table(said.mean).tolist() == [[0.0, 0.0], [0.0, 2.0]]
