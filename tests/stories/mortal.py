"""A service that issues vouchers and is killed for it: run by the story of the kills, one process a life."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections import Counter
from pathlib import Path

from queuewatch.clock import SystemClock
from queuewatch.outgoing import Delivery, Manner
from queuewatch.service.postroom import PostRoom
from queuewatch.store.journal import Journal
from queuewatch.store.outbox import Outbox
from tests.decided import NOON, voucher


class Till:
    """An issuer with a database of its own. It would issue twice under one key if it were asked to."""

    name = "till"
    manner = Manner(kinds=frozenset(("voucher",)), per_minute=1e6, burst=10_000, give_up_s=1e12)

    def __init__(self, path: Path) -> None:
        self._kept = sqlite3.connect(path, isolation_level=None)
        self._kept.execute("CREATE TABLE IF NOT EXISTS issued (key TEXT)")

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> str | None:
        print("about to issue", flush=True)  # noqa: T201  # a moment to be killed at
        await asyncio.sleep(0.002)  # noqa: TID251
        self._kept.execute("INSERT INTO issued VALUES (?)", (delivery.key,))
        print("issued", flush=True)  # noqa: T201
        await asyncio.sleep(0.002)  # noqa: TID251
        return delivery.key

    async def ask(self, delivery: Delivery) -> str | None:
        print("asked", flush=True)  # noqa: T201
        found = self._kept.execute("SELECT key FROM issued WHERE key = ?", (delivery.key,)).fetchone()
        return None if found is None else str(found[0])


async def main(journal_path: Path, till_path: Path, count: int) -> None:
    """Decide everything again, as after an old snapshot, and issue what is not, unless killed before."""
    clock = SystemClock()
    journal = Journal(journal_path, clock, lambda _group: None)
    outbox = Outbox(journal)
    room = PostRoom(clock, [Till(till_path)], Counter())
    room.open(outbox, [voucher(f"c{number}", at=NOON + number) for number in range(count)])
    await room.flush()
    async with asyncio.TaskGroup() as group:
        carrying = group.create_task(room.carry(room.couriers[0]))
        while await outbox.waiting("till"):  # noqa: ASYNC110  # nobody is told that it is empty
            await asyncio.sleep(0.01)  # noqa: TID251
        carrying.cancel()
    await journal.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
