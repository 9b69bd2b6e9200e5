"""The ordinary course of a stay, quickly: joins, is answered, is completed, each told in its order.

Nearly all facts are of this kind, and a busy site tells thousands a second. Each of these three has a
function in which what `journey.py` does to the visit and what `site.py` counts of it is written out, for a
call costs as much as six of these lines; the other kinds call both. What is not ordinary, `amend.py` tells
anew from the contact's facts; property tests hold that both lead to one state.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Any

from msgspec import Struct

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    ContactFact,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Offered,
    OfferFailed,
    Transferred,
)
from queuewatch.core.state.contact import Contact
from queuewatch.core.state.journey import EFFECTS, moves
from queuewatch.core.state.site import (
    Change,
    Queue,
    Site,
    Source,
    count_end,
    count_leaving,
    join_line,
    leave_line,
)
from queuewatch.core.state.tally import TOGETHER
from queuewatch.core.state.visit import IN_LINE, OPEN, Stage, Visit

Step = Callable[[Site, Queue, Contact, Visit, Event, Any], bool | None]
"""Has an ordinary contact's visit take a step by a fact, counts it, and keeps the fact; is the visit over?

None: the visit cannot take it, or it is about another; then nothing has changed.
"""


def begin(site: Site, source: Source, event: Event, data: Enqueued, heard_at: float) -> None:
    """A contact nobody had heard of joins a queue."""
    contact, at, priority, language = event.subject, event.at, data.priority, data.language
    number = data.visit or 1
    queue = site.queues.get(data.queue)
    if queue is None or source.name not in queue.sources:  # one that is only guessed has no source
        queue = site.told_of(source.name, data.queue, data.channel, heard_at)
    queue.heard_at = heard_at
    last = False
    if at > queue.latest_at:
        queue.latest_at = at
        last = not priority and not queue.yielding  # nobody in line can have come later, or stand behind
    visit = Visit(
        contact,
        queue.name,
        number,
        data.channel,
        source.name,
        "waiting",
        at,
        at,
        priority,
        data.customer,
        data.tier,
        language if language is None else intern(language),  # many share one
    )
    queue.tally.offered += 1
    if last:
        queue.line.append((-priority, at, contact, number))
    else:
        join_line(queue, visit)
    site.changes.append(Change(visit, None, "waiting", at))
    if event.sequence or data.visit or event.version_at is not None:
        site.contacts[contact] = Contact(contact, heard_at, visit, facts=(event,))
    else:
        site.contacts[contact] = Contact(contact, heard_at, visit, event.id)


def _answer(  # noqa: PLR0917  # what a step is told
    site: Site, queue: Queue, known: Contact, visit: Visit, event: Event, data: Answered
) -> bool | None:
    """Who stood in line is answered: `answered` in EFFECTS, and what `enter` counts of it."""
    at, contact, name, was = event.at, visit.contact, data.agent, visit.stage
    if was not in IN_LINE or visit.queue != data.queue or event.id == known.joined:
        return None
    if (
        event.sequence
        or data.visit
        or data.wait_s is not None
        or data.channel != visit.channel
        or event.version_at is not None
    ):
        if data.visit not in (0, visit.number):
            return None
        known.facts += (event,)
    else:
        known.answered = event.id
    visit.stage = "answered"
    visit.answered_at = at
    if queue.line[0][2] == contact:  # it has no other visit
        del queue.line[0]
    else:
        leave_line(queue, visit)
    queue.tally.answered += 1
    waits_s = queue.wait.fresh
    waits_s.append(at - visit.enqueued_at)
    if len(waits_s) >= TOGETHER:
        queue.wait.settle()
    queue.serving += 1
    if name is None:
        visit.agent = None
    else:
        agent = site.agents.get(name) or site.agent(name)
        visit.agent = agent.name
        agent.version = site.duty_version = site.duty_version + 1
        agent.handling[contact] = (visit.channel, at)
        if visit.queue not in agent.served:
            queue.agents[agent.name] = None
        if at > agent.last_at:
            agent.last_at = agent.served[visit.queue] = at
            agent.lately = None
        else:
            agent.worked(visit.queue, at)
    site.changes.append(Change(visit, was, "answered", at))
    return False


def _complete(  # noqa: PLR0917  # likewise
    site: Site, queue: Queue, known: Contact, visit: Visit, event: Event, data: Completed
) -> bool | None:
    """A conversation ends, and its agent is free: `completed` in EFFECTS, and `Visit.handling_s`."""
    if visit.stage != "answered" or visit.queue != data.queue:
        return None
    at, ident, name, talk_s = event.at, event.id, visit.agent, data.talk_s
    if (
        event.sequence  # noqa: PLR1714  # to make a tuple of two ids takes longer
        or data.visit
        or data.hold_s is not None
        or data.wrap_up_s is not None
        or data.resolved is not None
        or data.channel != visit.channel
        or event.version_at is not None
        or ident == known.joined  # quicker than making a set of two
        or ident == known.answered
    ):
        return _otherwise(site, queue, known, visit, event, data)  # few tell so much
    known.completed = ident
    visit.stage = "completed"
    visit.ended_at = at
    queue.serving -= 1
    if name is not None:
        agent = site.agents[name]
        agent.version = site.duty_version = site.duty_version + 1
        del agent.handling[visit.contact]
        if at > agent.last_at:  # noqa: PLR1730  # a call to max() costs ten times as much
            agent.last_at = at
    handling_s = at - visit.answered_at  # type: ignore[operator]  # it was answered, and earlier than this
    if talk_s is not None:
        visit.talk_s = talk_s
        if talk_s < handling_s:  # noqa: PLR1730  # likewise
            handling_s = talk_s
    durations_s = queue.handling.fresh
    durations_s.append(handling_s)
    if len(durations_s) >= TOGETHER:
        queue.handling.settle()
    site.changes.append(Change(visit, "answered", "completed", at))
    return True


def _otherwise(  # noqa: PLR0917  # likewise
    site: Site, queue: Queue, known: Contact, visit: Visit, event: Event, data: ContactFact
) -> bool | None:
    """What is told less often."""
    was, kind = visit.stage, type(data)
    if was not in _FROM[kind] or visit.queue != data.queue or data.visit not in (0, visit.number):
        return None
    if event.id in (known.joined, known.answered):
        return None
    known.facts += (event,)
    now = visit.stage = moves(data)[was]
    EFFECTS[kind](visit, event.at, data)
    if now != was:
        site.changes.append(Change(visit, was, now, event.at))
    if now in IN_LINE or now == was:
        return False
    if was == "answered":
        count_end(site, queue, visit)
    else:
        count_leaving(queue, visit)
    return True


# From which stages they are ordinary. Joining again, being written to (which may come late), and an end
# without an answer are for `amend.py`; joining for the first time is `begin`.
_FROM: dict[type[Struct], frozenset[Stage]] = {
    Enqueued: frozenset(),
    Offered: IN_LINE,
    OfferFailed: IN_LINE,
    Transferred: OPEN,
    Abandoned: IN_LINE,
    Left: IN_LINE,
    Completed: frozenset(("answered",)),
    MessageReceived: OPEN,
    MessageSent: frozenset(),
}
STEPS: dict[type[Struct], Step] = {
    **dict.fromkeys(_FROM, _otherwise),
    Answered: _answer,
    Completed: _complete,
}
