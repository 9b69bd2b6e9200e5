"""Tests of days, histories and the scale of roots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.queueing.forecasting.days import (
    Days,
    History,
    poisson_variance,
    root_of_mean,
    rooted,
    unrooted,
)
from tests.queueing.forecasting.made import MONDAY, all_days, exact
from tests.queueing.poisson import chance


def test_the_first_of_january_1970_was_a_thursday_and_the_week_begins_on_monday() -> None:
    assert all_days(5, first=0).weekday.tolist() == [3, 4, 5, 6, 0]
    assert all_days(1).weekday.tolist() == [0]


def test_the_month_phase_is_the_share_of_the_month_that_is_over() -> None:
    first_of_april_2003 = int(np.datetime64("2003-04-01").astype(int))
    phase = all_days(31, first=first_of_april_2003).month_phase
    assert phase[0] == 0.0
    assert phase[15] == 0.5  # the 16th of a month of 30 days
    assert phase[30] == 0.0  # the first of May


def test_parts_put_together_again_are_the_whole() -> None:
    days = all_days(9)
    again = days.part(0, 4).then(days.part(4, 9))
    assert again.first == days.first
    assert np.array_equal(again.open, days.open)
    assert np.array_equal(again.kind, days.kind)
    assert exact(days).part(2, 5).days.first == MONDAY + 2


def test_days_that_do_not_follow_are_refused() -> None:
    with pytest.raises(ValueError, match="must begin at"):
        all_days(3).then(all_days(3, first=MONDAY + 4))
    with pytest.raises(ValueError, match="use one length"):
        all_days(3).then(all_days(3, 5, first=MONDAY + 3))


def test_days_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"give \(days, intervals\)"):
        Days(0, np.ones(3, dtype=bool), np.zeros(3, dtype=np.int64))
    with pytest.raises(ValueError, match=r"give \(days, intervals\)"):
        Days(0, np.ones((3, 0), dtype=bool), np.zeros(3, dtype=np.int64))
    with pytest.raises(ValueError, match="one kind a day"):
        Days(0, np.ones((3, 2), dtype=bool), np.zeros(2, dtype=np.int64))
    with pytest.raises(ValueError, match="below 0"):
        Days(0, np.ones((1, 2), dtype=bool), np.array([-1]))


@pytest.mark.parametrize("wrong", [-1.0, np.inf])
def test_counts_that_cannot_be_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="negative or infinite"):
        History(all_days(1, 1), np.array([[wrong]]))


def test_counts_of_another_shape_than_the_days_are_refused() -> None:
    with pytest.raises(ValueError, match="make them equal"):
        History(all_days(2, 2), np.zeros((2, 3)))


def test_only_open_and_counted_intervals_are_known() -> None:
    days = Days(MONDAY, np.array([[True, True, False]]), np.zeros(1, dtype=np.int64))
    assert History(days, np.array([[0.0, np.nan, 3.0]])).known.tolist() == [[True, False, False]]


@given(mean=st.floats(0.0, 400.0))
def test_the_mean_of_poisson_counts_is_found_again_from_the_mean_of_their_roots(mean: float) -> None:
    count = np.arange(1500)
    root = float(chance(count, mean) @ rooted(count.astype(float)))
    assert float(unrooted(np.array(root))) == pytest.approx(mean, rel=2e-3, abs=2e-3)
    assert float(root_of_mean(np.array(mean))) == pytest.approx(root, rel=2e-3)
    variance = float(chance(count, mean) @ (count + 0.25)) - root**2
    assert float(poisson_variance(np.array(root))) == pytest.approx(variance, abs=0.01)


def test_a_root_below_that_of_no_contact_is_no_contact() -> None:
    assert unrooted(np.array([-1.0, 0.0, 0.5])).tolist() == [0.0, 0.0, 0.0]
