"""Tests of how a history is made ready: roles, gaps, closed hours, odd days, special kinds."""

import numpy as np
import pytest

from queuewatch.queueing.forecasting.days import Days, Floats, History, rooted, unrooted
from queuewatch.queueing.forecasting.table import CLOSED, look_ahead, prepare, roles, usually_open
from tests.queueing.forecasting.made import MONDAY, all_days, exact, office_days, poisson, rates, with_counts

OFFICE = np.array([True] * 5 + [False] * 2)


def closed_on(days: Days, *which: int) -> Days:
    opened = days.open.copy()
    opened[list(which)] = False
    return Days(days.first, opened, days.kind)


def test_a_day_is_its_own_weekday_and_a_weekend_is_closed() -> None:
    assert roles(office_days(8), OFFICE).tolist() == [0, 1, 2, 3, 4, CLOSED, CLOSED, 0]


def test_the_first_day_after_a_holiday_behaves_like_the_first_day_of_the_week() -> None:
    after_monday = roles(closed_on(office_days(10), 7), OFFICE)
    assert after_monday.tolist() == [0, 1, 2, 3, 4, CLOSED, CLOSED, CLOSED, 0, 2]
    after_wednesday = roles(closed_on(office_days(5), 2), OFFICE)
    assert after_wednesday.tolist() == [0, 1, CLOSED, 0, 4]


def test_where_the_queue_is_open_every_day_no_day_is_the_first() -> None:
    every_day = np.ones(7, dtype=bool)
    assert roles(closed_on(all_days(4), 1), every_day).tolist() == [0, CLOSED, 2, 3]


def test_a_weekday_is_usual_if_open_every_other_time() -> None:
    assert usually_open(office_days(14)).tolist() == OFFICE.tolist()
    assert usually_open(closed_on(office_days(14), 0)).tolist() == OFFICE.tolist()
    assert usually_open(closed_on(office_days(14), 0, 7)).tolist() == [False, *OFFICE[1:]]
    assert usually_open(office_days(2)).tolist() == [True, True, *[False] * 5]


def test_a_holiday_in_the_history_gives_the_day_ahead_its_role() -> None:
    days = closed_on(office_days(23), 21)
    assert look_ahead(days.part(0, 22), days.part(22, 23)).role.tolist() == [0]


def test_a_gap_is_no_holiday_and_not_zero() -> None:
    history = with_counts(exact(office_days(26)), 21, np.nan)
    table = prepare(history)
    assert MONDAY + 21 not in table.number
    assert table.role[table.number == MONDAY + 22].tolist() == [1]
    assert unrooted(table.roots).min() == pytest.approx(float(rates(office_days(5)).min()) + 0.25, rel=1e-3)


def test_a_gap_within_a_day_is_filled_at_the_level_of_that_day() -> None:
    days = office_days(40)
    counts = rates(days)
    counts[28] *= 1.5  # a busy Monday, of which two intervals were not counted
    full = rooted(counts[28])
    counts[28, 2:4] = np.nan
    table = prepare(History(days, counts))
    row = int(np.flatnonzero(table.number == MONDAY + 28)[0])
    assert table.roots[row] == pytest.approx(full, rel=2e-3)


def test_a_day_of_which_little_was_counted_is_left_out() -> None:
    counts = rates(office_days(40))
    counts[28, 1:] = np.nan
    table = prepare(History(office_days(40), counts))
    assert MONDAY + 28 not in table.number


def test_intervals_closed_on_one_weekday_only_are_drawn_from_the_others() -> None:
    days = office_days(40)
    opened = days.open.copy()
    opened[days.weekday == 4, 3:] = False  # short Fridays
    table = prepare(History(Days(days.first, opened, days.kind), np.where(opened, rates(days), np.nan)))
    friday = table.roots[table.role == 4][0]
    assert friday == pytest.approx(rooted(rates(days)[4]), rel=0.03)


def test_a_short_day_counts_in_full_where_it_is_always_short() -> None:
    days = all_days(42)
    opened = days.open.copy()
    opened[days.weekday == 5, 1:] = False  # Saturdays, for one interval of six
    table = prepare(History(Days(days.first, opened, days.kind), rates(days)))
    assert np.sum(table.role == 5) == 6
    assert table.weight.min() == 1.0


def test_a_day_closed_early_for_once_counts_as_much_as_was_open() -> None:
    days = all_days(42)
    opened = days.open.copy()
    opened[30, 3:] = False
    table = prepare(History(Days(days.first, opened, days.kind), rates(days)))
    assert table.weight[30] == pytest.approx(0.5, abs=0.01)
    assert table.roots[30] == pytest.approx(rooted(rates(days)[30]), rel=1e-6)


def test_an_interval_never_open_is_drawn_between_its_neighbours() -> None:
    days = all_days(21, 3)
    opened = days.open.copy()
    opened[:, 1] = False
    counts = np.tile([100.0, np.nan, 200.0], (21, 1))
    table = prepare(History(Days(days.first, opened, days.kind), counts))
    assert table.roots[:, 1] == pytest.approx(np.full(21, (np.sqrt(100.25) + np.sqrt(200.25)) / 2))


@pytest.mark.parametrize("odd", [0.3, 3.0])
def test_an_odd_day_weighs_little_and_the_others_fully(odd: float) -> None:
    history = poisson(office_days(70), level=0.03)
    table = prepare(with_counts(history, 35, np.rint(history.counts[35] * odd)))
    weight = table.weight[table.number == MONDAY + 35][0]
    assert weight < 0.1
    assert np.median(table.weight) == 1.0


def test_a_day_odd_in_its_shape_only_weighs_little() -> None:
    history = poisson(office_days(70), level=0.03)
    moved: Floats = history.counts[35] * np.array([2.0, 1.5, 0.2, 0.2, 1.5, 1.3])
    assert prepare(with_counts(history, 35, moved)).weight[25] < 0.1


def test_days_of_a_special_kind_are_brought_to_the_ordinary_level() -> None:
    days = all_days(84)
    kind = days.kind.copy()
    kind[[20, 41, 50, 71]] = 2
    counts = rates(days) * np.where(kind == 2, 0.25, 1.0)[:, None]
    table = prepare(History(Days(days.first, days.open, kind), counts))
    # half the roots, of four days, shrunk with one ordinary day
    assert table.effect[2] == pytest.approx((4 * 0.5 + 1.0) / 5.0, rel=0.01)
    assert table.roots[20] == pytest.approx(rooted(counts[20]) / table.effect[2])


def test_special_days_without_two_ordinary_ones_beside_them_are_left_alone() -> None:
    days = all_days(3)
    table = prepare(History(Days(days.first, days.open, np.array([0, 0, 1])), rates(days)))
    assert table.effect == {1: pytest.approx(1.0)}


def test_a_history_in_which_nothing_was_counted_gives_an_empty_table() -> None:
    assert len(prepare(History(all_days(3), np.full((3, 6), np.nan)))) == 0
    assert len(prepare(History(all_days(0), np.zeros((0, 6))))) == 0


def test_a_queue_nobody_calls_is_a_table_of_empty_days() -> None:
    table = prepare(History(all_days(20), np.zeros((20, 6))))
    assert unrooted(table.roots).max() == 0.0
    assert len(table) == 20
