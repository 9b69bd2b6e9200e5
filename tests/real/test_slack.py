"""An alert of a real service reaches Slack: customers wait too long, and the team hears of it once."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from queuewatch.core.events import AgentChanged, Enqueued, Event
from tests.real.test_service import House
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
    assert payload["blocks"][-1]["elements"][0]["url"] == "https://b.example"
