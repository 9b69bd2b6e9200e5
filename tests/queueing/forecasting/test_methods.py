"""Tests of the methods: on weeks without chance they say what comes."""

from dataclasses import replace

import numpy as np
import pytest

from queuewatch.queueing.forecast import METHODS
from queuewatch.queueing.forecasting.days import Floats, History, rooted, unrooted
from queuewatch.queueing.forecasting.methods import (
    FactorsAR,
    Method,
    SameWeekday,
    WeekProfile,
    factor_loadings,
)
from queuewatch.queueing.forecasting.table import look_ahead, prepare
from tests.queueing.forecasting.made import all_days, exact, office_days, poisson, rates, with_counts


def said(method: Method, history: History, days: int = 7) -> Floats:
    whole = len(history)
    ahead = all_days(days, history.days.intervals, first=history.days.first + whole)
    table = prepare(history)
    return method.fit(table)(table, look_ahead(history.days, ahead))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_week_that_repeats_is_forecast_as_it_was(method: Method) -> None:
    days = all_days(91)
    roots = said(method, exact(days.part(0, 77)), 14)
    assert unrooted(roots) == pytest.approx(rates(days)[77:], rel=0.03)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_hundred_times_the_contacts_are_forecast_from_a_hundred_times_the_past(method: Method) -> None:
    history = poisson(all_days(60), 400.0, level=0.05)
    larger = History(history.days, 100.0 * history.counts)
    assert unrooted(said(method, larger)) == pytest.approx(100.0 * unrooted(said(method, history)), rel=0.01)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_closed_day_ahead_has_a_row_and_does_not_break_those_after_it(method: Method) -> None:
    days = office_days(70)
    table = prepare(exact(days.part(0, 61)))
    roots = method.fit(table)(table, look_ahead(days.part(0, 61), days.part(61, 70)))
    assert roots.shape == (9, 6)
    assert unrooted(roots[2]) == pytest.approx(rates(days)[63], rel=0.03)


@pytest.mark.parametrize("method", METHODS[2:], ids=lambda method: method.name)
def test_one_odd_day_moves_the_forecast_by_little(method: Method) -> None:
    history = poisson(all_days(70), level=0.02)
    calm = unrooted(said(method, history))
    odd = unrooted(said(method, with_counts(history, 66, np.rint(4.0 * history.counts[66]))))
    assert np.abs(odd / calm - 1.0).max() < 0.06


def test_the_same_weekday_is_the_mean_of_its_last_days() -> None:
    counts = np.array([[float(day)] for day in range(15)])
    history = History(all_days(15, 1), counts)
    assert said(SameWeekday(1), history, 2)[:, 0] == pytest.approx(rooted(np.array([8.0, 9.0])))
    three = (rooted(np.array(0.0)) + rooted(np.array(7.0)) + rooted(np.array(14.0))) / 3
    assert said(SameWeekday(4), history, 7)[6, 0] == pytest.approx(float(three))
    assert said(SameWeekday(2), history, 7)[6, 0] == pytest.approx(
        float(rooted(np.array([7.0, 14.0])).mean())
    )


@pytest.mark.parametrize(
    "method", [SameWeekday(1), SameWeekday(4), WeekProfile()], ids=lambda method: method.name
)
def test_a_weekday_never_seen_is_like_the_days_seen(method: Method) -> None:
    history = History(all_days(2, 2), np.array([[10.0, 20.0], [10.0, 20.0]]))
    assert said(method, history, 1) == pytest.approx(rooted(np.array([[10.0, 20.0]])))


def test_the_level_follows_the_last_days() -> None:
    days = all_days(70)
    counts = rates(days) * np.where(np.arange(70) < 50, 1.0, 1.5)[:, None]
    later = rates(all_days(7, first=days.first + 70))
    assert unrooted(said(WeekProfile(), History(days, counts))) == pytest.approx(1.5 * later, rel=0.05)


def test_what_carries_over_from_day_to_day_fades_as_it_did() -> None:
    chance = np.random.default_rng(3)
    mood = np.zeros(400)
    for day in range(1, 400):
        mood[day] = 0.7 * mood[day - 1] + 0.5 * chance.standard_normal()
    mood[-1] = 3.0
    roots = 20.0 + mood[:, None] * np.ones((400, 4))
    roots_said = said(FactorsAR(1), History(all_days(400, 4), np.square(roots) - 0.25), 2)
    assert roots_said[:, 0] - 20.0 == pytest.approx(np.array([2.1, 1.47]), abs=0.35)


def test_the_factors_are_orthonormal_and_at_most_as_many_as_intervals() -> None:
    table = prepare(poisson(all_days(30)))
    loadings = factor_loadings(table, 99)
    assert loadings.shape == (6, 6)
    assert loadings @ loadings.T == pytest.approx(np.eye(6), abs=1e-12)
    assert factor_loadings(replace(table, roots=-table.roots), 1).sum() > 0
