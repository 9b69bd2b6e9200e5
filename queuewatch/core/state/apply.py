"""Facts into the state: the same whatever the order, the delay, or the repetition.

`take_in` takes in what was recorded at one moment. A contact's next fact in its order moves its visit and
the counters by one step (`course.py`). Any other is put in its place among the contact's facts, and the
contact's visits are told anew from the beginning (`amend.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args

from msgspec import Struct

from queuewatch.core.facts.acts import Act, NoticeOverridden, PromiseTold
from queuewatch.core.facts.events import (
    AgentChanged,
    ContactFact,
    Enqueued,
    Event,
    QueueSnapshot,
    SourceGap,
    SourceStarted,
    SourceStopped,
)
from queuewatch.core.facts.terms import Channel
from queuewatch.core.facts.wire import CONTACT_FACTS, TYPES
from queuewatch.core.rules import Ages
from queuewatch.core.state import agents
from queuewatch.core.state.agents import Roster
from queuewatch.core.state.amend import take_mark, tell
from queuewatch.core.state.course import STEPS, Step, begin
from queuewatch.core.state.site import BEGUN_PAGE_S, Mark, Site, Source

JOINING = TYPES[Enqueued]
_NOBODY = Source("")
_UNTOLD: list[str] = []


def take_in(site: Site, events: Iterable[Event], recorded_at: float, ages: Ages) -> None:
    """Take facts into the state of their site, by a step if they are ordinary, otherwise with all care.

    Ordinary is a fact of a contact's only stay that is later than all that is known of it. This is in one
    piece, for a call costs as much as six of its lines; what the facts share is looked up once, and counted
    once, when all are in.

    Args:
        site: The site of all the facts.
        events: What happened, in the order in which it was recorded; one is asked for when those before it
            have been taken in.
        recorded_at: When that was written into the journal (our clock).
        ages: How long contacts are kept in mind.
    """
    contacts, queues, marked_at, gone_at = site.contacts, site.queues, site.marked_at, site.gone.until_at
    told: list[tuple[Source, list[str]]] = []
    begun: list[str] = []
    ended: list[str] = []
    name, source, kinds = "", _NOBODY, _UNTOLD
    for event in events:
        data: Any = event.data
        kind, step = _TAKES[type(data)]
        if step is None:
            _other(site, event, recorded_at, ages)
            marked_at = site.marked_at
        else:
            if event.source != name:
                name, source, kinds = event.source, site.hear(event.source, recorded_at), []
                told.append((source, kinds))
            kinds.append(kind)
            at = event.at
            if at > source.spoke_at:
                source.spoke_at, source.told_at = at, recorded_at
            contact = contacts.get(event.subject)
            if contact is None:
                if kind == JOINING and at > marked_at and at > gone_at and not data.callback:
                    begin(site, source, event, data, recorded_at)
                    begun.append(event.subject)
                else:
                    _tell(site, source, event, recorded_at, ages)
            elif (
                (visit := contact.stay) is not None
                and at > visit.confirmed_at
                and at > marked_at
                and name == visit.source
                and not (contact.facts and _knows(contact.facts, event.id))  # told again, or corrected
                and (over := step(site, queue := queues[visit.queue], contact, visit, event, data))
                is not None
            ):
                visit.confirmed_at = at
                contact.heard_at = queue.heard_at = recorded_at
                if at > queue.latest_at:  # noqa: PLR1730  # a call to max() costs four times as much
                    queue.latest_at = at
                if over:
                    ended.append(visit.contact)
            else:
                _tell(site, source, event, recorded_at, ages)
    _note(site, told, begun, ended, recorded_at + ages.late_s)


def _note(
    site: Site, told: list[tuple[Source, list[str]]], begun: list[str], ended: list[str], late_at: float
) -> None:
    """Count what each source told, by kind; note when to look at who joined for the first time, or ended."""
    for source, kinds in told:
        source.count(kinds)
    if begun:
        site.begun.add_all(late_at - BEGUN_PAGE_S, begun)
    if ended:
        site.ended.add_all(late_at, ended)


def _knows(facts: tuple[Event, ...], ident: str) -> bool:
    """Whether one of these facts bears this id."""
    for known in facts:  # noqa: SIM110  # a generator costs more than the two or three there are
        if known.id == ident:
            return True
    return False


def apply(site: Site, event: Event, recorded_at: float, ages: Ages) -> None:
    """Take one fact into the state of its site."""
    take_in(site, (event,), recorded_at, ages)


def _tell(site: Site, source: Source, event: Event, recorded_at: float, ages: Ages) -> None:
    """Take in a fact about a contact with all care, and that its source told of its queue."""
    data: Any = event.data
    queue = site.told_of(source.name, data.queue, data.channel, recorded_at)
    queue.latest_at = max(queue.latest_at, event.at)
    tell(site, event, recorded_at, ages)


def _other(site: Site, event: Event, recorded_at: float, ages: Ages) -> None:
    """Take in what is not about one contact; what people here say or do is told by no source."""
    kind = type(event.data)
    take = _OTHERS[kind]
    if take is _act:
        return
    source = site.hear(event.source, recorded_at)
    source.count([TYPES[kind]])
    if event.at > source.spoke_at and take is not _silence:
        source.spoke_at, source.told_at = event.at, recorded_at
    take(site, source, event, event.data, recorded_at, ages)


def take_callback(site: Site, event: Event, recorded_at: float, ages: Ages) -> None:
    """Take in a fact about a contact that stands in line for a call-back; we tell it ourselves."""
    data = event.data
    assert isinstance(data, ContactFact)  # noqa: S101  # nothing else is told of call-backs
    queue = site.queue(data.queue, data.channel, recorded_at)
    queue.latest_at = max(queue.latest_at, event.at)
    tell(site, event, recorded_at, ages)


def _silence(
    _site: Site, source: Source, event: Event, _data: SourceStopped | SourceGap, _at: float, _ages: Ages
) -> None:
    source.silent_at = max(source.silent_at, event.at)


def _start(
    site: Site, source: Source, event: Event, _data: SourceStarted, recorded_at: float, ages: Ages
) -> None:
    take_mark(site, source, Mark(event.at, recorded_at, event.id, None, "phone", {}, event.version_at), ages)


def _agent(
    site: Site, _source: Source, event: Event, data: AgentChanged, recorded_at: float, _ages: Ages
) -> None:
    agent = site.agent(event.subject)
    site.stir(agent)
    for name in agents.change(agent, event, data):
        queue = site.queue(name, _agent_channel(data), recorded_at, guessed=True)
        queue.agents[event.subject] = None


def _act(*_: object) -> None:
    """What people here say or do: no fact about contacts, and none of a source; heeded by watch and care."""


def _agent_channel(data: AgentChanged) -> Channel:
    """A queue first heard of through an agent: the channel the agent has places for, else phone."""
    return next(iter(data.capacity), "phone") if data.capacity else "phone"


def _snapshot(  # noqa: PLR0917
    site: Site, source: Source, event: Event, data: QueueSnapshot, recorded_at: float, ages: Ages
) -> None:
    at = event.at if data.as_of is None else data.as_of
    queue = site.told_of(source.name, data.queue, data.channel, recorded_at)
    listed = {one.contact: one for one in data.waiting}
    mark = Mark(at, recorded_at, event.id, data.queue, data.channel, listed, event.version_at)
    take_mark(site, source, mark, ages)
    if data.agents is None:
        return
    stamp = agents.stamp_of(event, at)
    if queue.roster is None or stamp >= queue.roster.stamp:
        queue.roster = Roster(stamp, frozenset(one.agent for one in data.agents))
        queue.duty = None
    for one in data.agents:
        agent = site.agent(one.agent)
        site.stir(agent)
        queue.agents[one.agent] = None
        agents.seen(agent, stamp, one)


# What takes in each kind of fact that is not about one contact.
_OTHERS: dict[type[Struct], Callable[..., None]] = {
    AgentChanged: _agent,
    QueueSnapshot: _snapshot,
    SourceStarted: _start,
    SourceStopped: _silence,
    SourceGap: _silence,
    **dict.fromkeys((NoticeOverridden, PromiseTold, *get_args(Act)), _act),
}

# How each kind is counted, and by which step a contact's fact, by far the most frequent, is taken in.
_TAKES: dict[type[Struct], tuple[str, Step | None]] = {
    **{fact: (TYPES[fact], STEPS[fact]) for fact in CONTACT_FACTS},
    **dict.fromkeys(_OTHERS, ("", None)),
}
