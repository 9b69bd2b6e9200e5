"""Tests of Twilio TaskRouter's event callback and Event Streams."""

from __future__ import annotations

import base64
from hashlib import sha1, sha256
from hmac import new as hmac
from typing import Any

import msgspec
import pytest

from queuewatch.config import Secret
from queuewatch.core.facts.events import (
    AgentChanged,
    Left,
    OfferFailed,
    Transferred,
)
from queuewatch.ports import Refused
from tests.core.histories import told
from tests.sources.conformance import FORM, URL, Conformance, at, events, plain, source
from tests.sources.mornings.twilio import OWN, PHONE, STORY, STREAMED, TOKEN, event


class TestEventCallback(Conformance):
    story = STORY


class TestEventStreams(Conformance):
    story = STREAMED

    def test_a_batch_is_its_events(self) -> None:
        assert plain(events(self.parse(self.story.payloads))) == self.story.facts

    def test_both_ways_tell_the_same_event_under_the_same_id(self) -> None:
        forms = source(OWN).parse(STORY.body(STORY.payloads[0]), FORM)
        assert self.parse(self.story.payloads[0]) == forms


facts = STORY.meant


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("reservation.rejected", "refused"),
        ("reservation.canceled", "withdrawn"),
        ("reservation.rescinded", "withdrawn"),
        ("reservation.failed", "busy"),
    ],
)
def test_an_offer_fails_in_its_way(kind: str, reason: Any) -> None:
    assert facts(event(1, 0, kind, WorkerName="bo")) == [OfferFailed(**PHONE, agent="bo", reason=reason)]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("task-queue.timeout", "overflowed"),
        ("task-queue.moved", "overflowed"),
        ("workflow.timeout", "timed_out"),
    ],
)
def test_a_timeout_is_no_abandonment(kind: str, reason: Any) -> None:
    assert facts(event(1, 0, kind)) == [Left(**PHONE, reason=reason)]


def test_a_task_that_moves_waits_in_one_queue_only() -> None:
    other = {"TaskQueueSid": "WQ8", "TaskQueueName": "Everybody"}
    moves = [event(1, 0, "task-queue.entered"), event(2, 30, "task-queue.moved")]
    moves += [event(3, 30, "task-queue.entered", **other)]
    found = [one for payload in moves for one in source(OWN).parse(STORY.body(payload), FORM)]
    site = told(events(found))
    assert {name: len(queue.line) for name, queue in site.queues.items()} == {"support": 0, "Everybody": 1}


def test_a_task_that_lived_too_long_was_not_abandoned() -> None:
    canceled = event(1, 0, "task.canceled", TaskCanceledReason="Task TTL Exceeded")
    assert facts(canceled) == [Left(**PHONE, reason="timed_out")]


def test_a_task_canceled_after_it_was_accepted_was_not_abandoned() -> None:
    """The event says the same as one of a task that nobody had accepted yet."""
    payloads = [event(1, 0, "task-queue.entered"), event(2, 20, "reservation.accepted", WorkerName="cy")]
    payloads += [event(3, 40, "task.canceled", TaskCanceledReason="hangup")]
    found = [one for payload in payloads for one in events(STORY.parsed(payload))]
    for order in (found, found[::-1]):
        (stage,) = {visit.stage for one in told(order).contacts.values() for visit in one.visits}
        assert stage == "answered"


def test_a_transfer_says_to_whom() -> None:
    to_worker = event(1, 0, "task.transfer-completed", TransferMode="WARM", TransferTo="WK8")
    to_queue = event(2, 0, "task.transfer-completed", TransferMode="COLD", TransferTo="WQ8")
    assert facts(to_worker) == [Transferred(**PHONE, kind="attended", to_agent="WK8")]
    assert facts(to_queue) == [Transferred(**PHONE, kind="queue", to_queue="WQ8")]


@pytest.mark.parametrize(("available", "places"), [("true", 3), ("false", 0)])
def test_capacity_is_told_by_channel(available: str, places: int) -> None:
    told = event(
        1,
        0,
        "worker.channel.availability.update",
        WorkerName="bo",
        TaskChannelUniqueName="chat",
        WorkerChannelAvailable=available,
        ConfiguredCapacity="3",
    )
    assert facts(told) == [AgentChanged(capacity={"chat": places})]


@pytest.mark.parametrize("kind", ["task.created", "workflow.entered", "task.transfer-initiated"])
def test_what_says_nothing_of_queues_is_passed_over(kind: str) -> None:
    assert facts(event(1, 0, kind)) == []


def test_a_kind_nobody_knows_is_counted() -> None:
    (refused,) = source(OWN).parse(STORY.body(event(1, 0, "dream.started")), FORM)
    assert isinstance(refused, Refused)
    assert refused.reason == "unknown_event"


def signed(url: str, text: str, algorithm: Any = sha1) -> dict[str, str]:
    digest = hmac(TOKEN.encode(), (url + text).encode(), algorithm).digest()
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


@pytest.mark.parametrize("signed_url", ["https://q.example/v1/x?a=1", "https://q.example:443/v1/x?a=1"])
@pytest.mark.parametrize("called", ["https://q.example/v1/x?a=1", "https://q.example:443/v1/x?a=1"])
def test_the_port_may_be_signed_or_not(signed_url: str, called: str) -> None:
    assert source(OWN).verify(signed(signed_url, "AbBc"), b"B=c&A=b", called, at(0)) is None


def test_the_newer_signature_says_its_algorithm() -> None:
    headers = signed(URL, "Ab", sha256)
    assert source(OWN).verify(headers, b"A=b", URL, at(0)) is not None
    headers["X-Twilio-Webhooks-Signature-Settings"] = "key=k1,algorithm=HMAC_SHA256"
    assert source(OWN).verify(headers, b"A=b", URL, at(0)) is None


def test_behind_a_proxy_the_config_says_how_we_are_called() -> None:
    own = msgspec.structs.replace(OWN, url="https://public.example/hook")
    headers = signed("https://public.example/hook?x=1", "Ab")
    assert source(own).verify(headers, b"A=b", "http://127.0.0.1:8080/v1/sources/desk?x=1", at(0)) is None


def test_the_vendors_own_example_fits() -> None:
    """The form, URL and signature of Twilio's documentation, "Validating requests"."""
    own = msgspec.structs.replace(OWN, secret=Secret("12345"))
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    body = (
        b"CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212"
    )
    headers = {"X-Twilio-Signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ="}
    assert source(own).verify(headers, body, url, at(0)) is None
