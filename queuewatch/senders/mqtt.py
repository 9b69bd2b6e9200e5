"""Publishes queues' states and notices to an MQTT 5 broker, retained, and that we are there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from mqtt5 import DisconnectReasonCode, PubAckPacket, PubAckReasonCode, PublishPacket, QoS, Will

from queuewatch.logs import logger
from queuewatch.mqtt import trouble
from queuewatch.mqtt.broker import BackOff, Broker, BrokerError
from queuewatch.mqtt.link import Dial, Link, dial, open_link
from queuewatch.mqtt.topics import queue_topic, topic
from queuewatch.outgoing import Delivery, Manner
from queuewatch.ports import Clock, SendFailedError
from queuewatch.senders.payload import Wording, encoded, notice_message, state_message

_JSON = "application/json"
_TEXT = "text/plain"
_PERMANENT = (
    PubAckReasonCode.NOT_AUTHORIZED,
    PubAckReasonCode.TOPIC_NAME_INVALID,
    PubAckReasonCode.PAYLOAD_FORMAT_INVALID,
)
_log = logger("senders.mqtt")


def message(delivery: Delivery, wording: Wording, languages: Sequence[str]) -> tuple[str, bytes]:
    """The topic and the payload of what has to go out."""
    view, decision = delivery.view, delivery.decision
    if view is not None and delivery.kind == "notice":
        return queue_topic(view.site, view.queue, "notice"), notice_message(view, wording, languages)
    if view is not None:
        return queue_topic(view.site, view.queue, "state"), state_message(view)
    if decision is None:
        raise SendFailedError("there is nothing to send", permanent=True)
    return topic(decision.site, f"{delivery.kind}s"), encoded(decision)


class _Outbox:
    """What was published on one connection and is not acknowledged yet."""

    def __init__(self, link: Link, broker: Broker) -> None:
        self._link = link
        self._broker = broker
        self._slots = asyncio.Semaphore(link.welcome.receive_max)
        self._waiting: dict[int, asyncio.Future[PubAckReasonCode | None]] = {}
        self._last_id = 0
        self._lost = ""

    async def publish(self, to: str, payload: bytes, content_type: str, *, retain: bool = True) -> None:
        """Publish, and wait until the broker has it.

        Raises:
            SendFailedError: It does not, or nobody knows.
        """
        try:
            async with asyncio.timeout(self._broker.timeout_s):
                reason = await (await self.begin(to, payload, content_type, retain=retain))
        except TimeoutError:
            raise SendFailedError(trouble.unacknowledged(self._broker)) from None
        if reason is None:
            raise SendFailedError(self._lost)
        if reason in _PERMANENT:
            raise SendFailedError(trouble.not_allowed("publish to", to, self._broker), permanent=True)
        if trouble.says_no(reason):
            raise SendFailedError(trouble.not_taken(reason, self._broker))

    async def begin(
        self, to: str, payload: bytes, content_type: str, *, retain: bool = True
    ) -> asyncio.Future[PubAckReasonCode | None]:
        """Publish as soon as the broker takes another one.

        Returns:
            What will be the broker's answer; None when the connection broke before it came.

        Raises:
            SendFailedError: The connection is gone already.
        """
        await self._slots.acquire()
        if self._lost:
            self._slots.release()  # wake the next one, who finds the same
            raise SendFailedError(self._lost)
        packet_id = self._last_id % 65_535 + 1
        while packet_id in self._waiting:
            packet_id = packet_id % 65_535 + 1
        self._last_id = packet_id
        packet = PublishPacket(
            to, payload, qos=QoS.AT_LEAST_ONCE, retain=retain, packet_id=packet_id, content_type=content_type
        )
        acknowledged = self._waiting[packet_id] = asyncio.get_running_loop().create_future()
        self._link.write(packet)
        return acknowledged

    def acknowledged(self, packet: PubAckPacket) -> None:
        """The broker has a message, or says why not. Only now its id and its place may be used again."""
        waiting = self._waiting.pop(packet.packet_id, None)
        if waiting is None:
            return
        self._slots.release()
        if not waiting.done():
            waiting.set_result(packet.reason_code)

    def lost(self, why: str) -> None:
        """The connection is gone: whoever waits must try again."""
        self._lost = self._lost or why
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self._slots.release()


class MqttSender:
    """Publishes `queuewatch/v1/{site}/queues/{queue}/state` and `…/notice`, and `online` on `…/status`.

    Alerts and incentives go to `queuewatch/v1/{site}/alerts` and `…/incentives`, not retained.

    `run` holds the connection and must be running for `send` to get anywhere. When the connection breaks,
    the broker publishes `offline`, and so it does when `run` is cancelled. What is published twice does no
    harm, so after a crash between sending and settling it may be: better twice than never.

    Attributes:
        name: The sender's name in the ledger, metrics and logs.
        connected: Whether the broker takes what we publish.
        last_error: Why it did not, the last time; empty while all is well.
    """

    name = "mqtt"
    manner = Manner(
        kinds=frozenset(("notice", "queue_state", "alert", "incentive")), per_minute=60_000.0, burst=1_000
    )

    def __init__(
        self,
        broker: Broker,
        clock: Clock,
        wording: Wording,
        *,
        languages: Sequence[str] = ("en", "de", "nl"),
        site: str = "default",
        on_connected: Callable[[], None] | None = None,
        dial: Dial = dial,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Nothing is connected before `run`.

        Args:
            broker: Where to. We go by its client id with `-out` behind it, beside the source's.
            clock: For the pauses between attempts.
            wording: Says notices in words.
            languages: In which languages (BCP 47).
            site: Beneath which site the status stands; a connection can have only one last will.
            on_connected: Called at each connection: the moment to publish all that is retained again.
            dial: How to open the connection.
            chance: Random numbers in [0, 1), to spread the attempts of many clients.
        """
        self.connected = False
        self.last_error = ""
        self._broker = broker
        self._clock = clock
        self._wording = wording
        self._languages = languages
        self._status = topic(site, "status")
        self._on_connected = on_connected
        self._dial = dial
        self._back_off = BackOff(chance)
        self._outbox: _Outbox | None = None

    @property
    def trouble(self) -> str | None:
        """Why nothing can be published right now, in one sentence; None while it can."""
        return None if self.connected else self.last_error or f"not connected to {self._broker.address} yet"

    async def send(self, delivery: Delivery) -> None:
        """Publish; returns once the broker has it.

        Raises:
            SendFailedError: It could not be published; `permanent` where the broker will never take it.
        """
        to, payload = message(delivery, self._wording, self._languages)
        if self._outbox is None:
            raise SendFailedError(self.trouble or "")
        await self._outbox.publish(to, payload, _JSON, retain=delivery.view is not None)

    async def run(self) -> None:
        """Hold the connection, and make a new one whenever it breaks; ends only when cancelled."""
        while True:
            try:
                await self._stay()
            except BrokerError as error:
                if self.last_error != (why := str(error)):  # the same at every attempt is no news
                    _log.warning("sender lost", sender=self.name, why=why)
                self.last_error = why
            pause_s = self._back_off.next_s(self._clock.now())
            await self._clock.sleep_until(self._clock.now() + pause_s)

    async def _stay(self) -> None:
        will = Will(self._status, payload=b"offline", qos=QoS.AT_LEAST_ONCE, retain=True, content_type=_TEXT)
        link = await open_link(self._broker, f"{self._broker.client_id}-out", will=will, dial=self._dial)
        outbox = _Outbox(link, self._broker)
        try:
            birth = await outbox.begin(self._status, b"online", _TEXT)
            while True:
                for frame in await link.frames():
                    if isinstance(frame, PubAckPacket):
                        outbox.acknowledged(frame)
                if self._outbox is None and birth.done():
                    self._born(birth.result(), outbox)
        except BrokerError as error:
            outbox.lost(str(error))
            raise
        finally:
            self.connected = False
            self._outbox = None
            outbox.lost("the connection was closed")
            await link.close(DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)

    def _born(self, reason: PubAckReasonCode | None, outbox: _Outbox) -> None:
        if reason is not None and trouble.says_no(reason):
            raise BrokerError(trouble.not_allowed("publish to", self._status, self._broker))
        self._outbox = outbox
        self.connected = True
        self.last_error = ""
        self._back_off.connected(self._clock.now())
        _log.info("sender connected", sender=self.name, broker=self._broker.address)
        if self._on_connected is not None:
            self._on_connected()
