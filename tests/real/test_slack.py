"""Alerts of a real service reach Slack: customers who wait too long, and a disk that is full, once each."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from queuewatch.core.facts.events import AgentChanged, Enqueued, Event
from tests.real.house import House
from tests.senders.battery import FarSide

pytestmark = pytest.mark.real

PATIENCE_S = 60.0


async def test_customers_who_wait_too_long_are_told_of_in_one_message(tmp_path: Path) -> None:
    async with FarSide(body=b"ok").open() as slack:
        more = (
            f'[slack]\nwebhook_url = "{slack.url}/services/x"\n'
            '[outgoing]\nboard_url = "https://b.example"\n[alerts]\npast = 3\npast_hold_s = 1.0\n'
        )
        house = House(tmp_path, more)
        async with house.running():
            agent = Event("a", "pbx", time.time() - 400, AgentChanged(state="busy", queues=("sales",)), "ann")
            joined = [
                Event(f"e{n}", "pbx", time.time() - 300, Enqueued(queue="sales", channel="phone"), f"c{n}")
                for n in range(4)
            ]
            await house.post([agent, *joined])
            ends_at = time.monotonic() + PATIENCE_S
            while not slack.asked and time.monotonic() < ends_at:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
            await asyncio.sleep(3.0)
    assert len(slack.asked) == 1
    payload = json.loads(slack.asked[0][3])
    assert "sales" in payload["text"]
    assert payload["blocks"][-1]["elements"][0]["url"] == "https://b.example#/queue/default/sales"


async def come(what: Callable[[], bool]) -> None:
    """Wait until it is so."""
    ends_at = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < ends_at
        await asyncio.sleep(0.2)


def said(slack: FarSide) -> list[Any]:
    """The messages that came in, in order."""
    return [json.loads(body) for *_, body in slack.asked]


@pytest.mark.slow
async def test_a_disk_that_is_full_is_told_of_and_when_it_is_mended_all_goes_on(tmp_path: Path) -> None:
    async with FarSide(body=b"ok").open() as slack:
        house = House(tmp_path, f'[slack]\nwebhook_url = "{slack.url}/services/x"\n')
        async with house.running():
            await house.post([joined(1)])
            log = house.data / "queuewatch.db-wal"
            soft, hard = resource.prlimit(house.server.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(house.server.pid, resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
            assert await house.post([joined(2)]) == 503
            await come(lambda: bool(slack.asked))
            resource.prlimit(house.server.pid, resource.RLIMIT_FSIZE, (soft, hard))
            await house.ready()
    (raised,) = said(slack)
    assert "cannot write to its disk" in raised["text"]
    assert "disk" in raised["blocks"][1]["text"]["text"]


def joined(number: int) -> Event:
    return Event(f"j{number}", "pbx", time.time(), Enqueued(queue="sales", channel="phone"), f"k{number}")
