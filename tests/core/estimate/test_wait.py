"""Tests of the whole wait: what was waited already and what is still to come."""

from __future__ import annotations

import pytest
from msgspec import Struct

from queuewatch.core.estimate.learned import Learned
from queuewatch.core.estimate.place import InLine, PlaceInLine
from queuewatch.core.estimate.wait import (
    LESSONS_AT_ONCE,
    LESSONS_PER_S,
    Lessons,
    Remaining,
    Scene,
    heed,
    wait_view,
    whole_wait,
)
from queuewatch.core.state.site import Change, Queue, Site
from queuewatch.core.state.visit import Visit
from queuewatch.core.view import NoEstimateReason
from tests.core.estimate.scenes import Play
from tests.core.examples import at

SCENE = Scene(
    site=Site("default"),
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

    def chance_there(self, t_s: float) -> float:
        return self.chance_over(t_s)

    def quantile_s(self, share: float) -> float:
        return 100.0 * self.places * share


class Even:
    name = "even"

    def learn(self, change: Change, now: float) -> None:
        """It learns nothing."""

    def joined(self, scene: Scene, ahead: int, who: Visit) -> None:
        """It remembers nobody."""

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002
        return "source_stale" if scene.stale else Evenly(ahead + 1)


def since(waited_s: float) -> Visit:
    """Somebody who has waited so long."""
    enqueued_at = at(0) - waited_s
    return Visit("ada", "sales", 1, "phone", "/pbx", "waiting", enqueued_at, enqueued_at)


def test_the_next_to_arrive_has_its_whole_wait_before_it() -> None:
    view = wait_view(Even(), SCENE, 1, None, (60.0, 180.0))
    assert (view.place, view.waited_s, view.mean_s, view.estimator) == (2, 0.0, 100.0, "even")
    assert view.quantiles_s == pytest.approx({"0.1": 20.0, "0.5": 100.0, "0.9": 180.0})
    assert view.chances == pytest.approx({"60": 0.7, "180": 0.1})
    assert view.range_s == pytest.approx((20.0, 180.0))
    assert view.no_estimate is None


class OftenAtOnce(Evenly, frozen=True):
    """Of ten, so many are answered at once; the others as evenly as before."""

    at_once: int = 1

    def quantile_s(self, share: float) -> float:
        first = self.at_once / 10.0
        return 0.0 if share <= first else 100.0 * (share - first) / (1.0 - first)


@pytest.mark.parametrize(("at_once", "range_s"), [(1, (0.0, 700 / 9)), (5, (0.0, 60.0)), (8, (0.0, 0.0))])
def test_where_one_in_ten_does_not_wait_the_range_holds_four_in_five_from_there_on(
    at_once: int, range_s: tuple[float, float]
) -> None:
    view = whole_wait(OftenAtOnce(1, at_once), SCENE, 0, None, (), "even")
    assert view.range_s == pytest.approx(range_s)


def test_what_was_waited_already_counts_towards_the_thresholds() -> None:
    view = wait_view(Even(), SCENE, 0, since(40.0), (60.0, 180.0))
    assert view.mean_s == 90.0
    assert view.quantiles_s == pytest.approx({"0.1": 50.0, "0.5": 90.0, "0.9": 130.0})
    assert view.range_s == pytest.approx((50.0, 130.0))
    assert view.chances == pytest.approx({"60": 0.8, "180": 0.0})


def test_a_threshold_that_is_passed_is_certain_and_one_just_reached_is_left_to_the_estimator() -> None:
    assert wait_view(Even(), SCENE, 0, since(60.001), (60.0,)).chances == {"60": 1.0}
    assert wait_view(Even(), SCENE, 0, since(60.0), (60.0,)).chances == {"60": 1.0}
    assert wait_view(Even(), SCENE, 0, since(59.0), (60.0,)).chances == pytest.approx({"60": 0.99})


def test_without_an_estimate_only_what_has_happened_is_said() -> None:
    stale = Scene(**{name: getattr(SCENE, name) for name in SCENE.__struct_fields__} | {"stale": True})
    view = wait_view(Even(), stale, 0, since(61.0), (60.0, 61.0, 180.0))
    assert (view.no_estimate, view.mean_s, view.quantiles_s, view.estimator) == ("source_stale", None, {}, "")
    assert view.range_s is None
    assert view.chances == {"60": 1.0}


class Listener:
    """An estimator that writes down what it is told."""

    name = "listener"

    def __init__(self, answer: Remaining | NoEstimateReason = "too_few_data") -> None:
        self.moves: list[tuple[str, str | None]] = []
        self.joins: list[tuple[str, int]] = []
        self.answer = answer

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002
        self.moves.append((change.visit.contact, change.now))

    def joined(self, scene: Scene, ahead: int, who: Visit) -> None:  # noqa: ARG002
        self.joins.append((who.contact, ahead))

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002
        return self.answer


def test_an_estimator_hears_of_every_move_and_sees_each_who_joins_with_their_place() -> None:
    listener = Listener()
    play = Play(listener)
    play.joins("x")
    play.now += 1.0
    play.joins("y")
    play.joins("vip", 1)
    play.now += 1.0
    play.answers("vip")
    assert listener.moves == [("x", "waiting"), ("y", "waiting"), ("vip", "waiting"), ("vip", "answered")]
    assert listener.joins == [("x", 0), ("y", 1), ("vip", 0)]


def test_a_stay_told_anew_that_is_over_by_now_is_not_seen_joining() -> None:
    listener = Listener()
    play = Play(listener)
    play.now += 50.0
    play.answers("x")
    play.joins("x")
    enqueued = play.site.contacts["x"].told("default")[-1].data
    play.tell(enqueued, "x", at=play.now - 20.0)
    assert all(ahead == 0 for _, ahead in listener.joins)
    assert play.site.queues["support"].line == [] or listener.joins


def test_the_closed_form_by_place_needs_no_memory_of_its_own() -> None:
    place = PlaceInLine()
    play = Play(place)
    for number in range(5):
        play.waits(f"c{number}", 40.0)
    assert place == PlaceInLine()
    remaining = place.remaining(play.scene(), 2, None)
    assert isinstance(remaining, InLine)
    assert remaining.chance_there(60.0) < remaining.chance_over(60.0)
    assert remaining.chance_there(0.0) == 1.0


def test_a_burst_of_lessons_is_given_at_once_and_more_only_with_time() -> None:
    lessons = Lessons()
    assert lessons.spare(5.0) == LESSONS_AT_ONCE
    assert [lessons.take(5.0) for _ in range(int(LESSONS_AT_ONCE))] == [True] * int(LESSONS_AT_ONCE)
    assert not lessons.take(5.0)
    assert lessons.spare(5.0) == lessons.spare(4.0) == 0.0
    assert lessons.spare(6.0) == LESSONS_PER_S
    assert not lessons.take(5.0 + 0.5 / LESSONS_PER_S)
    assert lessons.take(5.0 + 1.01 / LESSONS_PER_S)


def test_without_a_lesson_left_a_move_is_followed_and_nobody_is_looked_at_closely() -> None:
    play = Play()
    seen: list[str] = []

    class Watching(Even):
        def learn(self, change: Change, now: float) -> None:  # noqa: ARG002
            seen.append("moved")

        def joined(self, scene: Scene, ahead: int, who: Visit) -> None:  # noqa: ARG002
            seen.append("joined")

    play.joins("x")
    change = play.changes[-1]
    for lessons in (Lessons(left=0.0, at=play.now), None):
        heed((Watching(),), change, play.now, play.scene_at, lessons)
    assert seen == ["moved", "moved", "joined"]
