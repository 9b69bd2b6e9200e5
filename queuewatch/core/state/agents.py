"""Agents: what was last said of each, whom they are talking to, and the state that follows.

What is said about an agent may come in any order: of each property the latest saying holds, by the time it
was true (last writer wins), so the order of arrival does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import inf

from msgspec import Struct

from queuewatch.core.facts.events import AgentChanged, AgentSeen, Event
from queuewatch.core.facts.terms import AgentState, Channel

Stamp = tuple[float, str, str, str, float]
Talk = tuple[Channel, float]
NEVER: Stamp = (float("-inf"), "", "", "", float("-inf"))

LIST_GRACE_S = 1.0
"""What was told within so long before a list may be newer than it, seconds."""

ON_DUTY: frozenset[AgentState] = frozenset(("available", "ringing", "busy", "wrap_up"))


def on_duty(states: Mapping[AgentState, int]) -> int:
    """How many of the agents, counted by state, are on duty."""
    return sum(count for state, count in states.items() if state in ON_DUTY)


class Roster(Struct, frozen=True):
    """A queue's own list of the agents that serve it, and when it was true."""

    stamp: Stamp
    names: frozenset[str]


class Lately(Struct, frozen=True, gc=False):
    """For how many queues an agent answered lately; worked out once for all that ask.

    Attributes:
        forget_s: How long ago counts as lately, seconds.
        at: When it was worked out.
        queues: How many.
        oldest_at: When the agent last answered for the one of them that has had to wait longest, and
            `second_at` for the next; inf where there is none.
    """

    forget_s: float
    at: float
    queues: int
    oldest_at: float
    second_at: float


@dataclass(slots=True)
class Agent:
    """One agent.

    Attributes:
        declared: The state a source last said; None when none ever did.
        queues: The whole set of queues last said; None when never.
        members: Single memberships last said, by queue.
        capacity: Contacts at a time per channel; a channel not named takes one.
        handling: Whom the agent talks to, by contact: the channel, and when the talk began.
        free_at: When a queue's own list last said that the agent talks to nobody; -inf if never.
        last_at: End or start of the last contact handled; -inf if none.
        served: Queues for which the agent answered, each with the last time.
        version: The site's `duty_version` when anything of this last changed.
        lately: For how many queues the agent answered lately; None: to be worked out anew.
    """

    name: str
    declared: AgentState | None = None
    declared_at: Stamp = NEVER
    reason: str | None = None
    queues: tuple[str, ...] | None = None
    queues_at: Stamp = NEVER
    members: dict[str, tuple[Stamp, bool]] = field(default_factory=dict)
    capacity: dict[Channel, int] = field(default_factory=dict)
    capacity_at: Stamp = NEVER
    handling: dict[str, Talk] = field(default_factory=dict)
    free_at: float = float("-inf")
    last_at: float = float("-inf")
    served: dict[str, float] = field(default_factory=dict)
    version: int = 0
    lately: Lately | None = None

    def take(self, contact: str, channel: Channel, queue: str, at: float) -> None:
        """The agent starts talking to a contact."""
        self.handling[contact] = (channel, at)
        self.worked(queue, at)

    def drop(self, contact: str, ended_at: float | None) -> None:
        """The agent no longer talks to a contact; `ended_at` None: it turned out never to have been so."""
        self.handling.pop(contact, None)
        if ended_at is not None and ended_at > self.last_at:
            self.last_at = ended_at

    def worked(self, queue: str, at: float) -> None:
        """The agent worked for a queue at that time."""
        known_at = self.served.get(queue)
        if known_at is None or at > known_at:
            self.served[queue] = at
            self.lately = None
        if at > self.last_at:  # noqa: PLR1730  # a call to max() costs ten times as much
            self.last_at = at

    def serves(self, queue: str, roster: Roster | None) -> bool:
        """Whether the agent serves this queue: as last said, or, if never said, as seen."""
        stamp, member = self.members.get(queue, (NEVER, False))
        if self.queues is not None and self.queues_at > stamp:
            stamp, member = self.queues_at, queue in self.queues
        if roster is not None and roster.stamp > stamp:
            return self.name in roster.names
        return member if stamp > NEVER else self.queues is None and queue in self.served

    def share(self, queue: str, now: float, forget_s: float) -> tuple[float, float]:
        """The part of the agent's attention that a queue gets, and until when this holds.

        It is divided evenly among the queues for which the agent answered within the last `forget_s` seconds;
        one call for another queue is forgotten after that.
        """
        lately = self.lately
        if (
            lately is None
            or lately.forget_s != forget_s
            or not lately.at <= now <= lately.oldest_at + forget_s
        ):
            lately = self.lately = self._lately(now, forget_s)
        others, oldest_at = lately.queues, lately.oldest_at
        own_at = self.served.get(queue)
        if own_at is not None and now - own_at <= forget_s:
            others -= 1
            if own_at == oldest_at:
                oldest_at = lately.second_at
        return 1.0 / (1 + others), oldest_at + forget_s

    def _lately(self, now: float, forget_s: float) -> Lately:
        answered = sorted([at for at in self.served.values() if now - at <= forget_s])
        oldest_at, second_at = (*answered[:2], inf, inf)[:2]
        return Lately(forget_s, now, len(answered), oldest_at, second_at)

    def free(self, channel: Channel) -> int:
        """How many more contacts of this channel the agent can take; none beside one of another channel."""
        talking = 0
        for other, _ in self._talks():
            if other != channel:
                return 0
            talking += 1
        return max(0, self.capacity.get(channel, 1) - talking)

    def _talks(self) -> Collection[Talk]:
        """The talks that are held to go on.

        One that began before a queue's list said the agent to be free has ended without anybody saying so,
        as while we were away; but who takes several contacts at a time may be free beside a talk.
        """
        if self.free_at == float("-inf") or any(places > 1 for places in self.capacity.values()):
            return self.handling.values()
        return [talk for talk in self.handling.values() if talk[1] + LIST_GRACE_S > self.free_at]

    def state(self, channel: Channel, now: float, forget_s: float) -> AgentState:
        """The agent's state as a queue of this channel sees it.

        Args:
            channel: The queue's channel.
            now: The present.
            forget_s: How long an agent nobody declares is held to be on duty after the last contact, seconds.
        """
        if self.handling and not self.capacity and self.free_at == float("-inf"):
            return "busy"  # as nearly all are who talk: one at a time, and no list says otherwise
        talks = self._talks()
        if talks and not (self.declared in (None, "available") and self.free(channel)):
            return "busy"
        if self.declared is not None:
            return self.declared
        return "available" if talks or now - self.last_at <= forget_s else "offline"


def stamp_of(event: Event, at: float) -> Stamp:
    """What orders sayings: when it was true, the source's order, the key, and of one key the version."""
    version_at = float("-inf") if event.version_at is None else event.version_at
    return (at, event.sequence, event.source, event.id, version_at)


def change(agent: Agent, event: Event, data: AgentChanged) -> list[str]:
    """Take in what a source says of an agent.

    Returns:
        The queues it names, so that they can remember the agent.
    """
    stamp = stamp_of(event, event.at)
    if data.state is not None and stamp >= agent.declared_at:
        agent.declared, agent.declared_at, agent.reason = data.state, stamp, data.reason
    if data.capacity is not None and stamp >= agent.capacity_at:
        agent.capacity, agent.capacity_at = data.capacity, stamp
    if data.queues is not None and stamp >= agent.queues_at:
        agent.queues, agent.queues_at = data.queues, stamp
    for queue in data.joined:
        _member(agent, queue, stamp, member=True)
    for queue in data.left:
        _member(agent, queue, stamp, member=False)
    return [*(data.queues or ()), *data.joined]


def seen(agent: Agent, stamp: Stamp, listed: AgentSeen) -> None:
    """Take in what a queue's snapshot says of an agent it lists."""
    if listed.state is not None and stamp >= agent.declared_at:
        agent.declared, agent.declared_at, agent.reason = listed.state, stamp, listed.reason
    if listed.state not in (None, "busy"):
        agent.free_at = max(agent.free_at, stamp[0])
    if listed.capacity is not None and stamp >= agent.capacity_at:
        agent.capacity, agent.capacity_at = listed.capacity, stamp


def _member(agent: Agent, queue: str, stamp: Stamp, *, member: bool) -> None:
    if stamp >= agent.members.get(queue, (NEVER, False))[0]:
        agent.members[queue] = (stamp, member)
