"""Asterisk, live, over its manager interface (AMI, versions 11 to 22): one connection that mends itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from queuewatch.config import AsteriskAmiSource
from queuewatch.core.events import Event
from queuewatch.ports import Clock, Incoming, Refused
from queuewatch.sources.asterisk_blocks import FILTERS, Blocks, parse
from queuewatch.sources.asterisk_login import (
    AmiSettings,
    Connect,
    LostError,
    action,
    login,
    open_stream,
    settings_of,
)
from queuewatch.sources.asterisk_translator import Translator
from queuewatch.sources.context import Context
from queuewatch.sources.reading import Reading, clip

_CHUNK = 1 << 16
_STATUS_ID = "queuewatch-status"
_FIRST_BACK_OFF_S = 1.0
_LONGEST_BACK_OFF_S = 60.0
_ANSWER_S = 10.0
"""How long the PBX may take to connect, and to answer the login, seconds."""

T = TypeVar("T")


def make(own: AsteriskAmiSource, context: Context) -> AsteriskAmi:
    """The source of a section; raises UnusableError."""
    return AsteriskAmi(context.name, settings_of(own), context.reading, context.clock, chance=random.random)


def back_off_s(tries: int, chance: float) -> float:
    """How long to wait before the next try: doubled each time, shared out so that not all come at once.

    Args:
        tries: Failed tries so far, from 1.
        chance: In [0, 1).

    Returns:
        Seconds, between half of the doubled time and all of it, at most _LONGEST_BACK_OFF_S.
    """
    doubled = min(_LONGEST_BACK_OFF_S, _FIRST_BACK_OFF_S * 2.0 ** min(tries - 1, 10))
    return doubled * (0.5 + chance / 2.0)


class AsteriskAmi:
    """The source: what one PBX says, for as long as it is asked."""

    def __init__(
        self,
        name: str,
        settings: AmiSettings,
        reading: Reading,
        clock: Clock,
        *,
        chance: Callable[[], float],
        connect: Connect = open_stream,
    ) -> None:
        """Prepare to connect.

        Args:
            name: The source's name in config, metrics and logs.
            settings: How to reach the PBX.
            reading: Names of source and site in the events, and the customers' hash.
            clock: The time.
            chance: A number in [0, 1) at random, to share out reconnections.
            connect: Opens the stream.
        """
        self._name = name
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._connect = connect
        self._trouble: str | None = f"{settings.host}:{settings.port} has not been reached yet"
        self._unlisted = False
        self._translator = Translator(reading, grace_s=settings.grace_s, wrap_up_s=settings.wrap_up_s)

    @property
    def name(self) -> str:
        """The source's name in config, metrics and logs."""
        return self._name

    @property
    def trouble(self) -> str | None:
        """Why the PBX cannot be heard right now, in one sentence; None while it can."""
        return self._trouble

    async def events(self) -> AsyncGenerator[Incoming, None]:
        """What the PBX says; a gap is told when the connection is lost or cannot be made, once each time."""
        tries, cut = 0, False
        while True:
            try:
                async with aclosing(self._session()) as session:
                    async for incoming in session:
                        tries, cut = 0, False
                        yield incoming
            except LostError as error:
                self._trouble = str(error)
                now = self._clock.now()
                gap = () if cut else tuple(self._translator.cut(now, str(error)))
                tries, cut = tries + 1, True
                yield Incoming(gap, refused=(Refused(error.reason, str(error)),))
            await self._clock.sleep_until(self._clock.now() + back_off_s(tries, self._chance()))

    async def _session(self) -> AsyncGenerator[Incoming, None]:
        """One connection, from greeting to loss; raises LostError."""
        settings = self._settings
        where = f"{settings.host}:{settings.port}"
        try:
            reader, writer = await self._within(
                self._connect(settings.host, settings.port, settings.tls), f"{where} does not answer"
            )
        except OSError as error:
            raise LostError("no_connection", f"{where} cannot be reached ({error}); is it up?") from None
        try:
            await self._within(login(reader, writer, settings), f"{where} does not answer the login")
            self._trouble = None
            inbox = _Inbox(reader)
            pump = asyncio.create_task(inbox.pump(), name=f"{self._name} reads")
            try:
                async for incoming in self._follow(inbox, writer):
                    yield incoming
            finally:
                pump.cancel()
                with suppress(asyncio.CancelledError):
                    await pump
        finally:
            writer.close()

    async def _within(self, work: Coroutine[Any, Any, T], otherwise: str) -> T:
        """The result of work that must be done within _ANSWER_S; raises LostError when it is not."""
        done = asyncio.Event()
        task = asyncio.create_task(work, name=f"{self._name} connects")
        task.add_done_callback(lambda _: done.set())
        try:
            if not await self._clock.sleep_until(self._clock.now() + _ANSWER_S, done):
                raise LostError("no_answer", otherwise)
            return await task
        finally:
            task.cancel()

    async def _follow(self, inbox: _Inbox, writer: asyncio.StreamWriter) -> AsyncGenerator[Incoming, None]:
        """What comes in after the login, asking for the whole list now and then; raises LostError."""
        settings, translator = self._settings, self._translator
        self._unlisted = False
        for sieve in FILTERS:
            writer.write(action("Filter", Operation="Add", Filter=sieve))
        writer.write(action("CoreStatus"))
        blocks = Blocks()
        heard_at = self._clock.now()
        sync_at, pinged = heard_at, False
        while True:
            now = self._clock.now()
            if now >= sync_at or translator.wants_status:
                translator.wants_status = False
                sync_at = now + settings.resync_s
                writer.write(action("QueueStatus", ActionID=_STATUS_ID))
            dead_at = heard_at + settings.ping_s * (2 if pinged else 1)
            settles_at = translator.next_at()
            wake_at = min(sync_at, dead_at, sync_at if settles_at is None else settles_at)
            await self._clock.sleep_until(wake_at, inbox.wake)
            chunk = inbox.take()
            now = self._clock.now()
            incoming = self._translate(blocks, chunk, now)
            if incoming is not None:
                yield incoming
            if chunk:
                heard_at, pinged = now, False
            elif inbox.lost is not None:
                raise LostError("connection_lost", inbox.lost)
            elif now >= dead_at and pinged:
                raise LostError("no_answer", f"nothing came for {2 * settings.ping_s:g} s; is the PBX up?")
            elif now >= dead_at:
                pinged = True
                writer.write(action("Ping"))

    def _translate(self, blocks: Blocks, chunk: bytes, now: float) -> Incoming | None:
        """What a chunk of the stream says, and what time brings; None where that is nothing."""
        events: list[Event] = []
        refused: list[Refused] = []
        for block in blocks.feed(chunk):
            if isinstance(block, Refused):
                refused.append(block)
                continue
            fields = parse(block)
            if fields.get("response") == "Error" and fields.get("actionid") == _STATUS_ID:
                refused.append(self._refuses_list(clip(fields.get("message", ""))))
            elif fields.get("event") == "FullyBooted" and self._unlisted:
                self._translator.wants_status, self._unlisted = True, False
            for one in self._translator.feed(fields, now):
                if isinstance(one, Refused):
                    refused.append(one)
                else:
                    events.append(one)
        events += self._translator.due(now)
        return Incoming(tuple(events), refused=tuple(refused)) if events or refused else None

    def _refuses_list(self, why: str) -> Refused:
        """The PBX does not list its queues: for lack of a right, or because it is still starting."""
        self._unlisted = True
        user = self._settings.username
        cure = (
            f"give {user} write = reporting (or agent)"
            if "denied" in why
            else "is app_queue loaded, or still to be?"
        )
        return Refused("status_refused", f"QueueStatus is refused ({why}); {cure}")


class _Inbox:
    """One chunk of the stream at a time: the next is read once it is taken, which is the back-pressure."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._chunk = b""
        self._taken = asyncio.Event()
        self.wake = asyncio.Event()
        self.lost: str | None = None

    async def pump(self) -> None:
        """Read until the connection is lost."""
        try:
            while chunk := await self._reader.read(_CHUNK):
                self._chunk = chunk
                self.wake.set()
                await self._taken.wait()
                self._taken.clear()
            self.lost = "the PBX closed the connection"
        except OSError as error:
            self.lost = f"the connection broke ({error})"
        self.wake.set()

    def take(self) -> bytes:
        """What came in; nothing where nothing did."""
        chunk, self._chunk = self._chunk, b""
        if chunk:
            self.wake.clear()
            self._taken.set()
        return chunk
