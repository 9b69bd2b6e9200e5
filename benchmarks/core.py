"""How fast the core takes contract events in, beside a plain state machine on the same bytes in the same run.

`python -m benchmarks.core`. The plain one keeps a dict of contacts and three counters a queue, and nothing of
what makes ours trustworthy: order, corrections, snapshots, agents, histograms. It is the floor, not a peer.
"""

from __future__ import annotations

import gc
import statistics
from typing import Any

import msgspec

from benchmarks.traffic import on_the_wire
from queuewatch.clock import monotonic
from queuewatch.core.apply import apply
from queuewatch.core.rules import Ages
from queuewatch.core.state import Site
from queuewatch.core.wire import decode

CONTACTS, ROUNDS = 30_000, 5


class _Plain(msgspec.Struct):
    id: str
    source: str
    type: str
    time: str
    subject: str
    data: dict[str, Any]


def plain(wire: list[bytes]) -> None:
    """The least one could do."""
    read = msgspec.json.Decoder(_Plain).decode
    contacts: dict[str, str] = {}
    counts: dict[tuple[str, str], int] = {}
    for raw in wire:
        event = read(raw)
        kind = event.type
        contacts[event.subject] = kind
        key = (event.data["queue"], kind)
        counts[key] = counts.get(key, 0) + 1


def ours(wire: list[bytes]) -> None:
    """Decode and apply."""
    site, ages = Site("default"), Ages()
    for raw in wire:
        apply(site, decode(raw, 0.0), 1.8e9, ages)
    site.changes.clear()


def per_s(run: Any, wire: list[bytes]) -> float:
    """Events per second of one run."""
    gc.collect()
    began = monotonic()
    run(wire)
    return len(wire) / (monotonic() - began)


def main() -> None:
    """Measure in turns, so that both see the same weather."""
    wire = on_the_wire(CONTACTS)
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)  # as the service does
    rounds = [(per_s(plain, wire), per_s(ours, wire)) for _ in range(ROUNDS)]
    floor, core = (statistics.median(column) for column in zip(*rounds, strict=True))
    best = max(one for _, one in rounds)
    print(f"plain state machine   {floor:>10,.0f} events/s")
    print(f"queuewatch's core     {core:>10,.0f} events/s (best {best:,.0f})")
    print(f"ratio                 {core / floor:>10.2f}")


if __name__ == "__main__":
    main()
