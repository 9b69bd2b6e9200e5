"""The ordinary course of a stay, quickly: joins, is answered, is completed, each told in order.

Nearly all facts are of this kind, and a busy site tells thousands a second; so here a step of `journey.py`
and its bookkeeping are taken without a call too many. What is not ordinary, `apply.py` tells anew from the
contact's facts; property tests hold that both lead to one state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from queuewatch.core.events import ContactFact, Enqueued, Event, Left, MessageSent
from queuewatch.core.journey import EFFECTS, LEAVING, MOVES, joined
from queuewatch.core.rules import Ages
from queuewatch.core.state import Change, Contact, Queue, Site, advance, join_line
from queuewatch.core.visit import OPEN, Stage, Visit

_Row = dict[Stage, Stage]


def _ordinary(row: _Row) -> _Row:
    return {was: now for was, now in row.items() if was in OPEN}


# Where a fact leads an open visit, and what it leaves in it. Joining again, and being written to (which may
# come late), are for `apply.py`.
_STEPS: dict[type[Struct], tuple[_Row, Callable[[Visit, float, Any], None]]] = {
    kind: (_ordinary(MOVES[kind]) if kind is not MessageSent else {}, effect)
    for kind, effect in EFFECTS.items()
}
_STEPS[Enqueued] = ({}, EFFECTS[MessageSent])
_LEAVING = _ordinary(LEAVING)


def begin(site: Site, queue: Queue, event: Event, data: Enqueued, heard_at: float) -> Contact:
    """A contact nobody had heard of joins a queue."""
    visit = joined(event, data, data.visit or 1)
    queue.tally.add("offered")
    join_line(queue, visit)
    site.changes.append(Change(visit, None, "waiting", event.at))
    return Contact(event.subject, heard_at, [event], [visit])


def go_on(  # noqa: PLR0917
    site: Site, queue: Queue, contact: Contact, event: Event, data: ContactFact, ages: Ages
) -> bool:
    """A contact's only visit, which is open, takes a step by its next fact.

    Returns:
        False when it is not as ordinary as that; then nothing has been done.
    """
    facts = contact.facts
    at = event.at
    if at <= facts[-1].at or len(contact.visits) != 1:
        return False
    visit = contact.visits[0]
    was = visit.stage
    kind = type(data)
    row, effect = _STEPS[kind]
    if kind is Left and data.reason == "unknown":  # type: ignore[attr-defined]  # it is a Left
        row = _LEAVING
    now = row.get(was)
    if now is None or visit.implied or visit.callback or data.queue != visit.queue:
        return False
    if data.visit and data.visit != visit.number:
        return False
    ident = event.id
    for known in facts:
        if known.id == ident and known.source == event.source:
            return False
    facts.append(event)
    visit.stage = now
    visit.confirmed_at = at
    effect(visit, at, data)
    if now != was:
        advance(site, queue, visit, was)
        site.changes.append(Change(visit, was, now, at))
        if now not in OPEN:
            site.ended.add(at + ages.late_s, contact.id)
    return True
