"""Bytes per waiting contact and per idle queue: `python -m benchmarks.memory`.

100,000 contacts wait in one site; then 10,000 queues stand idle. Counted is what Python allocates
(tracemalloc) for the core alone, with all that its estimator learned, and in the same run for the least that
one could keep: a dict of tuples.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

from queuewatch.core.facts.events import Answered, Completed, Enqueued, Event
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.turn import turn

CONTACTS, QUEUES, TOGETHER = 100_000, 10_000, 1_000


def waiting() -> object:
    """A core in which so many contacts wait in twenty queues."""
    core, rules = Core(), Rules()
    for start in range(0, CONTACTS, TOGETHER):
        turn(core, rules, 1.7e9 + start / 1000, [_joined(n) for n in range(start, start + TOGETHER)])
    return core


def _joined(number: int) -> Event:
    fact = Enqueued(queue=f"queue-{number % 20}", channel="phone", language="de")
    return Event(f"e{number}", "/pbx", 1.7e9 + number / 1000, fact, f"contact-{number}")


def least() -> object:
    """The least: who waits where since when."""
    return {f"contact-{n}": (f"e{n}", f"queue-{n % 20}", 1.7e9 + n / 1000) for n in range(CONTACTS)}


def idle() -> object:
    """A core with so many queues through which one contact went each, long ago; its rows are on disk."""
    core, rules = Core(), Rules()
    for number in range(QUEUES):
        turn(core, rules, 1.7e9 + number, _through(number, 1.7e9 + number))
    turn(core, rules, 1.8e9)
    core.attention["default"].diary.take()  # as the service does, which writes them down
    turn(core, rules, 1.8e9 + 86_400)
    return core


def _through(number: int, at: float) -> list[Event]:
    queue, contact, agent = f"queue-{number}", f"contact-{number}", f"agent-{number}"
    return [
        Event(f"a{number}", "/pbx", at, Enqueued(queue=queue, channel="phone"), contact),
        Event(f"b{number}", "/pbx", at + 1, Answered(queue=queue, channel="phone", agent=agent), contact),
        Event(f"c{number}", "/pbx", at + 2, Completed(queue=queue, channel="phone"), contact),
    ]


def size(make: Callable[[], object]) -> int:
    """Bytes allocated by what `make` returns."""
    gc.collect()
    tracemalloc.start()
    made = make()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del made
    return held


def main() -> None:
    """Measure and print."""
    ours, floor = size(waiting) / CONTACTS, size(least) / CONTACTS
    print(f"per waiting contact  {ours:>8,.0f} bytes ({CONTACTS:,} waiting)")
    print(f"the least possible   {floor:>8,.0f} bytes")
    print(f"ratio                {ours / floor:>8.1f}")
    print(f"per idle queue       {size(idle) / QUEUES:>8,.0f} bytes ({QUEUES:,} queues)")


if __name__ == "__main__":
    main()
