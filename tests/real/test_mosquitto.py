"""A real Mosquitto with the shipped configuration: nothing is lost, and what goes wrong is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from mqtt5 import PublishPacket, QoS, SubscribePacket, TopicFilter
from msgspec import structs

from queuewatch.app import running
from queuewatch.clock import SystemClock
from queuewatch.config import Http, Mqtt, Service, Settings
from queuewatch.customers import Customers
from queuewatch.mqtt.broker import Broker, BrokerError, Tls
from queuewatch.mqtt.link import open_link
from queuewatch.mqtt.probe import probe
from queuewatch.outgoing import Delivery, DeliveryKind
from queuewatch.senders.mqtt import MqttSender
from queuewatch.sources.mqtt import MqttSource
from tests.real.brokers import PASSWORD, TOPIC, Publisher, broker_at, cloudevent, guarded
from tests.real.servers import Server, mosquitto, shipped
from tests.senders.spoken import Words, view

pytestmark = pytest.mark.real
CUSTOMERS = Customers(b"a key for tests, not a secret one")
NOW = SystemClock().now()
PATIENCE_S = 30.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with mosquitto(tmp_path) as server:
        yield server


async def mosquitto_pub(server: Server, payload: bytes, *options: str) -> None:
    """Publish with the tool that comes with Mosquitto."""
    tool = ["mosquitto_pub", "-p", str(server.port), "-q", "1", "-t", TOPIC, *options, "-s"]
    await asyncio.to_thread(subprocess.run, tool, input=payload, check=True)


def child(script: Path, code: str) -> subprocess.Popen[str]:
    """Python of its own, to be killed."""
    script.write_text(textwrap.dedent(code))
    environment = {**os.environ, "PYTHONPATH": str(shipped("."))}
    return subprocess.Popen([sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, text=True)


@contextlib.asynccontextmanager
async def consuming(source: MqttSource, seen: set[str]) -> AsyncIterator[None]:
    """Take what comes and say that it is durable, in a task of its own."""

    async def consume() -> None:
        async with contextlib.aclosing(source.events()) as events:
            async for incoming in events:
                seen.update(event.id for event in incoming.events)
                if incoming.done is not None:
                    incoming.done()

    task = asyncio.create_task(consume(), name="consumer")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  # a real server sets no event
            await asyncio.sleep(0.01)


def quick(broker: Broker, **more: object) -> MqttSource:
    """A source whose pauses are as short as they get."""
    return MqttSource(broker, SystemClock(), CUSTOMERS, chance=lambda: 0.0, **more)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def sending(broker: Broker) -> AsyncIterator[MqttSender]:
    sender = MqttSender(broker, SystemClock(), Words(), chance=lambda: 0.0)
    task = asyncio.create_task(sender.run(), name="sender")
    try:
        await until(lambda: sender.connected)
        yield sender
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def retained(broker: Broker, pattern: str, count: int) -> dict[str, bytes]:
    """What another client sees when it comes anew."""
    link = await open_link(broker, "wallboard")
    link.write(SubscribePacket(1, [TopicFilter(pattern)]))
    seen: dict[str, bytes] = {}
    try:
        async with asyncio.timeout(PATIENCE_S):
            while len(seen) < count:
                for frame in await link.frames():
                    if isinstance(frame, PublishPacket):
                        assert frame.retain
                        seen[frame.topic] = frame.payload
    finally:
        await link.close()
    return seen


def test_mosquitto_starts_with_the_shipped_configuration_and_has_nothing_to_say_about_it(
    server: Server,
) -> None:
    server.stop()
    said = server.log.read_text().splitlines()
    # The tests' own doing: it may run as root here, to write into the test's folder.
    assert not [line for line in said if not line.endswith("should not be run as root/administrator.")]


async def test_events_are_read_published_by_mosquittos_own_tool(server: Server) -> None:
    source, seen = quick(broker_at(server)), set[str]()
    async with consuming(source, seen):
        await until(lambda: source.connected)
        for version in ("mqttv5", "mqttv311"):
            await mosquitto_pub(server, cloudevent(len(version)), "-V", version)
        attributes = {
            "specversion": "1.0",
            "id": "binary",
            "source": "/pbx",
            "type": "queuewatch.contact.abandoned",
            "subject": "contact/c1",
        }
        properties = [
            word for pair in attributes.items() for word in ("-D", "publish", "user-property", *pair)
        ]
        properties += ["-D", "publish", "content-type", "application/json"]
        await mosquitto_pub(server, b'{"queue": "sales", "channel": "phone"}', "-V", "mqttv5", *properties)
        await until(lambda: len(seen) == 3)
    assert seen == {"e6", "e8", "binary"}


async def test_what_was_published_while_away_comes_when_back(server: Server) -> None:
    broker = broker_at(server)
    source, seen = quick(broker), set[str]()
    async with consuming(source, seen):
        await until(lambda: source.connected)
    await Publisher(broker).publish(range(5000))  # five times what Mosquitto keeps by default
    async with consuming(source, seen):
        await until(lambda: len(seen) == 5000)


CONSUMER = """
import asyncio
from queuewatch.clock import SystemClock
from queuewatch.customers import Customers
from queuewatch.logs import setup
from queuewatch.mqtt.broker import Broker
from queuewatch.sources.mqtt import MqttSource

async def say(source):
    while not source.connected:
        await asyncio.sleep(0.01)
    print("connected", flush=True)

async def main():
    source = MqttSource(Broker(host="127.0.0.1", port={port}), SystemClock(), Customers(bytes(32)))
    taken, kept = 0, []
    saying = asyncio.create_task(say(source))
    async for incoming in source.events():
        taken += len(incoming.events)
        kept.append(incoming.done)  # never called: nothing becomes durable
        print(taken, flush=True)

setup()  # the log goes to standard error
asyncio.run(main())
"""


async def test_what_was_not_acknowledged_comes_again_after_a_crash(server: Server, tmp_path: Path) -> None:
    broker = broker_at(server)
    with child(tmp_path / "consumer.py", CONSUMER.format(port=server.port)) as consumer:
        assert consumer.stdout is not None
        assert await asyncio.to_thread(consumer.stdout.readline) == "connected\n"
        await Publisher(broker).publish(range(1000))
        taken = 0
        while taken < 1000:
            taken = int(await asyncio.to_thread(consumer.stdout.readline))
        consumer.send_signal(signal.SIGKILL)
    seen = set[str]()
    async with consuming(quick(broker), seen):
        await until(lambda: len(seen) == 1000)


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_when_the_broker_is_restarted_while_publishing(
    server: Server,
) -> None:
    broker = broker_at(server)
    source, seen, publisher = quick(broker), set[str](), Publisher(broker)
    async with consuming(source, seen):
        await until(lambda: source.connected)
        publishing = asyncio.create_task(publisher.publish(range(3000)), name="publisher")
        for published in (500, 1500):
            await until(lambda: len(publisher.acknowledged) > published)  # noqa: B023  # awaited at once
            server.stop()
            await asyncio.sleep(0.2)
            server.start()
        await publishing
        await until(lambda: len(seen) == 3000)


@pytest.mark.slow
async def test_when_the_broker_is_killed_only_what_it_had_not_saved_yet_is_lost(server: Server) -> None:
    """Mosquitto saves once a second (`autosave_interval 1`), checked once a second: two seconds at most."""
    broker = broker_at(server)
    source, seen, publisher = quick(broker), set[str](), Publisher(broker)
    async with consuming(source, seen):
        await until(lambda: source.connected)
    publishing = asyncio.create_task(publisher.publish(range(10_000)), name="publisher")
    await asyncio.sleep(4)
    killed_at = time.monotonic()
    server.kill()
    server.start()
    await publishing
    safe = {f"e{number}" for number, at in publisher.acknowledged.items() if not 0 < killed_at - at < 2.5}
    assert 1000 < len(safe) < 10_000
    async with consuming(source, seen):
        await until(lambda: safe <= seen)


async def test_retained_state_and_notice_and_birth_are_seen_by_who_comes_later(server: Server) -> None:
    broker = broker_at(server)
    async with sending(broker) as sender:
        for kind in cast("tuple[DeliveryKind, ...]", ("queue_state", "notice")):
            await sender.send(Delivery(key="k", kind=kind, at=0.0, view=view("Sales/North")))
        seen = await retained(broker, "queuewatch/v1/default/#", 3)
    below = "queuewatch/v1/default"
    assert seen[f"{below}/status"] == b"online"
    assert json.loads(seen[f"{below}/queues/Sales%2FNorth/state"])["queue"] == "Sales/North"
    assert json.loads(seen[f"{below}/queues/Sales%2FNorth/notice"])["level"] == "busy"
    await until_status(broker, b"offline")  # it went in good order


SERVICE = """
import asyncio
from queuewatch.clock import SystemClock
from queuewatch.mqtt.broker import Broker
from queuewatch.senders.mqtt import MqttSender

asyncio.run(MqttSender(Broker(host="127.0.0.1", port={port}), SystemClock(), None).run())
"""


async def test_the_will_is_published_when_the_service_is_killed(server: Server, tmp_path: Path) -> None:
    with child(tmp_path / "service.py", SERVICE.format(port=server.port)) as service:
        await until_status(broker_at(server), b"online")
        service.send_signal(signal.SIGKILL)
        await until_status(broker_at(server), b"offline")


async def test_the_whole_service_reads_events_and_publishes_the_queues_they_are_about(
    server: Server, tmp_path: Path
) -> None:
    settings = Settings(
        service=Service(data_dir=tmp_path / "var"), http=Http(port=0), mqtt=Mqtt(port=server.port)
    )
    broker = broker_at(server)
    async with running(settings, SystemClock()):
        await until_status(broker, b"online")
        async with asyncio.timeout(PATIENCE_S):
            seen: dict[str, bytes] = {}
            while not seen:  # once the service has subscribed, an event reaches it
                await Publisher(broker).publish([1])
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        seen = await retained(broker, "queuewatch/v1/default/queues/sales/state", 1)
    assert json.loads(seen["queuewatch/v1/default/queues/sales/state"])["waiting"] == 1
    await until_status(broker, b"offline")


async def until_status(broker: Broker, status: bytes) -> None:
    topic = "queuewatch/v1/default/status"
    async with asyncio.timeout(PATIENCE_S):
        seen = b""
        while seen != status:
            seen = (await retained(broker, topic, 1))[topic]
            await asyncio.sleep(0.02)


async def test_retained_state_is_kept_by_a_broker_that_restarts(server: Server) -> None:
    broker = broker_at(server)
    async with sending(broker) as sender:
        await sender.send(Delivery(key="k", kind="queue_state", at=0.0, view=view()))
        server.stop()
        server.start()
        assert len(await retained(broker, "queuewatch/v1/default/queues/#", 1)) == 1
        await until(lambda: sender.connected)
        await sender.send(Delivery(key="k", kind="queue_state", at=0.0, view=view()))


async def test_a_quiet_connection_is_kept_and_a_frozen_broker_is_noticed(server: Server) -> None:
    source, seen = quick(broker_at(server, keep_alive_s=1)), set[str]()
    async with consuming(source, seen):
        await until(lambda: source.connected)
        await asyncio.sleep(2.5)
        assert source.connected
        assert source.last_error == ""
        with server.frozen():
            await until(lambda: "silent for 1 s" in source.last_error and not source.connected)
        await until(lambda: source.connected)


async def test_two_services_under_one_client_id_are_told_so(server: Server) -> None:
    first, second = quick(broker_at(server)), quick(broker_at(server))
    async with consuming(first, set()):
        await until(lambda: first.connected)
        async with consuming(second, set()):
            await until(lambda: 'another client uses the client id "queuewatch"' in first.last_error)


async def test_a_broken_event_does_no_harm_to_the_next(server: Server) -> None:
    broker = broker_at(server)
    source, seen = quick(broker), set[str]()
    async with consuming(source, seen):
        await until(lambda: source.connected)
        link = await open_link(broker, "pbx")
        for number, payload in enumerate((b"", b"\xff", b"{", b"[]", b"{}", bytes(1_000_000))):
            link.write(
                PublishPacket(TOPIC, payload, qos=QoS.AT_LEAST_ONCE, packet_id=number + 1, retain=True)
            )
        link.write(PublishPacket(TOPIC, cloudevent(1), qos=QoS.AT_LEAST_ONCE, packet_id=99))
        await until(lambda: seen == {"e1"})
        await link.close()
        assert source.last_error == ""


async def test_over_tls_with_a_login_events_come_in_and_state_goes_out(
    tmp_path: Path, certificates: Path
) -> None:
    with guarded(tmp_path, certificates) as broker:
        assert "over TLS" in await probe(broker)
        source = quick(broker)
        async with consuming(source, set()), sending(broker) as sender:
            await until(lambda: source.connected)
            await sender.send(Delivery(key="k", kind="notice", at=0.0, view=view()))


async def test_with_a_client_certificate_it_is_let_in_and_without_it_is_told(
    tmp_path: Path, certificates: Path
) -> None:
    with guarded(tmp_path, certificates, client_certificate=True) as broker:
        assert broker.tls is not None
        own = structs.replace(
            broker.tls,
            cert_file=str(certificates / "client.crt"),
            key_file=str(certificates / "client.key"),
        )
        assert "connected to" in await probe(structs.replace(broker, tls=own))
        with pytest.raises(BrokerError, match="wants a client certificate"):
            await probe(broker)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "wrong"}, 'refuses user "queue": check username and password'),
        ({"username": None, "password": None}, "refuses a client without a user name"),
        ({"tls": Tls()}, "is not trusted .* set tls_ca"),
        ({"host": "127.0.0.1"}, "is for another name"),
        ({"tls": None}, "perhaps it speaks TLS on this port"),
        ({"port": 1}, "nothing listens at localhost:1"),
        ({"host": "nowhere.invalid"}, "the name nowhere.invalid is not known"),
        ({"username": "guest"}, 'does not let user "guest" publish to'),
    ],
)
async def test_what_is_wrong_with_a_guarded_broker_is_one_sentence_without_the_password(
    tmp_path: Path, certificates: Path, change: dict[str, object], sentence: str
) -> None:
    with guarded(tmp_path, certificates) as broker, pytest.raises(BrokerError, match=sentence) as wrong:
        await probe(structs.replace(broker, **change))
    assert PASSWORD not in str(wrong.value)
    assert "\n" not in str(wrong.value)


async def test_tls_to_a_broker_that_speaks_none_is_told(server: Server) -> None:
    with pytest.raises(BrokerError, match=r"perhaps it speaks plain MQTT on this port|does not speak TLS"):
        await probe(broker_at(server, tls=Tls()))
