"""What docs/notices.md has one write into the dialplan, run by a real Asterisk, and listened to."""

from __future__ import annotations

import asyncio
import re
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import numpy as np
import pytest

from queuewatch.config import token_hash
from queuewatch.core.facts.events import Answered, Completed, Data, Enqueued, Event
from tests.real.asterisk import Pbx, asterisk, speaking
from tests.real.asterisk_calls import Manager, manager
from tests.real.house import House
from tests.real.servers import shipped

pytestmark = [pytest.mark.real, pytest.mark.slow]

TOKEN = "qw_of_the_pbx"  # made up
SUPERVISOR = "qw_of_the_supervisor"  # likewise
EARS = """
[ears]
exten => s,1,Answer()
 same => n,MixMonitor(/queuewatch/both.wav,r(/queuewatch/heard.wav))
 same => n,Wait(60)
"""
RATE = 8000
PATIENCE_S = 30.0
LOUD = 300.0
"""Of 32,767: above is the root mean square of a tenth of a second in which somebody speaks."""


def dialplan() -> str:
    """That of the docs as it stands there, and somebody who listens."""
    text = shipped("docs/notices.md").read_text()
    blocks = re.findall(r"^```ini\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    assert [block.partition("\n")[0] for block in blocks] == ["[globals]", "[promising-hotline]"]
    assert f"\nTOKEN={TOKEN}\n" in blocks[0]
    return "\n".join([*blocks, EARS])


def music(folder: Path) -> None:
    """Ten seconds that the queue plays to those who wait: very quiet, so that only what is said is loud."""
    folder.mkdir()
    with wave.open(str(folder / "quiet.wav"), "wb") as quiet:
        quiet.setparams((1, 2, RATE, 0, "NONE", ""))
        quiet.writeframes(bytes(2 * RATE * 10))


class Both:
    """A PBX, whose agents let it ring, and a service that listens to it."""

    def __init__(self, pbx: Pbx, own: Manager, house: House) -> None:
        self.pbx = pbx
        self.own = own
        self.caller = ""
        self._house = house

    def call(self, context: str, language: str = "en") -> None:
        """A caller who listens and says nothing."""
        self.own.send(
            "Originate",
            Channel="Local/s@ears/n",
            Context=context,
            Exten="support",
            Priority=1,
            Async="true",
            Variable=f"CHANNEL(language)={language}",
        )

    async def waiting(self) -> None:
        """Returns once the service sees the caller in the queue, as the PBX does."""
        await self._house.until(
            lambda status, said: status == 200 and msgspec.json.decode(said)["waiting"] == 1,
            "/v1/queues/support",
        )
        listed = await self.own.ask("QueueStatus", Queue="support")
        (self.caller,) = [one["Uniqueid"] for one in listed if one.get("Event") == "QueueEntry"]

    async def override(self, level: str) -> None:
        """A supervisor's word."""
        headers = {"Authorization": f"Bearer {SUPERVISOR}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            url = f"{self._house.url}/v1/queues/support/notice/override"
            async with session.post(url, json={"level": level, "by": "ada"}) as answer:
                assert answer.status == 200

    async def promises(self) -> list[dict[str, Any]]:
        """Those on record."""
        _, said = await self._house.get("/v1/queues/support/promises")
        told: list[dict[str, Any]] = msgspec.json.decode(said)["promises"]
        return told

    async def history(self) -> None:
        """An hour of calls, so that there is something to estimate from."""
        now = time.time()
        place = {"queue": "support", "channel": "phone"}
        told = []
        for nth in range(60):
            name, at = f"before-{nth}", now - 3600.0 + 55.0 * nth
            facts: list[tuple[float, Data]] = [
                (at, Enqueued(**place)),  # type: ignore[arg-type]
                (at + 20.0, Answered(**place, agent="Alice Ames")),  # type: ignore[arg-type]
                (at + 200.0, Completed(**place)),  # type: ignore[arg-type]
            ]
            told += [Event(f"{name}/{n}", "past", when, fact, name) for n, (when, fact) in enumerate(facts)]
        assert await self._house.post(told) == 202

    def heard_s(self) -> float:
        """For how long the caller heard somebody speak, seconds."""
        with wave.open(str(self.pbx.folder / "heard.wav")) as heard:
            assert (heard.getframerate(), heard.getsampwidth(), heard.getnchannels()) == (RATE, 2, 1)
            sound = np.frombuffer(heard.readframes(heard.getnframes()), dtype="<i2").astype(float)
        tenths = sound[: len(sound) // 800 * 800].reshape(-1, 800)
        return float((np.sqrt((tenths**2).mean(axis=1)) > LOUD).sum() / 10)

    async def hang_up(self) -> None:
        """All calls are over, and what was heard is on the disk."""
        self.own.send("Hangup", Channel="/^Local.*@.*/")
        while (await self.own.ask("CoreShowChannels"))[-1]["ListItems"] != "0":  # noqa: ASYNC110  # nothing tells when
            await asyncio.sleep(0.2)
        await asyncio.sleep(0.5)


@asynccontextmanager
async def both(folder: Path) -> AsyncIterator[Both]:
    """Both of them, for as long as the block runs."""
    speaking()
    music(folder / "moh")
    with asterisk(folder, dialplan()) as pbx:
        more = (
            f'[[http.tokens]]\nname = "pbx"\nsha256 = "{token_hash(TOKEN)}"\n'
            'scopes = ["ingest", "read", "promise"]\n'
            f'[[http.tokens]]\nname = "ada"\nsha256 = "{token_hash(SUPERVISOR)}"\nscopes = ["act"]\n'
            f'[sources.pbx]\nkind = "asterisk-ami"\nport = {pbx.port}\nusername = "queuewatch"\n'
            'secret = "listens-only"\n'
        )
        house = House(folder, more, token=TOKEN)
        async with manager(pbx.port) as own, house.running():
            await own.ask("Setvar", Variable="QUEUEWATCH", Value=f"{house.url}/v1/queues")
            await own.ask("Setvar", Variable="NOANSPCT", Value="100")
            await house.ready()
            yield Both(pbx, own, house)


async def test_a_caller_hears_the_notice_in_the_own_language_and_then_joins(tmp_path: Path) -> None:
    async with both(tmp_path) as one:
        await one.override("very_busy")
        one.call("hotline", "de")
        await one.waiting()
        await one.hang_up()
        assert one.heard_s() > 4.0  # four sentences in German


async def test_who_cannot_be_told_anything_joins_at_once(tmp_path: Path) -> None:
    async with both(tmp_path) as one:
        await one.override("very_busy")
        await one.own.ask("Setvar", Variable="TOKEN", Value="qw_of_somebody_else")
        one.call("hotline")
        await one.waiting()
        await asyncio.sleep(2.0)  # in which something could be said
        await one.hang_up()
        assert one.heard_s() == 0.0


async def test_one_who_waits_hears_the_minutes_that_are_on_record_as_promised(tmp_path: Path) -> None:
    async with both(tmp_path) as one:
        await one.history()
        reader, writer = await asyncio.open_connection("127.0.0.1", one.pbx.port)
        writer.write(
            b"Action: Login\r\nUsername: driver\r\nSecret: loopback-only\r\nEvents: dialplan\r\n\r\n"
        )
        one.call("promising-hotline")
        await one.waiting()
        async with asyncio.timeout(PATIENCE_S):
            await reader.readuntil(b"Application: SayNumber\r\nAppData: ")
            minutes = int(await reader.readline())
            await reader.readuntil(b"Application: Playback\r\nAppData: queue-minute")
        writer.close()
        (told,) = await one.promises()
        await asyncio.sleep(2.0)  # for the last word
        await one.hang_up()
        assert (told["contact"], told["told_s"]) == (one.caller, 60.0 * minutes)
        assert one.heard_s() > 1.5
