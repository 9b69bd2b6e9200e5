"""Brokers to talk to: open, or behind TLS and a password; and a publisher that never gives up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from mqtt5 import PubAckPacket, PublishPacket, QoS

from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.core.facts.wire import to_cloudevent
from queuewatch.mqtt.broker import Broker, BrokerError, Tls
from queuewatch.mqtt.link import Link, open_link
from tests.real.servers import Server, free_port, mosquitto, shipped

TOPIC = "queuewatch/v1/default/events/phone/sales"
PASSWORD = "geheim, very"


def cloudevent(number: int) -> bytes:
    event = Event(
        f"e{number}", "/pbx", 1_795_255_200.0, Enqueued(queue="sales", channel="phone"), f"c{number}"
    )
    return json.dumps(to_cloudevent(event)).encode()


def broker_at(server: Server, **more: object) -> Broker:
    return Broker(host="127.0.0.1", port=server.port, **more)  # type: ignore[arg-type]


class Publisher:
    """Publishes with QoS 1 over a connection of its own, again and again until the broker has it."""

    def __init__(self, broker: Broker) -> None:
        self.acknowledged: dict[int, float] = {}
        self._broker = broker

    async def publish(self, numbers: Sequence[int]) -> None:
        """Publish these, at most 100 on the way at once; ends when all are acknowledged."""
        missing = set(numbers)
        while missing:
            with contextlib.suppress(BrokerError):
                link = await open_link(self._broker, "pbx")
                try:
                    await self._publish(link, missing)
                finally:
                    await link.close()
            await asyncio.sleep(0.05)

    async def _publish(self, link: Link, missing: set[int]) -> None:
        while missing:
            some = sorted(missing)[:100]
            for number in some:
                link.write(
                    PublishPacket(
                        TOPIC, cloudevent(number), qos=QoS.AT_LEAST_ONCE, packet_id=number % 65_535 + 1
                    )
                )
            waiting = {number % 65_535 + 1: number for number in some}
            while waiting:
                for frame in await link.frames():
                    if isinstance(frame, PubAckPacket):
                        number = waiting.pop(frame.packet_id)
                        missing.discard(number)
                        self.acknowledged[number] = time.monotonic()
            await asyncio.sleep(0.02)


@contextlib.contextmanager
def guarded(folder: Path, certificates: Path, *, client_certificate: bool = False) -> Iterator[Broker]:
    """Mosquitto with TLS, logins and an access list; yields how to use it rightly."""
    passwords, access = folder / "passwords", folder / "access"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "queue", PASSWORD], check=True)
    subprocess.run(["mosquitto_passwd", "-b", passwords, "guest", PASSWORD], check=True)
    rights = [line.removeprefix("#   ") for line in shipped("config/mosquitto.conf").read_text().splitlines()]
    own = rights[rights.index("user queuewatch") : rights.index("user pbx")]
    access.write_text("\n".join(["user queue", *[line for line in own if line.startswith("topic")]]) + "\n")
    for path in (passwords, access):
        path.chmod(0o600)
    port = free_port()
    more = [
        f"password_file {passwords}",
        f"acl_file {access}",
        f"listener {port} 127.0.0.1",
        f"cafile {certificates / 'ca.crt'}",
        f"certfile {certificates / 'server.crt'}",
        f"keyfile {certificates / 'server.key'}",
        f"require_certificate {str(client_certificate).lower()}",
    ]
    with mosquitto(folder, anonymous=False, more="\n".join(more)):
        tls = Tls(ca_file=str(certificates / "ca.crt"))
        yield Broker(host="localhost", port=port, username="queue", password=PASSWORD, tls=tls)
