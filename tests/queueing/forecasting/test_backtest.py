"""Tests of the back-test: no peeking, leads, errors by hand, and the choice."""

import numpy as np
import pytest

from queuewatch.queueing.forecasting.backtest import Backtest, back_test, best, mase, wape
from queuewatch.queueing.forecasting.days import Floats, History, rooted
from queuewatch.queueing.forecasting.methods import FactorsAR, SameWeekday, WeekProfile
from tests.queueing.forecasting.made import exact, office_days, poisson, rates

METHODS = (SameWeekday(1), WeekProfile(), FactorsAR())


def test_what_comes_later_changes_no_forecast_made_before() -> None:
    history = poisson(office_days(60), level=0.1)
    later = history.counts.copy()
    later[45:] = 7.0
    first, second = (
        back_test(one, METHODS, range(30, 45), days=5) for one in (history, History(history.days, later))
    )
    assert np.array_equal(first.roots, second.roots)


def test_leads_count_open_days_and_targets_stay_within_the_history() -> None:
    tested = back_test(exact(office_days(33)), [SameWeekday(1)], [25, 32], days=5)
    assert tested.origin.tolist() == [25, 25, 25, 32]  # Friday, and Monday to Tuesday; then Friday
    assert tested.target.tolist() == [25, 28, 29, 32]
    assert tested.lead.tolist() == [1, 2, 3, 1]
    assert tested.known_at(29).target.tolist() == [25, 28]


def test_a_method_that_needs_more_days_is_left_out_and_none_left_is_refused() -> None:
    history = exact(office_days(33))
    assert back_test(history, METHODS, [7, 14], days=1).names == ("same weekday", "week profile and level")
    with pytest.raises(ValueError, match="5 days: too few for any method"):
        back_test(history, [FactorsAR()], [7], days=1)


def test_no_origins_give_no_rows() -> None:
    tested = back_test(exact(office_days(33)), METHODS, [], days=1)
    assert len(tested) == 0
    assert tested.names == ()


def test_special_days_are_forecast_with_the_effect_of_their_kind() -> None:
    days = office_days(60)
    days.kind[[15, 22, 29, 36, 43]] = 1
    counts = rates(days) * np.where(days.kind == 1, 0.25, 1.0)[:, None]
    tested = back_test(History(days, counts), [SameWeekday(1)], [43], days=1)
    shrunk = (4 * 0.5 + 1.0) / 5.0
    assert tested.roots[0, 0] == pytest.approx(shrunk * rooted(rates(days)[43]), rel=0.3)
    assert tested.roots[0, 0].mean() < 0.75 * rooted(rates(days)[43]).mean()


def test_the_naive_error_is_that_of_the_days_known_seven_days_before() -> None:
    counts = np.array([[10.0]] * 7 + [[13.0]] + [[np.nan]] + [[11.0]] * 5)
    days = office_days(14, 1)
    tested = back_test(History(days, counts), [SameWeekday(1)], [7, 8, 10], days=1)
    # Monday errs by 3, Tuesday was not counted, Wednesday errs by 1; nothing is known before
    assert tested.naive == pytest.approx([np.nan, 3.0, 2.0], nan_ok=True)


def test_wape_by_hand_leaves_out_what_is_not_known() -> None:
    counts = np.array([[10.0, np.nan], [30.0, 0.0]])
    assert wape(counts, np.array([[12.0, 99.0], [27.0, 1.0]])) == pytest.approx(6.0 / 40.0)
    assert np.isnan(wape(np.zeros((1, 2)), np.ones((1, 2))))


def test_mase_by_hand_scales_each_day_by_its_own_naive_error() -> None:
    counts, forecast = np.array([[10.0, 10.0], [30.0, 30.0]]), np.array([[12.0, 10.0], [24.0, 30.0]])
    assert mase(counts, forecast, np.array([2.0, 3.0])) == pytest.approx((1.0 + 0.0 + 2.0 + 0.0) / 4.0)
    assert np.isnan(mase(counts, forecast, np.array([np.nan, 0.0])))


def of_errors(errors: dict[str, Floats]) -> Backtest:
    days = len(next(iter(errors.values())))
    return Backtest(
        names=tuple(errors),
        origin=np.arange(days),
        target=np.arange(days),
        lead=np.ones(days, dtype=np.int64),
        roots=np.array([10.0 + error[:, None] for error in errors.values()]),
        counts=np.full((days, 1), 100.0),
        naive=np.ones(days),
    )


def test_the_clearly_best_method_is_chosen_over_a_combination() -> None:
    wild = np.tile([3.0, 3.5], 10)
    tested = of_errors({"good": np.zeros(20), "wild": wild})
    assert best(tested, [("good",), ("wild",), ("good", "wild")]) == ("good",)


def test_a_combination_is_chosen_where_it_is_not_clearly_worse() -> None:
    tested = of_errors({"one": np.tile([1.0, -1.0], 10), "other": np.tile([-1.0, 1.0], 10)})
    assert best(tested, [("one",), ("other",), ("one", "other")]) == ("one", "other")


def test_candidates_with_a_method_that_was_not_tried_are_passed_over() -> None:
    tested = of_errors({"one": np.ones(20)})
    assert best(tested, [("one", "unknown"), ("one",)]) == ("one",)
