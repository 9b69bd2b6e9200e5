"""History through the core: `python -m benchmarks.replay [FILE.csv.gz]` (half a minute).

With a file, contacts-csv as `queuewatch replay` reads it; without one, as many contacts from the simulator.
Beside it in the same run: reading the same events and doing nothing with them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from benchmarks import traffic
from queuewatch.clock import monotonic
from queuewatch.core.events import Event
from queuewatch.core.replay import Replay
from queuewatch.core.rules import Rules
from queuewatch.sources.files import open_history
from queuewatch.sources.reading import Reading

CONTACTS = 30_371


def read(paths: list[str]) -> Iterable[Event]:
    """The events of the files, or made ones."""
    if not paths:
        return traffic.events(CONTACTS)
    with open_history(paths) as history:
        reading = Reading(hash_customer=lambda _: "hidden")
        return [one for one in history.read("contacts-csv", reading) if isinstance(one, Event)]


def took_s(run: Callable[[], object]) -> float:
    """Seconds."""
    began = monotonic()
    run()
    return monotonic() - began


def replay(events: Iterable[Event]) -> None:
    """All of them through the core, with every decision."""
    core = Replay(Rules())
    for event in events:
        core.take(event)
    core.summary()


def main() -> None:
    """Measure and print."""
    paths = sys.argv[1:]
    reading_s = took_s(lambda: read(paths))
    events = list(read(paths))
    ours_s = min(took_s(lambda: replay(events)) for _ in range(3))
    print(f"{len(events):,} events; reading alone {reading_s:.2f} s")
    print(f"through the core: {ours_s:.2f} s, {len(events) / ours_s:,.0f} events/s")
    print(f"ratio to reading: {ours_s / reading_s:.1f}")


if __name__ == "__main__":
    main()
