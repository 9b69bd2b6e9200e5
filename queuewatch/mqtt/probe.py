"""Try a broker out: can it be reached, does it let us in, may we read and write there?"""

from __future__ import annotations

import asyncio
from typing import TypeVar

from mqtt5 import PubAckPacket, PublishPacket, QoS, SubAckPacket, SubscribePacket, TopicFilter

from queuewatch.mqtt import trouble
from queuewatch.mqtt.broker import Broker, BrokerError
from queuewatch.mqtt.link import Dial, Link, dial, open_link
from queuewatch.mqtt.topics import event_filters, probe_topic

_Answer = TypeVar("_Answer", SubAckPacket, PubAckPacket)


async def probe(
    broker: Broker, *, sites: tuple[str, ...] = (), site: str = "default", dial: Dial = dial
) -> str:
    """Connect, subscribe to the events and publish an empty message that nobody listens to.

    It goes by a client id of its own, so that a running service keeps its connection. Mosquitto's access
    list refuses to deliver, not to subscribe: there, a right to read that is missing does not show here.

    Args:
        broker: What to try.
        sites: The sites whose events are read; every site when none is named.
        site: The site beneath which we publish.
        dial: How to open the connection.

    Returns:
        One sentence that says what works.

    Raises:
        BrokerError: One sentence that says what does not, and the cure.
    """
    link = await open_link(broker, f"{broker.client_id}-check", dial=dial)
    filters = event_filters(sites)
    topic = probe_topic(site)
    try:
        async with asyncio.timeout(broker.timeout_s):
            link.write(SubscribePacket(1, [TopicFilter(one, max_qos=QoS.AT_MOST_ONCE) for one in filters]))
            granted = (await _answer(link, SubAckPacket)).reason_codes
            for pattern, reason in zip(filters, granted, strict=False):
                if trouble.says_no(reason):
                    raise BrokerError(trouble.not_allowed("subscribe to", pattern, broker))
            link.write(PublishPacket(topic, b"", qos=QoS.AT_LEAST_ONCE, packet_id=2))
            if trouble.says_no((await _answer(link, PubAckPacket)).reason_code):
                raise BrokerError(trouble.not_allowed("publish to", topic, broker))
    except TimeoutError:
        raise BrokerError(trouble.unacknowledged(broker)) from None
    finally:
        await link.close()
    how = "in the clear" if broker.tls is None else "over TLS"
    who = "without a login" if broker.username is None else f'as "{broker.username}"'
    return (
        f"connected to {broker.address} {how} {who}; "
        f"we may subscribe to {', '.join(filters)} and publish below {topic.partition('/queues/')[0]}"
    )


async def _answer(link: Link, kind: type[_Answer]) -> _Answer:
    while True:
        for frame in await link.frames():
            if isinstance(frame, kind):
                return frame
