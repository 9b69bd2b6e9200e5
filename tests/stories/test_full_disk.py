"""The disk is full: a real journal cannot write, Slack hears of it, and again when there is room."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from queuewatch.ports import JournalFailedError
from queuewatch.senders.slack import SlackBot, SlackWebhook
from queuewatch.senders.web import Line
from queuewatch.service.guard import END_HOLD_S, LOOK_EVERY_S, Guard
from queuewatch.store.journal import Journal
from tests.clocks import NOON, HandClock, settle
from tests.senders.battery import FarSide
from tests.store.facts import full_disk, joined


def slack(bot: bool, far: FarSide, clock: HandClock) -> SlackBot | SlackWebhook:
    if bot:
        return SlackBot("xoxb-1", "C1", clock, Line(), api=f"{far.url}/api/")
    return SlackWebhook(f"{far.url}/services/x", clock, Line())


async def asked(far: FarSide, count: int) -> list[tuple[str, dict[str, Any]]]:
    """What Slack was asked for, once it was asked so often: the path and the message."""
    await far.until_asked(count)
    return [(path, json.loads(body)) for _, path, _, body in far.asked]


@pytest.mark.parametrize("bot", [False, True])
async def test_a_full_disk_reaches_slack_though_the_outbox_lies_on_it(tmp_path: Path, bot: bool) -> None:
    path, clock = tmp_path / "queuewatch.db", HandClock()
    journal = Journal(path, clock, lambda _group: None)
    async with FarSide().open() as far:
        sender = slack(bot, far, clock)
        guard = Guard(clock, journal, [sender], Counter(), site="default", low_mb=0.0)
        guarding = asyncio.create_task(guard.run())
        await settle()
        with full_disk(0, path):
            with pytest.raises(JournalFailedError):
                await journal.append([joined(1)])
            await clock.move(NOON + LOOK_EVERY_S)
            ((where, raised),) = await asked(far, 1)
        assert where == ("/api/chat.postMessage" if bot else "/services/x")
        assert "cannot write to its disk" in raised["text"]
        assert "the disk" in raised["blocks"][1]["text"]["text"]
        await journal.append([joined(1)])
        for number in range(2, 3 + int(END_HOLD_S / LOOK_EVERY_S)):
            await clock.move(NOON + LOOK_EVERY_S * number)
            await journal.probe()  # gives the journal's thread the time to answer the guard
        (_, (where, over)) = await asked(far, 2)
        assert where == ("/api/chat.update" if bot else "/services/x")
        assert "Over" in over["text"]
        guarding.cancel()
        await asyncio.gather(guarding, return_exceptions=True)
    await journal.close()
