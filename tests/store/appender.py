"""A process that appends until it is killed, and says what was acknowledged. Takes FILE FIRST_BATCH."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from queuewatch.clock import SystemClock
from queuewatch.core.facts.events import Event
from queuewatch.ports import Group, Snapshot
from queuewatch.store.journal import Journal
from tests.store.facts import joined

WORKERS = 8


def batch_of(number: int) -> list[Event]:
    """The events of a batch: 1 to 40, each saying in its id which of which batch it is."""
    return [joined(f"{number}-{one}") for one in range(1 + number * 7 % 40)]


def state_at(position: int) -> bytes:
    """A snapshot's state, of several pieces, that tells whether it is whole."""
    return position.to_bytes(8, "big") * 100_000


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def append_for_ever(path: Path, first: int) -> None:
    last = 0

    def told(group: Group) -> None:
        nonlocal last
        say("group", repr(group.recorded_at), len(group.recorded))
        last = group.recorded[-1].position

    async def work(journal: Journal, worker: int) -> None:
        for number in itertools.count(first + worker, WORKERS):
            await journal.append(batch_of(number))
            say("batch", number)

    async def keep(journal: Journal) -> None:
        while True:
            position = last
            await journal.save_snapshot(Snapshot(position, 0.0, 1, state_at(position)))
            say("snapshot", position)

    journal = Journal(path, SystemClock(), told)
    await asyncio.gather(keep(journal), *(work(journal, worker) for worker in range(WORKERS)))


if __name__ == "__main__":
    asyncio.run(append_for_ever(Path(sys.argv[1]), int(sys.argv[2])))
