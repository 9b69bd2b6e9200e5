"""Events from MQTT: what a message means, when it is acknowledged, and coming back after a loss."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mqtt5 import ConnectPacket, QoS, RetainHandling, SubAckReasonCode, SubscribePacket
from structlog.testing import capture_logs

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import Abandoned, Enqueued, Event
from queuewatch.core.facts.wire import RefusedError, to_cloudevent
from queuewatch.customers import Customers
from queuewatch.ports import Incoming, Source
from queuewatch.sources.mqtt import Acknowledgements, MqttSource, Properties, parse
from tests.clocks import HastyClock
from tests.mqtt.fakes import BROKER, FakeBroker, message

NOON = 4.1e9  # long after the events of these tests
TOPIC = "queuewatch/v1/default/events/phone/sales"
CLOUDEVENTS = Properties("application/cloudevents+json")
CUSTOMERS = Customers(b"a key for tests, not a secret one")
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def enqueued(number: int = 1, site: str = "default") -> Event:
    data = Enqueued(queue="sales", channel="phone", priority=2)
    return Event(f"e{number}", "/pbx", 1_795_255_200.5, data, f"c{number}", site)


def structured(event: Event, **more: object) -> bytes:
    return json.dumps({**to_cloudevent(event), **more}).encode()


def binary(event: Event) -> tuple[bytes, list[tuple[str, str]]]:
    wire: dict[str, Any] = to_cloudevent(event)
    payload = json.dumps(wire.pop("data")).encode()
    del wire["datacontenttype"]
    return payload, list(wire.items())


@pytest.mark.parametrize(
    "content_type",
    [
        None,  # MQTT 3.1.1 knows no content type
        "application/cloudevents+json",
        "application/cloudevents+json; charset=utf-8",
        "Application/CloudEvents+JSON",
        "application/json",
    ],
)
def test_structured_events_are_read(content_type: str | None) -> None:
    assert parse(TOPIC, structured(enqueued()), Properties(content_type), NOON) == enqueued()


@pytest.mark.parametrize("content_type", [None, "application/json", "application/vnd.acme.call+json"])
def test_binary_events_bear_their_attributes_as_user_properties(content_type: str | None) -> None:
    payload, attributes = binary(enqueued())
    assert parse(TOPIC, payload, Properties(content_type, attributes), NOON) == enqueued()


def test_a_binary_event_without_data_is_read_where_none_is_needed() -> None:
    attributes = [
        ("specversion", "1.0"),
        ("id", "1"),
        ("source", "/pbx"),
        ("type", "queuewatch.source.started"),
    ]
    event = parse(TOPIC, b"", Properties(None, attributes), 12.5)
    assert (event.id, event.source, event.at) == ("1", "/pbx", 12.5)


@given(NAMES, NAMES, st.floats(0, 4e9), st.sampled_from(["berlin", "default", "a/b"]))
def test_both_modes_give_the_same_event(ident: str, contact: str, at: float, site: str) -> None:
    at = round(at)  # what RFC 3339 carries exactly
    event = Event(ident, "/pbx", float(at), Abandoned(queue="sales", channel="phone"), contact, site)
    topic = f"queuewatch/v1/{site.replace('/', '%2F')}/events/x"
    payload, attributes = binary(event)
    assert parse(topic, payload, Properties("application/json", attributes), NOON) == event
    assert parse(topic, structured(event), CLOUDEVENTS, NOON) == event


def test_the_topics_site_holds_for_an_event_that_says_none() -> None:
    raw = json.dumps(
        {key: value for key, value in to_cloudevent(enqueued()).items() if key != "site"}
    ).encode()
    assert parse("queuewatch/v1/berlin/events/x", raw, CLOUDEVENTS, NOON) == enqueued(site="berlin")
    assert parse(TOPIC, raw, CLOUDEVENTS, NOON) == enqueued()


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("queuewatch/v1/berlin/events/x", "default"),
        ("queuewatch/v1/berlin/events/x", "hamburg"),
        ("queuewatch/v1/default/events/x", "berlin"),
    ],
)
def test_an_event_that_says_another_site_than_its_topic_is_refused(topic: str, said: str) -> None:
    with pytest.raises(RefusedError, match=f'the event says site "{said}"') as refused:
        parse(topic, structured(enqueued(), site=said), CLOUDEVENTS, NOON)
    assert refused.value.reason == "wrong_site"


@pytest.mark.parametrize(
    ("topic", "payload", "properties", "reason"),
    [
        ("queuewatch/v1/default/queues/sales", b"{}", CLOUDEVENTS, "wrong_topic"),
        (f"queuewatch/v1/{'x' * 257}/events/a", b"{}", CLOUDEVENTS, "wrong_topic"),
        (TOPIC, b"", Properties(), "not_json"),
        (TOPIC, b"\xff\x00", CLOUDEVENTS, "not_json"),
        (TOPIC, b'{"data":' * 100_000, CLOUDEVENTS, "not_json"),
        (TOPIC, b"{}", CLOUDEVENTS, "bad_field"),
        (TOPIC, b"[]", Properties("application/cloudevents-batch+json"), "bad_content_type"),
        (TOPIC, b"", Properties("application/cloudevents+avro"), "bad_content_type"),
        (TOPIC, b"{}", Properties("text/plain"), "bad_content_type"),
        (TOPIC, b"1,2", Properties(None, [("specversion", "1.0")]), "not_json"),
        (TOPIC, b"[" * 100_000, Properties(None, [("specversion", "1.0")]), "not_json"),
        (TOPIC, b"{}", Properties(None, [("specversion", "1.0"), ("type", "other")]), "unknown_type"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(
    topic: str, payload: bytes, properties: Properties, reason: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        parse(topic, payload, properties, NOON)
    assert refused.value.reason == reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.text(max_size=60) | st.just(TOPIC),
    st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()),
    st.none() | st.text(max_size=40) | st.just("application/json"),
    st.lists(st.tuples(st.sampled_from(["specversion", "id", "type", "data"]) | st.text(max_size=9), NAMES)),
)
def test_no_message_does_anything_but_be_read_or_be_refused(
    topic: str, payload: bytes, content_type: str | None, attributes: list[tuple[str, str]]
) -> None:
    with contextlib.suppress(RefusedError):
        assert isinstance(parse(topic, payload, Properties(content_type, attributes), NOON), Event)


@given(st.permutations(range(5)))
def test_messages_are_acknowledged_in_the_order_they_came_in(order: list[int]) -> None:
    sent: list[int] = []
    acknowledgements = Acknowledgements(sent.extend)
    batches = [acknowledgements.expect([10 * batch, 10 * batch + 1]) for batch in range(5)]
    safe: set[int] = set()
    for batch in order:
        batches[batch]()
        safe.add(batch)
        leading = list(itertools.takewhile(safe.__contains__, range(5)))
        assert sent == [10 * one + offset for one in leading for offset in (0, 1)]


@contextlib.asynccontextmanager
async def reading(fake: FakeBroker, clock: HastyClock | None = None, **more: Any) -> AsyncIterator[Any]:
    source = MqttSource(BROKER, clock or HastyClock(), CUSTOMERS, dial=fake.dial, chance=lambda: 0.0, **more)
    async with contextlib.aclosing(source.events()) as events:
        yield source, events


def ready(fake: FakeBroker, *events: Event) -> None:
    """Have these come in right after the welcome, with ids from 1."""
    fake.with_welcome = tuple(message(TOPIC, structured(event), at + 1) for at, event in enumerate(events))


async def test_it_is_a_source() -> None:
    source: Source = MqttSource(BROKER, HastyClock(), CUSTOMERS, name="broker")
    assert source.name == "broker"
    assert source.trouble == "not connected to broker.example:1883 yet"


async def test_it_asks_for_its_session_and_for_every_sites_events_but_not_the_retained_ones() -> None:
    fake = FakeBroker()
    ready(fake, enqueued())
    async with reading(fake) as (_source, events):
        await anext(events)
        connect, subscribe = fake.last.heard
        assert isinstance(connect, ConnectPacket)
        assert (connect.client_id, connect.clean_start) == ("qw", False)
        assert connect.session_expiry_interval == BROKER.session_expiry_s
        assert isinstance(subscribe, SubscribePacket)
        (wanted,) = subscribe.topic_filters
        assert wanted.pattern == "queuewatch/v1/+/events/#"
        assert (wanted.max_qos, wanted.retain_handling) == (QoS.AT_LEAST_ONCE, RetainHandling.SEND_NEVER)


async def test_messages_are_acknowledged_once_they_are_done_and_not_before() -> None:
    fake = FakeBroker()
    ready(fake, enqueued(1), enqueued(2))
    async with reading(fake) as (_source, events):
        incoming: Incoming = await anext(events)
        assert incoming.events == (enqueued(1), enqueued(2))
        assert incoming.done is not None
        assert fake.last.acknowledged == []
        incoming.done()
        assert fake.last.acknowledged == [1, 2]


async def test_what_lies_ready_comes_together_up_to_a_thousand() -> None:
    fake = FakeBroker()
    fake.with_welcome = tuple(message(TOPIC, b"x", number) for number in range(1, 2002))
    async with reading(fake) as (_source, events):
        sizes = [len((await anext(events)).refused) for _ in range(3)]
    assert sizes == [1000, 1000, 1]


async def test_a_refused_message_is_counted_and_acknowledged_with_its_neighbours() -> None:
    fake = FakeBroker()
    fake.with_welcome = (
        message(TOPIC, b"not json", 1),
        message(TOPIC, structured(enqueued()), 2),
        message("queuewatch/v1/berlin/events/x", structured(enqueued(), site="hamburg"), 3),
    )
    async with reading(fake) as (_source, events):
        incoming: Incoming = await anext(events)
        assert incoming.events == (enqueued(),)
        assert [one.reason for one in incoming.refused] == ["not_json", "wrong_site"]
        assert incoming.done is not None
        incoming.done()
        assert fake.last.acknowledged == [1, 2, 3]


async def test_messages_of_which_nothing_is_kept_are_acknowledged_at_once() -> None:
    fake = FakeBroker()
    fake.with_welcome = (message(TOPIC, b"not json", 1),)
    async with reading(fake) as (_source, events):
        incoming: Incoming = await anext(events)
        assert (incoming.events, incoming.done) == ((), None)
        assert [one.reason for one in incoming.refused] == ["not_json"]
        assert fake.last.acknowledged == [1]


async def test_a_packet_that_breaks_the_rules_is_refused_and_does_not_end_the_connection() -> None:
    fake = FakeBroker()
    ready(fake, enqueued(1))
    async with reading(fake) as (_source, events):
        (await anext(events)).done()
        topic = TOPIC.encode()
        body = len(topic).to_bytes(2) + topic + (2).to_bytes(2) + b"\x02\x7f\x00"  # no such property
        fake.last.say_bytes(bytes([0x32, len(body)]) + body)
        incoming: Incoming = await anext(events)
        assert [one.reason for one in incoming.refused] == ["bad_packet"]
        assert fake.last.acknowledged == [1, 2]
        fake.last.say(message(TOPIC, structured(enqueued(3)), 3))
        assert (await anext(events)).events == (enqueued(3),)
    assert len(fake.connections) == 1


async def test_messages_without_a_promise_are_taken_and_not_acknowledged() -> None:
    fake = FakeBroker()
    fake.with_welcome = (message(TOPIC, structured(enqueued())),)
    async with reading(fake) as (_source, events):
        incoming: Incoming = await anext(events)
        assert incoming.events == (enqueued(),)
        assert incoming.done is not None
        incoming.done()
        assert fake.last.acknowledged == []


async def test_whom_an_event_is_about_is_hidden_at_the_edge() -> None:
    fake = FakeBroker()
    about = Event("e1", "/pbx", 1.0, Enqueued(queue="sales", channel="phone", customer="+4930123456"), "c1")
    fake.with_welcome = (message(TOPIC, structured(about), 1),)
    async with reading(fake) as (_source, events):
        (event,) = (await anext(events)).events
        assert event.data.customer == CUSTOMERS.pseudonym("+49 30 123456")


async def test_who_reports_calls_may_not_set_a_notice() -> None:
    fake = FakeBroker()
    order = NoticeOverridden(queue="sales", level="very_busy", by="somebody")
    fake.with_welcome = (message(TOPIC, structured(Event("e1", "/pbx", 1.0, order)), 1),)
    async with reading(fake) as (_source, events):
        incoming: Incoming = await anext(events)
        assert (incoming.events, [one.reason for one in incoming.refused]) == ((), ["forbidden"])


async def test_the_time_of_arrival_stands_in_for_a_time_that_is_not_said() -> None:
    fake = FakeBroker()
    wire = to_cloudevent(enqueued())
    del wire["time"]
    fake.with_welcome = (message(TOPIC, json.dumps(wire).encode(), 1),)
    async with reading(fake, HastyClock(99.5)) as (_source, events):
        (event,) = (await anext(events)).events
        assert event.at == 99.5


async def test_it_comes_back_with_growing_pauses_and_says_what_was_wrong() -> None:
    fake, clock = FakeBroker(), HastyClock()
    fake.refusals = [ConnectionRefusedError(), ConnectionRefusedError(), ConnectionRefusedError()]
    ready(fake, enqueued())
    async with reading(fake, clock) as (source, events):
        assert not source.connected
        await anext(events)
        assert clock.slept == pytest.approx([0.5, 1.0, 2.0])
        fake.last.say(message(TOPIC, structured(enqueued(2)), 9))
        await anext(events)
        assert source.connected
        assert source.trouble is None
        assert source.last_error == ""
        fake.last.hang_up()
        await anext(events)
        assert clock.slept == pytest.approx([0.5, 1.0, 2.0, 4.0])
    assert not source.connected
    assert source.trouble == source.last_error
    assert source.last_error.startswith("broker.example:1883 closed the connection")
    assert fake.last.closed


async def test_a_late_acknowledgement_never_goes_out_on_another_connection() -> None:
    fake = FakeBroker()
    ready(fake, enqueued(1))
    async with reading(fake) as (_source, events):
        first: Incoming = await anext(events)
        fake.last.hang_up()
        again: Incoming = await anext(events)
        assert first.done is not None
        assert again.done is not None
        first.done()
        assert [one.acknowledged for one in fake.connections] == [[], []]
        again.done()
        assert [one.acknowledged for one in fake.connections] == [[], [1]]


async def test_a_subscription_that_is_refused_is_told_and_tried_again() -> None:
    fake, clock = FakeBroker(), HastyClock()
    fake.grants = SubAckReasonCode.NOT_AUTHORIZED
    async with reading(fake, clock, sites=("berlin",)) as (source, events):
        with capture_logs() as logs:
            trying = asyncio.create_task(anext(events), name="trying")
            await fake.until(lambda: len(fake.connections) == 3)
        assert [one["event"] for one in logs] == ["source lost"]
        assert not source.connected
        assert 'does not let user "queue" subscribe to queuewatch/v1/berlin/events/#' in source.last_error
        trying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trying
