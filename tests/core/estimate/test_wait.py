"""Tests of the whole wait: what was waited already and what is still to come."""

from __future__ import annotations

import pytest
from msgspec import Struct

from queuewatch.core.estimate.learned import Learned
from queuewatch.core.estimate.wait import Remaining, Scene, wait_view
from queuewatch.core.state import Queue
from queuewatch.core.view import NoEstimateReason
from tests.core.facts import at

SCENE = Scene(
    queue=Queue("sales", "phone", at(0)),
    learned=Learned(),
    agents=None,
    free=0,
    share=0.0,
    slots=0,
    stale=False,
    now=at(0),
)


class Evenly(Struct, frozen=True):
    """Equally likely to last any time up to 100 s for each place in line."""

    places: int

    @property
    def mean_s(self) -> float:
        return 50.0 * self.places

    def chance_over(self, t_s: float) -> float:
        return min(1.0, max(0.0, 1.0 - t_s / (100.0 * self.places)))

    def quantile_s(self, share: float) -> float:
        return 100.0 * self.places * share


class Even:
    name = "even"

    def remaining(self, scene: Scene, ahead: int) -> Remaining | NoEstimateReason:
        return "source_stale" if scene.stale else Evenly(ahead + 1)


def test_the_next_to_arrive_has_its_whole_wait_before_it() -> None:
    view = wait_view(Even(), SCENE, 1, 0.0, (60.0, 180.0))
    assert (view.place, view.waited_s, view.mean_s, view.estimator) == (2, 0.0, 100.0, "even")
    assert view.quantiles_s == pytest.approx({"0.1": 20.0, "0.5": 100.0, "0.9": 180.0})
    assert view.chances == pytest.approx({"60": 0.7, "180": 0.1})
    assert view.no_estimate is None


def test_what_was_waited_already_counts_towards_the_thresholds() -> None:
    view = wait_view(Even(), SCENE, 0, 40.0, (60.0, 180.0))
    assert view.mean_s == 90.0
    assert view.quantiles_s == pytest.approx({"0.1": 50.0, "0.5": 90.0, "0.9": 130.0})
    assert view.chances == pytest.approx({"60": 0.8, "180": 0.0})


def test_a_threshold_that_is_passed_is_certain_and_one_just_reached_is_left_to_the_estimator() -> None:
    assert wait_view(Even(), SCENE, 0, 60.001, (60.0,)).chances == {"60": 1.0}
    assert wait_view(Even(), SCENE, 0, 60.0, (60.0,)).chances == {"60": 1.0}
    assert wait_view(Even(), SCENE, 0, 59.0, (60.0,)).chances == pytest.approx({"60": 0.99})


def test_without_an_estimate_only_what_has_happened_is_said() -> None:
    stale = Scene(**{name: getattr(SCENE, name) for name in SCENE.__struct_fields__} | {"stale": True})
    view = wait_view(Even(), stale, 0, 61.0, (60.0, 61.0, 180.0))
    assert (view.no_estimate, view.mean_s, view.quantiles_s, view.estimator) == ("source_stale", None, {}, "")
    assert view.chances == {"60": 1.0}
