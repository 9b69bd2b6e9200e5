"""Events a second from a real Mosquitto, QoS 1: `python -m benchmarks.mqtt` (about a minute).

Ours: received, decoded, in the journal (SQLite, `synchronous=FULL`), and only then acknowledged, as the
service does it. Beside it in the same run, from the same broker and publisher, a bare aiomqtt subscriber
(`pip install 'queuewatch[bench]'`) that acknowledges on receipt, looks at nothing and keeps nothing.

The publisher is a process of its own and publishes as fast as the broker acknowledges. `live` is read while
it publishes, so that broker and publisher compete for the machine; `backlog` is what a kept session holds
when the reader comes back. Each figure is the best of three runs.
"""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiomqtt
import msgspec
from mqtt5 import PubAckPacket, PublishPacket, QoS
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from queuewatch.clock import SystemClock
from queuewatch.core.facts.events import Enqueued, Event
from queuewatch.core.facts.wire import to_cloudevent
from queuewatch.customers import Customers
from queuewatch.mqtt.broker import Broker
from queuewatch.mqtt.link import open_link
from queuewatch.ports import Group
from queuewatch.sources.mqtt import MqttSource
from queuewatch.store.journal import Journal
from tests.real.servers import mosquitto

EVENTS = 40_000
RUNS = 3
WINDOW = 500  # messages the publisher has on the way
CUSTOMERS = Customers(bytes(32))
SITE = "queuewatch/v1/default/events"

Reader = Callable[[int, Path, Callable[[], Awaitable[None]]], Awaitable[float]]


def payload(number: int) -> bytes:
    """A caller who joins, as an Asterisk would tell it."""
    fact = Enqueued(queue="support", channel="phone", customer="5f" * 16, tier="existing", language="de")
    at = 1.7e9 + number / 7
    event = Event(f"{at:.3f}-{number}", "asterisk/pbx-north", at, fact, f"{at:.3f}")
    return msgspec.json.encode(to_cloudevent(event))


async def publish(port: int, count: int) -> None:
    """What the publisher's process does."""
    link = await open_link(Broker(host="127.0.0.1", port=port), "publisher")
    sent = acknowledged = 0
    while acknowledged < count:
        while sent < min(count, acknowledged + WINDOW):
            link.write(
                PublishPacket(
                    f"{SITE}/support",
                    payload(sent),
                    qos=QoS.AT_LEAST_ONCE,
                    packet_id=sent % 60_000 + 1,
                    content_type="application/cloudevents+json",
                )
            )
            sent += 1
        acknowledged += sum(isinstance(frame, PubAckPacket) for frame in await link.frames())
    await link.close()


async def publisher(port: int) -> asyncio.subprocess.Process:
    """The publisher, in its own process."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.mqtt", "publish", str(port), str(EVENTS)
    )


async def nothing() -> None:
    """All is published already."""


async def read_durably(port: int, folder: Path, connected: Callable[[], Awaitable[None]]) -> float:
    """Our source and journal, put together as the service does; returns events a second."""
    source = MqttSource(Broker(host="127.0.0.1", port=port, client_id="ours"), SystemClock(), CUSTOMERS)
    seen = 0

    def on_group(group: Group) -> None:
        nonlocal seen
        seen += len(group.recorded)

    journal = Journal(folder / "journal.sqlite", SystemClock(), on_group)
    began = 0.0
    telling = asyncio.create_task(told_when(lambda: source.connected, connected))
    async with contextlib.aclosing(source.events()) as events:
        async for incoming in events:
            began = began or time.perf_counter()
            await journal.append(incoming.events)
            if incoming.done is not None:
                incoming.done()
            if seen == EVENTS:
                break
    took = time.perf_counter() - began
    await telling
    await journal.close()
    return EVENTS / took


async def told_when(holds: Callable[[], bool], tell: Callable[[], Awaitable[None]]) -> None:
    """Call `tell` once this holds."""
    while not holds():  # noqa: ASYNC110  # the source sets no event
        await asyncio.sleep(0.01)
    await tell()


async def read_bare(port: int, _folder: Path, connected: Callable[[], Awaitable[None]]) -> float:
    """A bare aiomqtt subscriber; returns messages a second."""
    seen, began = 0, 0.0
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 3600
    properties.ReceiveMaximum = 1000
    async with aiomqtt.Client(
        "127.0.0.1",
        port,
        identifier="bare",
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=False,
        properties=properties,
    ) as client:
        if connected is not nothing:  # a kept session has its subscription, and its messages come first
            await client.subscribe(f"{SITE}/#", qos=1)
        await connected()
        async for _ in client.messages:
            began = began or time.perf_counter()
            seen += 1
            if seen == EVENTS:
                break
    return EVENTS / (time.perf_counter() - began)


READERS: dict[str, Reader] = {"queuewatch, durable": read_durably, "aiomqtt, bare": read_bare}


async def live(reader: Reader, port: int, folder: Path) -> float:
    """Read while it is published."""
    processes: list[asyncio.subprocess.Process] = []

    async def begin() -> None:
        processes.append(await publisher(port))

    rate = await reader(port, folder, begin)
    await processes[0].wait()
    return rate


async def backlog(reader: Reader, port: int, folder: Path) -> float:
    """Read what a kept session holds."""
    await (await publisher(port)).wait()
    return await reader(port, folder, nothing)


async def best(reader: Reader) -> dict[str, float]:
    """Each way of reading, best of the runs, events a second."""
    rates = {"live": 0.0, "backlog": 0.0}
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder, mosquitto(Path(folder)) as server:
            for way, run in (("live", live), ("backlog", backlog)):
                place = Path(folder) / way
                place.mkdir()
                rates[way] = max(rates[way], await run(reader, server.port, place))
    return rates


async def compare() -> None:
    """Print what was measured."""
    rates = {name: await best(reader) for name, reader in READERS.items()}
    print(f"{EVENTS} events of {len(payload(0))} bytes, Mosquitto, QoS 1, best of {RUNS}; events/s")
    for name, measured in rates.items():
        print(f"  {name:20} live {measured['live']:8,.0f}   backlog {measured['backlog']:8,.0f}")
    ours, bare = rates["queuewatch, durable"], rates["aiomqtt, bare"]
    print("  ratio                " + "   ".join(f"{way} {ours[way] / bare[way]:.2f}" for way in ours))


if __name__ == "__main__":
    if sys.argv[1:2] == ["publish"]:
        asyncio.run(publish(int(sys.argv[2]), int(sys.argv[3])))
    else:
        asyncio.run(compare())
