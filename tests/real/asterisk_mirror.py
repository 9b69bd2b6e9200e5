"""A core that a real Asterisk's events go into, and its comparison with what the PBX itself answers."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from queuewatch.clock import SystemClock
from queuewatch.core.facts.events import Answered, Enqueued, Event, SourceGap, SourceStarted
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.state.site import Site
from queuewatch.core.turn import turn, wake_at
from queuewatch.ports import Refused, Source
from tests.real.asterisk_calls import Block, Manager

RULES = Rules()
SITE = "default"
ON_THE_WAY_S = 1.0
"""How long what is being compared may still be on its way, seconds of both connections together."""
_KEPT_S = 60.0

Line = tuple[str, ...]
Agent = tuple[str, frozenset[str]]
"""An agent's state and the queues served."""


class History:
    """What something was, since when: so that an answer can be compared with the moment it was given."""

    def __init__(self) -> None:
        self._was: deque[tuple[float, Any]] = deque()

    def note(self, at: float, now: Any) -> None:
        if not self._was or self._was[-1][1] != now:
            self._was.append((at, now))
            while len(self._was) > 1 and self._was[1][0] < at - _KEPT_S:
                self._was.popleft()

    def since(self, at: float) -> Iterable[Any]:
        """What it has been from then on, that which it was then included; latest first."""
        for since, was in reversed(self._was):
            yield was
            if since <= at:
                return


class Mirror:
    """The core, fed by a source as the service feeds it, but for the journal."""

    def __init__(self, source: Source, core: Core | None = None) -> None:
        self.source = source
        self.core = core or Core()
        self.clock = SystemClock()
        self.events: list[Event] = []
        self.refused: list[Refused] = []
        self.delays_s: list[float] = []
        """From the PBX's own time of a call's joining or being answered until the core had it, seconds."""
        self.lines: dict[str, History] = {}
        self.agents: dict[str, History] = {}

    @property
    def site(self) -> Site:
        return self.core.site(SITE)[0]

    async def run(self) -> None:
        """Take in what the source brings; ends only when cancelled."""
        async with aclosing(self.source.events()) as coming:
            async for incoming in coming:
                now = self.clock.now()
                while (due_at := wake_at(self.core)) is not None and due_at <= now:
                    turn(self.core, RULES, due_at)
                turn(self.core, RULES, now, incoming.events)
                self.refused += incoming.refused
                self.events += incoming.events
                done_at = self.clock.now()
                told = (one for one in incoming.events if isinstance(one.data, Enqueued | Answered))
                self.delays_s += [done_at - one.at for one in told]
                self._note(done_at)

    def _note(self, now: float) -> None:
        site = self.site
        for name, queue in site.queues.items():
            line = tuple(contact for _, _, contact, _ in queue.line)
            self.lines.setdefault(name, History()).note(now, line)
        for name, agent in site.agents.items():
            serves = frozenset(q for q, queue in site.queues.items() if agent.serves(q, queue.roster))
            state = agent.state("phone", now, RULES.ages.agent_s)
            self.agents.setdefault(name, History()).note(now, (state, serves))

    def told(self, kind: type[SourceGap | SourceStarted]) -> int:
        return sum(isinstance(one.data, kind) for one in self.events)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once this holds."""
        while not holds():  # noqa: ASYNC110  # nothing tells when
            await asyncio.sleep(0.05)


@asynccontextmanager
async def mirrored(source: Source, core: Core | None = None) -> AsyncIterator[Mirror]:
    """A mirror that runs while the block does; what it fails with, the block fails with.

    With a core of before it is a service that was restarted.
    """
    mirror = Mirror(source, core)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(mirror.run(), name="mirror")
        yield mirror
        running.cancel()


class Answer:
    """What the PBX answers to QueueStatus."""

    def __init__(self, blocks: list[Block]) -> None:
        self.lines: dict[str, Line] = {}
        self.agents: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        """Of each agent the states that agree with the answer, and the queues served."""
        params = [one for one in blocks if one.get("Event") == "QueueParams"]
        entries = [one for one in blocks if one.get("Event") == "QueueEntry"]
        members = [one for one in blocks if one.get("Event") == "QueueMember"]
        for one in params:
            mine = [entry for entry in entries if entry["Queue"] == one["Queue"]]
            assert [int(entry["Position"]) for entry in mine] == list(range(1, len(mine) + 1))
            self.lines[one["Queue"]] = tuple(entry["Uniqueid"] for entry in mine)
        for agent in {one["Name"] for one in members}:
            self.agents[agent] = _agent([one for one in members if one["Name"] == agent])
        self.phones = {one["Name"]: one["Location"].removesuffix("/n") for one in members}

    def rung(self, channels: list[Block]) -> None:
        """The PBX lists its channels: who is called may ring, and who is not called rings no more.

        The state of a Local device comes late or not at all when one call follows on the other.
        """
        for agent, (states, queues) in self.agents.items():
            phone = self.phones[agent] + "-"
            called = any(one.get("Channel", "").startswith(phone) for one in channels)
            if "available" in states and called:
                self.agents[agent] = states | {"ringing"}, queues
            elif "ringing" in states and not called:
                self.agents[agent] = states | {"available", "wrap_up"}, queues


def _agent(memberships: list[Block]) -> tuple[frozenset[str], frozenset[str]]:
    """One agent as its memberships tell; work after a call is something that the PBX does not tell."""
    queues = frozenset(one["Queue"] for one in memberships)
    ready = frozenset(one["Queue"] for one in memberships if one["Paused"] == "0")
    devices = {one["Status"] for one in memberships}
    if devices & {"4", "5"}:
        states = {"offline"}
    elif any(one["InCall"] == "1" for one in memberships):
        states = {"busy"}
    elif not ready:
        states = {"not_ready"}
    elif devices & {"2", "3", "6", "7", "8"}:  # a Local channel is "in use" while it rings
        states = {"ringing", "busy"}
    else:
        states = {"available", "wrap_up"}
    return frozenset(states), ready or queues


class Comparison:
    """Asks the PBX now and then, and compares the mirror with its answers.

    `faults` are differences found in two answers running (the same caller, the same agent, or the order):
    what was on its way between them has arrived.
    """

    def __init__(self, mirror: Mirror, pbx: Manager) -> None:
        self._mirror = mirror
        self._pbx = pbx
        self._missed: frozenset[str] = frozenset()
        self.faults: list[str] = []
        self.count: Counter[str] = Counter()
        self.longest = 0

    async def run(self, every_s: float) -> None:
        """Compare until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(every_s)

    async def once(self) -> None:
        """Compare with one answer."""
        asked_at = self._mirror.clock.now()
        answer = Answer(await self._pbx.ask("QueueStatus"))
        self.count["answers"] += 1
        self.longest = max(self.longest, *map(len, answer.lines.values()))
        differing = self._differing(answer, self._mirror.clock.now())
        self.count["differed at that moment"] += bool(differing)
        until = self._mirror.clock.now() + ON_THE_WAY_S
        while (differing := self._differing(answer, asked_at)) and self._mirror.clock.now() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        if any(what.startswith("agent") for what in differing):
            answer.rung(await self._pbx.ask("CoreShowChannels"))
            differing = self._differing(answer, asked_at)
        self.count["differed for longer"] += bool(differing)
        twice = self._missed.intersection(differing)
        self.faults += [differing[what] for what in sorted(twice)]
        self._missed = frozenset(differing) - twice

    def _differing(self, answer: Answer, since: float) -> dict[str, str]:
        """What has at no time since then been as the PBX says."""
        differing: dict[str, str] = {}
        for queue, line in answer.lines.items():
            self.count["lines"] += 1
            was = list(self._mirror.lines.get(queue, History()).since(since))
            if line not in was:
                ours = was[0] if was else ()
                for caller in set(line).symmetric_difference(ours) or {"the order"}:
                    differing[f"line {queue}, {caller}"] = (
                        f"{queue}, {caller}: the PBX says {line}, we {ours}"
                    )
        for agent, (states, queues) in answer.agents.items():
            seen = list(self._mirror.agents.get(agent, History()).since(since))
            if not any(state in states and serves == queues for state, serves in seen):
                differing[f"agent {agent}"] = (
                    f"{agent}: the PBX says {set(states)} in {set(queues)}, we {seen[:1]}"
                )
        return differing


def counted(queue_log: Path) -> defaultdict[str, Counter[str]]:
    """How often each verb stands in a queue log, by queue."""
    verbs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in queue_log.read_text().splitlines():
        _, _, queue, _, verb, *_ = line.split("|")
        verbs[queue][verb] += 1
    return verbs
