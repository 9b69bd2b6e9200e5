"""Systems that are listened to over a connection of ours, which mends itself and waits when nobody takes."""

from __future__ import annotations

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from msgspec import Struct

from queuewatch.backoff import back_off_s
from queuewatch.core.facts.events import Event
from queuewatch.logs import logger
from queuewatch.ports import Clock, Incoming, Refused
from queuewatch.sources.reach import unreachable

_log = logger("sources.stream")

_CHUNK = 1 << 16
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_ANSWER_S = 10.0
"""How long the other side may take to connect, and to answer the login, seconds."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str, int, ssl.SSLContext | None], Coroutine[Any, Any, Streams]]
T = TypeVar("T")


class LostError(Exception):
    """The connection cannot be made or is gone; `reason` is the metric's label, the text says what to do."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Address(Struct, frozen=True):
    """Where the other side is, and with what to trust it; `tls` None speaks in the clear."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


async def open_stream(host: str, port: int, tls: ssl.SSLContext | None) -> Streams:
    """Connect."""
    return await asyncio.open_connection(host, port, ssl=tls)


class Inbox:
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
            self.lost = "the other side closed the connection"
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


class StreamSource(ABC):
    """A source that logs in and listens, again and again; what is said there is for those who inherit."""

    def __init__(
        self, name: str, address: Address, clock: Clock, *, chance: Callable[[], float], connect: Connect
    ) -> None:
        """Prepare to connect.

        Args:
            name: The source's name in config, metrics and logs.
            address: Where the other side is.
            clock: The time.
            chance: A number in [0, 1) at random, to share out reconnections.
            connect: Opens the stream.
        """
        self._name = name
        self._address = address
        self._clock = clock
        self._chance = chance
        self._connect = connect
        self._trouble: str | None = f"{address} has not been reached yet"

    @property
    def name(self) -> str:
        """The source's name in config, metrics and logs."""
        return self._name

    @property
    def trouble(self) -> str | None:
        """Why the other side cannot be heard right now, in one sentence; None while it can."""
        return self._trouble

    async def events(self) -> AsyncGenerator[Incoming, None]:
        """What is said there; a gap is told when the connection is lost or cannot be made, once each time."""
        tries, cut = 0, False
        while True:
            try:
                async with aclosing(self._session()) as session:
                    async for incoming in session:
                        tries, cut = 0, False
                        yield incoming
            except LostError as error:
                if self._trouble != (why := str(error)):  # the same at every attempt is no news
                    _log.warning("source lost", source=self._name, why=why)
                self._trouble = why
                now = self._clock.now()
                gap = () if cut else tuple(self.cut(now, str(error)))
                tries, cut = tries + 1, True
                yield Incoming(gap, refused=(Refused(error.reason, str(error)),))
            pause_s = back_off_s(tries, _FIRST_PAUSE_S, _LONGEST_PAUSE_S, self._chance())
            await self._clock.sleep_until(self._clock.now() + pause_s)

    @abstractmethod
    async def login(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say who we are, and what we want to hear; raises LostError."""

    @abstractmethod
    def follow(self, inbox: Inbox, writer: asyncio.StreamWriter) -> AsyncGenerator[Incoming, None]:
        """What comes in after the login; raises LostError, and ends in no other way."""

    @abstractmethod
    def cut(self, now: float, reason: str) -> Sequence[Event]:
        """What to tell when the connection is lost."""

    async def _session(self) -> AsyncGenerator[Incoming, None]:
        """One connection, from greeting to loss; raises LostError."""
        where = self._address
        try:
            reader, writer = await self._within(
                self._connect(where.host, where.port, where.tls), f"{where} does not answer"
            )
        except OSError as error:
            raise LostError("no_connection", unreachable(where, error, "is it up?")) from None
        try:
            await self._within(self.login(reader, writer), f"{where} does not answer the login")
            self._trouble = None
            _log.info("source connected", source=self._name, address=str(where))
            inbox = Inbox(reader)
            pump = asyncio.create_task(inbox.pump(), name=f"{self._name} reads")
            try:
                async with aclosing(self.follow(inbox, writer)) as coming:
                    async for incoming in coming:
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
