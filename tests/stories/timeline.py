"""A morning on a clock moved by hand: the core is told of facts, and woken when it asked to be."""

from __future__ import annotations

from queuewatch.core.decisions import Decision, notices_among
from queuewatch.core.facts.acts import Act, PromiseTold
from queuewatch.core.facts.events import Answered, Completed, Data, Enqueued, Event
from queuewatch.core.freeze import freeze, thaw
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.turn import turn, wake_at
from queuewatch.core.view import ContactView, NoticeLevel, QueueView
from queuewatch.core.views import contact_views, queue_view
from tests.core.examples import at, event


class Timeline:
    """Times are seconds into the morning; with `restarts` the service restarts after every turn."""

    def __init__(self, rules: Rules | None = None, *, restarts: bool = False) -> None:
        self.rules = rules or Rules()
        self.core = Core()
        self.now_s = 0.0
        self.decisions: list[Decision] = []
        self._restarts = restarts

    def tell(
        self, now_s: float, fact: Data | Act | PromiseTold, subject: str = "ada", **more: object
    ) -> None:
        """Something happens and is recorded at once."""
        self.record(now_s, event(now_s, fact, subject, **{"ident": f"{subject}@{now_s}"} | more))  # type: ignore[arg-type]

    def record(self, now_s: float, *events: Event) -> None:
        """Events, whenever they happened, are recorded together."""
        self.until(now_s)
        self._turn(at(now_s), *events)

    def practised(self, agent: str = "xena", handling_s: float = 80.0, calls: int = 200) -> None:
        """The calls of the days before, each answered at once: how long one takes is known."""
        phone = {"queue": "sales", "channel": "phone"}
        began_s = -2.0 * handling_s * calls - 1000.0
        past: list[Event] = []
        for number in range(calls):
            begin_s = began_s + 2.0 * handling_s * number
            facts: tuple[tuple[float, Data], ...] = (
                (begin_s, Enqueued(**phone)),  # type: ignore[arg-type]
                (begin_s, Answered(**phone, agent=agent)),  # type: ignore[arg-type]
                (begin_s + handling_s, Completed(**phone)),  # type: ignore[arg-type]
            )
            past += [
                event(when_s, fact, f"before{number}", ident=f"before{number}/{i}")
                for i, (when_s, fact) in enumerate(facts)
            ]
        self.record(-900.0, *past)

    def until(self, now_s: float) -> None:
        """Let time pass."""
        while (due_at := wake_at(self.core)) is not None and due_at <= at(now_s):
            self._turn(due_at)
        self.now_s = now_s

    def restart(self) -> None:
        """The service goes down and comes up again with what it had written down."""
        self.core = thaw(freeze(self.core))

    def _turn(self, now: float, *events: Event) -> None:
        self.decisions += turn(self.core, self.rules, now, events)
        if self._restarts:
            self.restart()

    @property
    def told(self) -> list[tuple[float, NoticeLevel]]:
        """What customers were told, and when."""
        return [(one.at - at(0), one.level) for one in notices_among(self.decisions)]

    def queue(self, name: str = "sales") -> QueueView:
        """A queue as it is now."""
        return queue_view(self.core, self.rules, "default", name, at(self.now_s))

    def line(self, name: str = "sales") -> list[ContactView]:
        """Those who wait now."""
        return contact_views(self.core, self.rules, "default", name, at(self.now_s))

    def chance(self, threshold: str = "60") -> float:
        """The chance of the next contact to pass the threshold, as of now."""
        return self.queue().next.chances[threshold]
