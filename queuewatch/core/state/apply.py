"""Facts into the state: the same whatever the order, the delay, or the repetition.

An `Intake` takes in what was recorded at one moment. A contact's next fact in its order moves its visit and
the counters by one step (`course.py`). Any other is put in its place among the contact's facts, and the
contact's visits are told anew from the beginning (`amend.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from msgspec import Struct

from queuewatch.core.facts.acts import Act, NoticeOverridden, PromiseTold
from queuewatch.core.facts.events import (
    AgentChanged,
    ContactFact,
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
from queuewatch.core.state.course import JOIN, NEVER, STEPS, Step, begin
from queuewatch.core.state.site import BEGUN_PAGE_S, Change, Mark, Queue, Site, Source


@dataclass(slots=True)
class Intake:
    """Takes facts into the state of their site, in the order in which they were recorded.

    What the facts of one moment share is looked up once; so an intake serves for that moment only.

    Attributes:
        site: The site of the events.
        recorded_at: When they were written into the journal (our clock).
        ages: How long contacts are kept in mind.
        source: Who told the last one.
        begun, ended: Pages of the site's calendars, for contacts that begin and end at this moment.
    """

    site: Site
    recorded_at: float
    ages: Ages
    source: Source | None = None
    begun: list[str] | None = None
    ended: list[str] | None = None

    def take(self, event: Event) -> None:  # noqa: C901, PLR0912  # in pieces it costs a call for each
        """Take in what happened: by a step if it is ordinary, otherwise with all care.

        Ordinary is a fact of a contact's only stay that is later than all that is known of it.
        """
        data: Any = event.data
        kind, other, step = _TAKES[type(data)]
        if other is not None:
            self._other(event, kind, other)
            return
        site, at, recorded_at = self.site, event.at, self.recorded_at
        source = self.source
        if source is None or source.name != event.source:
            source = self._listen(event.source)
        source.events[kind] = source.events.get(kind, 0) + 1
        if at > source.spoke_at:
            source.spoke_at = at
            source.lag_s = recorded_at - at
        queue = site.queues.get(data.queue)
        if queue is None or source.name not in queue.sources:  # one that is only guessed has no source
            queue = _heard(site, source, data, recorded_at)
        queue.heard_at = recorded_at
        if at > queue.latest_at:  # noqa: PLR1730  # a call to max() costs four times as much, for each fact
            queue.latest_at = at
        contact = site.contacts.get(event.subject)
        if contact is None:
            if step is JOIN and at > site.marked_at and at > site.gone.until_at and not data.callback:
                begin(site, queue, event, data, recorded_at)
                (self.begun or self._page_of_begun()).append(event.subject)
                return
        elif (visit := contact.stay) is not None and at > site.marked_at:
            was, ident = visit.stage, event.id
            stages, go_on = step
            if (
                was in stages
                and at > visit.confirmed_at
                and visit.queue == queue.name
                and (not data.visit or data.visit == visit.number)
            ):
                for known in contact.facts:
                    if known.id == ident and known.source == source.name:  # told again, or corrected
                        break
                else:
                    contact.heard_at = recorded_at
                    contact.facts.append(event)
                    visit.confirmed_at = at
                    if go_on(site, queue, visit, at, data):
                        (self.ended or self._page_of_ended()).append(visit.contact)
                    if visit.stage != was:
                        site.changes.append(Change(visit, was, visit.stage, at))
                    return
        tell(site, event, recorded_at, self.ages)

    def _other(self, event: Event, kind: str, take: Callable[..., None]) -> None:
        """What is not about one contact; what people here say or do is told by no source."""
        if take is _act:
            return
        source = self.source
        if source is None or source.name != event.source:
            source = self._listen(event.source)
        source.events[kind] = source.events.get(kind, 0) + 1
        if event.at > source.spoke_at and take is not _silence:
            source.spoke_at = event.at
            source.lag_s = self.recorded_at - event.at
        take(self.site, source, event, event.data, self.recorded_at, self.ages)

    def _listen(self, name: str) -> Source:
        source = self.source = self.site.source(name)
        source.heard_at = self.recorded_at
        return source

    def _page_of_begun(self) -> list[str]:
        self.begun = self.site.begun.page(self.recorded_at + self.ages.late_s - BEGUN_PAGE_S)
        return self.begun

    def _page_of_ended(self) -> list[str]:
        self.ended = self.site.ended.page(self.recorded_at + self.ages.late_s)
        return self.ended


def apply(site: Site, event: Event, recorded_at: float, ages: Ages) -> None:
    """Take one fact into the state of its site; see `Intake`."""
    Intake(site, recorded_at, ages).take(event)


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


def _heard(site: Site, source: Source, data: ContactFact | QueueSnapshot, recorded_at: float) -> Queue:
    """The queue that a fact is about; it has been heard of just now."""
    queue = site.queues.get(data.queue)
    if queue is None or queue.guessed:
        queue = site.queue(data.queue, data.channel, recorded_at)
    queue.heard_at = recorded_at
    queue.sources[source.name] = None
    return queue


def _snapshot(  # noqa: PLR0917
    site: Site, source: Source, event: Event, data: QueueSnapshot, recorded_at: float, ages: Ages
) -> None:
    at = event.at if data.as_of is None else data.as_of
    queue = _heard(site, source, data, recorded_at)
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


# How each kind of fact is counted, and what takes it in; a contact's, by far the most frequent, is a step.
_TAKES: dict[type[Struct], tuple[str, Callable[..., None] | None, Step]] = {
    **{fact: (TYPES[fact], None, STEPS[fact]) for fact in CONTACT_FACTS},
    AgentChanged: (TYPES[AgentChanged], _agent, NEVER),
    QueueSnapshot: (TYPES[QueueSnapshot], _snapshot, NEVER),
    SourceStarted: (TYPES[SourceStarted], _start, NEVER),
    SourceStopped: (TYPES[SourceStopped], _silence, NEVER),
    SourceGap: (TYPES[SourceGap], _silence, NEVER),
    **dict.fromkeys((NoticeOverridden, PromiseTold, *get_args(Act)), ("", _act, NEVER)),
}
