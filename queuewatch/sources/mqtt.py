"""Events from an MQTT 5 broker: one CloudEvent a message, acknowledged once the journal has it."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence

import msgspec
from mqtt5 import PublishPacket, QoS, RetainHandling, SubAckPacket, SubscribePacket, TopicFilter
from msgspec import Struct

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import Event
from queuewatch.core.facts.wire import RefusedError, decode_live
from queuewatch.customers import Customers
from queuewatch.logs import logger
from queuewatch.mqtt import trouble
from queuewatch.mqtt.broker import BackOff, Broker, BrokerError
from queuewatch.mqtt.frames import Frame, Unreadable
from queuewatch.mqtt.link import Dial, Link, dial, open_link
from queuewatch.mqtt.topics import event_filters, event_site
from queuewatch.ports import Clock, Incoming, Refused

_STRUCTURED = "application/cloudevents+json"
_MOST_AT_ONCE = 1000
_LONGEST_SITE = 256
_log = logger("sources.mqtt")


class Properties(Struct, frozen=True):
    """What MQTT 5 carries beside the payload.

    Attributes:
        content_type: The payload's media type; None when the publisher said none, as with MQTT 3.1.1.
        attributes: User properties: in CloudEvents' binary mode, the event's attributes.
    """

    content_type: str | None = None
    attributes: Sequence[tuple[str, str]] = ()


def parse(topic: str, payload: bytes, properties: Properties, received_at: float) -> Event:
    """Read one message as CloudEvents' MQTT binding says.

    Structured JSON where the content type says so, or where nothing speaks for binary mode (MQTT 3.1.1
    knows no properties); binary mode where the user properties bear the event's attributes.

    Raises:
        RefusedError: As `decode` does; and on a topic without a site (`wrong_topic`), an event that says
            another site than its topic (`wrong_site`), or a payload that is no JSON by its own account
            (`bad_content_type`).
    """
    site = event_site(topic)
    if site is None or len(site) > _LONGEST_SITE:
        raise RefusedError("wrong_topic", f'topic "{topic}" is not queuewatch/v1/<site>/events/…')
    raw = _structured(payload, properties)
    event = decode_live(raw, received_at)
    if event.site == site:
        return event
    said = _said_site(raw)
    if said is not None:
        raise RefusedError("wrong_site", f'the event says site "{said}", its topic says "{site}"')
    return msgspec.structs.replace(event, site=site)


class _Said(Struct):
    site: str | None = None


_said_decoder = msgspec.json.Decoder(_Said)


def _said_site(raw: bytes) -> str | None:
    """The site the event itself names; `decode` cannot tell none from "default"."""
    return _said_decoder.decode(raw).site


def _structured(payload: bytes, properties: Properties) -> bytes:
    media = (properties.content_type or "application/json").partition(";")[0].strip().lower()
    attributes = dict(properties.attributes)
    if media == _STRUCTURED or (media == "application/json" and "specversion" not in attributes):
        return payload
    if media.startswith("application/cloudevents") or not (
        media == "application/json" or media.endswith("+json")
    ):
        raise RefusedError(
            "bad_content_type",
            f'content type "{media}" is not read; send {_STRUCTURED} or JSON in binary mode',
        )
    envelope: dict[str, object] = {**attributes}
    if payload:
        try:
            envelope["data"] = msgspec.json.decode(payload, type=msgspec.Raw)
        except (msgspec.DecodeError, RecursionError) as error:
            raise RefusedError("not_json", f"the payload is not JSON: {error}") from None
    return msgspec.json.encode(envelope)


class Acknowledgements:
    """Acknowledges messages in the order in which they came, as MQTT 5 (section 4.6) asks."""

    def __init__(self, acknowledge: Callable[[Sequence[int]], None]) -> None:
        self._acknowledge = acknowledge
        self._open: deque[_Batch] = deque()

    def expect(self, packet_ids: Sequence[int]) -> Callable[[], None]:
        """Take note of messages; what is returned must be called once they are safe."""
        batch = _Batch(packet_ids)
        self._open.append(batch)

        def done() -> None:
            batch.safe = True
            while self._open and self._open[0].safe:
                self._acknowledge(self._open.popleft().packet_ids)

        return done


class _Batch(Struct):
    packet_ids: Sequence[int]
    safe: bool = False


class MqttSource:
    """Reads `queuewatch/v1/{site}/events/#` with QoS 1 and keeps its session at the broker.

    What is on the way to us is bounded by `receive_max`: the broker holds the rest until we acknowledge.
    Messages published with QoS 0 are taken, but nobody keeps them while we are away. Messages that were
    retained are not asked for: an event is told once. Iterate within `contextlib.aclosing`, so that the
    connection is closed when the iteration is left.

    Attributes:
        name: The source's name in config, metrics and logs.
        connected: Whether the broker delivers to us now.
        last_error: Why it did not, the last time; empty while all is well.
    """

    def __init__(
        self,
        broker: Broker,
        clock: Clock,
        customers: Customers,
        *,
        name: str = "mqtt",
        sites: tuple[str, ...] = (),
        dial: Dial = dial,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Nothing is connected before `events` is iterated.

        Args:
            broker: Where from.
            clock: For the time of arrival and the pauses between attempts.
            customers: Hides whom the events are about.
            name: What the source is called.
            sites: The sites to read; every site when none is named.
            dial: How to open the connection.
            chance: Random numbers in [0, 1), to spread the attempts of many clients.
        """
        self.name = name
        self.connected = False
        self.last_error = ""
        self._broker = broker
        self._clock = clock
        self._customers = customers
        self._filters = event_filters(sites)
        self._dial = dial
        self._back_off = BackOff(chance)

    @property
    def trouble(self) -> str | None:
        """Why nothing comes in right now, in one sentence; None while it can."""
        return None if self.connected else self.last_error or f"not connected to {self._broker.address} yet"

    async def events(self) -> AsyncGenerator[Incoming]:
        """What comes in, up to 1,000 messages at a time; connects again for ever."""
        while True:
            try:
                link = await self._open()
                try:
                    acknowledgements = Acknowledgements(link.acknowledge)
                    while True:
                        messages = self._messages(await link.frames())
                        for start in range(0, len(messages), _MOST_AT_ONCE):
                            yield self._incoming(messages[start : start + _MOST_AT_ONCE], acknowledgements)
                finally:
                    self.connected = False
                    await link.close()
            except BrokerError as error:
                if self.last_error != (why := str(error)):  # the same at every attempt is no news
                    _log.warning("source lost", source=self.name, why=why)
                self.last_error = why
            pause_s = self._back_off.next_s(self._clock.now())
            await self._clock.sleep_until(self._clock.now() + pause_s)

    async def _open(self) -> Link:
        link = await open_link(
            self._broker,
            self._broker.client_id,
            session_expiry_s=self._broker.session_expiry_s,
            receive_max=self._broker.receive_max,
            dial=self._dial,
        )
        # Subscribing anew at every connection changes nothing in a session that was kept.
        wanted = [
            TopicFilter(one, max_qos=QoS.AT_LEAST_ONCE, retain_handling=RetainHandling.SEND_NEVER)
            for one in self._filters
        ]
        link.write(SubscribePacket(1, wanted))
        return link

    def _messages(self, frames: Sequence[Frame]) -> list[PublishPacket | Unreadable]:
        messages: list[PublishPacket | Unreadable] = []
        for frame in frames:
            if isinstance(frame, PublishPacket | Unreadable):
                messages.append(frame)
            elif isinstance(frame, SubAckPacket):
                self._subscribed(frame)
        return messages

    def _subscribed(self, answer: SubAckPacket) -> None:
        for pattern, reason in zip(self._filters, answer.reason_codes, strict=False):
            if trouble.says_no(reason):
                raise BrokerError(trouble.not_allowed("subscribe to", pattern, self._broker))
        self.connected = True
        self.last_error = ""
        self._back_off.connected(self._clock.now())
        _log.info("source connected", source=self.name, broker=self._broker.address)

    def _incoming(
        self, messages: Sequence[PublishPacket | Unreadable], acknowledgements: Acknowledgements
    ) -> Incoming:
        now = self._clock.now()
        events: list[Event] = []
        refused: list[Refused] = []
        for message in messages:
            try:
                events.append(self._customers.hide(_read(message, now)))
            except RefusedError as error:
                refused.append(Refused(error.reason, str(error)))
        done = acknowledgements.expect([one.packet_id for one in messages if one.packet_id is not None])
        if not events:
            done()  # nothing to be written down, and nobody would call it
        return Incoming(tuple(events), done if events else None, tuple(refused))


def _read(message: PublishPacket | Unreadable, received_at: float) -> Event:
    if isinstance(message, Unreadable):
        raise RefusedError("bad_packet", f"the MQTT packet cannot be read: {message.why}")
    properties = Properties(message.content_type, message.user_properties)
    event = parse(message.topic, message.payload, properties, received_at)
    if isinstance(event.data, NoticeOverridden):
        # Whoever may report calls may not therefore tell customers things; the broker knows no scopes.
        raise RefusedError("forbidden", "a notice is set over HTTP, with the scope 'act'")
    return event
