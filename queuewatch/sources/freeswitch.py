"""FreeSWITCH's mod_callcenter, live, over the event socket."""

from __future__ import annotations

import asyncio
import random
import re
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence

from queuewatch.config import FreeswitchSource
from queuewatch.core.facts.events import Event
from queuewatch.ports import Clock, Incoming, Refused
from queuewatch.sources.context import Context, UnusableError, tls_context
from queuewatch.sources.freeswitch_frames import Frame, Frames, parse, rows
from queuewatch.sources.freeswitch_translator import Lists, Translator
from queuewatch.sources.reach import unreachable
from queuewatch.sources.reading import MAX_NAME, Reading, clip
from queuewatch.sources.stream import Address, Connect, Inbox, LostError, StreamSource, open_stream

_EVENTS = b"event plain HEARTBEAT CUSTOM callcenter::info\n\n"
_CORE = "global_getvar core_uuid"
_AGENTS = "callcenter_config agent list"
_TIERS = "callcenter_config tier list"
_QUEUES = "callcenter_config queue list"
_MEMBERS = "callcenter_config queue list members "
_ASKABLE = re.compile(rf"[^\s'\"]{{1,{MAX_NAME}}}")  # a name with a blank cannot be asked about
_PATIENCE_S = 10.0
_MOST_NAMED = 8


def make(own: FreeswitchSource, context: Context) -> Freeswitch:
    """The source of a section; raises UnusableError."""
    return Freeswitch(
        context.name,
        _address(own),
        own.password.reveal(),
        context.reading,
        context.clock,
        resync_s=own.resync_s,
        chance=random.random,
    )


def _address(own: FreeswitchSource) -> Address:
    return Address(own.host, own.port, tls_context(own.tls_ca) if own.tls else None)


def command(words: str) -> bytes:
    """A command as it goes over the wire; line ends, which would begin another, are dropped."""
    return words.replace("\n", "").replace("\r", "").encode() + b"\n\n"


async def hello(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, where: str, password: str
) -> None:
    """Say who we are, and ask for events; raises LostError."""
    try:
        greeting = await _head(reader)
        if greeting.kind == "text/rude-rejection":
            raise LostError(
                "login_refused",
                f"{where} turns our address away; add it to apply-inbound-acl in event_socket.conf.xml",
            )
        if greeting.kind != "auth/request":
            raise LostError(
                "not_freeswitch", f"{where} does not greet as FreeSWITCH's event socket; is it the port?"
            )
        for asks, cure in (
            (command(f"auth {password}"), "check the password in event_socket.conf.xml"),
            (_EVENTS, "is it mod_event_socket?"),
        ):
            writer.write(asks)
            said = (await _head(reader)).head.get("reply-text", "")
            if not said.startswith("+OK"):
                raise LostError("login_refused", f"{where} refused us ({clip(said)}); {cure}")
    except (OSError, EOFError, asyncio.LimitOverrunError) as error:
        raise LostError("connection_lost", f"{where} hung up at the login ({error})") from None


async def _head(reader: asyncio.StreamReader) -> Frame:
    """The next frame's head; those that come at the login have no body that matters."""
    return Frame(parse(await reader.readuntil(b"\n\n")))


class Asking:
    """Everything, asked for piece by piece: answers come in the order of the questions."""

    def __init__(self) -> None:
        self._asked: deque[str] = deque()
        self._lists = Lists()
        self._refused = False

    @property
    def underway(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked)

    def begin(self) -> bytes:
        """Ask which start this is, for agents, for who serves which queue, and for the queues."""
        self._lists, self._refused = Lists(), False
        return b"".join(map(self._ask, (_CORE, _AGENTS, _TIERS, _QUEUES)))

    def answer(self, body: bytes) -> bytes | Lists | Refused:
        """Take an answer.

        Returns:
            What to ask next, which may be nothing; or all lists, once they are whole; or why one is missing,
            and then the others are not given either: unknown is not empty.
        """
        if not self._asked:
            return b""
        question = self._asked.popleft()
        if question == _CORE:
            self._lists.core = body.decode(errors="replace")
            return b""
        if body.startswith((b"-ERR", b"-USAGE")):
            why = clip(body.decode(errors="replace").strip())
            self._refused = True
            return Refused("list_refused", f"{question} is refused ({why}); is mod_callcenter loaded?")
        listed = rows(body)
        if question == _AGENTS:
            self._lists.agents = listed
        elif question == _TIERS:
            self._lists.tiers = listed
        elif question == _QUEUES:
            names = [name for one in listed if _ASKABLE.fullmatch(name := one.get("name", ""))]
            self._lists.members = dict.fromkeys(names, ())
            if names and not self._refused:
                return b"".join(self._ask(_MEMBERS + name) for name in names)
        else:
            self._lists.members[question.removeprefix(_MEMBERS)] = listed
        return b"" if self._asked or self._refused else self._lists

    def _ask(self, question: str) -> bytes:
        self._asked.append(question)
        return command(f"api {question}")


class Freeswitch(StreamSource):
    """The source: what one FreeSWITCH says, for as long as it is asked."""

    def __init__(
        self,
        name: str,
        address: Address,
        password: str,
        reading: Reading,
        clock: Clock,
        *,
        resync_s: float,
        chance: Callable[[], float],
        connect: Connect = open_stream,
    ) -> None:
        """Prepare to connect.

        Args:
            name: The source's name in config, metrics and logs.
            address: Where FreeSWITCH is.
            password: Of its event socket.
            reading: Names of source and site in the events, and the customers' hash.
            clock: The time.
            resync_s: How often to ask who waits, seconds; a FreeSWITCH that is silent for twice that is gone.
            chance: A number in [0, 1) at random, to share out reconnections.
            connect: Opens the stream.
        """
        super().__init__(name, address, clock, chance=chance, connect=connect)
        self._password = password
        self._resync_s = resync_s
        self._translator = Translator(reading)
        self._asking = Asking()

    async def login(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say who we are, and ask for events; raises LostError."""
        await hello(reader, writer, str(self._address), self._password)

    def cut(self, now: float, reason: str) -> Sequence[Event]:
        """What happens from now on is not seen."""
        return self._translator.cut(now, reason)

    async def follow(self, inbox: Inbox, writer: asyncio.StreamWriter) -> AsyncGenerator[Incoming, None]:
        """What comes in after the login, asking for everything now and then; raises LostError."""
        translator, frames = self._translator, Frames()
        self._asking = Asking()
        heard_at = sync_at = self._clock.now()
        while True:
            now = self._clock.now()
            if now >= sync_at or (translator.wants_lists and not self._asking.underway):
                translator.wants_lists = False
                sync_at = now + self._resync_s
                if not self._asking.underway:
                    writer.write(self._asking.begin())
            dead_at = heard_at + 2 * self._resync_s
            changes_at = translator.next_at()
            wake_at = min(sync_at, dead_at, sync_at if changes_at is None else changes_at)
            await self._clock.sleep_until(wake_at, inbox.wake)
            chunk = inbox.take()
            now = self._clock.now()
            incoming = self._translate(frames, chunk, now, writer)
            if incoming is not None:
                yield incoming
            if chunk:
                heard_at = now
            elif inbox.lost is not None:
                raise LostError("connection_lost", inbox.lost)
            elif now >= dead_at:
                raise LostError("no_answer", f"nothing came for {2 * self._resync_s:g} s; is FreeSWITCH up?")

    def _translate(
        self, frames: Frames, chunk: bytes, now: float, writer: asyncio.StreamWriter
    ) -> Incoming | None:
        """What a chunk of the stream says, and what time brings; None where that is nothing."""
        told: list[Event | Refused] = []
        for frame in frames.feed(chunk):
            if isinstance(frame, Refused):
                told.append(frame)
            elif frame.kind == "text/event-plain":
                told += self._translator.feed(parse(frame.body), now)
            elif frame.kind == "api/response":
                answer = self._asking.answer(frame.body)
                if isinstance(answer, bytes):
                    writer.write(answer)
                elif isinstance(answer, Refused):
                    told.append(answer)
                else:
                    told += self._translator.listed(answer, now)
        told += self._translator.due(now)
        events = tuple(one for one in told if not isinstance(one, Refused))
        refused = tuple(one for one in told if isinstance(one, Refused))
        return Incoming(events, refused=refused) if told else None


async def probe(own: FreeswitchSource, _context: Context, *, connect: Connect = open_stream) -> str:
    """Log in and list the queues.

    Returns:
        One sentence that says what works.

    Raises:
        UnusableError: What does not, with the cure.
    """
    where = _address(own)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await connect(where.host, where.port, where.tls)
            try:
                await hello(reader, writer, str(where), own.password.reveal())
                lists = await _lists(reader, writer)
            finally:
                writer.close()
    except LostError as error:
        raise UnusableError(str(error)) from None
    except TimeoutError:
        raise UnusableError(f"{where} does not answer; is it FreeSWITCH's event socket?") from None
    except EOFError as error:
        raise UnusableError(f"{where} broke off ({error}); is it FreeSWITCH's event socket?") from None
    except OSError as error:
        raise UnusableError(unreachable(where, error, "is mod_event_socket loaded?")) from None
    named = ", ".join(clip(queue) for queue in list(lists.members)[:_MOST_NAMED])
    more = len(lists.members) - _MOST_NAMED
    rest = f" and {more} more" if more > 0 else ""
    several = "s" if len(lists.members) > 1 else ""
    queues = f"it has {len(lists.members)} queue{several}: {named}{rest}" if named else "it has no queues yet"
    return f"FreeSWITCH at {where} lets us in; {queues}; {len(lists.agents)} agents are known to it"


async def _lists(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Lists:
    """All lists; raises LostError where there are none."""
    asking, frames = Asking(), Frames()
    writer.write(asking.begin())
    while chunk := await reader.read(1 << 16):
        for frame in frames.feed(chunk):
            if isinstance(frame, Refused) or frame.kind != "api/response":
                continue
            answer = asking.answer(frame.body)
            if isinstance(answer, Lists):
                return answer
            if isinstance(answer, Refused):
                raise LostError(answer.reason, answer.detail)
            writer.write(answer)
    raise EOFError("it hung up")
