"""What a turn of the core costs an event: `python -m benchmarks.turn [EVENTS]` (ten seconds).

The very batches of `benchmarks.service`, without sockets and disk: decoded as the handler does, then taken in
800 at a time, which is what one commit brings in a flood. Beside it in the same run: decoding alone. Counted
is processor time, the best of three runs.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Sequence

import msgspec

from benchmarks import http
from queuewatch.clock import SystemClock
from queuewatch.core.facts.events import Event
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.turn import turn, wake_at
from queuewatch.customers import Customers
from queuewatch.serve.access import Access
from queuewatch.serve.ingest import Ingest

REQUEST, GROUP, PER_S = 100, 800, 20_000.0


def bodies(count: int) -> list[bytes]:
    """The events as they come, a request each."""
    whole = list(http.events(count, "turn"))
    return [msgspec.json.encode(whole[first : first + REQUEST]) for first in range(0, count, REQUEST)]


def decoded(requests: Sequence[bytes]) -> list[Event]:
    """The events, customers hashed."""
    ingest = Ingest(http.CountingDesk(), Access(), SystemClock(), Customers(b"k" * 32))
    kind = "application/cloudevents-batch+json"
    return [
        event for body in requests for event in ingest.decode(ingest.read(kind, {}, body), lambda one: one)[0]
    ]


def take_in(events: Sequence[Event], now: float) -> None:
    """All of them through a new core, with the wakes that fall between."""
    core, rules = Core(), Rules()
    for first in range(0, len(events), GROUP):
        now += GROUP / PER_S
        while (due_at := wake_at(core)) is not None and due_at <= now:
            turn(core, rules, due_at)
        turn(core, rules, now, events[first : first + GROUP])


def took_s(work: Callable[[], object]) -> float:
    """Processor time, seconds."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What a turn of the core costs an event.")
    parser.add_argument("events", nargs="?", type=int, default=40_000)
    arguments = parser.parse_args()
    requests = bodies(arguments.events)
    events, now = decoded(requests), time.time()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)  # as the service does
    decode_s = min(took_s(lambda: decoded(requests)) for _ in range(http.RUNS))
    turn_s = min(took_s(lambda: take_in(events, now)) for _ in range(http.RUNS))
    per_event = 1e6 / arguments.events
    print(f"decoding: {decode_s * per_event:.1f} µs an event")
    print(f"a turn: {turn_s * per_event:.1f} µs an event, ratio to decoding {turn_s / decode_s:.1f}")


if __name__ == "__main__":
    main()
