"""Little centres to try estimators on."""

from __future__ import annotations

from typing import Any

from queuewatch.core.estimate.learned import Learned
from queuewatch.core.estimate.wait import Estimator, Scene, heed
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    SourceStopped,
)
from queuewatch.core.facts.terms import Channel
from queuewatch.core.rules import Rules
from queuewatch.core.seen import look
from queuewatch.core.state.apply import apply
from queuewatch.core.state.site import Change, Site
from queuewatch.core.state.visit import Visit

START_AT = 1_700_000_000.0
RULES = Rules()


class Play:
    """A site that events are told to one by one, and estimators that learn of what moves."""

    def __init__(
        self,
        *estimators: Estimator,
        queue: str = "support",
        channel: Channel = "phone",
        rules: Rules = RULES,
    ) -> None:
        self.rules = rules
        self.site = Site("default")
        self.estimators = estimators
        self.now = START_AT
        self.queue = queue
        self.channel = channel
        self.learned: dict[str, Learned] = {}
        self.changes: list[Change] = []
        self._told = 0

    def tell(self, data: Any, subject: str = "", at: float | None = None, ident: str = "") -> None:
        """Let an event happen now, or late; the same `ident` again corrects what was told."""
        self._told += 1
        event = Event(ident or f"e{self._told}", "/pbx", self.now if at is None else at, data, subject)
        apply(self.site, event, self.now, RULES.ages)
        for change in self.site.changes:
            self.learned.setdefault(change.visit.queue, Learned()).learn(change, self.now)
            heed(self.estimators, change, self.now, self.scene_at)
        self.changes += self.site.changes
        self.site.changes.clear()

    def _where(self) -> dict[str, Any]:
        return {"queue": self.queue, "channel": self.channel}

    def joins(self, contact: str, priority: int = 0) -> None:
        self.tell(Enqueued(**self._where(), priority=priority), contact)

    def answers(self, contact: str, agent: str | None = "ann") -> None:
        self.tell(Answered(**self._where(), agent=agent), contact)

    def ends(self, contact: str) -> None:
        self.tell(Completed(**self._where()), contact)

    def gives_up(self, contact: str) -> None:
        self.tell(Abandoned(**self._where()), contact)

    def leaves(self, contact: str) -> None:
        self.tell(Left(**self._where(), reason="timed_out"), contact)

    def agent(self, name: str, **said: Any) -> None:
        self.tell(AgentChanged(**({"queues": (self.queue,)} | said)), name)

    def falls_silent(self) -> None:
        self.tell(SourceStopped())

    def waits(
        self, contact: str, wait_s: float, *, handling_s: float = 60.0, agent: str | None = "ann"
    ) -> None:
        """A contact joins, waits, is served and goes."""
        self.joins(contact)
        self.now += wait_s
        self.answers(contact, agent)
        self.now += handling_s
        self.ends(contact)

    def scene(self, queue: str | None = None) -> Scene:
        """A queue as it is now."""
        return self.scene_at(queue or self.queue, self.now)

    def scene_at(self, queue: str, at: float) -> Scene:
        """A queue as it was at a moment, in the light of all that was told."""
        return look.scene(
            self.site, self.site.queues[queue], self.learned.setdefault(queue, Learned()), self.rules, at
        )

    def visit(self, contact: str) -> Visit:
        """The contact's first visit."""
        return self.site.contacts[contact].visits[0]
