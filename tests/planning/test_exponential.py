"""Tests of exponential smoothing by statsforecast: what it is asked, and what is made of its answer."""

from __future__ import annotations

import sys
from datetime import timedelta

import numpy as np
import pytest

from queuewatch.config import ConfigError, Settings
from queuewatch.config.sections import Planner
from queuewatch.planning.exponential import ExponentialSmoothing, exponential_smoothing
from queuewatch.planning.setup import make_setup
from queuewatch.planning.workshop import Workshop
from queuewatch.queueing.forecast import METHODS, forecast, learn
from queuewatch.queueing.forecasting.days import Days, Floats, History
from queuewatch.queueing.forecasting.table import look_ahead, prepare
from tests.core.plan.pasts import BERLIN, MONDAY, moment, office, past

SHAPE = np.array([1.0, 4.0, 2.0, 1.0])
WEEK = np.array([1.4, 1.0, 1.0, 1.0, 1.2])


class LastWeek:
    """A model that says what the season before was, and remembers what it was asked."""

    asked: list[tuple[int, str]] = []  # noqa: RUF012  # what all of them were asked

    def __init__(self, season_length: int, model: str) -> None:
        self.season = season_length
        self.asked.append((season_length, model))

    def forecast(self, level: Floats, h: int) -> dict[str, Floats]:
        return {"mean": np.resize(level[-self.season :], h)}


def days(first: int, count: int) -> Days:
    """Weekdays are open; day 4 is a Monday."""
    opened = (np.arange(first, first + count) + 3) % 7 < 5
    return Days(first, np.tile(opened[:, None], (1, 4)), np.zeros(count, dtype=np.int64))


def weeks(count: int) -> History:
    which = days(4, 7 * count)
    level = np.where(which.weekday < 5, WEEK[np.minimum(which.weekday, 4)], 0.0)
    return History(which, 100.0 * level[:, None] * SHAPE)


METHOD = ExponentialSmoothing(LastWeek)


def test_it_smooths_the_level_of_open_days_and_spreads_it_as_the_weekday_is() -> None:
    history = weeks(6)
    table = prepare(history)
    ahead = look_ahead(history.days, days(4 + 42, 7))
    said = METHOD.fit(table)(table, ahead)
    np.testing.assert_allclose(said[:5] ** 2 - 0.25, 100.0 * WEEK[:, None] * SHAPE, rtol=1e-6)
    assert (said[5:] == 0.0).all()
    assert LastWeek.asked[-1] == (5, "AZA")


def test_a_short_past_has_no_season_and_days_that_are_closed_need_no_model() -> None:
    history = weeks(2)
    table = prepare(history)
    METHOD.fit(table)(table, look_ahead(history.days, days(4 + 14, 3)))
    assert LastWeek.asked[-1] == (1, "AZN")
    before = len(LastWeek.asked)
    closed = Days(4 + 14, np.zeros((2, 4), dtype=bool), np.zeros(2, dtype=np.int64))
    assert (METHOD.fit(table)(table, look_ahead(history.days, closed)) == 0.0).all()
    assert len(LastWeek.asked) == before


def test_it_is_tried_beside_ours_and_used_where_it_was_better() -> None:
    """Weeks that are all alike but for chance that last week's copy does not have."""
    history = weeks(8)
    learned = learn(history, days=3, extra=[METHOD])
    assert learned.methods == (*METHODS, METHOD)
    assert learned.tested is not None
    assert METHOD.name in learned.tested.names
    # What it was learned from is what it is forecast with.
    said = forecast(history, days(4 + 56, 5), learned)
    assert said.mean[0] == pytest.approx(140.0 * SHAPE, rel=0.05)


def test_without_the_package_the_setting_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsforecast.models", None)
    with pytest.raises(ConfigError, match=r"pip install 'queuewatch\[statsforecast\]'"):
        make_setup(Settings(planner=Planner(statsforecast=True)), BERLIN)


@pytest.mark.slow
def test_the_real_one_forecasts_a_queue() -> None:
    pytest.importorskip("statsforecast", reason="the extra statsforecast is not installed")
    setup = make_setup(Settings(planner=Planner(statsforecast=True)), BERLIN)
    assert setup.extra == (exponential_smoothing(),)
    shop = Workshop(setup, {"sales": past(6, office)}.get)
    outlook = shop.outlook("sales", 3600, 2, moment(MONDAY + timedelta(weeks=6)))
    assert outlook.learned.tested is not None
    assert "exponential smoothing" in outlook.learned.tested.names
    assert outlook.mean.sum(axis=1) == pytest.approx([600, 480], rel=0.06)
