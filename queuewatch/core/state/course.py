"""The ordinary course of a stay, quickly: joins, is answered, is completed, each told in order.

Nearly all facts are of this kind, and a busy site tells thousands a second; so here a step of `journey.py`
and its bookkeeping are taken without a call too many. What is not ordinary, `apply.py` tells anew from the
contact's facts; property tests hold that both lead to one state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from queuewatch.core.facts.events import Enqueued, Event, Left, MessageSent
from queuewatch.core.state.journey import EFFECTS, LEAVING, MOVES, joined
from queuewatch.core.state.site import (
    Change,
    Contact,
    Queue,
    Site,
    count_answer,
    count_end,
    count_leaving,
    join_line,
)
from queuewatch.core.state.visit import IN_LINE, OPEN, Stage, Visit

_Row = dict[Stage, Stage]
Step = tuple[_Row, Callable[[Visit, float, Any], None]]
"""Where a fact leads an open visit, and what it leaves in it."""


def _ordinary(row: _Row) -> _Row:
    return {was: now for was, now in row.items() if was in OPEN}


# Joining again, and being written to (which may come late), are for `apply.py`.
STEPS: dict[type[Struct], Step] = {
    kind: (_ordinary(MOVES[kind]) if kind is not MessageSent else {}, effect)
    for kind, effect in EFFECTS.items()
}
NO_STEP: Step = ({}, EFFECTS[MessageSent])
STEPS[Enqueued] = NO_STEP
_LEFT, _ = STEPS[Left]
_LEAVING = _ordinary(LEAVING)


def begin(site: Site, queue: Queue, event: Event, data: Enqueued, heard_at: float) -> Contact:
    """A contact nobody had heard of joins a queue."""
    visit = joined(event, data, data.visit or 1)
    queue.tally.add("offered")
    join_line(queue, visit)
    site.changes.append(Change(visit, None, "waiting", event.at))
    return Contact(event.subject, heard_at, [event], [visit], ordinary=True)


def go_on(  # noqa: C901, PLR0917  # in pieces it costs a call for each
    site: Site, queue: Queue, contact: Contact, event: Event, step: Step, forget_at: float
) -> bool:
    """An ordinary contact's only visit takes a step by its next fact.

    Returns:
        False when it is not as ordinary as that; then nothing has been done.
    """
    data: Any = event.data
    at = event.at
    visit = contact.visits[0]
    was = visit.stage
    row, effect = step
    if row is _LEFT and data.reason == "unknown":
        row = _LEAVING
    now = row.get(was)
    if now is None or at <= visit.confirmed_at or visit.queue != queue.name:
        return False
    if data.visit and data.visit != visit.number:
        return False
    ident = event.id
    for known in contact.facts:
        if known.id == ident and known.source == event.source:
            return False
    contact.facts.append(event)
    visit.stage = now
    visit.confirmed_at = at
    effect(visit, at, data)
    if now == was:
        return True
    if now == "answered":
        count_answer(site, queue, visit, at)
    elif was == "answered":
        count_end(site, queue, visit)
    elif now not in IN_LINE:
        count_leaving(queue, visit)
    site.changes.append(Change(visit, was, now, at))
    if now not in OPEN:
        site.ended.add(forget_at, contact.id)
    return True
