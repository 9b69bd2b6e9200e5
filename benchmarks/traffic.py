"""Contract events of a busy phone centre, as bytes on the wire: what the other benchmarks are fed with."""

from __future__ import annotations

import msgspec

from queuewatch.core.facts.events import Answered, Completed, ContactData, Enqueued, Event
from queuewatch.core.facts.wire import to_cloudevent

QUEUES, AGENTS = 20, 600
WAIT_S, TALK_S = 30.0, 170.0
START_AT = 1_790_000_000.0


def events(contacts: int, prefix: str = "c", *, every_s: float = 1.0) -> list[Event]:
    """Three facts a contact (enqueued, answered, completed), all contacts' facts in the order of time.

    A contact comes every `every_s` seconds: every second is a large centre already.
    """
    told: list[tuple[float, int, str, ContactData]] = []
    for number in range(contacts):
        at = START_AT + number * every_s
        contact, queue, agent = f"{prefix}{number}", f"queue-{number % QUEUES}", f"agent-{number % AGENTS}"
        told += [
            (at, 0, contact, Enqueued(queue=queue, channel="phone", language="de")),
            (at + WAIT_S, 1, contact, Answered(queue=queue, channel="phone", agent=agent)),
            (at + WAIT_S + TALK_S, 2, contact, Completed(queue=queue, channel="phone", talk_s=TALK_S)),
        ]
    told.sort(key=lambda one: one[:3])
    return [Event(f"{c}-{rank}", "/bench/pbx", at, data, c) for at, rank, c, data in told]


def on_the_wire(contacts: int, *, every_s: float = 1.0) -> list[bytes]:
    """The same as CloudEvents in JSON."""
    return [msgspec.json.encode(to_cloudevent(event)) for event in events(contacts, every_s=every_s)]
