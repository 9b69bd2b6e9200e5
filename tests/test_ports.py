"""What the rooms ask of each other: what errors say, and that the rooms are what is asked."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from queuewatch.clock import SystemClock
from queuewatch.mqtt.broker import Broker
from queuewatch.outgoing import Sender
from queuewatch.ports import (
    COMMIT_BUCKETS_S,
    Clock,
    Journal,
    Ledger,
    OverloadedError,
    SendFailedError,
    Source,
)
from queuewatch.senders.mqtt import MqttSender
from queuewatch.sources.mqtt import MqttSource
from queuewatch.store import ledger
from tests.mqtt.fakes import BROKER
from tests.senders.spoken import Words
from tests.serve.desk import CUSTOMERS
from tests.store.facts import open_journal


def test_an_overload_says_when_to_come_again() -> None:
    error = OverloadedError(2.5)
    assert error.retry_after_s == 2.5
    assert str(error) == "too many events are waiting to be written; try again in 2.5 s"


def test_a_failed_sending_may_be_tried_again_unless_it_says_otherwise() -> None:
    error = SendFailedError("the broker is away")
    assert (str(error), error.permanent, error.retry_after_s) == ("the broker is away", False, None)


def test_buckets_ascend() -> None:
    assert all(lower < higher for lower, higher in pairwise(COMMIT_BUCKETS_S))


async def test_the_rooms_are_what_is_asked_of_them(tmp_path: Path) -> None:
    """Said to the type checker; at run time it is seen that each can be made."""

    clock: Clock = SystemClock()
    broker: Broker = BROKER
    source: Source = MqttSource(broker, clock, CUSTOMERS)
    sender: Sender = MqttSender(broker, clock, Words())
    own = open_journal(tmp_path / "journal.db")
    journal: Journal = own
    kept: Ledger = ledger.Ledger(own)
    try:
        assert (source.name, sender.name, journal.pending) == ("mqtt", "mqtt", 0)
        assert await kept.claim("key", "mqtt", 0.0)
    finally:
        await own.close()
