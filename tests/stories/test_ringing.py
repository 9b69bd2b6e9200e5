"""A queue where an agent is always free, and the telephone rings for ten seconds before it is answered."""

from __future__ import annotations

import pytest

from queuewatch.core import views
from queuewatch.core.facts.events import AgentChanged, Answered, Completed, Enqueued, Event
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.turn import turn, wake_at

RING_S, TALK_S, EVERY_S = 10.0, 100.0, 400.0


def tell(core: Core, at: float, subject: str, data: AgentChanged | Enqueued | Answered | Completed) -> None:
    wake(core, at)
    fact = Event(source="pbx", id=f"{subject} {type(data).__name__}", at=at, subject=subject, data=data)
    turn(core, Rules(), at, [fact])


def wake(core: Core, until: float) -> None:
    while (due_at := wake_at(core)) is not None and due_at <= until:
        turn(core, Rules(), due_at)


@pytest.mark.parametrize("queues", [("sales",), ("billing", "sales", "support")])
def test_ringing_is_not_taken_for_a_line(queues: tuple[str, ...]) -> None:
    core = Core()
    for queue in queues:
        tell(core, 0.0, f"agent of {queue}", AgentChanged(state="available", queues=(queue,)))
    for call in range(1, 26):
        for step, queue in enumerate(queues):
            at, contact = call * EVERY_S + 3.0 * step, f"{queue} {call}"
            tell(core, at, contact, Enqueued(queue=queue, channel="phone"))
        for step, queue in enumerate(queues):
            at, contact = call * EVERY_S + 3.0 * step + RING_S, f"{queue} {call}"
            tell(core, at, contact, Answered(queue=queue, channel="phone", agent=f"agent of {queue}"))
        for step, queue in enumerate(queues):
            at, contact = call * EVERY_S + 3.0 * step + RING_S + TALK_S, f"{queue} {call}"
            tell(core, at, contact, Completed(queue=queue, channel="phone"))
        now = (call + 0.75) * EVERY_S
        wake(core, now)
        told = [one.next.chances for one in views.Drawn().queues(core, Rules(), now)]
        # Nobody has ever waited for longer than ten seconds.
        assert max(one["60"] for one in told) < 0.05
        assert max(one["180"] for one in told) < 0.01
