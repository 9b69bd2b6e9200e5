"""How fast the core takes contract events in, beside a plain state machine on the same bytes in the same run.

`python -m benchmarks.core`. Lists of a hundred, as they are sent to the service: each is decoded, and
then (there it is written down in between) applied one by one; what moved is handed on. Contacts long ended
are forgotten, as they must be lest the memory grow: the last column has that, too. Counted is the
processor's time of one core.

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


def plain(bodies: list[bytes]) -> float:
    """The least one could do; it forgets nothing."""
    read = msgspec.json.Decoder(list[_Plain]).decode
    contacts: dict[str, str] = {}
    counts: dict[tuple[str, str], int] = {}
    for body in bodies:
        for event in read(body):
            kind = event.type
            contacts[event.subject] = kind
            key = (event.data["queue"], kind)
            counts[key] = counts.get(key, 0) + 1
    return 0.0


def ours(bodies: list[bytes]) -> float:
    """Decode and apply, and forget; seconds of processor time that forgetting took."""
    site, ages, forgetting_s = Site("default"), Ages(), 0.0
    for body in bodies:
        recorded_at = take(site, ages, body)
        began = time.process_time()
        expire(site, recorded_at, ages)
        forgetting_s += time.process_time() - began
    return forgetting_s


def take(site: Site, ages: Ages, body: bytes) -> float:
    """What the core does with one list; as in the service, its events are gone before the next is read."""
    events = decode_batch(body)
    assert events is not None  # there is no fault in any of them
    recorded_at = events[-1].at
    take_in(site, events, recorded_at, ages)
    site.changes.clear()
    return recorded_at


def lists(wire: list[bytes]) -> list[bytes]:
    """The events as the bodies of requests, TOGETHER in each."""
    return [b"[%b]" % b",".join(wire[at : at + TOGETHER]) for at in range(0, len(wire), TOGETHER)]


def seconds(run: Callable[[list[bytes]], float], bodies: list[bytes]) -> tuple[float, float]:
    """Processor time of one run: without forgetting, and with it."""
    gc.collect()
    began = time.process_time()
    forgetting_s = run(bodies)
    all_s = time.process_time() - began
    return all_s - forgetting_s, all_s


def main() -> None:
    """Measure in turns, so that both see the same weather."""
    print("contacts/h     plain/s      core/s        best  ratio  forgetting, too")
    for every_s in (1.0, 0.05):
        bodies = lists(on_the_wire(CONTACTS, every_s=every_s))
        count = len(bodies) * TOGETHER
        gc.freeze()
        gc.set_threshold(100_000, 20, 50)  # as the service does
        rounds = [(*seconds(plain, bodies)[:1], *seconds(ours, bodies)) for _ in range(ROUNDS)]
        floor, core, whole = (count / statistics.median(column) for column in zip(*rounds, strict=True))
        best = count / min(one for _, one, _ in rounds)
        figures = f"{floor:>11,.0f} {core:>11,.0f} {best:>11,.0f} {core / floor:>6.2f} {whole:>16,.0f}"
        print(f"{3600 / every_s:>10,.0f} {figures}")


if __name__ == "__main__":
    main()
