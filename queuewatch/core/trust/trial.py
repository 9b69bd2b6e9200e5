"""A history before any number of estimators: each learns of every move, each can be asked at any time.

Nothing is decided here and nobody is told anything: it is how estimators are compared.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Protocol

from queuewatch.core.estimate.learned import Learned
from queuewatch.core.estimate.wait import Estimator, Joined, Scene, heed
from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Rules
from queuewatch.core.seen import look
from queuewatch.core.state import aging
from queuewatch.core.state.apply import apply
from queuewatch.core.state.site import Change, Site, line_place
from queuewatch.core.state.visit import IN_LINE, Visit


class Watcher(Protocol):
    """Is told what happens in a trial."""

    def arrived(self, joined: Joined, who: Visit, estimators: tuple[Estimator, ...]) -> None:
        """Somebody has joined a line: the moment to ask those of the estimators that said nothing yet."""
        ...

    def moved(self, site: str, change: Change) -> None:
        """A visit moved, in whatever way."""
        ...


class Trial:
    """Sites with several estimators each.

    Args:
        rules: Ages, and what makes an agent forgotten.
        make: Makes the estimators of a site, without any memory.
        watcher: Is told what happens.
    """

    def __init__(self, rules: Rules, make: Callable[[], tuple[Estimator, ...]], watcher: Watcher) -> None:
        self._rules = rules
        self._make = make
        self._watcher = watcher
        self._now = float("-inf")
        self._learned: dict[tuple[str, str], Learned] = {}
        self.sites: dict[str, Site] = {}
        self.estimators: dict[str, tuple[Estimator, ...]] = {}

    def take(self, event: Event, told_at: float | None = None) -> None:
        """Let an event be told as it happens, or late at `told_at`; never before the one before it."""
        self._now = max(self._now, event.at, event.at if told_at is None else told_at)
        site = self.sites.get(event.site)
        if site is None:
            site = self.sites[event.site] = Site(event.site)
            self.estimators[event.site] = self._make()
        due_at = aging.next_at(site)
        if due_at is not None and due_at <= self._now:
            aging.expire(site, self._now, self._rules.ages)
        apply(site, event, self._now, self._rules.ages)
        for change in site.changes:
            self._tell(site, change)
        site.changes.clear()

    def scene(self, site: str, queue: str, now: float | None = None) -> Scene:
        """A queue as it is at the last event, or `now`, to ask about. KeyError: nobody ever spoke of it."""
        own = self.sites[site]
        at = self._now if now is None else now
        return look.scene(own, own.queues[queue], self._learner(site, queue), self._rules, at)

    def _learner(self, site: str, queue: str) -> Learned:
        return self._learned.setdefault((site, queue), Learned())

    def _tell(self, site: Site, change: Change) -> None:
        visit = change.visit
        self._learner(site.name, visit.queue).learn(change, self._now)
        estimators = self.estimators[site.name]
        joined = heed(estimators, change, self._now, lambda queue, at: self.scene(site.name, queue, at))
        if change.now in IN_LINE and change.was not in IN_LINE:
            if joined is None:  # it was told of late: what is asked of is the present
                at = self.scene(site.name, visit.queue)
                joined = Joined(at, bisect_left(at.queue.line, line_place(visit)), {})
            self._watcher.arrived(joined, visit, estimators)
        self._watcher.moved(site.name, change)
