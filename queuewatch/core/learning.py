"""Who learns of a move: the estimator, the diary, the books of promises, and who owes somebody something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from queuewatch.core.estimate.learned import Move
from queuewatch.core.estimate.wait import Scene, heed
from queuewatch.core.facts.events import Completed, Event
from queuewatch.core.hours import Hours
from queuewatch.core.mind import Attention, learned_of, scene_of
from queuewatch.core.rules import Rules
from queuewatch.core.state.site import Change, Site
from queuewatch.core.state.visit import IN_LINE

Looks = dict[str, bool]
"""Queues to be looked at, and whether the next contact may wait longer there than it did before."""


@dataclass(slots=True)
class Learning:
    """Has everybody learn of what moves at a site at one moment, before anything else is done about it.

    What the moves of one moment share is looked up once; so it serves for that moment only.

    Attributes:
        site, attention: The site, and what is kept of it.
        rules: The rules in force.
        now: The present.
        looks: Queues to be looked at; those in which something moves are added.
        observe: Is told of each move as well.
        moved: What the diary is still to be told: the first move of each visit, by the visit's identity.
    """

    site: Site
    attention: Attention
    rules: Rules
    now: float
    looks: Looks
    observe: Callable[[str, Change], None] | None = None
    moved: dict[int, Change] = field(default_factory=dict)

    def heed(self) -> None:
        """Let everybody know what moved since this was called last."""
        looks, observe = self.looks, self.observe
        for change in self.site.changes:
            was, is_ = change.was, change.now
            if was == is_ or was not in IN_LINE or is_ not in IN_LINE:
                self._teach(change)
            # Else somebody in line hears it ring, or no more, and keeps place and wait: that teaches nothing.
            if observe is not None:
                observe(self.site.name, change)
            queue = change.visit.queue
            if not looks.get(queue):
                looks[queue] = was != "answered" or is_ != "completed"
        self.site.changes.clear()

    def _teach(self, change: Change) -> None:
        attention, rules, now = self.attention, self.rules, self.now
        visit, looked = change.visit, None
        queue = visit.queue
        if change.revised:
            self._note(change)
        elif id(visit) not in self.moved:
            self.moved[id(visit)] = change
        if not visit.callback:  # how long somebody waits whom we call back teaches nothing of the line
            learned_of(attention, queue).learn(change, now)
            looked = heed((attention.estimator,), change, now, self.scene, attention.lessons)
        if change.was in IN_LINE or change.now == "answered":
            for kept in attention.books.heed(attention.estimator.name, change, rules):
                attention.care.alerts.promise(rules.alerts, now, kept=kept)
        if looked is not None:
            attention.books.joined(attention.estimator, looked, visit, rules.of(queue))
        attention.care.heed(self.site, change, rules, now)
        if visit.customer is not None:
            attention.repeats.heed(self.site, change, rules.ages.repeat_s)

    def catch_up(self, facts: Sequence[Event]) -> None:  # noqa: C901  # in one piece, for calls cost most
        """Let everybody know what moved by these facts about contacts, which were taken in before.

        It comes to the same as to heed each at once, as long as nobody looks at the site in between: what a
        move teaches is in the move, and in what a later one of its visit leaves as it is.
        """
        self.attention.heard += len(facts)
        self._have_looked_at(facts)
        moved = self.moved
        taught: list[Change] = []
        moves: list[Move] = []
        by_queue: dict[str, list[Move]] = {}
        for change in self.site.changes:
            visit, was, is_ = change.visit, change.was, change.now
            if was in IN_LINE and is_ in IN_LINE and was != is_:
                continue
            taught.append(change)
            took_s = None
            if is_ == "answered":  # what `move_of` does
                took_s = visit.wait_s
            elif is_ == "completed":
                took_s = visit.handling_s
            moves.append(move := (change, took_s))
            if change.revised:
                self._note(change)
            elif id(visit) not in moved:
                moved[id(visit)] = change
            if not visit.callback:
                mine = by_queue.get(visit.queue)
                if mine is None:
                    by_queue[visit.queue] = [move]
                else:
                    mine.append(move)
        self.site.changes.clear()
        for queue, mine in by_queue.items():
            learned_of(self.attention, queue).learn_all(mine, self.now)
            if any(change.now in IN_LINE and change.was not in IN_LINE for change, _ in mine):
                self.attention.lessons.take(self.now)  # there is none, which is noted
        self._teach_all(taught, moves)

    def _have_looked_at(self, facts: Sequence[Event]) -> None:
        """Note which queues are to be looked at for these facts, and what moved by them."""
        looks, every = self.looks, len(self.site.queues)
        longer = {queue for queue, waits in looks.items() if waits}
        for fact in facts:
            data: Any = fact.data
            if data.queue not in longer:
                if type(data) is Completed:
                    looks.setdefault(data.queue, False)
                else:
                    looks[data.queue] = True
                    longer.add(data.queue)
                    if len(longer) == every:
                        return
        for change in self.site.changes:
            if change.was != "answered" or change.now != "completed":
                looks[change.visit.queue] = True

    def _teach_all(self, changes: list[Change], moves: list[Move]) -> None:
        """Teach those who learn of all queues, one after another: none needs what another learns."""
        attention, rules, now = self.attention, self.rules, self.now
        attention.estimator.learn_all(moves, now, self._hours)
        for kept in attention.books.heed_all(attention.estimator.name, moves, rules):
            attention.care.alerts.promise(rules.alerts, now, kept=kept)
        attention.care.heed_all(self.site, changes, rules, now)
        attention.repeats.heed_all(self.site, changes, rules.ages.repeat_s)

    def _note(self, change: Change) -> None:
        """Have the diary count what was told anew, after all that moved before."""
        self.note_down()
        self.attention.diary.note(change, self.now, self.rules.of(change.visit.queue).thresholds_s)

    def note_down(self) -> None:
        """Have the diary count what moved: once for each visit, however many steps it took meanwhile."""
        diary, rules, now = self.attention.diary, self.rules, self.now
        for first in self.moved.values():
            visit, whole = first.visit, first
            if first.was in IN_LINE and first.now in IN_LINE and visit.stage not in IN_LINE:
                whole = Change(visit, first.was, visit.stage, first.at)  # it was told anew, and then moved
            diary.note(whole, now, rules.queues.get(visit.queue, rules.every).thresholds_s)
        self.moved.clear()

    def _hours(self, queue: str) -> Hours | None:
        """When a queue is open whose waits pass only then, as its scene has it."""
        return self.rules.of(queue).hours if self.site.queues[queue].channel == "email" else None

    def scene(self, queue: str, at: float) -> Scene:
        """A queue of the site at a moment."""
        return scene_of(self.site, self.attention, self.site.queues[queue], self.rules, at)
