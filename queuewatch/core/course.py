"""The ordinary course of a stay, quickly: joins, is answered, is completed, each told in order.

Nearly all facts are of this kind, and a busy site tells thousands a second; so here a step of `journey.py`
and its bookkeeping are taken without a call too many. What is not ordinary, `apply.py` tells anew from the
contact's facts; property tests hold that both lead to one state.
"""

from __future__ import annotations

from heapq import heappush

from queuewatch.core.events import ContactFact, Enqueued, Event, Left, MessageSent
from queuewatch.core.journey import EFFECTS, MOVES, joined, moves
from queuewatch.core.rules import Ages
from queuewatch.core.state import Change, Contact, Queue, Site, advance, join_line
from queuewatch.core.visit import OPEN


def begin(site: Site, queue: Queue, contact: Contact, event: Event, data: Enqueued) -> None:
    """A contact nobody had heard of joins a queue."""
    visit = joined(event, data, data.visit or 1)
    contact.facts.append(event)
    contact.visits.append(visit)
    queue.tally.add("offered")
    join_line(queue, visit)
    site.changes.append(Change(visit, None, "waiting", event.at))


def go_on(  # noqa: PLR0917
    site: Site, queue: Queue, contact: Contact, event: Event, data: ContactFact, ages: Ages
) -> bool:
    """A contact's only visit, which is open, takes a step by its next fact.

    Returns:
        False when it is not as ordinary as that; then nothing has been done.
    """
    visits = contact.visits
    facts = contact.facts
    at = event.at
    kind = data.__class__
    if len(visits) != 1 or at <= facts[-1].at or kind is Enqueued or kind is MessageSent:
        return False
    visit = visits[0]
    was = visit.stage
    if was not in OPEN or visit.implied or visit.callback or data.queue != visit.queue:
        return False
    for known in facts:
        if event.id == known.id and event.source == known.source:
            return False
    now = (MOVES[kind] if kind is not Left else moves(data)).get(was)
    if now is None or (data.visit and data.visit != visit.number):
        return False
    facts.append(event)
    visit.stage = now
    visit.confirmed_at = at
    EFFECTS[kind](visit, at, data)
    now = visit.stage
    advance(site, queue, visit, was)
    if now != was:
        site.changes.append(Change(visit, was, now, at))
        if now not in OPEN:
            heappush(site.ended, (at + ages.late_s, contact.id))
    return True
