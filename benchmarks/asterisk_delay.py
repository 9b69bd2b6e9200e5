"""From a real Asterisk's event to a changed metric: `python -m benchmarks.asterisk_delay` (root, Debian).

About a minute of callers joining and being answered at five calls a second. Ours: the source, the journal
(SQLite, `synchronous=FULL`), the core, and the text of `/metrics` as a scrape then gets it. Beside it
in the same run a bare reader of the same manager interface that looks for the event and does nothing. Both
count from the time that the PBX itself puts on the event, on the same machine's clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from queuewatch.clock import SystemClock
from queuewatch.core.facts.events import Answered, Enqueued
from queuewatch.core.rules import Rules
from queuewatch.ports import Group
from queuewatch.serve.metrics import Sight, render
from queuewatch.service.dispatch import Dispatch
from queuewatch.service.loop import Service
from queuewatch.sources.asterisk_ami import AsteriskAmi
from queuewatch.sources.asterisk_login import AmiSettings
from queuewatch.sources.reading import Reading
from queuewatch.store.journal import Journal
from queuewatch.store.ledger import Ledger
from queuewatch.store.outbox import Outbox
from tests.real.asterisk import Pbx, asterisk
from tests.real.asterisk_calls import Driver, manager

FOR_S = 30.0
CALLS_PER_S = 5.0


async def bare(port: int, delays_s: list[float]) -> None:
    """Read the events of callers joining and being answered; ends only when cancelled."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"Action: Login\r\nUsername: queuewatch\r\nSecret: listens-only\r\n\r\n")
    while True:
        block = await reader.readuntil(b"\r\n\r\n")
        if block.startswith((b"Event: QueueCallerJoin\r\n", b"Event: AgentConnect\r\n")):
            at = float(block.split(b"\r\nTimestamp: ", 1)[1].split(b"\r\n", 1)[0])
            delays_s.append(time.time() - at)


async def ours(pbx: Pbx, folder: Path, delays_s: list[float]) -> None:
    """The service with this one source; ends only when cancelled."""
    clock = SystemClock()
    settings = AmiSettings(
        host="127.0.0.1", port=pbx.port, username="queuewatch", secret="listens-only"  # noqa: S106  # made up
    )  # fmt: skip
    reading = Reading(hash_customer=lambda _: "hash", source="pbx")
    source = AsteriskAmi("pbx", settings, reading, clock, chance=random.random)
    service = Service(clock, Rules(), Dispatch(clock, []), [source])

    def on_group(group: Group) -> None:
        service.heed(group)
        sight = Sight(service.board(), service.commits(), service.notices(), service.deliveries(), {})
        assert "queuewatch_contacts_offered_total" in render(sight, openmetrics=False)
        now = clock.now()
        told = (one.event for one in group.recorded if isinstance(one.event.data, Enqueued | Answered))
        delays_s.extend(now - event.at for event in told)

    journal = Journal(folder / "journal.sqlite", clock, on_group)
    await service.start(journal, Ledger(journal), Outbox(journal))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(service.run())
            group.create_task(service.run_source(source))
    finally:
        await journal.close()


async def measure(folder: Path) -> None:
    """Call, and print how long each took to learn of it."""
    metric_s: list[float] = []
    bare_s: list[float] = []
    with asterisk(folder) as pbx:
        async with manager(pbx.port) as own:
            tasks = [
                asyncio.create_task(ours(pbx, folder, metric_s)),
                asyncio.create_task(bare(pbx.port, bare_s)),
            ]
            await asyncio.sleep(2.0)
            await Driver(own, seed=1).run(FOR_S, CALLS_PER_S)
            await asyncio.sleep(1.0)
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; milliseconds at p50, p90, p99, most")
    for name, delays_s in (("a changed metric", metric_s), ("a bare reader", bare_s)):
        quantiles = ", ".join(f"{1000 * q:.1f}" for q in np.quantile(delays_s, (0.5, 0.9, 0.99, 1.0)))
        print(f"{name}: {quantiles} ({len(delays_s)} events)")
    print(f"ratio of the medians: {np.median(metric_s) / np.median(bare_s):.1f}")


def main() -> None:
    """Measure where a real Asterisk can be had; say so where not."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(measure(Path(folder)))
        except pytest.skip.Exception as reason:
            print(reason)


if __name__ == "__main__":
    main()
