"""The plan that was brought in: how many agents each queue is to have, and whether they will be enough.

What is needed later is what the planner's forecast called for when it was told last, a journalled fact; what
is needed now is what the load of now calls for. Where no forecast was told, the load of now speaks for later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import takewhile

from msgspec import Struct, field

from queuewatch.core.facts.acts import NeedTold, PlannedSpan, PlanTold

AHEAD_S = 3600.0
"""A shortage is told of so long before it, seconds."""
LOOK_EVERY_S = 60.0
"""The plan goes on from span to span, and what is needed changes: it is looked at so often, seconds."""
MOST_SPANS = 20_000
"""Kept of a queue, the earliest first: ten weeks of five minutes."""


class Shortage(Struct, frozen=True):
    """Fewer agents are planned than are needed: from when on, and how many of how many at the worst."""

    begins_at: float
    missing: int
    planned: int = 0


class Need(Struct):
    """The agents that the forecast calls for, in order; `shared_by` names the queues that share them."""

    spans: list[PlannedSpan]
    shared_by: tuple[str, ...] = ()


class Scheduled(Struct):
    """The plan of one site.

    Attributes:
        queues: The spans of each queue, in order, none over another; what nobody planned is not there.
        needs: What the forecast calls for, by queue, or by the name of several that share agents.
        due_at: When it is to be looked at next; None: there is nothing to look at.
        version: How often it was changed.
    """

    queues: dict[str, list[PlannedSpan]] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    due_at: float | None = None
    version: int = 0

    def tell(self, told: PlanTold, now: float) -> None:
        """Take in a plan: where it speaks, it goes before what was planned until now.

        Telling it once more changes nothing.
        """
        self.queues[told.queue] = _overlaid(self.queues.get(told.queue, []), told.spans)[:MOST_SPANS]
        self.version += 1
        self.due_at = now

    def need(self, told: NeedTold, now: float) -> None:
        """Take in what the forecast calls for: it goes before what was told of the same times."""
        known = self.needs.get(told.queue)
        old = [] if known is None else known.spans
        self.needs[told.queue] = Need(_overlaid(old, told.spans)[:MOST_SPANS], told.shared_by)
        if self.queues:
            self.due_at = now

    def copy(self) -> Scheduled:
        """One that stays as it is."""
        return Scheduled({name: list(spans) for name, spans in self.queues.items()}, version=self.version)

    def looked(self, now: float) -> None:
        """It was looked at; what is over is forgotten."""
        for queue, spans in list(self.queues.items()):
            if not _without_past(spans, now):
                del self.queues[queue]
        for queue, need in list(self.needs.items()):
            if not _without_past(need.spans, now):
                del self.needs[queue]
        self.due_at = now + LOOK_EVERY_S if self.queues else None

    def planned_at(self, queue: str, at: float) -> int | None:
        """Agents planned for a queue at a moment; None: nobody planned it."""
        return _at(self.queues.get(queue, []), at)

    def fewest(self, queues: Iterable[str], begins_at: float, until_at: float) -> int | None:
        """The fewest agents planned for each queue between, together; None: a part of it nobody planned."""
        each = [self._fewest(queue, begins_at, until_at) for queue in queues]
        known = [one for one in each if one is not None]
        return sum(known) if len(known) == len(each) else None

    def _fewest(self, queue: str, begins_at: float, until_at: float) -> int | None:
        spans = self.queues.get(queue, [])
        first = max(0, bisect_right(spans, begins_at, key=_begin) - 1)
        fewest, at = None, begins_at
        for span in spans[first:]:
            if span.begins_at > at or at >= until_at:
                break
            if span.until_at > at:
                fewest = span.agents if fewest is None else min(fewest, span.agents)
                at = span.until_at
        return fewest if at >= until_at else None

    def names(self) -> list[str]:
        """The queues that a plan was told of, and those groups of queues that a forecast was told of."""
        groups = [name for name, need in self.needs.items() if need.shared_by and name not in self.queues]
        return [*self.queues, *groups]

    def shortage(self, name: str, needed: int | None, now: float) -> Shortage | None:
        """Where the plan has fewer agents than are needed, from now to an hour ahead; None: nowhere known.

        A queue that shares its agents with others is not short by itself: the group is, or is not, where
        all of its queues were planned.

        Args:
            name: The queue, or the group of queues that share agents.
            needed: Agents that keep its targets at the load there is; None: nobody can say.
            now: The present.
        """
        if self._shares(name):
            return None
        first, worst = None, Shortage(now, 0)
        for at in self._turns(name, now):
            planned, need = self._planned(name, at), self._needed(name, at)
            if need is None or (at == now and needed is not None):
                need = needed
            if planned is None or need is None or planned >= need:
                continue
            first = at if first is None else first
            if need - planned > worst.missing:
                worst = Shortage(first, need - planned, planned)
        return worst if worst.missing else None

    def _shares(self, name: str) -> bool:
        """Whether a group speaks for this queue."""
        groups = [group for group, need in self.needs.items() if name in need.shared_by]
        return any(all(queue in self.queues for queue in self._members(group)) for group in groups)

    def _members(self, name: str) -> tuple[str, ...]:
        """Whose plans count: the group's own where it has one, else those of the queues that share agents."""
        need = self.needs.get(name)
        return (name,) if name in self.queues or need is None or not need.shared_by else need.shared_by

    def _planned(self, name: str, at: float) -> int | None:
        each = [self.planned_at(queue, at) for queue in self._members(name)]
        known = [one for one in each if one is not None]
        return sum(known) if len(known) == len(each) else None

    def _needed(self, name: str, at: float) -> int | None:
        need = self.needs.get(name)
        return None if need is None else _at(need.spans, at)

    def _turns(self, name: str, now: float) -> list[float]:
        """Now, and when plan or need change up to an hour ahead, in order."""
        need = self.needs.get(name)
        tables = [self.queues.get(queue, []) for queue in self._members(name)]
        tables += [] if need is None else [need.spans]
        turns = {now}
        for spans in tables:
            first = max(0, bisect_right(spans, now, key=_begin) - 1)
            for span in spans[first : bisect_right(spans, now + AHEAD_S, key=_begin)]:
                turns |= {at for at in (span.begins_at, span.until_at) if now < at <= now + AHEAD_S}
        return sorted(turns)


def _at(spans: list[PlannedSpan], at: float) -> int | None:
    """What the span says that holds at a moment; None: none does."""
    place = bisect_right(spans, at, key=_begin) - 1
    return spans[place].agents if place >= 0 and at < spans[place].until_at else None


def _without_past(spans: list[PlannedSpan], now: float) -> bool:
    """Take out what is over; whether anything is left."""
    del spans[: sum(1 for _ in takewhile(lambda one: one.until_at <= now, spans))]
    return bool(spans)


def _overlaid(old: list[PlannedSpan], told: Iterable[PlannedSpan]) -> list[PlannedSpan]:
    """New spans before old ones where they speak, in order."""
    new = sorted(told, key=_begin)
    left = [part for span in old for part in _beside(span, new)]
    return sorted(left + new, key=_begin)


def _begin(span: PlannedSpan) -> float:
    return span.begins_at


def _beside(old: PlannedSpan, new: list[PlannedSpan]) -> Iterator[PlannedSpan]:
    """What is left of a span beside newer ones, which are in order."""
    at = old.begins_at
    for one in new[max(0, bisect_right(new, at, key=_begin) - 1) :]:
        if one.begins_at >= old.until_at:
            break
        if one.begins_at > at:
            yield PlannedSpan(at, one.begins_at, old.agents)
        at = max(at, one.until_at)
    if at < old.until_at:
        yield PlannedSpan(at, old.until_at, old.agents)
