"""A broker and a clock for quick tests: packets go through memory, and time moves by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import mqtt5
from mqtt5 import (
    ConnAckPacket,
    ConnectPacket,
    PubAckPacket,
    PublishPacket,
    QoS,
    SubAckPacket,
    SubscribePacket,
)

from queuewatch.mqtt.broker import Broker

BROKER = Broker(host="broker.example", client_id="qw", username="queue", password="geheim")


class Connection:
    """The broker's end of one connection. What the client sends is in `heard`; answers come by themselves."""

    def __init__(self, fake: FakeBroker) -> None:
        self.reader = asyncio.StreamReader()
        self.heard: list[mqtt5.Packet] = []
        self.closed = False
        self._fake = fake

    def say(self, *packets: mqtt5.Packet) -> None:
        """Send to the client, all at once."""
        self.reader.feed_data(b"".join(packet.write() for packet in packets))

    def say_bytes(self, data: bytes) -> None:
        """Send what no proper broker would."""
        self.reader.feed_data(data)

    def hang_up(self) -> None:
        """Close from the broker's side."""
        self.reader.feed_eof()

    @property
    def acknowledged(self) -> list[int]:
        """The ids of the messages that the client acknowledged, in order."""
        return [packet.packet_id for packet in self.heard if isinstance(packet, PubAckPacket)]

    @property
    def published(self) -> list[PublishPacket]:
        """What the client published."""
        return [packet for packet in self.heard if isinstance(packet, PublishPacket)]

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            packet, used = mqtt5.read(view)
            view = view[used:]
            self.heard.append(packet)
            for answer in self._fake.answers(packet):
                self.say(answer)
            self._fake.changed.set()

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    async def wait_closed(self) -> None:
        """Nothing to wait for."""


class FakeBroker:
    """Takes connections; `refusals` are raised first, one a dial."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.refusals: list[OSError] = []
        self.welcome = ConnAckPacket()
        self.grants = mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE
        self.takes = mqtt5.PubAckReasonCode.SUCCESS
        self.greets = True
        self.acknowledges = True
        self.with_welcome: tuple[mqtt5.Packet, ...] = ()
        self.changed = asyncio.Event()

    async def dial(self, _broker: Broker) -> tuple[asyncio.StreamReader, Connection]:
        """What the client uses instead of the network."""
        if self.refusals:
            raise self.refusals.pop(0)
        connection = Connection(self)
        self.connections.append(connection)
        return connection.reader, connection

    @property
    def last(self) -> Connection:
        """The connection made last."""
        return self.connections[-1]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until the client has sent what makes this true."""
        while not holds():
            self.changed.clear()
            await self.changed.wait()

    def answers(self, packet: mqtt5.Packet) -> tuple[mqtt5.Packet, ...]:
        """What a broker answers."""
        if isinstance(packet, ConnectPacket):
            return (self.welcome, *self.with_welcome) if self.greets else ()
        if isinstance(packet, SubscribePacket):
            return (SubAckPacket(packet.packet_id, [self.grants] * len(packet.topic_filters)),)
        if isinstance(packet, PublishPacket) and packet.packet_id is not None and self.acknowledges:
            return (PubAckPacket(packet.packet_id, reason_code=self.takes),)
        return ()


def message(
    topic: str,
    payload: bytes,
    packet_id: int | None = None,
    *,
    content_type: str | None = None,
    attributes: list[tuple[str, str]] | None = None,
) -> PublishPacket:
    """A message on its way to us: QoS 1 with an id, QoS 0 without."""
    return PublishPacket(
        topic,
        payload,
        qos=QoS.AT_MOST_ONCE if packet_id is None else QoS.AT_LEAST_ONCE,
        packet_id=packet_id,
        content_type=content_type,
        user_properties=attributes,
    )
