from __future__ import annotations

from queuewatch.core.estimate.place import InLine, PlaceInLine
from queuewatch.core.estimate.wait import Remaining, Scene, wait_view
from queuewatch.core.state import Change
from queuewatch.core.view import NoEstimateReason
from queuewatch.core.visit import Visit
from tests.core.estimate.scenes import Play


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
    enqueued = play.site.contacts["x"].facts[-1].data
    play.tell(enqueued, "x", at=play.now - 20.0)
    assert all(ahead == 0 for _, ahead in listener.joins)
    assert play.site.queues["support"].line == [] or listener.joins


def test_a_wait_is_what_was_waited_and_what_is_still_to_come() -> None:
    play = Play()
    play.joins("x")
    play.now += 70.0
    view = wait_view(Listener(InLine(0.0, 0.01, 0.0)), play.scene(), 0, play.visit("x"), (60.0, 180.0))
    assert (view.place, view.waited_s, view.mean_s) == (1, 70.0, 170.0)
    assert view.chances["60"] == 1.0
    assert 0.0 < view.chances["180"] < 1.0
    assert view.estimator == "listener"


def test_without_an_estimate_what_has_passed_is_still_known() -> None:
    play = Play()
    play.joins("x")
    play.now += 70.0
    view = wait_view(Listener(), play.scene(), 0, play.visit("x"), (60.0, 180.0))
    assert (view.no_estimate, view.chances, view.mean_s) == ("too_few_data", {"60": 1.0}, None)


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
