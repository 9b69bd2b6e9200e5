"""The agents of an Asterisk as its manager interface tells of them: members, devices, talks and wrap-up.

A member of several queues makes as many blocks alike, and one pause in all of them as many others. So changes
are only noted, and told once, as what they amount to, when the stream pauses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from queuewatch.core.facts.events import AgentChanged, AgentSeen
from queuewatch.sources.asterisk_roster import Roster
from queuewatch.sources.asterisk_status import Listing, Member
from queuewatch.sources.asterisk_stays import Stay


class Crew:
    """Every agent, and since when there is something to tell of whom."""

    def __init__(self, wrap_up_s: Mapping[str, float]) -> None:
        """Start with nobody; `wrap_up_s` is the `wrapuptime` of each queue, which the PBX does not tell."""
        self._roster = Roster()
        self._queues_wrap_up_s = wrap_up_s
        self._members_wrap_up_s: dict[str, float] = {}
        self._changed: dict[str, float] = {}

    def clear(self) -> None:
        """The PBX started anew."""
        self._roster.clear()
        self._changed.clear()

    def cut(self) -> None:
        """The line to the PBX is cut: who rings and talks is not known any more."""
        self._roster.hung_up()
        self._changed.clear()

    def member(self, member: Member, at: float, *, device: bool = True) -> None:
        """A block told of a member; before version 12 the one about pauses says nothing of the device."""
        self._roster.added(member.agent, member.queue, member.paused)
        if device:
            self._roster.device(member.agent, member.device)
            self._members_wrap_up_s[member.agent] = member.wrap_up_s
        self._changed[member.agent] = at

    def removed(self, member: Member, at: float) -> None:
        """A block told of a member that is none any more."""
        self._roster.removed(member.agent, member.queue)
        self._changed[member.agent] = at

    def rings(self, agents: Iterable[str], at: float, *, by: int) -> None:
        """A call more (or, below 0, fewer) rings at each of these agents."""
        for agent in sorted(agents):
            self._roster.offered(agent, by=by)
            self._changed[agent] = at

    def takes(self, agent: str, queue: str, at: float) -> None:
        """The agent took a call, and so is a member of its queue."""
        self._roster.seen(agent, queue)
        self._roster.talking(agent, by=1)
        self._changed[agent] = at

    def goes_on(self, agent: str) -> None:
        """The agent is still in a call that it was in before the line was cut."""
        self._roster.talking(agent, by=1)

    def finishes(self, agent: str, queue: str, at: float, *, took: bool) -> None:
        """The agent's talk is over, one that was seen to begin or not; work after the call follows."""
        if took:
            self._roster.talking(agent, by=-1)
        else:
            self._roster.device(agent, None)  # a list told of this talk; the telephone will say what it does
        wrap_up_s = self._members_wrap_up_s.get(agent) or self._queues_wrap_up_s.get(queue, 0.0)
        if wrap_up_s > 0.0:
            self._roster.wrapping_up(agent, at + wrap_up_s)
        self._changed[agent] = at

    def released(self, stay: Stay, at: float) -> None:
        """The agents that a call rang at are rung at no more."""
        self.rings(stay.offers, at, by=-1)
        stay.offers.clear()

    def next_at(self) -> float | None:
        """When the next wrap-up ends (the PBX's clock)."""
        return self._roster.next_at()

    def changes(self, now: float) -> list[tuple[float, str, AgentChanged]]:
        """What is to be told of whom since when; wrap-ups that are over by now (the PBX's clock) included."""
        self._changed.update((agent, at) for at, agent in self._roster.wrapped_up(now))
        told = ((at, agent, self._roster.tell(agent)) for agent, at in self._changed.items())
        changes = [(at, agent, changed) for at, agent, changed in told if changed is not None]
        self._changed.clear()
        return changes

    def listed(self, listing: Listing, at: float) -> dict[str, tuple[AgentSeen, ...]]:
        """The PBX listed all members of its queues: whoever it does not list there is none.

        Returns:
            For each queue those who serve it.
        """
        for queue, members in listing.members.items():
            gone = self._roster.listed(queue, {agent: one.paused for agent, one in members.items()})
            self._changed.update(dict.fromkeys(gone, at))
            for agent, one in members.items():
                self._roster.device(agent, one.device)
                if one.in_call and self._roster.state(agent)[0] != "busy":
                    self._roster.device(agent, "busy")  # the state of a Local device may come late
                self._members_wrap_up_s[agent] = one.wrap_up_s
        serving = {
            queue: tuple(self._seen(agent) for agent in members if self._roster.serves(agent, queue))
            for queue, members in listing.members.items()
        }
        for agent in {agent for members in listing.members.values() for agent in members}:
            self._roster.told(agent)
            self._changed.pop(agent, None)
        return serving

    def _seen(self, agent: str) -> AgentSeen:
        state, reason = self._roster.state(agent)
        return AgentSeen(agent=agent, state=state, reason=reason)
