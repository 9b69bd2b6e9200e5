"""Tests of the whole forecast: truths that are known, ranges, today's update, new queues."""

from itertools import pairwise

import numpy as np
import pytest

from queuewatch.queueing.forecast import METHODS, Forecast, borrow, forecast, learn
from queuewatch.queueing.forecasting.backtest import wape
from queuewatch.queueing.forecasting.days import Days, Floats, History
from queuewatch.queueing.forecasting.methods import SameWeekday, WeekProfile
from tests.queueing.forecasting.made import MONDAY, all_days, exact, office_days, poisson, rates, with_counts

QUICK = (SameWeekday(4), WeekProfile())
NAMES = tuple((method.name,) for method in QUICK)


def quick(history: History, ahead: Days) -> Forecast:
    learned = learn(history, days=len(ahead), methods=QUICK, candidates=NAMES)
    return forecast(history, ahead, learned, methods=QUICK)


def following(days: Days, number: int) -> Days:
    return all_days(number, days.intervals, first=days.first + len(days))


def test_a_week_of_pure_chance_is_forecast_down_to_the_noise_nobody_can_forecast() -> None:
    days = all_days(112, 12)
    history = poisson(days, 60.0)
    said = forecast(history.part(0, 98), days.part(98, 112))
    floor = float(np.sqrt(2.0 * rates(days, 60.0)[98:] / np.pi).sum() / rates(days, 60.0)[98:].sum())
    assert wape(history.counts[98:], said.mean) < 1.12 * floor
    assert wape(rates(days, 60.0)[98:], said.mean) < 0.4 * floor


def test_the_closed_have_no_contacts_and_nothing_to_be_unsure_of() -> None:
    days = office_days(75)
    said = quick(poisson(days.part(0, 60)), days.part(60, 75))
    closed = ~said.days.open
    assert said.mean[closed].max() == 0.0
    assert said.quantile(0.975)[closed].max() == 0.0
    assert said.totals(0.9)[[1, 2]].tolist() == [0.0, 0.0]


def test_quantiles_rise_with_the_probability_and_are_never_below_zero() -> None:
    said = quick(poisson(all_days(60), 0.8), following(all_days(60), 3))
    levels = [said.quantile(probability) for probability in (0.01, 0.1, 0.5, 0.8, 0.975)]
    assert levels[0].min() >= 0.0
    assert all(np.all(low <= high) for low, high in pairwise(levels))
    low, high = said.range(0.8)
    assert np.array_equal(low, said.quantile(0.1))
    assert np.array_equal(high, said.quantile(0.9))


@pytest.mark.parametrize("probability", [0.0, 1.0, -0.1, 1.1])
def test_a_probability_that_is_none_is_refused(probability: float) -> None:
    said = quick(poisson(all_days(30)), following(all_days(30), 1))
    with pytest.raises(ValueError, match="not inside"):
        said.quantile(probability)
    with pytest.raises(ValueError, match="not inside"):
        said.totals(probability)


def test_days_of_which_little_was_counted_are_not_enough_to_try_anything() -> None:
    counts = rates(all_days(20))
    counts[5:, 1:] = np.nan
    assert learn(History(all_days(20), counts)).tested is None


def test_a_longer_horizon_is_not_surer() -> None:
    history = poisson(all_days(120), level=0.1, seed=4)
    said = quick(history, following(history.days, 56))
    width = (said.quantile(0.9) - said.quantile(0.1)) / said.mean
    assert width[-7:].mean() > 0.95 * width[0].mean()


def test_gaps_are_not_zeros() -> None:
    history = poisson(all_days(90))
    holes = with_counts(with_counts(history, 85, np.nan), 60, np.nan)
    counts = holes.counts.copy()
    counts[::5, 2] = np.nan
    ahead = following(history.days, 7)
    with_holes, without = quick(History(history.days, counts), ahead), quick(history, ahead)
    assert with_holes.mean == pytest.approx(without.mean, rel=0.06)


def test_one_odd_day_moves_the_default_forecast_by_little() -> None:
    history = poisson(all_days(70), level=0.03)
    ahead = following(history.days, 7)
    learned = learn(history, days=7, origins=5)
    calm = forecast(history, ahead, learned)
    odd = forecast(with_counts(history, 68, np.rint(3.0 * history.counts[68])), ahead, learned)
    assert np.abs(odd.mean / calm.mean - 1.0).max() < 0.06


def test_a_new_level_is_believed_after_some_days() -> None:
    days = all_days(76)
    counts = rates(days) * np.where(np.arange(76) < 70, 1.0, 1.5)[:, None]
    ahead = following(days, 7)
    said = quick(History(days, np.random.default_rng(3).poisson(counts).astype(np.float64)), ahead)
    assert said.mean.sum() / rates(ahead).sum() > 1.3


def test_ten_times_the_contacts_are_ten_times_the_forecast_and_relatively_surer() -> None:
    history = exact(all_days(60))
    ahead = following(history.days, 7)
    small, large = quick(history, ahead), quick(exact(all_days(60), 1000.0), ahead)
    assert large.mean == pytest.approx(10.0 * small.mean, rel=0.01)


def test_the_day_as_a_whole_is_less_sure_than_chance_and_surer_than_its_intervals_together() -> None:
    history = poisson(all_days(120, 12), level=0.08, seed=5)
    said = quick(history, following(history.days, 1))
    total = said.totals(0.9)[0] - said.totals()[0]
    assert said.totals()[0] == pytest.approx(said.mean.sum())
    assert total < (said.quantile(0.9) - said.mean).sum()
    assert total > 1.2816 * np.sqrt(said.mean.sum())


def test_the_rest_of_the_day_adds_up_to_less() -> None:
    said = quick(poisson(all_days(60)), following(all_days(60), 1))
    rest = np.array([[False] * 4 + [True] * 2])
    assert said.totals(within=rest)[0] == pytest.approx(said.mean[0, 4:].sum())


def test_knowing_the_morning_is_better_than_not_knowing_it_and_ranges_stay_honest() -> None:
    history = poisson(all_days(150, 12), 80.0, level=0.15, seed=6)
    learned = learn(history.part(0, 100), days=1, methods=QUICK, candidates=NAMES)
    before, after, inside = 0.0, 0.0, []
    for day in range(100, 150):
        said = forecast(history.part(0, day), history.days.part(day, day + 1), learned, methods=QUICK)
        came: Floats = history.counts[day]
        updated = said.updated(np.where(np.arange(12) < 4, came, np.nan))
        before += np.abs(said.mean[0, 4:] - came[4:]).sum()
        after += np.abs(updated.mean[0, 4:] - came[4:]).sum()
        low, high = (edge[0, 4:] for edge in updated.range(0.8))
        inside.append(np.mean((low <= came[4:]) & (came[4:] <= high)))
    assert after < 0.75 * before
    assert np.mean(inside) == pytest.approx(0.8, abs=3.0 * np.sqrt(0.8 * 0.2 / 50 / 2))


def test_an_update_with_nothing_seen_changes_nothing_and_of_the_wrong_length_is_refused() -> None:
    said = quick(poisson(all_days(30)), following(all_days(30), 2))
    assert said.updated(np.full(6, np.nan)) is said
    with pytest.raises(ValueError, match="one for each of 6 intervals"):
        said.updated(np.zeros(5))


def test_only_the_first_day_is_updated() -> None:
    said = quick(poisson(all_days(60)), following(all_days(60), 2))
    updated = said.updated(np.array([0.0, 0.0, np.nan, np.nan, np.nan, np.nan]))
    assert updated.mean[0, 2:].max() < said.mean[0, 2:].min() * 1.5
    assert np.array_equal(updated.mean[1], said.mean[1])
    assert np.array_equal(updated.quantile(0.9)[1], said.quantile(0.9)[1])


def test_a_special_day_ahead_is_forecast_with_the_effect_of_its_kind() -> None:
    days = all_days(140)
    kind = days.kind.copy()
    kind[[20, 45, 70, 95, 120, 138]] = 3
    days = Days(days.first, days.open, kind)
    counts = rates(days) * np.where(kind == 3, 0.4, 1.0)[:, None]
    said = quick(History(days, counts).part(0, 133), days.part(133, 140))
    assert said.mean[5].sum() / rates(days)[138].sum() == pytest.approx(0.47, abs=0.06)
    assert said.mean[4].sum() / rates(days)[137].sum() == pytest.approx(1.0, abs=0.03)


def test_few_days_are_forecast_by_their_profile_with_wide_ranges() -> None:
    history = poisson(all_days(7))
    ahead = following(history.days, 7)
    said = forecast(history, ahead)
    assert said.learned.tested is None
    assert said.mean == pytest.approx(rates(ahead), rel=0.4)
    assert np.mean((said.quantile(0.9) - said.quantile(0.1)) / said.mean) > 0.4


def test_with_three_weeks_methods_are_tried_from_the_half_of_them() -> None:
    learned = learn(poisson(all_days(21)), days=7)
    assert learned.tested is not None
    assert learned.tested.origin.min() == 10
    assert "factors + AR" not in learned.tested.names


def test_a_history_without_counts_is_refused_with_the_cure() -> None:
    with pytest.raises(ValueError, match="borrow the profile"):
        forecast(History(all_days(3), np.full((3, 6), np.nan)), following(all_days(3), 1))


def test_what_was_learned_with_other_methods_is_refused() -> None:
    history = poisson(all_days(30))
    learned = learn(history, methods=(SameWeekday(2),), candidates=(("mean of last 2 same weekdays",),))
    with pytest.raises(ValueError, match="mean of last 2 same weekdays was learned"):
        forecast(history, following(history.days, 1), learned, methods=METHODS)


def test_a_new_queue_is_the_other_one_at_the_scale_the_planner_expects() -> None:
    alike = poisson(all_days(60))
    nothing = History(all_days(0, first=MONDAY + 60), np.zeros((0, 6)))
    ahead = following(alike.days, 7)
    theirs = forecast(alike, ahead)
    said = borrow(nothing, alike, ahead, scale=0.25, learned=theirs.learned)
    assert said.mean == pytest.approx(0.25 * theirs.mean, rel=0.01)
    own_width = (said.quantile(0.9) - said.quantile(0.1)) / said.mean
    assert own_width.min() > ((theirs.quantile(0.9) - theirs.quantile(0.1)) / theirs.mean).max()


def test_what_came_so_far_corrects_a_wrong_scale_and_narrows_the_range() -> None:
    alike, ahead = poisson(all_days(60)), following(all_days(60), 7)
    learned = learn(alike, days=7)
    week = all_days(7, first=MONDAY + 53)
    own = History(week, np.random.default_rng(9).poisson(0.5 * rates(week)).astype(np.float64))
    guessed = borrow(own, alike, ahead, scale=1.0, learned=learned)
    told = borrow(own, alike, ahead, learned=learned)
    assert told.mean.sum() / rates(ahead).sum() == pytest.approx(0.5, rel=0.1)
    assert told.mean.sum() < guessed.mean.sum() < 0.6 * rates(ahead).sum()
    without = borrow(own.part(0, 0), alike, ahead, scale=0.5, learned=learned)
    assert (told.quantile(0.9) / told.mean).mean() < (without.quantile(0.9) / without.mean).mean()


def test_a_new_queue_nothing_is_known_of_is_refused() -> None:
    alike, ahead = poisson(all_days(30)), following(all_days(30), 1)
    nothing = History(all_days(0, first=MONDAY + 30), np.zeros((0, 6)))
    with pytest.raises(ValueError, match="give its expected scale"):
        borrow(nothing, alike, ahead)
    with pytest.raises(ValueError, match="not above 0"):
        borrow(nothing, alike, ahead, scale=0.0)
