"""What is known: sites with their queues, contacts, agents and sources, and the bookkeeping between them.

Plain mutable values, owned by one place (`turn.py`). What every fact changes is a dataclass with slots, whose
attributes are set faster than a Struct's; what every contact brings is a Struct, which is made faster.
Nothing in here reads an event: `apply.py` does. A site is a world of its own; nothing reaches across sites.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field

from msgspec import Struct

from queuewatch.core.facts.events import Waiting
from queuewatch.core.facts.terms import AgentState, Channel
from queuewatch.core.hours import Hours
from queuewatch.core.rules import Ages
from queuewatch.core.state.agents import Agent, Roster
from queuewatch.core.state.calendar import Calendar
from queuewatch.core.state.contact import Contact
from queuewatch.core.state.gone import Gone
from queuewatch.core.state.tally import Histogram, Tally
from queuewatch.core.state.visit import IN_LINE, Stage, Visit

LinePlace = tuple[int, float, str, int]

# Nobody minds just when contacts are forgotten, or first looked at: it is done every so many seconds.
BEGUN_PAGE_S = 60
ENDED_PAGE_S = 10

RESOLVED = {True: "resolved:yes", False: "resolved:no"}


class Duty(Struct, frozen=True):
    """Who served a queue when it was last looked up.

    Attributes:
        version: The site's `duty_version` then.
        moves: How many agents the queue had, and the `duty_version` when one of them last changed.
        until_at: When an agent known only from answering may have gone; then it has to be looked up again.
        states: Agents by state; None when nothing is known of any.
        free: Contacts that those on duty could take at once.
        share: Agents on duty, each counted by the part of their attention this queue gets.
        slots: Contacts that those on duty can handle at a time.
    """

    version: int
    moves: tuple[int, int]
    until_at: float
    states: dict[AgentState, int] | None
    free: int
    share: float
    slots: int


@dataclass(slots=True)
class Queue:
    """A queue: who waits, in line; what happened so far; and who may serve it.

    Attributes:
        line: Those who wait, in order: (-priority, enqueued_at, contact, visit).
        yielding: Whether anybody ever joined with a priority below 0, to stand behind all who come later.
        callbacks: The visits in the line, by contact and number, of those whom we call back.
        serving: Conversations under way.
        agents: Names of agents that were ever told, or seen, to serve it.
        roster: The source's last full list of its agents; None when it never gave one.
        sources: Names of the sources that told of it.
        heard_at: When the last fact about it came in.
        latest_at: Time of the latest fact about a contact in it, or of who waits there.
        guessed: No fact has told the channel yet; agents or supervisors spoke of the queue first.
        duty: Who served it when last looked up.
    """

    name: str
    channel: Channel
    heard_at: float
    latest_at: float = float("-inf")
    guessed: bool = False
    duty: Duty | None = None
    line: list[LinePlace] = field(default_factory=list)
    yielding: bool = False
    callbacks: list[tuple[str, int]] = field(default_factory=list)
    serving: int = 0
    tally: Tally = field(default_factory=Tally)
    wait: Histogram = field(default_factory=Histogram)
    gave_up: Histogram = field(default_factory=Histogram)
    handling: Histogram = field(default_factory=Histogram)
    first_response: Histogram = field(default_factory=Histogram)
    agents: dict[str, None] = field(default_factory=dict)
    roster: Roster | None = None
    sources: dict[str, None] = field(default_factory=dict)

    def held(self) -> list[float]:
        """When those joined who hold the line, in order; who is called back does not."""
        gone = self.callbacks
        return [at for _, at, contact, number in self.line if (contact, number) not in gone]


class Mark(Struct):
    """What a source listed at a time: who waits in a queue, or nobody in any queue (a restart)."""

    at: float
    heard_at: float
    event: str
    queue: str | None
    channel: Channel
    listed: dict[str, Waiting]
    version_at: float | None = None


@dataclass(slots=True)
class Source:
    """A source: when it spoke, what it told, and its lists of who waits.

    Attributes:
        spoke_at: Time (its clock) of its last fact.
        silent_at: Time (its clock) since when its facts cannot be relied on, as it said itself.
        heard_at: When its last event came in (our clock).
        told_at: When the fact with that time came in (our clock).
    """

    name: str
    spoke_at: float = float("-inf")
    silent_at: float = float("-inf")
    heard_at: float = 0.0
    told_at: float = float("-inf")
    events: dict[str, int] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)

    @property
    def lag_s(self) -> float:
        """How long its latest fact took to come in, seconds; 0 before the first."""
        return self.told_at - self.spoke_at if self.told_at > float("-inf") else 0.0

    def count(self, told: list[str]) -> None:
        """Count what it told, by kind."""
        for kind in dict.fromkeys(told):
            self.events[kind] = self.events.get(kind, 0) + told.count(kind)

    def stale(self, ages: Ages) -> bool:
        """Whether it said that it is silent, and nothing since; or tells of what is long past."""
        return self.silent_at > self.spoke_at or self.lag_s > ages.lag_s


class Change(Struct, frozen=True, gc=False):
    """A visit moved: from which stage (None: it is new) to which (None: it turned out never to have been).

    `revised` says that history was rewritten: the visit replaces one that had been told differently.
    `hours` is the calendar of a queue whose waits pass in opening time, where that is known.
    """

    visit: Visit
    was: Stage | None
    now: Stage | None
    at: float
    revised: bool = False
    hours: Hours | None = None


@dataclass(slots=True)
class Site:
    """A routing domain: queues that share agents.

    Attributes:
        changes: What moved since the last turn; emptied by whoever takes it.
        duty_version: Raised whenever something about any agent changes.
        marked_at: Time of the latest mark of any source.
        begun: Contacts by when they are first looked at, whether they have grown too old.
        ages: Those who go on then, by when they may have.
        ended: Contacts by when they ended long enough ago to be forgotten.
        gone: Contacts that were forgotten.
    """

    name: str
    queues: dict[str, Queue] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    misfits: Tally = field(default_factory=Tally)
    changes: list[Change] = field(default_factory=list)
    duty_version: int = 0
    marked_at: float = float("-inf")
    begun: Calendar = field(default_factory=lambda: Calendar(BEGUN_PAGE_S))
    ages: Calendar = field(default_factory=Calendar)
    ended: Calendar = field(default_factory=lambda: Calendar(ENDED_PAGE_S))
    gone: Gone = field(default_factory=Gone)

    def queue(self, name: str, channel: Channel, heard_at: float, *, guessed: bool = False) -> Queue:
        """The queue of this name, made when it is first spoken of; a channel told goes before one guessed."""
        queue = self.queues.get(name)
        if queue is None:
            queue = self.queues[name] = Queue(name, channel, heard_at, guessed=guessed)
        elif queue.guessed and not guessed:
            queue.channel, queue.guessed = channel, False
            queue.duty = None
        return queue

    def agent(self, name: str) -> Agent:
        """The agent of this name, made when first spoken of."""
        agent = self.agents.get(name)
        if agent is None:
            agent = self.agents[name] = Agent(name)
        return agent

    def stir(self, agent: Agent) -> None:
        """Note that something about an agent changes: who is on duty has to be looked up again."""
        agent.version = self.duty_version = self.duty_version + 1

    def source(self, name: str) -> Source:
        """The source of this name, made when it first speaks."""
        source = self.sources.get(name)
        if source is None:
            source = self.sources[name] = Source(name)
        return source

    def hear(self, name: str, recorded_at: float) -> Source:
        """The source of this name, which speaks now."""
        source = self.source(name)
        source.heard_at = recorded_at
        return source

    def told_of(self, source: str, name: str, channel: Channel, recorded_at: float) -> Queue:
        """The queue of this name, of which a source tells now."""
        queue = self.queues.get(name)
        if queue is None or queue.guessed:
            queue = self.queue(name, channel, recorded_at)
        queue.heard_at = recorded_at
        queue.sources[source] = None
        return queue


def line_place(visit: Visit) -> LinePlace:
    """Where a visit stands in line: higher priority first, then who came first."""
    return (-visit.priority, visit.enqueued_at, visit.contact, visit.number)


def join_line(queue: Queue, visit: Visit) -> None:
    """Put a waiting visit into the line."""
    place = line_place(visit)
    line = queue.line
    if line and place < line[-1]:
        insort(line, place)
    else:
        line.append(place)
    queue.yielding = queue.yielding or visit.priority < 0


def leave_line(queue: Queue, visit: Visit) -> None:
    """Take a visit out of the line, where it must be; as a rule it is the first."""
    line = queue.line
    _, _, contact, number = line[0]
    first = contact == visit.contact and number == visit.number
    del line[0 if first else bisect_left(line, line_place(visit))]


def _start_serving(site: Site, queue: Queue, visit: Visit) -> None:
    """A conversation begins: the agent has one more contact."""
    queue.serving += 1
    name = visit.agent
    if name is not None and visit.answered_at is not None:
        agent = site.agent(name)
        site.stir(agent)
        queue.agents[name] = None
        agent.take(visit.contact, visit.channel, visit.queue, visit.answered_at)


def _stop_serving(site: Site, queue: Queue, visit: Visit) -> None:
    """A conversation ended, or turned out not to have been: the agent has one contact less."""
    queue.serving -= 1
    name = visit.agent
    if name is not None:
        agent = site.agents[name]
        site.stir(agent)
        agent.drop(visit.contact, visit.ended_at)


def _durations(queue: Queue, visit: Visit) -> list[tuple[Histogram, float]]:
    counted: list[tuple[Histogram, float]] = []
    if visit.callback:
        return counted
    if visit.stage in ("answered", "completed") and visit.wait_s is not None:
        counted.append((queue.wait, visit.wait_s))
    if visit.stage == "abandoned" and visit.endured_s is not None:
        counted.append((queue.gave_up, visit.endured_s))
    if visit.stage == "completed" and visit.handling_s is not None:
        counted.append((queue.handling, visit.handling_s))
    if visit.first_response_at is not None and visit.wait_known:
        counted.append((queue.first_response, max(0.0, visit.first_response_at - visit.enqueued_at)))
    return counted


def _keys(visit: Visit) -> list[str]:
    keys = ["offered"]
    if visit.stage in ("answered", "completed"):
        keys.append("answered")
    elif visit.stage == "abandoned":
        keys.append("abandoned")
    elif visit.stage not in IN_LINE:
        keys.append(f"left:{visit.reason or 'lost'}")
    if visit.transferred is not None:
        keys.append(f"transferred:{visit.transferred}")
    if visit.stage == "completed" and visit.resolved is not None:
        keys.append(RESOLVED[visit.resolved])
    return [f"callback:{key}" for key in keys] if visit.callback else keys


def enter(site: Site, visit: Visit) -> None:
    """Count a whole visit in."""
    queue = site.queues[visit.queue]
    for key in _keys(visit):
        queue.tally.add(key)
    for histogram, duration_s in _durations(queue, visit):
        histogram.add(duration_s)
    if visit.stage in IN_LINE:
        join_line(queue, visit)
        if visit.callback:
            queue.callbacks.append((visit.contact, visit.number))
    elif visit.stage == "answered":
        _start_serving(site, queue, visit)
    elif visit.stage == "completed" and visit.agent is not None and visit.ended_at is not None:
        agent = site.agent(visit.agent)
        site.stir(agent)
        queue.agents[visit.agent] = None
        agent.worked(visit.queue, visit.ended_at)


def withdraw(site: Site, visit: Visit) -> None:
    """Take a whole visit back that was counted in, because its history is told anew."""
    queue = site.queues[visit.queue]
    for key in _keys(visit):
        queue.tally.take(key)
    for histogram, duration_s in _durations(queue, visit):
        histogram.take(duration_s)
    if visit.stage in IN_LINE:
        leave_line(queue, visit)
        if visit.callback:
            queue.callbacks.remove((visit.contact, visit.number))
    elif visit.stage == "answered":
        _stop_serving(site, queue, visit)


def count_end(site: Site, queue: Queue, visit: Visit) -> None:
    """Count that a conversation ended, later than it began; the visit is already moved."""
    _stop_serving(site, queue, visit)
    queue.handling.add(visit.handling_s or 0.0)
    for key in _keys(visit)[2:]:
        queue.tally.add(key)


def count_leaving(queue: Queue, visit: Visit) -> None:
    """Count that a visit, already moved, left the line unanswered."""
    leave_line(queue, visit)
    for key in _keys(visit)[1:]:
        queue.tally.add(key)
    if visit.stage == "abandoned":
        queue.gave_up.add(visit.endured_s or 0.0)
