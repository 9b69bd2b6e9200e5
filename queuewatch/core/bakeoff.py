"""The bake-off: every estimator says at every arrival how long the wait will be, and is scored on that.

History goes through the core as in a replay. Ours is the one the core asks itself; the rules of other
products are told of the same moves, and asked at the same moments. All learn from everything, from a cold
start; scored are the contacts that had to wait and came from a moment on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from msgspec import Struct

from queuewatch.core.estimate.others import others
from queuewatch.core.estimate.others.averages import AT_ONCE_S
from queuewatch.core.estimate.wait import Estimator, Scene, heed
from queuewatch.core.events import Event
from queuewatch.core.journey import IN_LINE, Visit
from queuewatch.core.replay import Replay, Summary
from queuewatch.core.rules import Rules
from queuewatch.core.scores import Bin
from queuewatch.core.scoring import Asked, Hour, Score, Table, VisitKey, said
from queuewatch.core.sites import Apart
from queuewatch.core.state import Change, line_place
from queuewatch.core.turn import scene as scene_of


class Result(Struct, frozen=True, kw_only=True):
    """What came out.

    Attributes:
        ours: Name of our estimator.
        waited: Contacts scored by somebody: they had to wait, and their wait ended.
        scores: At arrival, the lowest Brier score at the first threshold first.
        while_waiting: Asked again and again while they waited; empty unless `every_s` was given. Brier scores
            are of thresholds not yet passed, and of the experienced wait only.
        reliability: By estimator and threshold.
        hours: By estimator, hours in which nobody was answered left out.
        summary: What happened, as a replay tells it.
    """

    ours: str
    thresholds_s: tuple[float, ...]
    waited: int
    scores: tuple[Score, ...]
    while_waiting: tuple[Score, ...]
    reliability: dict[str, dict[str, list[Bin]]]
    hours: dict[str, list[Hour]]
    summary: Summary


class Bakeoff:
    """A history on its way through the core, with every estimator asked along the way."""

    def __init__(
        self,
        rules: Rules,
        *,
        pooled: bool = False,
        score_from: float = float("-inf"),
        every_s: float | None = None,
    ) -> None:
        """Start with nothing known.

        Args:
            rules: The rules in force; the thresholds are those of every queue.
            pooled: The queues of a site share one line and its agents; otherwise each queue has its own.
            score_from: Contacts that joined before are learned from, and not scored.
            every_s: Ask also so often while somebody waits, seconds; None: only at arrival.
        """
        self._rules = rules
        self._thresholds_s = rules.every.thresholds_s
        self._apart = None if pooled else Apart()
        self._score_from = score_from
        self._every_s = every_s
        self._replay = Replay(rules, observe=self._observe)
        self._others: dict[str, tuple[Estimator, ...]] = {}
        self._asked: dict[VisitKey, Asked] = {}
        self._again: list[Asked] = []
        self._dues: list[tuple[float, VisitKey]] = []

    def take(self, event: Event) -> None:
        """Let an event happen."""
        for one in (event,) if self._apart is None else self._apart.place(event):
            while self._dues and self._dues[0][0] < one.at:
                self._ask_again(*heappop(self._dues))
            self._replay.take(one)

    def _observe(self, site: str, change: Change) -> None:
        now = self._replay.now
        rules = self._others.get(site)
        if rules is None:
            rules = self._others[site] = others()
        scene: dict[str, Scene] = {}

        def at(queue: str) -> Scene:
            if queue not in scene:
                scene[queue] = scene_of(self._replay.core, self._rules, site, queue, now)
            return scene[queue]

        heed(rules, change, now, at)
        visit = change.visit
        if change.now not in IN_LINE or change.was in IN_LINE or visit.enqueued_at < self._score_from:
            return
        key = (site, visit.queue, visit.contact, visit.number)
        if key not in self._asked:
            self._asked[key] = self._ask(key, visit, at(visit.queue))
            self._set_due(key, now)

    def _ask_again(self, at: float, key: VisitKey) -> None:
        visit = self._replay.visits.get(key)
        if visit is not None and visit.stage in IN_LINE:
            scene = scene_of(self._replay.core, self._rules, key[0], key[1], at)
            self._again.append(self._ask(key, visit, scene))
            self._set_due(key, at)

    def _set_due(self, key: VisitKey, now: float) -> None:
        if self._every_s is not None:
            heappush(self._dues, (now + self._every_s, key))

    def _ask(self, key: VisitKey, visit: Visit, scene: Scene) -> Asked:
        ahead = bisect_left(scene.queue.line, line_place(visit))
        waited_s = max(0.0, scene.now - visit.enqueued_at)
        estimators = (self._replay.core.attention[key[0]].estimator, *self._others[key[0]])
        return Asked(
            key,
            waited_s,
            {
                one.name: None
                if isinstance(remaining := one.remaining(scene, ahead, visit), str)
                else said(remaining, waited_s, self._thresholds_s)
                for one in estimators
            },
        )

    def result(self, hour_of: Callable[[float], int]) -> Result:
        """Score what was said of all waits that have ended by now.

        Args:
            hour_of: The hour of the day, 0 to 23, of a point in time.
        """
        at_arrival = self._table(self._asked.values(), hour_of, at_arrival=True)
        ours = next((one.estimator.name for one in self._replay.core.attention.values()), "")
        return Result(
            ours=ours,
            thresholds_s=self._thresholds_s,
            waited=at_arrival.contacts,
            scores=at_arrival.scores(),
            while_waiting=self._table(self._again, hour_of, at_arrival=False).scores(),
            reliability={name: at_arrival.reliability(name) for name in at_arrival.names},
            hours={name: at_arrival.hours(name) for name in at_arrival.names},
            summary=self._replay.summary(),
        )

    def _table(self, asked: Iterable[Asked], hour_of: Callable[[float], int], *, at_arrival: bool) -> Table:
        visits = self._replay.visits
        ended = [(one, visits[one.key]) for one in asked if one.key in visits]
        waited = [(one, visit) for one, visit in ended if _had_to_wait(visit)]
        return Table(self._thresholds_s, waited, hour_of, at_arrival=at_arrival)


def _had_to_wait(visit: Visit) -> bool:
    """It was not answered within a second, and it is known how its wait ended."""
    endured_s = visit.endured_s
    if endured_s is None or visit.stage == "lost":
        return False
    return visit.answered_at is None or endured_s > AT_ONCE_S
