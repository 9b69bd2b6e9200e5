"""Trying a broker out gives one sentence: what works, or what does not."""

from __future__ import annotations

import pytest
from mqtt5 import ConnectPacket, PubAckReasonCode, SubAckReasonCode

from queuewatch.mqtt.broker import Broker, BrokerError, Tls
from queuewatch.mqtt.probe import probe
from tests.mqtt.fakes import BROKER, FakeBroker, message


async def test_a_broker_that_works_is_told_with_what_we_may_do_there() -> None:
    fake = FakeBroker()
    fake.with_welcome = (message("queuewatch/v1/default/events/a", b"{}"),)
    assert await probe(BROKER, dial=fake.dial) == (
        'connected to broker.example:1883 in the clear as "queue"; '
        "we may subscribe to queuewatch/v1/+/events/# and publish below queuewatch/v1/default"
    )
    assert "over TLS without a login" in await probe(Broker(tls=Tls()), dial=fake.dial)


async def test_trying_leaves_a_running_services_connection_alone_and_publishes_nothing_to_anyone() -> None:
    fake = FakeBroker()
    await probe(BROKER, dial=fake.dial)
    connect = fake.last.heard[0]
    assert isinstance(connect, ConnectPacket)
    assert connect.client_id == "qw-check"
    (published,) = fake.last.published
    assert (published.payload, published.retain) == (b"", False)
    assert fake.last.closed


async def test_a_missing_right_to_read_is_told() -> None:
    fake = FakeBroker()
    fake.grants = SubAckReasonCode.NOT_AUTHORIZED
    with pytest.raises(BrokerError, match="subscribe to queuewatch/v1/berlin/events/#"):
        await probe(BROKER, sites=("berlin",), dial=fake.dial)


async def test_a_missing_right_to_write_is_told() -> None:
    fake = FakeBroker()
    fake.takes = PubAckReasonCode.NOT_AUTHORIZED
    with pytest.raises(BrokerError, match="publish to queuewatch/v1/berlin/queues/%check/state"):
        await probe(BROKER, site="berlin", dial=fake.dial)
    assert fake.last.closed


async def test_a_broker_that_is_not_there_is_told() -> None:
    fake = FakeBroker()
    fake.refusals = [ConnectionRefusedError()]
    with pytest.raises(BrokerError, match="nothing listens"):
        await probe(BROKER, dial=fake.dial)


async def test_a_broker_that_never_acknowledges_is_told() -> None:
    fake = FakeBroker()
    fake.acknowledges = False
    with pytest.raises(BrokerError, match=r"did not (acknowledge|answer) within"):
        await probe(Broker(timeout_s=0.02), dial=fake.dial)
