"""Estimators side by side over one history."""

from __future__ import annotations

from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.others.averages import Asterisk
from queuewatch.core.estimate.wait import Estimator, Joined
from queuewatch.core.facts.events import Abandoned, Answered, ContactData, Enqueued, Event
from queuewatch.core.rules import Ages, Rules
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import Visit
from queuewatch.core.trust.trial import Trial


class Notes:
    """A watcher that writes down what it is told."""

    def __init__(self) -> None:
        self.arrivals: list[tuple[str, str, int, int]] = []
        self.moves: list[tuple[str, str, str | None]] = []
        self.said: list[list[str]] = []

    def arrived(self, joined: Joined, who: Visit, estimators: tuple[Estimator, ...]) -> None:
        self.arrivals.append((joined.scene.site.name, who.contact, joined.ahead, len(estimators)))
        self.said.append(list(joined.said))

    def moved(self, site: str, change: Change) -> None:
        self.moves.append((site, change.visit.contact, change.now))


def event(at: float, contact: str, data: ContactData, site: str = "default") -> Event:
    return Event(f"{contact}-{at}", "/pbx", at, data, contact, site)


def joins() -> Enqueued:
    return Enqueued(queue="support", channel="phone")


def test_each_arrival_is_shown_with_its_place_and_the_estimators_of_its_site() -> None:
    notes = Notes()
    trial = Trial(Rules(), lambda: (Live(), Asterisk()), notes)
    trial.take(event(0.0, "x", joins()))
    trial.take(event(1.0, "y", joins()))
    trial.take(event(2.0, "z", joins(), "other"))
    trial.take(event(3.0, "x", Answered(queue="support", channel="phone", agent="ann")))
    assert notes.arrivals == [("default", "x", 0, 2), ("default", "y", 1, 2), ("other", "z", 0, 2)]
    assert notes.moves[-1] == ("default", "x", "answered")
    assert list(trial.estimators) == ["default", "other"]
    assert trial.scene("default", "support").now == 3.0


def test_of_who_is_told_of_late_nothing_has_been_said_as_the_line_is_by_now() -> None:
    notes = Notes()
    trial = Trial(Rules(), lambda: (Live(),), notes)
    trial.take(event(0.0, "x", joins()))
    trial.take(event(1.0, "y", joins()), told_at=60.0)
    assert notes.arrivals == [("default", "x", 0, 1), ("default", "y", 1, 1)]
    assert notes.said == [["live"], []]


def test_who_was_never_seen_waiting_is_not_asked_about() -> None:
    notes = Notes()
    trial = Trial(Rules(), lambda: (Live(),), notes)
    trial.take(event(5.0, "x", Abandoned(queue="support", channel="phone")))
    trial.take(event(9.0, "y", joins()))
    trial.take(event(8.0, "z", joins()))
    assert [who for _, who, _, _ in notes.arrivals] == ["y", "z"]
    assert trial.scene("default", "support").now == 9.0


def test_who_waits_for_too_long_is_lost() -> None:
    notes = Notes()
    trial = Trial(Rules(ages=Ages(phone_s=100.0, late_s=10.0)), lambda: (Live(),), notes)
    trial.take(event(0.0, "x", joins()))
    trial.take(event(500.0, "y", joins()))
    assert ("default", "x", "lost") in notes.moves
