"""Calls into a real Asterisk: the test's own connection to its manager interface, and who dials through it.

Shares nothing with the source under test: what the PBX answers here is what that is compared with.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

Block = dict[str, str]

QUEUES = {"support": 5.0, "sales": 3.0, "billing": 3.0, "night": 0.5}
CUSTOMERS = {"talker": 6, "impatient": 2, "patient": 2, "keypress": 1}
AGENTS = tuple(f"Local/a{number}@agents/n" for number in range(101, 107))
NIGHT_AGENT = "Local/a107@agents/n"
PAUSES = ("Lunch", "Break", "After call work", "")
_BOOT_S = 30.0


class Manager:
    """A connection to the manager interface: ask, and hear the events."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._asked = 0
        self._answers: dict[str, tuple[list[Block], asyncio.Future[list[Block]]]] = {}
        self.booted = asyncio.Event()
        self.talks: dict[str, str] = {}
        """Channels of callers who talk to an agent now, and their queues."""

    def send(self, action: str, **fields: str | int) -> str:
        """Ask for something; returns the id of the answer."""
        self._asked += 1
        ident = f"t{self._asked}"
        lines = [f"Action: {action}", f"ActionID: {ident}", *(f"{key}: {is_}" for key, is_ in fields.items())]
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")
        return ident

    async def ask(self, action: str, **fields: str | int) -> list[Block]:
        """What the PBX answers, all of it, if that is a list."""
        answer: asyncio.Future[list[Block]] = asyncio.get_running_loop().create_future()
        self._answers[self.send(action, **fields)] = ([], answer)
        return await asyncio.wait_for(answer, _BOOT_S)

    async def listen(self) -> None:
        """Take in what the PBX says until it hangs up."""
        await self._reader.readline()
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                raw = await self._reader.readuntil(b"\r\n\r\n")
                lines = raw.decode(errors="replace").split("\r\n")
                self._heard(dict(line.split(": ", 1) for line in lines if ": " in line))

    def _heard(self, block: Block) -> None:
        event, caller = block.get("Event"), block.get("Channel", "")
        if event == "FullyBooted":
            self.booted.set()
        elif event == "AgentConnect":
            self.talks[caller] = block["Queue"]
        elif event == "AgentComplete":
            self.talks.pop(caller, None)
        waited = self._answers.get(block.get("ActionID", ""))
        if waited is not None:
            blocks, answer = waited
            blocks.append(block)
            if block.get("EventList") == "Complete" or ("Response" in block and "EventList" not in block):
                del self._answers[block["ActionID"]]
                if not answer.done():  # whoever asked may have been cancelled meanwhile
                    answer.set_result(blocks)


@asynccontextmanager
async def manager(port: int) -> AsyncIterator[Manager]:
    """A connection with every right, once the PBX is fully up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    one = Manager(reader, writer)
    listening = asyncio.create_task(one.listen(), name="manager")
    try:
        one.send("Login", Username="driver", Secret="loopback-only", Events="system,agent")
        await asyncio.wait_for(one.booted.wait(), _BOOT_S)
        yield one
    finally:
        listening.cancel()
        writer.close()
        with suppress(asyncio.CancelledError, ConnectionError):
            await listening


class Driver:
    """Makes calls at random, and has agents pause, come and go, and callers transferred.

    `dialled` counts the calls that were sent into each queue.
    """

    def __init__(self, to: Manager, seed: int) -> None:
        self.dialled: Counter[str] = Counter()
        self._to = to
        self._random = random.Random(seed)  # noqa: S311  # traffic that can be repeated, no secret
        self._paused: list[str] = []
        self._night = False

    async def run(self, for_s: float, calls_per_s: float) -> None:
        """Make calls for so long."""
        now = time.monotonic()
        ends_at, call_at, meddle_at = now + for_s, now, now + 5.0
        while now < ends_at:
            if now >= call_at:
                self.call()
                call_at += self._random.expovariate(calls_per_s)
            if now >= meddle_at:
                self.meddle()
                meddle_at = now + self._random.uniform(4.0, 12.0)
            await asyncio.sleep(max(0.0, min(call_at, meddle_at, ends_at) - now))
            now = time.monotonic()
        for agent in self._paused:
            self._to.send("QueuePause", Interface=agent, Paused="false")

    def call(self, kind: str = "", queue: str = "", patience_s: int = 0) -> None:
        """One customer dials."""
        chance = self._random
        queue = queue or chance.choices(list(QUEUES), list(QUEUES.values()))[0]
        kind = kind or chance.choices(list(CUSTOMERS), list(CUSTOMERS.values()))[0]
        self.dialled[queue] += 1
        self._to.send(
            "Originate",
            Channel=f"Local/{kind}@callers/n",
            Context="queues",
            Exten=queue,
            Priority=1,
            Async="true",
            CallerID=f'"Caller {self.dialled.total()}" <+4930{chance.randrange(10**7):07}>',
            Variable=f"QTMO={patience_s or chance.choice((20, 45, 60))}",
        )

    def meddle(self) -> None:
        """Something else that happens in a contact centre."""
        to, chance = self._to, self._random
        agent = chance.choice(AGENTS)
        what = chance.choice(
            ("pause", "unpause", "night", "transfer", "penalty", "note", "reload", "transfer")
        )
        if what == "pause":
            to.send("QueuePause", Interface=agent, Paused="true", Reason=chance.choice(PAUSES))
            self._paused.append(agent)
        elif what == "unpause" and self._paused:
            to.send("QueuePause", Interface=self._paused.pop(0), Paused="false")
        elif what == "night":
            action = "QueueRemove" if self._night else "QueueAdd"
            to.send(action, Queue="night", Interface=NIGHT_AGENT, MemberName="Gus Grün")
            self._night = not self._night
        elif what == "transfer" and to.talks:
            caller = chance.choice(list(to.talks))
            del to.talks[caller]
            to.send("BlindTransfer", Channel=caller, Context="xfer", Exten="900")
        elif what == "penalty":
            to.send("QueuePenalty", Interface=agent, Penalty=chance.randint(0, 3))
        elif what == "note":
            to.send("QueueLog", Queue="support", Event="WRAPUPCODE", Interface=agent, Message="code=7")
        elif what == "reload":
            to.send("QueueReload", Members="yes", Rules="no", Parameters="yes")

    async def all_gone(self, hang_up_after_s: float | None = None) -> None:
        """Return once no call is left; those that are still there after so long are hung up."""
        until = math.inf if hang_up_after_s is None else time.monotonic() + hang_up_after_s
        while (await self._to.ask("CoreShowChannels"))[-1]["ListItems"] != "0":
            if time.monotonic() >= until:
                self._to.send("Hangup", Channel="/^Local.*@callers.*;2$/")
            await asyncio.sleep(1.0)
