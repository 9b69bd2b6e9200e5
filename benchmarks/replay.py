"""History through the core: `python -m benchmarks.replay [FILE.csv.gz]` (two minutes).

With a file, contacts-csv as `queuewatch replay` and `queuewatch report` read it; without one, as many
contacts from the simulator. Beside it in the same run: reading the same events and doing nothing with
them; and taking in what happened without deciding anything, as `queuewatch report --facts` does. The
first day alone is replayed too: an event of a month must not take longer than one of a day.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence

from benchmarks import traffic
from queuewatch.core.facts.events import Event
from queuewatch.core.past.replay import Replay
from queuewatch.core.past.report import Facts
from queuewatch.core.rules import Rules
from queuewatch.sources.files import open_history
from queuewatch.sources.reading import Reading

CONTACTS = 30_371
DAY_S = 86_400.0


def read(paths: list[str]) -> Iterable[Event]:
    """The events of the files, or made ones."""
    if not paths:
        return traffic.events(CONTACTS)
    with open_history(paths) as history:
        reading = Reading(hash_customer=lambda _: "hidden")
        return [one for one in history.read("contacts-csv", reading) if isinstance(one, Event)]


def took_s(run: Callable[[], object]) -> float:
    """Processor time, seconds."""
    began = time.process_time()
    run()
    return time.process_time() - began


def took_in(core: Replay, events: Iterable[Event]) -> None:
    """All of them through the core."""
    for event in events:
        core.take(event)
    core.summary()


def day(events: Sequence[Event]) -> list[Event]:
    """Those of the first 24 hours."""
    return [one for one in events if one.at < events[0].at + DAY_S]


def main() -> None:
    """Measure and print."""
    paths = sys.argv[1:]
    reading_s = took_s(lambda: read(paths))
    events = list(read(paths))
    first = day(events)
    facts_s = took_s(lambda: took_in(Facts(Rules()), events))
    day_s = took_s(lambda: took_in(Replay(Rules()), first))
    whole_s = took_s(lambda: took_in(Replay(Rules()), events))
    print(f"{len(events):,} events; reading alone {reading_s:.2f} s")
    print(f"what happened alone: {facts_s:.2f} s, {len(events) / facts_s:,.0f} events/s")
    print(f"with every decision: {whole_s:.2f} s, {len(events) / whole_s:,.0f} events/s")
    print(f"ratio to reading: {whole_s / reading_s:.1f}; to what happened alone: {whole_s / facts_s:.1f}")
    print(f"an event of all against one of the first day: {whole_s / len(events) / (day_s / len(first)):.2f}")


if __name__ == "__main__":
    main()
