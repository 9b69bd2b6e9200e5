"""The plan that was brought in: how many agents each queue is to have, and whether they will be enough."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import takewhile

from msgspec import Struct, field

from queuewatch.core.acts import PlannedSpan, PlanTold

AHEAD_S = 3600.0
"""A shortage is told of so long before it, seconds."""
LOOK_EVERY_S = 60.0
"""The plan goes on from span to span, and what is needed changes: it is looked at so often, seconds."""
MOST_SPANS = 20_000
"""Kept of a queue, the earliest first: ten weeks of five minutes."""


class Shortage(Struct, frozen=True):
    """Fewer agents are planned than are needed: from when on, and how many fewer at the worst."""

    begins_at: float
    missing: int


class Scheduled(Struct):
    """The plan of one site.

    Attributes:
        queues: The spans of each queue, in order, none over another; what nobody planned is not there.
        due_at: When it is to be looked at next; None: there is nothing to look at.
        version: How often it was changed.
    """

    queues: dict[str, list[PlannedSpan]] = field(default_factory=dict)
    due_at: float | None = None
    version: int = 0

    def tell(self, told: PlanTold, now: float) -> None:
        """Take in a plan: where it speaks, it goes before what was planned until now.

        Telling it once more changes nothing.
        """
        new = sorted(told.spans, key=_begin)
        old = [part for span in self.queues.get(told.queue, []) for part in _beside(span, new)]
        self.queues[told.queue] = sorted(old + new, key=_begin)[:MOST_SPANS]
        self.version += 1
        self.due_at = now

    def copy(self) -> Scheduled:
        """One that stays as it is."""
        return Scheduled({name: list(spans) for name, spans in self.queues.items()}, None, self.version)

    def looked(self, now: float) -> None:
        """It was looked at; what is over is forgotten."""
        for queue, spans in list(self.queues.items()):
            over = sum(1 for _ in takewhile(lambda one: one.until_at <= now, spans))
            del spans[:over]
            if not spans:
                del self.queues[queue]
        self.due_at = now + LOOK_EVERY_S if self.queues else None

    def planned_at(self, queue: str, at: float) -> int | None:
        """Agents planned for a queue at a moment; None: nobody planned it."""
        spans = self.queues.get(queue, [])
        place = bisect_right(spans, at, key=_begin) - 1
        return spans[place].agents if place >= 0 and at < spans[place].until_at else None

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

    def shortage(self, queue: str, needed: int | None, now: float) -> Shortage | None:
        """Where the plan has fewer agents than are needed, from now to an hour ahead; None: nowhere known.

        Args:
            queue: The queue.
            needed: Agents that keep its targets at the load there is; None: nobody can say.
            now: The present.
        """
        if needed is None:
            return None
        short = [
            one
            for one in self.queues.get(queue, [])
            if one.until_at > now and one.begins_at <= now + AHEAD_S and one.agents < needed
        ]
        if not short:
            return None
        return Shortage(max(now, short[0].begins_at), needed - min(one.agents for one in short))


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
