"""A real disk that takes nothing: the service says so everywhere, and loses nothing it acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from queuewatch.core.facts.events import Event
from queuewatch.store.reading import read_groups
from tests.real.house import House, joins

pytestmark = [pytest.mark.real, pytest.mark.slow]

FULL = "the disk is full"
LOCKED = "another program is writing to the file"


class Sender:
    """Sends contacts, and remembers what was acknowledged and what was refused."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.acknowledged: list[str] = []
        self.refused_events = 0
        self.refused_requests = 0

    async def send(self, count: int = 20) -> int:
        events: list[Event] = joins(*(f"c{number}" for number in range(count)))
        status = await self.house.post(events)
        if status == 202:
            self.acknowledged += [event.id for event in events]
        else:
            self.refused_requests += 1
            self.refused_events += count
        return status

    async def until_refused(self) -> None:
        while await self.send() == 202:
            pass
        assert await self.send() == 503

    async def until_taken(self) -> None:
        await self.house.ready()
        assert await self.send() == 202

    def lost(self) -> set[str]:
        """What was acknowledged and is not there."""
        groups = read_groups(self.house.data / "queuewatch.db")
        there = [one.event.id for group in groups for one in group.recorded]
        assert len(there) == len(set(there)), "nothing is there twice"
        return set(self.acknowledged) - set(there)


def said(house: House, event: str) -> list[dict[str, Any]]:
    """The lines of the log that say it."""
    lines = [line for line in house.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in map(json.loads, lines) if line["event"] == event]


async def metric(house: House, name: str) -> float:
    _, told = await house.get("/metrics")
    found = re.search(rf"^{re.escape(name)} (\S+)$", told, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def all_say(house: House, why: str) -> None:
    """Readiness, metrics, board and log agree on what is wrong."""
    assert why in await house.until(lambda status, _: status == 503, "/readyz")
    assert await metric(house, "queuewatch_journal_up") == 0
    _, board = await house.get("/v1/queues")
    assert json.loads(board)["troubles"] == ["journal"]
    assert why in said(house, "not written")[-1]["why"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(folder)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def grow(disk: Path) -> None:
    """Give a small disk some room."""
    subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)


@contextlib.asynccontextmanager
async def ended(house: House) -> AsyncIterator[None]:
    """Whatever happens, it does not go on."""
    try:
        yield
    finally:
        house.server.stop()


async def test_a_full_disk_is_told_everywhere_costs_no_acknowledged_event_and_is_over_by_itself(
    small_disk: Path,
) -> None:
    house = House(small_disk.parent, data=small_disk / "var")
    sender = Sender(house)
    async with ended(house):
        await house.start()
        await sender.until_refused()
        for count in (1, 20, 300, 20):
            await sender.send(count)
        await all_say(house, FULL)
        told = 'queuewatch_events_refused_total{source="http",reason="not_written"}'
        assert await metric(house, told) == sender.refused_events
        ballast = small_disk / "ballast"
        grow(small_disk)
        await sender.until_taken()
        assert sender.lost() == set()

        with contextlib.suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()
        await sender.until_refused()
        house.kill()
        await house.start()
        await all_say(house, FULL)
        assert await sender.send() == 503
        assert sender.lost() == set()
        ballast.unlink()
        await sender.until_taken()
    assert sender.lost() == set()
    over = said(house, "written again")
    assert len(over) == len(said(house, "not written")) - 1, "one had no end: it was killed"
    assert over[-1]["refused_requests"] == 1
    assert over[-1]["refused_events"] == 20


async def test_a_journal_that_another_program_locks_is_told_and_goes_on_when_that_ends(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    sender = Sender(house)
    async with ended(house):
        await house.start()
        assert await sender.send() == 202
        shell = sqlite3.connect(house.data / "queuewatch.db", isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        assert await sender.send() == 503
        await all_say(house, LOCKED)
        house.kill()
        await house.start()
        await all_say(house, LOCKED)
        shell.execute("ROLLBACK")
        shell.close()
        await sender.until_taken()
        second = await asyncio.to_thread(house.second)
        assert second.returncode == 2
        assert "another queuewatch (process" in second.stderr
        assert await sender.send() == 202
    assert sender.lost() == set()


async def test_a_journal_that_is_moved_away_takes_nothing_until_it_is_back(tmp_path: Path) -> None:
    house = House(tmp_path)
    sender = Sender(house)
    aside = tmp_path / "aside"
    async with ended(house):
        await house.start()
        assert await sender.send() == 202
        house.data.rename(aside)
        assert await sender.send() == 503
        await all_say(house, "moved or deleted while in use")
        aside.rename(house.data)
        await sender.until_taken()
        house.kill()
    assert sender.lost() == set()


async def test_a_journal_that_is_cut_in_the_middle_takes_nothing_and_says_to_bring_it_back(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    sender = Sender(house)
    file = house.data / "queuewatch.db"
    backup = tmp_path / "backup.db"
    async with ended(house):
        await house.start()
        for _ in range(20):
            assert await sender.send() == 202
        shell = sqlite3.connect(file)
        shell.execute("VACUUM INTO ?", [str(backup)])
        shell.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shell.close()
        os.truncate(file, file.stat().st_size // 2)
        assert await sender.send() == 503
        await all_say(house, "the file is damaged")
        house.kill()
        again = await asyncio.to_thread(house.second)
        assert again.returncode == 2
        assert re.search(r"queuewatch\.db: the file is damaged .*bring it back from a backup", again.stderr)
        for one in house.data.glob("queuewatch.db*"):
            one.unlink()
        shutil.copy(backup, file)
        await house.start()
        await sender.until_taken()
    assert sender.lost() == set()
