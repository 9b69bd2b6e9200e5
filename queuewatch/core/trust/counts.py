"""What happened in one queue, counted from its visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from queuewatch.core.facts.terms import Channel
from queuewatch.core.state.visit import Visit

UNANSWERED = ("left", "leaving", "lost")
"""Ends without an answer that are not giving up, as far as anybody knows."""


class QueueCounts(Struct, frozen=True, kw_only=True):
    """What happened in one queue.

    Attributes:
        offered: Visits that joined.
        left: Visits that left unanswered otherwise than by abandoning, by reason; `lost` without a trace.
    """

    site: str
    queue: str
    channel: Channel
    offered: int
    answered: int
    abandoned: int
    left: dict[str, int]


def counted(site: str, queue: str, visits: Sequence[Visit]) -> QueueCounts:
    """The counts of a queue that had these visits, one at least."""
    return QueueCounts(
        site=site,
        queue=queue,
        channel=visits[0].channel,
        offered=len(visits),
        answered=sum(1 for one in visits if one.answered_at is not None),
        abandoned=sum(1 for one in visits if one.stage == "abandoned"),
        left=dict(Counter(one.reason or "lost" for one in visits if one.stage in UNANSWERED)),
    )
