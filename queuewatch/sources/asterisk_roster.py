"""Who serves which queues of an Asterisk: memberships, pauses, devices and wrap-up, told when they change.

Asterisk pauses a member queue by queue. Paused in every queue, an agent is not ready; paused in some only,
the agent serves the others, so for us it has left the paused ones until they are unpaused.
"""

from __future__ import annotations

from collections.abc import Mapping

from queuewatch.core.facts.events import AgentChanged
from queuewatch.core.facts.terms import AgentState


class _Agent:
    """What is known of one agent, and what the core was told last."""

    __slots__ = (
        "device",
        "offers",
        "out",
        "paused_all",
        "queues",
        "serving",
        "state",
        "talks",
        "told",
        "wraps_up",
    )

    def __init__(self) -> None:
        self.queues: dict[str, str | None] = {}  # queue → reason of its pause, None while not paused
        self.paused_all: str | None = None
        self.out = False
        self.device: AgentState | None = None
        self.talks = 0
        self.offers = 0
        self.wraps_up = False
        self.told: tuple[AgentState, str | None] | None = None
        self.serving: frozenset[str] = frozenset()

    def pause(self) -> str | None:
        """The reason of a pause in every queue ("" where none was given); None when ready in one."""
        if self.paused_all is not None:
            return self.paused_all
        reasons = list(self.queues.values())
        if not reasons or None in reasons:
            return None
        return next(filter(None, reasons), "")

    def now(self) -> tuple[AgentState, str | None]:
        """State and reason of a pause."""
        if self.out or self.device == "offline":
            return "offline", None
        if self.talks:
            return "busy", None
        pause = self.pause()
        if pause is not None:
            return "not_ready", pause or None
        if self.offers or self.device == "ringing":
            return "ringing", None
        if self.device == "busy":
            return "busy", None
        return ("wrap_up", None) if self.wraps_up else ("available", None)

    def serves(self) -> frozenset[str]:
        """The queues this agent serves."""
        if self.pause() is not None:
            return frozenset(self.queues)
        return frozenset(queue for queue, reason in self.queues.items() if reason is None)


class Roster:
    """Every agent of one Asterisk. Changes are noted as they come; `tell` says what they amount to.

    Attributes:
        wrapping: Until when whose work after the call goes on; to be read only.
    """

    def __init__(self) -> None:
        self._agents: dict[str, _Agent] = {}
        self.wrapping: dict[str, float] = {}

    def _of(self, agent: str) -> _Agent:
        one = self._agents.get(agent)
        if one is None:
            one = self._agents[agent] = _Agent()
        return one

    def clear(self) -> None:
        """The PBX started anew: nothing of before holds."""
        self._agents.clear()
        self.wrapping.clear()

    def known(self, agent: str, queue: str) -> bool:
        """Whether the agent is known to be a member of the queue."""
        one = self._agents.get(agent)
        return one is not None and queue in one.queues

    def seen(self, agent: str, queue: str) -> bool:
        """The agent works in the queue, so it must be a member, though nobody said so.

        Returns:
            Whether that may change what was told: nothing is told of an agent only because it was seen.
        """
        known = self._agents.get(agent)
        if known is not None and queue in known.queues:
            return False
        one = self._of(agent)
        one.queues[queue] = None
        one.out = False
        if one.told is not None:
            return True
        one.serving |= {queue}
        return False

    def added(self, agent: str, queue: str, paused: str | None = None) -> None:
        """The agent is a member of the queue now; `paused` is the reason of a pause, None for none."""
        one = self._of(agent)
        one.queues[queue] = paused
        one.out = False

    def removed(self, agent: str, queue: str) -> None:
        """The agent is no longer a member of the queue; out of its last one it is offline."""
        one = self._of(agent)
        one.serving |= {queue}  # so that leaving is told even of a membership nobody had told
        one.queues.pop(queue, None)
        one.out = not one.queues

    def paused(self, agent: str, queue: str | None, reason: str) -> None:
        """The agent takes no calls of the queue (None: of any queue)."""
        one = self._of(agent)
        if queue is None:
            one.paused_all = reason
            one.queues = dict.fromkeys(one.queues, reason)
        else:
            if queue not in one.queues:
                one.serving |= {queue}
            one.queues[queue] = reason

    def unpaused(self, agent: str, queue: str | None) -> None:
        """The agent takes calls of the queue again (None: of every queue)."""
        one = self._of(agent)
        one.paused_all = None
        if queue is None:
            one.queues = dict.fromkeys(one.queues)
        else:
            if queue not in one.queues:
                one.serving |= {queue}
            one.queues[queue] = None

    def logged(self, agent: str, *, out: bool) -> None:
        """The agent logged in or out."""
        self._of(agent).out = out

    def device(self, agent: str, state: AgentState | None) -> None:
        """What the agent's telephone does; None where it does not say."""
        self._of(agent).device = state

    def offered(self, agent: str, *, by: int) -> None:
        """Calls ring at the agent's: `by` more (or, below 0, fewer)."""
        one = self._of(agent)
        one.offers = max(0, one.offers + by)

    def talking(self, agent: str, *, by: int) -> None:
        """The agent talks: `by` calls more (or, below 0, fewer)."""
        one = self._of(agent)
        one.talks = max(0, one.talks + by)

    def wrapping_up(self, agent: str, until_at: float) -> None:
        """The agent has work after the call until then."""
        self._of(agent).wraps_up = True
        self.wrapping[agent] = max(until_at, self.wrapping.get(agent, until_at))

    def wrapped_up(self, now: float) -> list[tuple[float, str]]:
        """Ends the wrap-up that is over by now: when each ended, and whose."""
        over = sorted((until_at, agent) for agent, until_at in self.wrapping.items() if until_at <= now)
        for _, agent in over:
            del self.wrapping[agent]
            self._of(agent).wraps_up = False
        return over

    def next_at(self) -> float | None:
        """When the next wrap-up ends."""
        return min(self.wrapping.values()) if self.wrapping else None

    def state(self, agent: str) -> tuple[AgentState, str | None]:
        """State and reason of a pause, as they would be told."""
        return self._of(agent).now()

    def listed(self, queue: str, members: Mapping[str, str | None]) -> list[str]:
        """The PBX lists the members of a queue, each with the reason of its pause or None.

        Returns:
            Those who were members and are no longer.
        """
        gone = [agent for agent, one in self._agents.items() if queue in one.queues and agent not in members]
        for agent in gone:
            self.removed(agent, queue)
        for agent, paused in members.items():
            self.added(agent, queue, paused)
            self._of(agent).paused_all = None
        return gone

    def serves(self, agent: str, queue: str) -> bool:
        """Whether the agent serves the queue: is a member and not paused in this one alone."""
        return queue in self._of(agent).serves()

    def told(self, agent: str) -> None:
        """What is known of the agent was told in another way."""
        one = self._of(agent)
        one.told, one.serving = one.now(), one.serves()

    def hung_up(self) -> None:
        """Nothing is known any more of who talks, rings and wraps up: the line to the PBX was cut."""
        for one in self._agents.values():
            one.talks = one.offers = 0
            one.wraps_up = False
        self.wrapping.clear()

    def tell(self, agent: str) -> AgentChanged | None:
        """What changed about the agent since it was told last."""
        one = self._of(agent)
        now, serves = one.now(), one.serves()
        if now == one.told and serves == one.serving:
            return None
        state, reason = now
        changed = AgentChanged(
            state=state,
            reason=reason,
            joined=tuple(sorted(serves - one.serving)),
            left=tuple(sorted(one.serving - serves)),
        )
        one.told, one.serving = now, serves
        return changed
