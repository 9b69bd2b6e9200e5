"""What is published over MQTT, and what a broker's answer means for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from mqtt5 import (
    ConnAckPacket,
    ConnectPacket,
    DisconnectPacket,
    DisconnectReasonCode,
    PingRespPacket,
    PubAckPacket,
    PubAckReasonCode,
    QoS,
)

from queuewatch import words
from queuewatch.mqtt.broker import Broker
from queuewatch.outgoing import Delivery, DeliveryKind, Sender
from queuewatch.ports import SendFailedError
from queuewatch.senders.mqtt import MqttSender
from queuewatch.senders.payload import notice_message, state_message
from tests.clocks import HastyClock, turn
from tests.mqtt.fakes import BROKER, FakeBroker
from tests.senders.spoken import AT, Words, view


def delivery(kind: DeliveryKind = "queue_state", **more: str) -> Delivery:
    return Delivery(key="busy/default/sales/1", kind=kind, at=AT, view=view(**more))  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def running(fake: FakeBroker, broker: Broker = BROKER, **more: Any) -> AsyncIterator[MqttSender]:
    """A sender whose connection is held; connected when the broker lets it."""
    sender = MqttSender(broker, HastyClock(), Words(), dial=fake.dial, chance=lambda: 0.0, **more)
    task = asyncio.create_task(sender.run(), name="sender")
    try:
        yield sender
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def connected(sender: MqttSender, fake: FakeBroker) -> None:
    """Until the broker has acknowledged our birth."""
    await fake.until(lambda: bool(fake.connections) and bool(fake.last.published))
    while not sender.connected:
        await turn()


def test_a_state_is_the_view_with_times_as_people_write_them() -> None:
    state = json.loads(state_message(view()))
    plain = msgspec.to_builtins(view())
    assert state["at"] == "2026-11-21T10:00:00.250000Z"
    assert state["heard_at"] == "2026-11-21T09:59:59.250000Z"
    assert state["notice"]["since_at"] == "2026-11-21T09:59:00.250000Z"
    assert state["notice"]["until_at"] is None
    assert {**state, "at": 0, "heard_at": 0, "notice": 0} == {
        **json.loads(json.dumps(plain)),
        "at": 0,
        "heard_at": 0,
        "notice": 0,
    }


def test_a_state_holds_no_point_in_time_as_a_number() -> None:
    def numbers(value: object, path: str) -> list[str]:
        if isinstance(value, dict):
            return [one for key, inner in value.items() for one in numbers(inner, f"{path}.{key}")]
        return [path] if isinstance(value, float) else []

    names = [path.rpartition(".")[2] for path in numbers(json.loads(state_message(view())), "")]
    assert not [name for name in names if name == "at" or name.endswith("_at")]


def test_a_notice_tells_level_reason_and_words_in_every_language() -> None:
    assert json.loads(notice_message(view(), Words(), ["en", "nl"])) == {
        "site": "default",
        "queue": "sales",
        "channel": "phone",
        "level": "busy",
        "since_at": "2026-11-21T09:59:00.250000Z",
        "until_at": None,
        "reason": "P(wait > 60 s) was 0.6 for 30 s",
        "text": {"en": "en: sales is busy", "nl": "nl: sales is busy"},
        "at": "2026-11-21T10:00:00.250000Z",
    }


async def test_it_is_a_sender_and_says_notices_in_our_words() -> None:
    sender: Sender = MqttSender(BROKER, HastyClock(), words)
    message = json.loads(notice_message(view(), words, ["en", "de", "nl"]))
    assert message["text"] == {code: words.text(view(), code).text for code in ("en", "de", "nl")}
    assert sender.name == "mqtt"


async def test_it_announces_itself_and_leaves_a_will() -> None:
    fake = FakeBroker()
    async with running(fake, site="berlin") as sender:
        await connected(sender, fake)
        connect = fake.last.heard[0]
        assert isinstance(connect, ConnectPacket)
        assert connect.client_id == "qw-out"
        assert connect.will is not None
        assert (connect.will.topic, connect.will.payload, connect.will.retain) == (
            "queuewatch/v1/berlin/status",
            b"offline",
            True,
        )
        (birth,) = fake.last.published
        assert (birth.topic, birth.payload, birth.retain, birth.qos) == (
            "queuewatch/v1/berlin/status",
            b"online",
            True,
            QoS.AT_LEAST_ONCE,
        )
    goodbye = fake.last.heard[-1]
    assert isinstance(goodbye, DisconnectPacket)
    assert goodbye.reason_code == DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE
    assert not sender.connected


@pytest.mark.parametrize(
    ("kind", "queue", "topic"),
    [
        ("queue_state", "sales", "queuewatch/v1/default/queues/sales/state"),
        ("notice", "sales", "queuewatch/v1/default/queues/sales/notice"),
        ("notice", "Sales/North #1+", "queuewatch/v1/default/queues/Sales%2FNorth %231%2B/notice"),
    ],
)
async def test_what_is_sent_is_retained_below_its_queue(kind: DeliveryKind, queue: str, topic: str) -> None:
    fake = FakeBroker()
    async with running(fake) as sender:
        await connected(sender, fake)
        await sender.send(delivery(kind, queue=queue))
        published = fake.last.published[-1]
        assert (published.topic, published.retain, published.qos) == (topic, True, QoS.AT_LEAST_ONCE)
        assert published.content_type == "application/json"
        assert json.loads(published.payload)["queue"] == queue


async def test_a_send_waits_for_the_brokers_acknowledgement() -> None:
    fake = FakeBroker()
    async with running(fake) as sender:
        await connected(sender, fake)
        fake.acknowledges = False
        sending = asyncio.create_task(sender.send(delivery()), name="send")
        await fake.until(lambda: len(fake.last.published) == 2)
        assert not sending.done()
        fake.last.say(PingRespPacket(), PubAckPacket(fake.last.published[-1].packet_id or 0))
        await sending


async def test_no_more_are_on_the_way_than_the_broker_takes_and_ids_are_not_used_twice() -> None:
    fake = FakeBroker()
    fake.welcome = ConnAckPacket(receive_max=2)
    async with running(fake) as sender:
        await connected(sender, fake)
        fake.acknowledges = False
        sending = [asyncio.create_task(sender.send(delivery()), name=f"send {one}") for one in range(3)]
        await fake.until(lambda: len(fake.last.published) == 3)
        await turn()
        _birth, first, second = fake.last.published
        assert first.packet_id != second.packet_id
        fake.last.say(PubAckPacket(second.packet_id or 0), PubAckPacket(60_000))  # and one it never sent
        await fake.until(lambda: len(fake.last.published) == 4)
        assert fake.last.published[3].packet_id != first.packet_id
        fake.last.say(PubAckPacket(first.packet_id or 0), PubAckPacket(fake.last.published[3].packet_id or 0))
        await asyncio.gather(*sending)


@pytest.mark.parametrize(
    ("reason", "permanent", "sentence"),
    [
        (PubAckReasonCode.NOT_AUTHORIZED, True, 'does not let user "queue" publish to queuewatch'),
        (PubAckReasonCode.QUOTA_EXCEEDED, False, "did not take the message: quota exceeded"),
    ],
)
async def test_a_refusal_says_whether_trying_again_is_of_use(
    reason: PubAckReasonCode, permanent: bool, sentence: str
) -> None:
    fake = FakeBroker()
    async with running(fake) as sender:
        await connected(sender, fake)
        fake.takes = reason
        with pytest.raises(SendFailedError, match=sentence) as failed:
            await sender.send(delivery())
        assert failed.value.permanent is permanent


async def test_a_message_nobody_listens_to_is_delivered_all_the_same() -> None:
    fake = FakeBroker()
    async with running(fake) as sender:
        await connected(sender, fake)
        fake.takes = PubAckReasonCode.NO_MATCHING_SUBSCRIBERS
        await sender.send(delivery())


async def test_without_a_connection_a_send_fails_for_now() -> None:
    sender = MqttSender(BROKER, HastyClock(), Words())
    with pytest.raises(SendFailedError, match=r"not connected to broker\.example:1883 yet") as failed:
        await sender.send(delivery())
    assert sender.trouble == str(failed.value)
    assert not failed.value.permanent


async def test_those_who_wait_when_the_connection_breaks_are_told_and_it_comes_back() -> None:
    fake = FakeBroker()
    fake.welcome = ConnAckPacket(receive_max=1)
    again: list[str] = []
    async with running(fake, on_connected=lambda: again.append("connected")) as sender:
        await connected(sender, fake)
        fake.acknowledges = False
        sending = [asyncio.create_task(sender.send(delivery()), name=f"send {one}") for one in range(3)]
        await fake.until(lambda: len(fake.last.published) == 2)
        fake.acknowledges = True
        fake.last.hang_up()
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
        assert all("closed the connection" in str(one) for one in outcomes)
        assert all(isinstance(one, SendFailedError) and not one.permanent for one in outcomes)
        await fake.until(lambda: len(fake.connections) == 2)
        await connected(sender, fake)
        await sender.send(delivery())
        assert again == ["connected", "connected"]


async def test_an_acknowledgement_that_does_not_come_in_time_fails_for_now() -> None:
    fake = FakeBroker()
    async with running(fake, Broker(timeout_s=0.05)) as sender:
        await connected(sender, fake)
        fake.acknowledges = False
        with pytest.raises(SendFailedError, match=r"did not acknowledge within 0\.05 s") as failed:
            await sender.send(delivery())
        assert not failed.value.permanent
        fake.last.say(PubAckPacket(fake.last.published[-1].packet_id or 0))  # too late to matter
        fake.acknowledges = True


async def test_a_status_that_may_not_be_published_is_told_and_nothing_is_sent() -> None:
    fake = FakeBroker()
    fake.takes = PubAckReasonCode.NOT_AUTHORIZED
    async with running(fake) as sender:
        await fake.until(lambda: len(fake.connections) == 2)
        assert "publish to queuewatch/v1/default/status" in sender.last_error
        assert not sender.connected
        with pytest.raises(SendFailedError, match="publish to queuewatch/v1/default/status"):
            await sender.send(delivery())
