"""One connection to a broker, from CONNECT to the moment it breaks. It is never mended: a new one is made.

That an acknowledgement can only go out on the connection its message came in on is what keeps messages
safe: packet ids begin anew with a lost session, and a late acknowledgement must not hit another message.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from mqtt5 import (
    ConnAckPacket,
    ConnAckReasonCode,
    ConnectPacket,
    DisconnectPacket,
    DisconnectReasonCode,
    Packet,
    PingReqPacket,
    PingRespPacket,
    PubAckPacket,
    Will,
)

from queuewatch.mqtt import trouble
from queuewatch.mqtt.broker import Broker, BrokerError, tls_context
from queuewatch.mqtt.frames import Frame, Unframer

_CHUNK = 256 * 1024
_GOODBYE_S = 2.0


class Writer(Protocol):
    """The part of asyncio.StreamWriter that is used."""

    def write(self, data: bytes) -> None:
        """Send without waiting."""

    def close(self) -> None:
        """Begin to close."""

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        ...

    async def wait_closed(self) -> None:
        """Until it is closed."""


Dial = Callable[[Broker], Awaitable[tuple[asyncio.StreamReader, Writer]]]


async def dial(broker: Broker) -> tuple[asyncio.StreamReader, Writer]:
    """Open the TCP or TLS connection."""
    context = None if broker.tls is None else tls_context(broker.tls)
    return await asyncio.open_connection(broker.host, broker.port, ssl=context, limit=_CHUNK)


class Link:
    """A connection that the broker has accepted.

    Attributes:
        welcome: The broker's answer, with its limits.
    """

    def __init__(self, broker: Broker, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.welcome = ConnAckPacket()
        self._broker = broker
        self._reader = reader
        self._writer = writer
        self._unframer = Unframer()
        self._early: list[Frame] = []
        self._greeted = False
        self._keep_alive_s = float(broker.keep_alive_s)
        self._pinger: asyncio.TimerHandle | None = None

    async def greet(self, connect: ConnectPacket) -> None:
        """Say who we are; returns once we are let in.

        Raises:
            BrokerError: We are not.
        """
        self.write(connect)
        # What a kept session holds may come hard on the heels of the welcome.
        first, *early = await self.frames()
        if not isinstance(first, ConnAckPacket):
            raise BrokerError(trouble.no_mqtt(ValueError("no CONNACK"), self._broker))
        if first.reason_code != ConnAckReasonCode.SUCCESS:
            raise BrokerError(trouble.not_welcome(first, self._broker))
        self.welcome = first
        self._early = early
        self._greeted = True
        self._keep_alive_s = float(first.server_keep_alive or self._broker.keep_alive_s)
        self._ping_later()

    async def frames(self) -> list[Frame]:
        """What has come in: at least one packet, at most what lay ready. Pongs are kept to ourselves.

        Raises:
            BrokerError: The connection is over.
        """
        frames, self._early = self._early, []
        while not frames:
            data = await self._read()
            try:
                frames = self._unframer.feed(data)
            except ValueError as error:
                raise BrokerError(trouble.no_mqtt(error, self._broker)) from None
            for frame in frames:
                if isinstance(frame, DisconnectPacket):
                    raise BrokerError(trouble.sent_away(frame, self._broker))
            frames = [frame for frame in frames if not isinstance(frame, PingRespPacket)]
        return frames

    async def _read(self) -> bytes:
        try:
            async with asyncio.timeout(self._keep_alive_s):
                data = await self._reader.read(_CHUNK)
        except TimeoutError:
            raise BrokerError(trouble.silent(self._broker)) from None
        except OSError as error:
            if self._greeted:
                raise BrokerError(trouble.broke(error, self._broker)) from None
            if isinstance(error, ssl.SSLError):
                raise
            data = b""
        if not data:
            raise BrokerError(trouble.hung_up(self._broker, greeted=self._greeted))
        return data

    def write(self, packet: Packet) -> None:
        """Send, or let it go if the connection is closing: whoever waits for an answer will hear of that."""
        if not self._writer.is_closing():
            self._writer.write(packet.write())

    def acknowledge(self, packet_ids: Iterable[int]) -> None:
        """Tell the broker that these messages are safe. Without a connection it will send them again."""
        if not self._writer.is_closing():
            self._writer.write(b"".join(PubAckPacket(packet_id).write() for packet_id in packet_ids))

    async def close(self, reason: DisconnectReasonCode = DisconnectReasonCode.NORMAL_DISCONNECTION) -> None:
        """Say goodbye and hang up; safe to call on a broken connection."""
        if self._pinger is not None:
            self._pinger.cancel()
        if self._greeted:
            self.write(DisconnectPacket(reason_code=reason))
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self._writer.wait_closed()

    def _ping_later(self) -> None:
        # Twice in the time after which silence is death; always, because acknowledgements may be all we
        # send, and they may have to wait for the journal.
        self._pinger = asyncio.get_running_loop().call_later(self._keep_alive_s / 2, self._ping)

    def _ping(self) -> None:
        self.write(PingReqPacket())
        self._ping_later()


async def open_link(
    broker: Broker,
    client_id: str,
    *,
    session_expiry_s: int = 0,
    receive_max: int = 65_535,
    will: Will | None = None,
    dial: Dial = dial,
) -> Link:
    """Connect and log in.

    Args:
        broker: Where to, and as whom.
        client_id: Our name there.
        session_expiry_s: How long the broker keeps our session; 0 begins and ends without one.
        receive_max: How many messages may be on the way to us unacknowledged.
        will: What the broker publishes when we vanish.
        dial: How to open the connection.

    Raises:
        BrokerError: It did not work out.
    """
    connect = ConnectPacket(
        client_id,
        username=broker.username,
        password=None if broker.password is None else broker.password.encode(),
        clean_start=session_expiry_s == 0,
        will=will,
        keep_alive=broker.keep_alive_s,
        session_expiry_interval=session_expiry_s,
        receive_max=receive_max,
    )
    try:
        async with asyncio.timeout(broker.timeout_s):
            reader, writer = await dial(broker)
            link = Link(broker, reader, writer)
            try:
                await link.greet(connect)
            except BaseException:
                await link.close()
                raise
    except OSError as error:
        raise BrokerError(trouble.unreached(error, broker)) from None
    return link
