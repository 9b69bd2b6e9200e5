"""A service that is killed at any moment, again and again: no voucher twice, none promised and lost."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from queuewatch.core.decisions import Decision, IncentiveIssued
from queuewatch.outgoing import Delivery, Manner
from queuewatch.ports import SendFailedError
from queuewatch.service.postroom import PostRoom
from tests.clocks import HandClock, settle
from tests.decided import NOON, voucher
from tests.service.fakes import Desktop, T

VOUCHERS = Manner(kinds=frozenset(("voucher",)), give_up_s=7 * 86_400.0, per_minute=1e6, burst=10_000)


class KilledError(BaseException):
    """The process is gone: nothing after this happens in it."""


class Issuer:
    """Outlives the service. Issues whatever it is asked to, also twice: it is ours to ask only once."""

    name = "till"
    manner = VOUCHERS

    def __init__(self, chance: random.Random) -> None:
        self.issued: Counter[str] = Counter()
        self._chance = chance

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> str | None:
        await self._trouble()
        self.issued[delivery.key] += 1
        await self._trouble()  # it has issued, and we do not hear of it
        return delivery.key

    async def ask(self, delivery: Delivery) -> str | None:
        await self._trouble()
        return delivery.key if self.issued[delivery.key] else None

    async def _trouble(self) -> None:
        await asyncio.sleep(0)  # noqa: TID251  # a place to be killed at
        if self._chance.random() < 0.05:
            raise SendFailedError("timed out")


class MortalDesktop(Desktop):
    """A database in a file whose process dies before, within or right after one of its transactions."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        super().__init__(str(path))
        self._chance = chance
        self.life = chance.randrange(1, 40)

    async def transact(self, run: Callable[[sqlite3.Connection], T]) -> T:
        self.life -= 1
        if self.life <= 0:
            if self._chance.random() < 0.5:
                await super().transact(run)  # on disk, and nobody heard of it
            raise KilledError
        return await super().transact(run)


async def live(
    path: Path, issuer: Issuer, decisions: list[Decision], clock: HandClock, chance: random.Random
) -> None:
    """One life of the service: it decides all it ever decided again, as after an old snapshot, and dies."""
    desk = MortalDesktop(path, chance)
    room = PostRoom(clock, [issuer], Counter(), chance=chance.random)
    room.open(desk.outbox, decisions)
    tasks = [
        asyncio.create_task(room.run()),
        *(asyncio.create_task(room.carry(one)) for one in room.couriers),
    ]
    for _ in range(chance.randrange(1, 12)):
        await settle()
        if any(task.done() for task in tasks):
            break
        clock.at += chance.random() * 60
        await clock.move(clock.at)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    desk.database.close()


async def kills(path: Path, count: int, seed: int) -> tuple[Counter[str], list[Decision]]:
    """So many lives, then one in peace; what was issued, and what had been decided."""
    chance = random.Random(seed)  # noqa: S311
    issuer = Issuer(chance)
    clock = HandClock()
    decisions: list[Decision] = []
    for number in range(count):
        decisions += [voucher(f"{number}-{one}", at=clock.at) for one in range(chance.randrange(3))]
        await live(path, issuer, decisions[-60:], clock, chance)
        clock.at += 1.0
    desk = Desktop(str(path))
    room = PostRoom(clock, [issuer], Counter(), chance=chance.random)
    room.open(desk.outbox, decisions[-60:])
    tasks = [
        asyncio.create_task(room.run()),
        *(asyncio.create_task(room.carry(one)) for one in room.couriers),
    ]
    for _ in range(400):
        clock.at += 60.0
        await clock.move(clock.at)
        if not await desk.outbox.waiting("till"):
            break
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    desk.database.close()
    return issuer.issued, decisions


def hold(issued: Counter[str], decisions: list[Decision]) -> None:
    assert [key for key, count in issued.items() if count > 1] == []
    assert {one.key for one in decisions} == {key for key, count in issued.items() if count}


# With this seed an issuer that is asked again blindly issues three vouchers twice.
@pytest.mark.parametrize("seed", [2])
async def test_some_kills_double_nothing_and_lose_nothing(tmp_path: Path, seed: int) -> None:
    issued, decisions = await kills(tmp_path / "queuewatch.db", 12, seed)
    assert decisions
    hold(issued, decisions)


@pytest.mark.slow
async def test_a_thousand_kills_double_no_voucher_and_lose_none(tmp_path: Path) -> None:
    issued, decisions = await kills(tmp_path / "queuewatch.db", 1_000, 7)
    assert len(decisions) > 800
    hold(issued, decisions)


@pytest.mark.slow
def test_a_process_that_is_killed_for_real_doubles_no_voucher_and_loses_none(tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311
    journal, till = tmp_path / "queuewatch.db", tmp_path / "till.db"
    command = [sys.executable, "-m", "tests.stories.mortal", str(journal), str(till), "40"]
    for _ in range(25):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 (our own command line)
        assert process.stdout is not None
        for _ in range(chance.randrange(1, 30)):
            if not process.stdout.readline():
                break
        process.kill()
        process.wait()
        process.stdout.close()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    with closing(sqlite3.connect(till)) as kept:
        issued = Counter(key for (key,) in kept.execute("SELECT key FROM issued"))
    decisions: list[Decision] = list(map(mortal_voucher, range(40)))
    hold(issued, decisions)


def mortal_voucher(number: int) -> IncentiveIssued:
    return voucher(f"c{number}", at=NOON + number)
