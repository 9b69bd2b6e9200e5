"""Asterisk, live, over its manager interface (AMI, versions 11 to 22)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence

from queuewatch.config import AsteriskAmiSource
from queuewatch.core.facts.events import Event
from queuewatch.ports import Clock, Incoming, Refused
from queuewatch.sources.asterisk_blocks import FILTERS, Blocks, parse
from queuewatch.sources.asterisk_login import AmiSettings, action, login, settings_of
from queuewatch.sources.asterisk_pbx import NOT_HEARD
from queuewatch.sources.asterisk_translator import Translator
from queuewatch.sources.context import Context
from queuewatch.sources.reading import Reading, clip
from queuewatch.sources.stream import Address, Connect, Inbox, LostError, StreamSource, open_stream

_STATUS_ID = "queuewatch-status"


def make(own: AsteriskAmiSource, context: Context) -> AsteriskAmi:
    """The source of a section; raises UnusableError."""
    return AsteriskAmi(context.name, settings_of(own), context.reading, context.clock, chance=random.random)


class AsteriskAmi(StreamSource):
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
        address = Address(settings.host, settings.port, settings.tls)
        super().__init__(name, address, clock, chance=chance, connect=connect)
        self._settings = settings
        self._unlisted = False
        self._translator = Translator(reading, grace_s=settings.grace_s, wrap_up_s=settings.wrap_up_s)

    async def login(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say who we are, and ask for events; raises LostError."""
        await login(reader, writer, self._settings)

    def cut(self, now: float, reason: str) -> Sequence[Event]:
        """What happens from now on is not seen, and what was seen may be over."""
        return self._translator.cut(now, reason)

    async def follow(self, inbox: Inbox, writer: asyncio.StreamWriter) -> AsyncGenerator[Incoming, None]:
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
                    if one.reason == NOT_HEARD:
                        self._trouble = one.detail
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
