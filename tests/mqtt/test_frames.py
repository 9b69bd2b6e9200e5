"""Cutting a stream into packets: at any place, with any content, and with what breaks the rules in it."""

from __future__ import annotations

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mqtt5 import PubAckPacket, PublishPacket, QoS

from queuewatch.mqtt.frames import Unframer, Unreadable

# The library tells of text that is not UTF-8 by a panic, which leaves this behind.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PAYLOADS = st.binary(max_size=300)
MESSAGES = st.lists(st.tuples(st.integers(1, 65_535), PAYLOADS), min_size=1, max_size=8)


def packet(packet_id: int, payload: bytes) -> PublishPacket:
    return PublishPacket("a/b", payload, qos=QoS.AT_LEAST_ONCE, packet_id=packet_id)


def by_hand(topic: bytes, packet_id: int, rest: bytes) -> bytes:
    """A QoS 1 message as section 3.3 of MQTT 5 lays it out, whatever it holds."""
    body = len(topic).to_bytes(2) + topic + packet_id.to_bytes(2) + rest
    assert len(body) < 128
    return bytes([0x32, len(body)]) + body


@given(MESSAGES, st.data())
def test_a_stream_gives_the_same_packets_wherever_it_is_cut(
    messages: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(packet(*message).write() for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    unframer = Unframer()
    read = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        read += unframer.feed(stream[start:end])
    assert [(one.packet_id, one.payload) for one in read if isinstance(one, PublishPacket)] == messages


@pytest.mark.parametrize(
    ("topic", "rest"),
    [
        (b"\xff\xfe", b"\x00{}"),  # a topic that is not UTF-8
        (b"a/b", b"\x05\x26\x00\x01\xff\x00"),  # a user property that is not UTF-8, and cut off
        (b"a/b", b"\x02\x7f\x00"),  # a property that MQTT does not know
        (b"a/b", b"\x7f{}"),  # properties longer than the packet
    ],
)
def test_a_message_that_breaks_the_rules_is_told_by_its_id_and_the_next_one_is_read(
    topic: bytes, rest: bytes
) -> None:
    bad, good = Unframer().feed(by_hand(topic, 77, rest) + packet(78, b"{}").write())
    assert isinstance(bad, Unreadable)
    assert bad.packet_id == 77
    assert bad.why
    assert isinstance(good, PublishPacket)
    assert good.packet_id == 78


def test_an_unreadable_message_of_qos_0_has_no_id() -> None:
    (bad,) = Unframer().feed(b"\x30\x05\x00\x02\xff\xfe\x00")
    assert isinstance(bad, Unreadable)
    assert bad.packet_id is None


@pytest.mark.parametrize(
    "stream",
    [
        b"\x32\xff\xff\xff\xff\x01",  # a length of five bytes
        b"\x20\x02\x00\x01",  # MQTT 3.1.1's way to refuse a version
        b"\x00\x00",  # no such packet
        b"\x32\x01\x00",  # a message too short to hold an id
        b"\x32\x05\x00\x09a/b",  # a message whose topic passes its end
    ],
)
def test_a_stream_that_is_not_mqtt_5_is_refused(stream: bytes) -> None:
    with pytest.raises(ValueError, match="packet"):
        Unframer().feed(stream)


@given(st.binary(max_size=400))
def test_no_bytes_at_all_lead_to_anything_else(stream: bytes) -> None:
    try:
        frames = Unframer().feed(stream)
    except ValueError:
        return
    assert all(isinstance(frame, mqtt5.Packet | Unreadable) for frame in frames)


@given(st.binary(max_size=60))
def test_a_message_with_any_properties_and_payload_can_be_let_go(rest: bytes) -> None:
    (frame,) = Unframer().feed(by_hand(b"a/b", 9, rest))
    assert isinstance(frame, PublishPacket | Unreadable)
    assert frame.packet_id == 9


def test_a_packet_that_is_longer_than_what_it_holds_is_refused() -> None:
    long = PubAckPacket(5).write()
    with pytest.raises(ValueError, match="packet of type 4"):
        Unframer().feed(bytes([long[0], len(long) + 2]) + long[2:] + bytes(4))
