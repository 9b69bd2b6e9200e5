"""Facts into the state: the same whatever the order, the delay, or the repetition.

An `Intake` takes in what was recorded at one moment. A contact's next fact in its order moves its visit and
the counters by one step (`course.py`). Any other is put in its place among the contact's facts, and the
contact's visits are told anew from the beginning (`amend.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
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


class Intake:
    """Takes facts into the state of their site, in the order in which they were recorded.

    What the facts of one moment share is looked up once, and counted once, when it is closed: an intake is
    for one moment only.

    Attributes:
        take: Takes in what happened: by a step if it is ordinary, otherwise with all care. Ordinary is a fact
            of a contact's only stay that is later than all that is known of it.
    """

    __slots__ = ("_late_at", "_notes", "_site", "take")

    def __init__(self, site: Site, recorded_at: float, ages: Ages) -> None:
        """Begin the moment at which facts of this site were written into the journal (our clock)."""
        self._site, self._late_at = site, recorded_at + ages.late_s
        self._notes: Notes = ([], [], [])
        taking = _taking(site, recorded_at, ages, self._notes)
        next(taking)
        self.take: Callable[[Event], None] = taking.send

    def close(self) -> None:
        """End the moment: count what was told, and note when to look at whom again."""
        told, begun, ended = self._notes
        for source, kinds in told:
            source.count(kinds)
        if begun:
            self._site.begun.add_all(self._late_at - BEGUN_PAGE_S, begun)
        if ended:
            self._site.ended.add_all(self._late_at, ended)


_Taking = Generator[None, Event, None]
Notes = tuple[list[tuple[Source, list[str]]], list[str], list[str]]
"""Of a moment: what each source told, by kind; who joined for the first time; whose only stay ended."""


def _taking(site: Site, recorded_at: float, ages: Ages, notes: Notes) -> _Taking:  # noqa: C901, PLR0912
    """Take in each event that is sent.

    In one piece, for a call costs as much as six of these lines; a coroutine, for nothing is as quick as its
    local names. Conditions are short and lead on, for the interpreter is quick only on short jumps.
    """
    contacts, queues, marked_at, gone_at = site.contacts, site.queues, site.marked_at, site.gone.until_at
    told, begun, ended = notes
    name, source, kinds = "", _NOBODY, _UNTOLD
    while True:
        event = yield
        data: Any = event.data
        kind, step = _TAKES[type(data)]
        if step is None:
            _other(site, event, recorded_at, ages)
            marked_at = site.marked_at
            continue
        if event.source != name:
            name, source, kinds = event.source, site.hear(event.source, recorded_at), []
            told.append((source, kinds))
        kinds.append(kind)
        at, ident = event.at, event.id
        if at > source.spoke_at:
            source.spoke_at, source.told_at = at, recorded_at
        contact = contacts.get(event.subject)
        if contact is None:
            if kind == JOINING and at > marked_at and at > gone_at and not data.callback:
                begin(site, source, event, data, recorded_at)
                begun.append(event.subject)
            else:
                _tell(site, source, event, recorded_at, ages)
            continue
        visit = contact.stay
        if (
            visit is not None
            and at > visit.confirmed_at
            and at > marked_at
            and name == visit.source
            and ident != contact.joined
            and ident != contact.answered
            and not (contact.facts and knows(contact.facts, ident))  # else it is told again, or corrected
        ):
            queue = queues[visit.queue]
            over = step(site, queue, contact, visit, event, data)
            if over is not None:
                visit.confirmed_at = at
                contact.heard_at = queue.heard_at = recorded_at
                if at > queue.latest_at:  # noqa: PLR1730  # a call to max() costs four times as much
                    queue.latest_at = at
                if over:
                    ended.append(visit.contact)
                continue
        _tell(site, source, event, recorded_at, ages)


def knows(facts: tuple[Event, ...], ident: str) -> bool:
    """Whether one of these facts bears this id."""
    return any(known.id == ident for known in facts)


def apply(site: Site, event: Event, recorded_at: float, ages: Ages) -> None:
    """Take one fact into the state of its site; see `Intake`."""
    intake = Intake(site, recorded_at, ages)
    intake.take(event)
    intake.close()


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
