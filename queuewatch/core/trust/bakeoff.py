"""The bake-off: every estimator says at every arrival how long the wait will be, and is scored on that.

History goes through the same state as in a replay, but nothing is decided. Ours is the one the core asks
itself; the rules of other products are told of the same moves, and asked at the same moments. All learn from
everything, from a cold start; scored are the contacts that had to wait and came from a moment on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from msgspec import Struct

from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.others import others
from queuewatch.core.estimate.wait import AT_ONCE_S, Estimator, Joined
from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Rules
from queuewatch.core.state.site import Change, line_place
from queuewatch.core.state.visit import IN_LINE, Visit
from queuewatch.core.trust.counts import QueueCounts, counted
from queuewatch.core.trust.scores import Bin
from queuewatch.core.trust.scoring import Asked, Hour, Score, Table, VisitKey, saying
from queuewatch.core.trust.sites import Apart
from queuewatch.core.trust.trial import Trial


class Result(Struct, frozen=True, kw_only=True):
    """What came out.

    Attributes:
        ours: Name of our estimator.
        waited: Contacts scored by somebody: they had to wait, and their wait ended.
        past: How many of them waited longer than each threshold (seconds, as text).
        scores: At arrival, the lowest Brier score at the first threshold first.
        while_waiting: Asked again and again while they waited; empty unless `every_s` was given. Brier scores
            are of thresholds not yet passed, and of the experienced wait only.
        reliability: By estimator and threshold.
        hours: By estimator, hours in which nobody was answered left out.
        events: How many events there were, from `begins_at` to `ends_at`; None without any.
    """

    ours: str
    thresholds_s: tuple[float, ...]
    waited: int
    past: dict[str, int]
    scores: tuple[Score, ...]
    while_waiting: tuple[Score, ...]
    reliability: dict[str, dict[str, list[Bin]]]
    hours: dict[str, list[Hour]]
    queues: tuple[QueueCounts, ...]
    events: int
    begins_at: float | None
    ends_at: float | None


class Bakeoff:
    """A history on its way through the core, with every estimator asked along the way; `events` counts it."""

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
        self._trial = Trial(rules, lambda: (Live(), *others()), self)
        self._thresholds_s = rules.every.thresholds_s
        self._apart = None if pooled else Apart()
        self._score_from = score_from
        self._every_s = every_s
        self._visits: dict[VisitKey, Visit] = {}
        self._asked: dict[VisitKey, Asked] = {}
        self._again: list[Asked] = []
        self._dues: list[tuple[float, VisitKey]] = []
        self._times: list[float] = []
        self.events = 0

    def take(self, event: Event) -> None:
        """Let an event happen."""
        self.events += 1
        self._times = [*self._times[:1], max(event.at, *self._times, float("-inf"))]
        for one in (event,) if self._apart is None else self._apart.place(event):
            while self._dues and self._dues[0][0] < one.at:
                self._ask_again(*heappop(self._dues))
            self._trial.take(one)

    def arrived(self, joined: Joined, who: Visit, estimators: tuple[Estimator, ...]) -> None:
        """Somebody joined a line: ask everybody, unless they were asked when the same visit joined before."""
        key = _key(joined.scene.site.name, who)
        if key not in self._asked and who.enqueued_at >= self._score_from:
            self._asked[key] = self._ask(key, who, joined, estimators)
            self._set_due(key, joined.scene.now)

    def moved(self, site: str, change: Change) -> None:
        """Keep the visit as it is now."""
        key = _key(site, change.visit)
        if change.now is None:
            self._visits.pop(key, None)
        else:
            self._visits[key] = change.visit

    def _ask_again(self, at: float, key: VisitKey) -> None:
        visit = self._visits.get(key)
        if visit is not None and visit.stage in IN_LINE:
            site, queue, _, _ = key
            scene = self._trial.scene(site, queue, at)
            ahead = bisect_left(scene.queue.line, line_place(visit))
            asked = Joined(scene, ahead, {})
            self._again.append(self._ask(key, visit, asked, self._trial.estimators[site]))
            self._set_due(key, at)

    def _set_due(self, key: VisitKey, now: float) -> None:
        if self._every_s is not None:
            heappush(self._dues, (now + self._every_s, key))

    def _ask(self, key: VisitKey, visit: Visit, joined: Joined, estimators: tuple[Estimator, ...]) -> Asked:
        scene = joined.scene
        waited_s = max(0.0, scene.now - visit.enqueued_at)
        told = {
            one.name: joined.said.get(one.name) or one.remaining(scene, joined.ahead, visit)
            for one in estimators
        }
        return Asked(
            key,
            waited_s,
            {
                name: None if isinstance(one, str) else saying(one, waited_s, self._thresholds_s)
                for name, one in told.items()
            },
        )

    def result(self, hour_of: Callable[[float], int]) -> Result:
        """Score what was said of all waits that have ended by now.

        Args:
            hour_of: The hour of the day, 0 to 23, of a point in time.
        """
        at_arrival = self._table(self._asked.values(), hour_of, at_arrival=True)
        return Result(
            ours=Live.name,
            thresholds_s=self._thresholds_s,
            waited=at_arrival.contacts,
            past=at_arrival.past,
            scores=at_arrival.scores(),
            while_waiting=self._table(self._again, hour_of, at_arrival=False).scores(),
            reliability={name: at_arrival.reliability(name) for name in at_arrival.names},
            hours={name: at_arrival.hours(name) for name in at_arrival.names},
            queues=self._counts(),
            events=self.events,
            begins_at=self._times[0] if self._times else None,
            ends_at=self._times[-1] if self._times else None,
        )

    def _table(self, asked: Iterable[Asked], hour_of: Callable[[float], int], *, at_arrival: bool) -> Table:
        visits = self._visits
        ended = [(one, visits[one.key]) for one in asked if one.key in visits]
        waited = [(one, visit) for one, visit in ended if _had_to_wait(visit)]
        return Table(self._thresholds_s, waited, hour_of, at_arrival=at_arrival)

    def _counts(self) -> tuple[QueueCounts, ...]:
        by_place: dict[tuple[str, str], list[Visit]] = {}
        for (site, queue, _, _), visit in self._visits.items():
            by_place.setdefault((site, queue), []).append(visit)
        return tuple(counted(site, queue, visits) for (site, queue), visits in sorted(by_place.items()))


def _key(site: str, visit: Visit) -> VisitKey:
    return (site, visit.queue, visit.contact, visit.number)


def _had_to_wait(visit: Visit) -> bool:
    """It was not answered within a second, and it is known how its wait ended."""
    endured_s = visit.endured_s
    if endured_s is None or visit.stage == "lost":
        return False
    return visit.answered_at is None or endured_s > AT_ONCE_S
