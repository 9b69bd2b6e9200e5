"""Rules that look at who is in line now: its head, or its length against the agents and their handling time.

Length against agents is near the truth where it is known who works; agents shared with other work, absent, or
missing from the data, and customers who give up ahead, are not in it.
"""

from __future__ import annotations

from math import expm1
from typing import ClassVar

from msgspec import field

from queuewatch.core.estimate.learned import ARRIVALS_FADE_S, Faded, Mean
from queuewatch.core.estimate.others.number import Number, Rule, still_to_come
from queuewatch.core.estimate.others.seen import ahead_of, crew, handled_s
from queuewatch.core.estimate.place import InLine
from queuewatch.core.estimate.wait import Remaining, Scene
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import Visit
from queuewatch.core.view import NoEstimateReason

# The steady state has no answer from full load on; what is above this is held to be this.
GREATEST_LOAD = 0.95


class HeadOfLine(Rule):
    """HOL: how long the head of the line has been waiting (a sample of AWS; Ibrahim and Whitt 2009)."""

    name: ClassVar[str] = "head_of_line"

    def learn(self, change: Change, now: float) -> None:
        """Nothing: the line says it all."""

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number:  # noqa: ARG002  # the head counts for all
        """The head's age less what has been waited; 0 for the head itself, and where nobody waits."""
        heads = [
            queue.line[0]
            for queue in scene.site.queues.values()
            if queue.line and queue.channel == scene.queue.channel
        ]
        age_s = scene.now - min(heads)[1] if heads else 0.0
        return still_to_come(age_s, scene, who)


class OfHandling(Rule):
    """A rule that learns how long contacts are worked on."""

    handling: Mean = field(default_factory=Mean)

    def learn(self, change: Change, now: float) -> None:  # noqa: ARG002  # durations need no clock
        """Take in a handling time that ended."""
        duration_s = handled_s(change)
        if duration_s is not None:
            self.handling.add(duration_s)


class QueueLength(OfHandling):
    """Cisco: (Q + 1) x AHT / agents, with Q ahead and all agents on duty; Mitel, Genesys Engage likewise."""

    name: ClassVar[str] = "queue_length"

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:
        """See the class's docstring."""
        handling_s = self.handling.read()
        agents = crew(scene).on_duty
        if handling_s is None or not agents:
            return "too_few_data" if agents else "no_agents"
        return Number((ahead_of(scene, ahead, who) + 1) * handling_s / agents)


class Google(OfHandling):
    """Google CCAI: AHT / agents x (queued - available) + 10 s, at least 0.

    An agent of n queues counts 1 / n there for each; here, where the queues of a site are one pool, once.
    """

    name: ClassVar[str] = "google_ccai"
    SPARE_S: ClassVar[float] = 10.0

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:
        """See the class's docstring; queued are those ahead."""
        handling_s = self.handling.read()
        agents = crew(scene)
        if handling_s is None or not agents.on_duty:
            return "too_few_data" if agents.on_duty else "no_agents"
        queued = ahead_of(scene, ahead, who) - agents.available
        return Number(max(0.0, handling_s / agents.on_duty * queued + self.SPARE_S))


class RocketChat(OfHandling):
    """Rocket.Chat: ((place - 1) / N + 1) x mean duration of a conversation; N is a setting, 100 at first."""

    name: ClassVar[str] = "rocket_chat"
    SAMPLE: ClassVar[int] = 100

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Number | NoEstimateReason:
        """See the class's docstring."""
        handling_s = self.handling.read()
        if handling_s is None:
            return "too_few_data"
        return Number((ahead_of(scene, ahead, who) / self.SAMPLE + 1.0) * handling_s)


class ErlangC(OfHandling):
    """The textbook: given that one waits, the wait in M/M/c is exponential with rate c mu - lambda.

    Lambda fades over a quarter of an hour. From a load of GREATEST_LOAD on that load is taken, as the formula
    soon speaks of a line without end. The line as it is now does not matter to it.
    """

    name: ClassVar[str] = "erlang_c"

    since_at: float | None = None
    arrivals: Faded = field(default_factory=Faded)

    def learn(self, change: Change, now: float) -> None:
        """Take in an arrival, or a handling time that ended."""
        if change.was is None and not change.revised:
            self.since_at = now if self.since_at is None else self.since_at
            self.arrivals.add(1.0, now, ARRIVALS_FADE_S)
        super().learn(change, now)

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """See the class's docstring; what has been waited already does not matter to an exponential wait."""
        handling_s = self.handling.read()
        agents = crew(scene).on_duty
        if not handling_s or self.since_at is None or not agents:
            return "too_few_data" if agents else "no_agents"
        observed_s = ARRIVALS_FADE_S * -expm1(-max(1.0, scene.now - self.since_at) / ARRIVALS_FADE_S)
        arrivals_per_s = self.arrivals.read(scene.now, ARRIVALS_FADE_S) / observed_s
        release_rate = agents / handling_s
        return InLine(0.0, max(release_rate - arrivals_per_s, (1.0 - GREATEST_LOAD) * release_rate), 0.0)
