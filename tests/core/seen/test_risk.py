"""Customers at risk."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.rules import Tolerance
from queuewatch.core.seen.risk import EDGES, HEAVIEST, KEEP, SOON_S, Patience, at_risk, surveyed
from queuewatch.core.view import RiskView

SURVEY = Tolerance()


def never_answered(_ahead: int, _t_s: float) -> float:
    return 1.0


def looked_at(*waited_s: float, patience: Patience | None = None, answered: bool = False) -> RiskView:
    over = (lambda _ahead, _t_s: 0.0) if answered else never_answered
    return at_risk(waited_s, over, SURVEY, patience or Patience(), "phone")


@pytest.mark.parametrize(
    ("t_s", "share"),
    [(0.0, 0.323), (30.0, 0.461), (60.0, 0.599), (180.0, 0.75), (300.0, 0.901), (600.0, 0.959), (9e9, 0.959)],
)
def test_a_survey_is_a_straight_line_between_its_points(t_s: float, share: float) -> None:
    assert surveyed(SURVEY.resents, 1.0)(t_s) == pytest.approx(share)


def test_before_its_first_point_nobodys_tolerance_is_over() -> None:
    assert surveyed(((10.0, 0.2), (20.0, 0.4)), 1.0)(9.9) == 0.0


def test_with_mail_a_minute_counts_as_an_hour() -> None:
    assert surveyed(SURVEY.resents, 60.0)(3600.0) == pytest.approx(0.599)
    risk = at_risk((3600.0,), never_answered, SURVEY, Patience(), "email")
    assert risk.resenting == pytest.approx(0.599)


def test_before_anybody_came_patience_is_the_surveys() -> None:
    curve = Patience().curve(SURVEY.gives_up, SURVEY.survey_counts, 1.0)
    assert [curve(t_s) for t_s in (0.0, 60.0, 180.0, 300.0)] == pytest.approx([0.0, 0.1, 0.6, 0.9])
    assert Patience().own_share(SURVEY.survey_counts) == 0.0


def test_nobody_gives_up_where_neither_survey_nor_customers_say_so() -> None:
    assert Patience().curve((), 0.0, 1.0)(1e6) == 0.0


def test_customers_of_ones_own_take_the_surveys_place() -> None:
    rng = np.random.default_rng(1)
    patience = Patience()
    for _ in range(6000):
        stays, answered_in = rng.exponential(120.0), rng.exponential(100.0)
        patience.learn(min(stays, answered_in), gave_up=stays < answered_in)
    curve = patience.curve(SURVEY.gives_up, SURVEY.survey_counts, 1.0)
    # Who was answered was not impatient: the curve is that of patience alone.
    for t_s in (30.0, 60.0, 120.0):
        assert curve(t_s) == pytest.approx(1.0 - exp(-t_s / 120.0), abs=0.06)
    assert patience.own_share(SURVEY.survey_counts) > 0.9


def test_kaplan_and_meier_by_hand() -> None:
    patience = Patience()
    patience.learn(200.0, gave_up=False)
    patience.learn(70.0, gave_up=True)
    curve = patience.curve((), 0.0, 1.0)
    # Two were there from 60 to 90 s and one of them gave up; the weights differ by the fading of one step.
    assert curve(60.0) == 0.0
    assert curve(90.0) == pytest.approx(0.5, abs=1e-3)
    assert curve(3600.0) == pytest.approx(0.5, abs=1e-3)


def test_each_wait_counts_a_little_less_than_the_next_however_many_there_are() -> None:
    patience, many = Patience(), 28_000
    for number in range(many):
        patience.learn(70.0, gave_up=number >= many - 1000)
    assert patience.weight < HEAVIEST
    gave_up = (1.0 - KEEP**1000) / (1.0 - KEEP**many)  # of geometric sums
    stayed = 1.0 - gave_up
    assert patience.curve((), 0.0, 1.0)(90.0) == pytest.approx(gave_up / (gave_up + stayed / 2.0), rel=1e-9)


def test_a_wait_beyond_all_stretches_is_in_the_last() -> None:
    patience = Patience()
    patience.learn(EDGES[-1] * 3.0, gave_up=True)
    assert patience.gave_up[-1] == patience.weight


def test_who_waits_past_a_tolerance_counts_as_many_as_have_such_a_tolerance() -> None:
    risk = looked_at(60.0, 180.0)
    assert risk.resenting == pytest.approx(0.599 + 0.75)
    assert risk.giving_up == pytest.approx(0.1 + 0.6)


def test_in_five_minutes_more_are_past_it_if_nobody_is_answered() -> None:
    risk = looked_at(0.0)
    assert risk.resenting_soon == pytest.approx(0.901)
    assert risk.giving_up_soon == pytest.approx(0.9)
    assert risk.leaving_soon == pytest.approx(0.9)


def test_those_answered_by_then_are_past_nothing_more() -> None:
    risk = looked_at(60.0, answered=True)
    assert (risk.resenting_soon, risk.giving_up_soon) == (risk.resenting, risk.giving_up)
    assert risk.leaving_soon == 0.0


def test_of_those_who_stayed_so_long_the_rest_leaves() -> None:
    # By 180 s six of ten have left, by 480 s 93 of 100.
    assert looked_at(180.0).leaving_soon == pytest.approx((0.93 - 0.6) / 0.4)
    assert looked_at(1000.0).leaving_soon == pytest.approx(1.0)


def test_in_a_long_line_some_speak_for_those_behind_them() -> None:
    assert looked_at(*[60.0] * 405).resenting == pytest.approx(405 * 0.599)


@given(st.lists(st.floats(0.0, 4000.0), max_size=50), st.floats(0.0, 1.0))
def test_no_more_are_at_risk_than_wait_and_time_makes_it_no_better(waited: list[float], over: float) -> None:
    patience = Patience()
    patience.learn(100.0, gave_up=True)
    risk = at_risk(waited, lambda _ahead, t_s: over ** (t_s / SOON_S), SURVEY, patience, "phone")
    assert 0.0 <= risk.resenting <= risk.resenting_soon + 1e-9 <= len(waited) + 1e-6
    assert 0.0 <= risk.giving_up <= risk.giving_up_soon + 1e-9 <= len(waited) + 1e-6
    assert 0.0 <= risk.leaving_soon <= len(waited) + 1e-6
