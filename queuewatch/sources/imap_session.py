"""One connection to an IMAP server: login, commands, and waiting for news."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from msgspec import Struct

from queuewatch.ports import Clock
from queuewatch.sources.imap_wire import Response, Responses, WireError, quoted, words
from queuewatch.sources.reach import unreachable
from queuewatch.sources.reading import clip

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str, int, ssl.SSLContext | None], Coroutine[Any, Any, Streams]]

ANSWER_S = 30.0
"""How long the server may take for anything but news, seconds."""

_CHUNK = 1 << 16
_NEEDS_LITERAL = ("\r", "\n", "\0")


class LostError(Exception):
    """The connection cannot be made or is gone; `reason` is the metric's label, the text says what to do."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class RefusedByServerError(Exception):
    """The server said NO or BAD to a command."""


class Where(Struct, frozen=True, kw_only=True):
    """How to reach a mailbox.

    Attributes:
        host: Where it is.
        port: 993 with TLS from the start, 143 otherwise, unless it was changed.
        tls: With what to trust the server; None speaks in the clear.
        starttls: Begin in the clear and turn to TLS before anything is told.
        username: Whose mailbox it is.
        oauth: The secret is an access token (XOAUTH2) rather than a password.
    """

    host: str
    port: int
    username: str
    tls: ssl.SSLContext | None = None
    starttls: bool = False
    oauth: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


async def open_stream(host: str, port: int, tls: ssl.SSLContext | None) -> Streams:
    """Connect to a server."""
    return await asyncio.open_connection(host, port, ssl=tls)


class Session:
    """A connection after `open`: commands one after the other, and what is told in between.

    Attributes:
        capabilities: What the server can, small.
        news: What it told that no command asked for; whoever uses it takes it out.
    """

    def __init__(self, where: Where, clock: Clock, connect: Connect = open_stream) -> None:
        self.capabilities: frozenset[str] = frozenset()
        self.news: list[Response] = []
        self._where = where
        self._clock = clock
        self._connect = connect
        self._responses = Responses()
        self._ready: list[Response] = []
        self._count = 0
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[bytes] | None = None

    async def open(self, secret: Callable[[], Coroutine[Any, Any, str]]) -> None:
        """Connect and log in.

        Args:
            secret: Fetches the password or access token.

        Raises:
            LostError: The server cannot be reached, is none, or does not let us in.
        """
        where = self._where
        greeting = await self._within(self._greet(), f"{where} does not answer; are port and tls right?")
        if greeting.kind not in ("OK", "PREAUTH"):
            raise LostError("not_imap", f"{where} does not greet as an IMAP server; is it the port?")
        self._learn(greeting)
        if where.starttls:
            await self._start_tls()
        if not self.capabilities:
            await self.command("CAPABILITY")
        if greeting.kind == "OK":
            await self._log_in(await secret())
        await self.command("CAPABILITY")
        if "enable" in self.capabilities and self.capabilities & {"qresync", "condstore"}:
            wanted = "QRESYNC" if "qresync" in self.capabilities else "CONDSTORE"
            with suppress(RefusedByServerError):
                await self.command(f"ENABLE {wanted}")

    @property
    def qresync(self) -> bool:
        """Whether the server tells by number what vanished."""
        return {"enable", "qresync"} <= self.capabilities

    @property
    def condstore(self) -> bool:
        """Whether the server can be asked for what changed since."""
        return bool(self.capabilities & {"condstore", "qresync"})

    @property
    def idles(self) -> bool:
        """Whether the server tells news by itself."""
        return "idle" in self.capabilities

    async def command(self, line: str, *more: bytes) -> list[Response]:
        """Have a command done; returns what was told meanwhile, the final word last.

        Args:
            line: The command.
            more: What to send when the server asks for more, once each; then nothing is sent, which ends it.

        Raises:
            RefusedByServerError: The server says NO or BAD; the text is the server's.
            LostError: The connection is gone, or the answer does not come.
        """
        tag = self._send(line)
        verb = line.split(maxsplit=1)[0]
        told: list[Response] = await self._within(
            self._until(tag, list(more)), f"{self._where} does not answer {verb}"
        )
        if verb != "EXAMINE":
            self.news += [one for one in told if tells(one) and one.kind != "FETCH"]
        if told[-1].kind != "OK":
            raise RefusedByServerError(clip(told[-1].text, 120))
        return told

    async def idle(self, until: float) -> None:
        """Wait for news, which then is in `news`, or until a point in time.

        Raises:
            LostError: The connection is gone.
            RefusedByServerError: The server does not let us wait.
        """
        tag = self._send("IDLE")
        told = await self._within(self._until(tag, None), f"{self._where} does not answer IDLE")
        self._note(told)
        if told[-1].tag != "+":
            raise RefusedByServerError(clip(told[-1].text, 120))
        self._note(self._taken())
        while not self.news and await self._more(until):
            self._note(self._taken())
        self._write(b"DONE\r\n")
        self._note(await self._within(self._until(tag, []), f"{self._where} does not answer DONE"))

    def close(self) -> None:
        """End the connection without a word; the server forgets nothing of ours."""
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.close()

    # ── within ────────────────────────────────────────────────────────────────────────────────────────

    async def _greet(self) -> Response:
        where = self._where
        try:
            plain = where.starttls or where.tls is None
            self._reader, self._writer = await self._connect(
                where.host, where.port, None if plain else where.tls
            )
        except OSError as error:
            reason = "bad_tls" if isinstance(error, ssl.SSLError) else "no_connection"
            raise LostError(reason, unreachable(where, error, "is it up, and the port right?")) from None
        while not self._ready:
            await self._more(None)
        return self._ready.pop(0)

    async def _start_tls(self) -> None:
        where = self._where
        try:
            await self.command("STARTTLS")
        except RefusedByServerError as error:
            raise LostError(
                "bad_tls", f'{where} refuses STARTTLS ({error}); set tls = "on" or "off"'
            ) from None
        if self._writer is None or self._ready:  # what came in the clear may not be taken for encrypted
            raise LostError("bad_tls", f"{where} spoke on in the clear after STARTTLS")
        try:
            await self._writer.start_tls(
                where.tls or ssl.create_default_context(), server_hostname=where.host
            )
        except OSError as error:
            raise LostError("bad_tls", unreachable(where, error, "is it up?")) from None
        except ValueError as error:
            raise LostError("bad_tls", f"{where}: TLS fails ({clip(str(error))}); mend host") from None
        self.capabilities = frozenset()

    async def _log_in(self, secret: str) -> None:
        where = self._where
        if any(one in f"{where.username}{secret}" for one in _NEEDS_LITERAL):
            raise LostError("bad_secret", f"{where}: username or secret holds a line end; write it anew")
        if where.oauth:
            proof = f"user={where.username}\x01auth=Bearer {secret}\x01\x01"
            mechanism = "XOAUTH2"
        elif secret.isascii() and where.username.isascii() and "logindisabled" not in self.capabilities:
            proof = ""
            mechanism = ""
        else:
            proof = f"\0{where.username}\0{secret}"
            mechanism = "PLAIN"
        try:
            if not mechanism:
                await self.command(f"LOGIN {quoted(where.username)} {quoted(secret)}")
            elif "sasl-ir" in self.capabilities:
                await self.command(f"AUTHENTICATE {mechanism} {_based(proof)}")
            else:
                await self.command(f"AUTHENTICATE {mechanism}", _based(proof).encode())
        except RefusedByServerError as error:
            cure = "fetch a new access token" if where.oauth else "check username and password"
            raise LostError(
                "login_refused", f'{where} refused user "{where.username}" ({error}); {cure}'
            ) from None

    def _learn(self, told: Response) -> None:
        if told.kind == "CAPABILITY":
            self.capabilities = words(list(told.items))
        elif told.code and told.code[0] == b"CAPABILITY":
            self.capabilities = words(list(told.code[1:]))

    async def _until(self, tag: str, more: list[bytes] | None) -> list[Response]:
        """Everything up to the final word on a command.

        Args:
            tag: The command's.
            more: What the server is given when it asks to go on; None: that it asks is the final word.
        """
        told: list[Response] = []
        while True:
            while self._ready:
                one = self._ready.pop(0)
                told.append(one)
                self._learn(one)
                if one.tag == tag or (one.tag == "+" and more is None):
                    return told
                if one.tag == "+":
                    self._write((more.pop(0) if more else b"") + b"\r\n")
            await self._more(None)

    def _send(self, line: str) -> str:
        self._count += 1
        tag = f"q{self._count}"
        self._write(f"{tag} {line}\r\n".encode())
        return tag

    def _note(self, told: list[Response]) -> None:
        self.news += [one for one in told if tells(one)]

    def _taken(self) -> list[Response]:
        ready, self._ready = self._ready, []
        return ready

    async def _more(self, until: float | None) -> bool:
        """Read on; False when the time came first. Raises LostError when the connection is gone."""
        if self._reader is None:
            raise LostError("connection_lost", f"{self._where} is not connected")
        if self._reading is None:
            self._reading = asyncio.create_task(self._reader.read(_CHUNK), name=f"imap {self._where} reads")
        if until is not None:
            came = asyncio.Event()
            self._reading.add_done_callback(lambda _: came.set())
            if not await self._clock.sleep_until(until, came) and not self._reading.done():
                return False
        reading = self._reading
        try:
            octets = await reading
        except OSError as error:
            raise LostError("connection_lost", f"{self._where} broke off ({clip(str(error))})") from None
        finally:
            if reading.done():
                self._reading = None
        if not octets:
            raise LostError("connection_lost", f"{self._where} closed the connection")
        try:
            self._ready += self._responses.feed(octets)
        except WireError as error:
            raise LostError("not_imap", f"{self._where} does not speak IMAP: {error}") from None
        return True

    def _write(self, octets: bytes) -> None:
        if self._writer is None or self._writer.is_closing():
            raise LostError("connection_lost", f"{self._where} closed the connection")
        self._writer.write(octets)

    async def _within(self, work: Coroutine[Any, Any, Any], otherwise: str) -> Any:
        """The result of work that must be done within ANSWER_S; raises LostError when it is not."""
        done = asyncio.Event()
        task = asyncio.create_task(work, name=f"imap {self._where} asks")
        task.add_done_callback(lambda _: done.set())
        try:
            if not await self._clock.sleep_until(self._clock.now() + ANSWER_S, done) and not task.done():
                raise LostError("no_answer", otherwise)
            return await task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, LostError):
                await task


def _based(written: str) -> str:
    return base64.b64encode(written.encode()).decode()


def tells(told: Response) -> bool:
    """Whether this is news of the mailbox."""
    return told.kind in ("EXISTS", "FETCH", "VANISHED", "EXPUNGE", "BYE")
