"""A sales desk of two, in seconds after ten: what each rule says of it is worked out by hand in the tests."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from queuewatch.core.estimate.others import others
from queuewatch.core.estimate.wait import Estimator, Joined, Remaining, Scene
from queuewatch.core.facts.events import Abandoned, Answered, Completed, Enqueued, Event
from queuewatch.core.rules import Rules
from queuewatch.core.state.site import Change, line_place
from queuewatch.core.state.visit import Visit
from queuewatch.core.trust.trial import Trial
from tests.core.examples import SALES, at, event


def stay(
    contact: str,
    joined: float,
    answered: float | None = None,
    agent: str = "ann",
    done: float | None = None,
    *,
    gave_up: float | None = None,
    queue: dict[str, Any] = SALES,
    site: str = "default",
    priority: int = 0,
) -> list[Event]:
    """A contact's facts, times in seconds."""
    facts = [event(joined, Enqueued(**queue, priority=priority), contact, site=site)]
    if answered is not None:
        facts.append(event(answered, Answered(**queue, agent=agent), contact, site=site))
    if gave_up is not None:
        facts.append(event(gave_up, Abandoned(**queue), contact, site=site))
    if done is not None:
        facts.append(event(done, Completed(**queue), contact, site=site))
    return facts


def in_order(*stays: Iterable[Event]) -> list[Event]:
    """The facts of several stays, by time."""
    return sorted((fact for one in stays for fact in one), key=lambda fact: fact.at)


# Waits of 10, 20, 30 and 100 s; handling of 100 s and 200 s; at 260 s Eve joins behind Cem and Dora.
AFTERNOON = in_order(
    stay("c1", 0, 10, "ann", done=110),
    stay("c2", 5, 25, "bob", done=225),
    stay("c3", 100, 130, "ann"),
    stay("c4", 140, 240, "bob"),
    stay("cem", 150),
    stay("dora", 200),
    stay("eve", 260),
)


class Nobody:
    """Is told what happens, and does not care."""

    def arrived(self, joined: Joined, who: Visit, estimators: tuple[Estimator, ...]) -> None:
        """Nobody is asked."""

    def moved(self, site: str, change: Change) -> None:
        """Nothing is kept."""


class Room:
    """Rules that are told of facts, and can be asked."""

    def __init__(self, facts: Iterable[Event] = (), until_s: float = float("inf")) -> None:
        self.trial = Trial(Rules(), others, Nobody())
        for fact in facts:
            if fact.at <= at(until_s):
                self.take(fact)

    def take(self, fact: Event) -> None:
        self.trial.take(fact)

    @property
    def rules(self) -> dict[str, Estimator]:
        return {one.name: one for one in self.trial.estimators["default"]}

    def scene(self, seconds: float, queue: str = "sales", site: str = "default") -> Scene:
        return self.trial.scene(site, queue, at(seconds))

    def ask(
        self, rule: str, seconds: float, contact: str | None = None, queue: str = "sales"
    ) -> Remaining | str:
        """What the rule says at a time of a contact that waits, or of the next one to arrive."""
        there = self.scene(seconds, queue)
        if contact is None:
            return self.rules[rule].remaining(there, len(there.queue.line), None)
        visit = there.site.contacts[contact].visit(queue, 1)
        ahead = bisect_left(there.queue.line, line_place(visit))
        return self.rules[rule].remaining(there, ahead, visit)

    def says(self, rule: str, seconds: float, contact: str | None = None, queue: str = "sales") -> float:
        """Its number, seconds still to wait."""
        answer = self.ask(rule, seconds, contact, queue)
        assert not isinstance(answer, str)
        return answer.mean_s
