"""How fast the core takes contract events in, beside a plain state machine on the same bytes in the same run.

`python -m benchmarks.core`. Lists of a hundred, as they are sent to the service: each is decoded, and
then (there it is written down in between) applied one by one; what moved is handed on, and contacts long
ended are forgotten. Counted is the processor's time of one core.

The plain one keeps a dict of contacts and a counter a queue and type, and nothing of what makes ours
trustworthy: order, corrections, snapshots, agents, histograms. It is the floor, not a peer. Its memory stays
small, while what the core has in mind grows with the centre; so both centres are shown.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

import msgspec

from benchmarks.traffic import on_the_wire
from queuewatch.core.facts.wire import decode_batch
from queuewatch.core.rules import Ages
from queuewatch.core.state.aging import expire
from queuewatch.core.state.apply import take_in
from queuewatch.core.state.site import Site

CONTACTS, ROUNDS, TOGETHER = 30_000, 15, 100


class _Plain(msgspec.Struct):
    id: str
    source: str
    type: str
    time: str
    subject: str
    data: dict[str, Any]


def plain(bodies: list[bytes]) -> None:
    """The least one could do."""
    read = msgspec.json.Decoder(list[_Plain]).decode
    contacts: dict[str, str] = {}
    counts: dict[tuple[str, str], int] = {}
    for body in bodies:
        for event in read(body):
            kind = event.type
            contacts[event.subject] = kind
            key = (event.data["queue"], kind)
            counts[key] = counts.get(key, 0) + 1


def ours(bodies: list[bytes]) -> None:
    """Decode and apply."""
    site, ages = Site("default"), Ages()
    for body in bodies:
        take(site, ages, body)


def take(site: Site, ages: Ages, body: bytes) -> None:
    """What the core does with one list; as in the service, its events are gone before the next is read."""
    events = decode_batch(body)
    assert events is not None  # there is no fault in any of them
    recorded_at = events[-1].at
    take_in(site, events, recorded_at, ages)
    site.changes.clear()
    expire(site, recorded_at, ages)


def lists(wire: list[bytes]) -> list[bytes]:
    """The events as the bodies of requests, TOGETHER in each."""
    return [b"[%b]" % b",".join(wire[at : at + TOGETHER]) for at in range(0, len(wire), TOGETHER)]


def per_s(run: Callable[[list[bytes]], None], bodies: list[bytes]) -> float:
    """Events per second of processor time, of one run."""
    gc.collect()
    began = time.process_time()
    run(bodies)
    return len(bodies) * TOGETHER / (time.process_time() - began)


def main() -> None:
    """Measure in turns, so that both see the same weather."""
    print(f"{'contacts/h':>10} {'plain/s':>11} {'core/s':>11} {'best':>11} {'ratio':>6}")
    for every_s in (1.0, 0.05):
        bodies = lists(on_the_wire(CONTACTS, every_s=every_s))
        gc.freeze()
        gc.set_threshold(100_000, 20, 50)  # as the service does
        rounds = [(per_s(plain, bodies), per_s(ours, bodies)) for _ in range(ROUNDS)]
        floor, core = (statistics.median(column) for column in zip(*rounds, strict=True))
        best = max(one for _, one in rounds)
        print(f"{3600 / every_s:>10,.0f} {floor:>11,.0f} {core:>11,.0f} {best:>11,.0f} {core / floor:>6.2f}")


if __name__ == "__main__":
    main()
