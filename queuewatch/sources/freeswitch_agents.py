"""The agents of a FreeSWITCH: what `status` and `state` amount to, the queues they serve, wrap-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from queuewatch.core.facts.events import AgentChanged, AgentSeen
from queuewatch.core.facts.terms import AgentState

_STATES: Mapping[str, AgentState] = {
    "Waiting": "available",
    "Receiving": "ringing",
    "Reserved": "ringing",
    "In a queue call": "busy",
    "Idle": "not_ready",
}
"""What the state says of an agent whose status is one of the two Available."""


class _Agent:
    """What is known of one agent, and what was told last."""

    __slots__ = ("queues", "serving", "state", "status", "told", "until_at", "wrap_up_s")

    def __init__(self) -> None:
        self.status = ""
        self.state = ""
        self.queues: frozenset[str] = frozenset()
        self.wrap_up_s = 0.0
        self.until_at = 0.0
        self.told: tuple[AgentState | None, str | None] = (None, None)
        self.serving: frozenset[str] = frozenset()

    def now(self) -> tuple[AgentState | None, str | None]:
        """State, and reason where there is one; None while nobody has said."""
        if self.state == "In a queue call":
            return "busy", None
        if self.status == "Logged Out":
            return "offline", None
        if self.status == "On Break":
            return "not_ready", "On Break"
        state = _STATES.get(self.state)
        if state == "available" and self.until_at:
            return "wrap_up", None
        return ("available" if state is None and self.status else state), None


class Agents:
    """Every agent of one FreeSWITCH. Changes are noted as they come; `changes` says what they amount to."""

    def __init__(self) -> None:
        self._agents: dict[str, _Agent] = {}
        self._changed: dict[str, float] = {}

    def _of(self, agent: str, at: float) -> _Agent:
        self._changed[agent] = at
        return self._agents.setdefault(agent, _Agent())

    def clear(self) -> None:
        """FreeSWITCH started anew."""
        self._agents.clear()
        self._changed.clear()

    def status(self, agent: str, status: str, at: float) -> None:
        """The agent logged in or out, or takes a break."""
        self._of(agent, at).status = status

    def state(self, agent: str, state: str, at: float) -> None:
        """What the agent does now."""
        self._of(agent, at).state = state

    def serves(self, agent: str, queue: str, at: float, *, member: bool) -> None:
        """The agent serves the queue from now on, or no longer."""
        one = self._of(agent, at)
        one.queues = one.queues | {queue} if member else one.queues - {queue}

    def gone(self, agent: str, at: float) -> None:
        """There is no such agent any more."""
        one = self._of(agent, at)
        one.status, one.state, one.queues = "Logged Out", "", frozenset()

    def finishes(self, agent: str, at: float) -> None:
        """The agent's talk is over; work after the call follows."""
        one = self._of(agent, at)
        if one.wrap_up_s > 0.0:
            one.until_at = at + one.wrap_up_s

    def next_at(self) -> float | None:
        """When the next work after a call ends (FreeSWITCH's clock)."""
        return min((one.until_at for one in self._agents.values() if one.until_at), default=None)

    def changes(self, now: float) -> list[tuple[float, str, AgentChanged]]:
        """What is to be told of whom since when; work after calls that is over by now included."""
        for name, one in self._agents.items():
            if one.until_at and one.until_at <= now:
                self._changed[name], one.until_at = one.until_at, 0.0
        told = [(at, name, self._tell(name)) for name, at in self._changed.items()]
        self._changed.clear()
        return [(at, name, changed) for at, name, changed in told if changed is not None]

    def _tell(self, name: str) -> AgentChanged | None:
        one = self._agents[name]
        now = one.now()
        if now == one.told and one.queues == one.serving:
            return None
        state, reason = now
        joined, left = one.queues - one.serving, one.serving - one.queues
        one.told, one.serving = now, one.queues
        return AgentChanged(
            state=state, reason=reason, joined=tuple(sorted(joined)), left=tuple(sorted(left))
        )

    def listed(
        self, agents: Iterable[tuple[str, str, str, float]], tiers: Iterable[tuple[str, str]], at: float
    ) -> None:
        """FreeSWITCH lists all agents and which queues they serve: whoever is not listed is gone.

        Args:
            agents: Name, status, state, and work after a call in seconds.
            tiers: Queue and agent.
            at: When.
        """
        rows = list(agents)
        names = {name for name, *_ in rows}
        for name in self._agents.keys() - names:
            self.gone(name, at)
        served: dict[str, set[str]] = {}
        for queue, agent in tiers:
            served.setdefault(agent, set()).add(queue)
        for name, status, state, wrap_up_s in rows:
            one = self._of(name, at)
            one.status, one.state, one.wrap_up_s = status, state, wrap_up_s
            one.queues = frozenset(served.get(name, ()))

    def seen(self, queue: str) -> tuple[AgentSeen, ...]:
        """Those who serve the queue, as a snapshot lists them."""
        return tuple(
            AgentSeen(agent=name, state=one.now()[0], reason=one.now()[1])
            for name, one in self._agents.items()
            if queue in one.queues
        )

    def told(self) -> None:
        """All that is known of those who serve a queue was told by snapshots."""
        for name, one in self._agents.items():
            if one.queues:
                self._changed.pop(name, None)
                one.told, one.serving = one.now(), one.queues
