"""One connection: being let in, reading, acknowledging, and every way it ends."""

from __future__ import annotations

import asyncio

import pytest
from mqtt5 import (
    ConnAckPacket,
    ConnAckReasonCode,
    ConnectPacket,
    DisconnectPacket,
    DisconnectReasonCode,
    PingRespPacket,
    PublishPacket,
    Will,
)

from queuewatch.mqtt.broker import Broker, BrokerError
from queuewatch.mqtt.link import Link, open_link
from tests.mqtt.fakes import BROKER, Connection, FakeBroker, message


async def opened(fake: FakeBroker) -> Link:
    return await open_link(BROKER, "qw", session_expiry_s=60, receive_max=9, dial=fake.dial)


async def test_it_logs_in_and_asks_for_its_session() -> None:
    fake = FakeBroker()
    link = await open_link(
        BROKER, "qw", session_expiry_s=60, receive_max=9, will=Will("a/b", payload=b"gone"), dial=fake.dial
    )
    (connect,) = fake.last.heard
    assert isinstance(connect, ConnectPacket)
    assert (connect.client_id, connect.username, connect.password) == ("qw", "queue", b"geheim")
    assert (connect.clean_start, connect.session_expiry_interval, connect.receive_max) == (False, 60, 9)
    assert connect.will is not None
    assert connect.will.topic == "a/b"
    await link.close()


async def test_without_a_session_it_starts_clean_and_without_a_login_it_sends_none() -> None:
    fake = FakeBroker()
    link = await open_link(Broker(), "qw", dial=fake.dial)
    (connect,) = fake.last.heard
    assert isinstance(connect, ConnectPacket)
    assert (connect.clean_start, connect.username, connect.password) == (True, None, None)
    await link.close()


async def test_what_comes_on_the_heels_of_the_welcome_is_not_lost() -> None:
    fake = FakeBroker()
    fake.with_welcome = (message("a", b"1", 1), message("a", b"2", 2))
    link = await opened(fake)
    assert [one.payload for one in await link.frames() if isinstance(one, PublishPacket)] == [b"1", b"2"]
    await link.close()


async def test_pongs_are_kept_to_itself() -> None:
    fake = FakeBroker()
    link = await opened(fake)
    fake.last.say(PingRespPacket())
    fake.last.say(PingRespPacket(), message("a", b"1", 1))
    (frame,) = await link.frames()
    assert isinstance(frame, PublishPacket)
    await link.close()


async def test_a_refused_login_closes_the_connection() -> None:
    fake = FakeBroker()
    fake.welcome = ConnAckPacket(reason_code=ConnAckReasonCode.NOT_AUTHORIZED)
    with pytest.raises(BrokerError, match='refuses user "queue"'):
        await opened(fake)
    assert fake.last.closed


async def test_a_broker_that_answers_something_else_is_told_so() -> None:
    fake = FakeBroker()
    fake.welcome = PingRespPacket()  # type: ignore[assignment]  # what no broker would say first
    fake.with_welcome = (message("a", b"1", 1),)
    with pytest.raises(BrokerError, match="does not answer in MQTT 5"):
        await opened(fake)


async def test_a_connection_that_cannot_be_made_is_told_in_a_sentence() -> None:
    fake = FakeBroker()
    fake.refusals = [ConnectionRefusedError()]
    with pytest.raises(BrokerError, match=r"nothing listens at broker\.example:1883"):
        await opened(fake)


async def test_a_broker_that_hangs_up_before_answering_is_told_so() -> None:
    fake = FakeBroker()
    fake.greets = False
    opening = asyncio.create_task(opened(fake), name="opening")
    await fake.until(lambda: bool(fake.connections) and bool(fake.last.heard))
    fake.last.hang_up()
    with pytest.raises(BrokerError, match="closed the connection before answering"):
        await opening


async def test_a_connection_that_breaks_before_the_answer_is_told_so() -> None:
    fake = FakeBroker()
    fake.greets = False
    opening = asyncio.create_task(opened(fake), name="opening")
    await fake.until(lambda: bool(fake.connections) and bool(fake.last.heard))
    fake.last.reader.set_exception(ConnectionResetError(104, "reset"))
    with pytest.raises(BrokerError, match="closed the connection before answering"):
        await opening


async def test_the_end_of_a_connection_says_why() -> None:
    fake = FakeBroker()
    for end, sentence in (
        (Connection.hang_up, "closed the connection: it stopped"),
        (
            lambda end: end.say(DisconnectPacket(reason_code=DisconnectReasonCode.SERVER_SHUTTING_DOWN)),
            "shutting",
        ),
        (lambda end: end.say_bytes(b"\x00\x00"), "does not answer in MQTT 5"),
        (lambda end: end.reader.set_exception(ConnectionResetError(104, "reset")), r"broke \(reset\)"),
    ):
        link = await opened(fake)
        end(fake.last)
        with pytest.raises(BrokerError, match=sentence):
            await link.frames()
        await link.close()


async def test_acknowledgements_go_out_while_the_connection_stands_and_not_after() -> None:
    fake = FakeBroker()
    link = await opened(fake)
    link.acknowledge([3, 1, 2])
    await link.close()
    link.acknowledge([4])
    link.write(PingRespPacket())
    assert fake.last.acknowledged == [3, 1, 2]
    assert isinstance(fake.last.heard[-1], DisconnectPacket)


async def test_it_says_goodbye_as_it_is_told() -> None:
    fake = FakeBroker()
    link = await opened(fake)
    await link.close(DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)
    goodbye = fake.last.heard[-1]
    assert isinstance(goodbye, DisconnectPacket)
    assert goodbye.reason_code == DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE
