"""Tests of Twilio TaskRouter's event callback and Event Streams."""

from __future__ import annotations

import base64
from hashlib import sha1, sha256
from hmac import new as hmac
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Left,
    Offered,
    OfferFailed,
    Transferred,
)
from queuewatch.ports import Refused
from tests.core.histories import told
from tests.sources.conformance import FORM, URL, Conformance, Signed, Story, at, events, hidden, plain, source

TOKEN = "an auth token"
OWN = WebhookSource(
    kind="twilio", secret=Secret(TOKEN), queues={"WQ7": "support"}, states={"Lunch": "not_ready"}
)
PHONE: dict[str, Any] = {"queue": "support", "channel": "phone"}
CHAT: dict[str, Any] = {"queue": "support", "channel": "chat"}


def event(number: int, seconds: float, kind: str, **more: Any) -> dict[str, Any]:
    """A callback's fields, all of them texts."""
    return {
        "EventType": kind,
        "AccountSid": "AC5",
        "WorkspaceSid": "WS6",
        "Sid": f"EV{number}",
        "Timestamp": f"{at(seconds):.0f}",
        "TimestampMs": f"{at(seconds) * 1000:.0f}",
        "TaskSid": "WT1",
        "TaskPriority": "2",
        "TaskAttributes": '{"from": "+441632960011", "selected_language": "de"}',
        "TaskQueueEnteredDate": f"{at(0):.0f}",
        "TaskChannelUniqueName": "voice",
        "TaskQueueSid": "WQ7",
        "TaskQueueName": "Support DE",
        **more,
    }


def sign(body: bytes, secret: str) -> Signed:
    fields = "".join(name + value for name, value in sorted(parse_qsl(body.decode(), keep_blank_values=True)))
    digest = hmac(secret.encode(), (URL + fields).encode(), sha1).digest()
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}, URL


STORY = Story(
    own=OWN,
    payloads=[
        event(1, 0, "task-queue.entered"),
        event(2, 1.5, "reservation.created", WorkerName="bo", ReservationSid="WR1"),
        event(3, 16, "reservation.timeout", WorkerName="bo", ReservationSid="WR1"),
        event(4, 17, "reservation.created", WorkerName="cy", ReservationSid="WR2"),
        event(5, 20, "reservation.accepted", WorkerName="cy", ReservationSid="WR2"),
        event(6, 140, "reservation.wrapup", WorkerName="cy", ReservationSid="WR2"),
        event(7, 5, "task-queue.entered", TaskSid="WT2", TaskAttributes="{}", TaskChannelUniqueName="chat"),
        event(
            8, 65, "task.canceled", TaskSid="WT2", TaskCanceledReason="hangup", TaskChannelUniqueName="chat"
        ),
        event(9, 70, "worker.activity.update", WorkerName="bo", WorkerActivityName="Lunch"),
    ],
    facts=[
        (0, "WT1", Enqueued(**PHONE, customer=hidden("+441632960011"), language="de", priority=2)),
        (1.5, "WT1", Offered(**PHONE, agent="bo")),
        (16, "WT1", OfferFailed(**PHONE, agent="bo", reason="no_answer")),
        (17, "WT1", Offered(**PHONE, agent="cy")),
        (20, "WT1", Answered(**PHONE, agent="cy", wait_s=20.0)),
        (140, "WT1", Completed(**PHONE)),
        (5, "WT2", Enqueued(**CHAT, priority=2)),
        (65, "WT2", Abandoned(**CHAT)),
        (70, "bo", AgentChanged(state="not_ready", reason="Lunch")),
    ],
    sign=sign,
    form=True,
    identifiers=["+441632960011", "441632960011"],
)


class TestEventCallback(Conformance):
    story = STORY


def streamed(payload: dict[str, Any]) -> dict[str, Any]:
    """The same event as Event Streams sends it: a CloudEvent with other spellings inside."""
    names = {
        "EventType": "eventtype",
        "TimestampMs": None,
        "TaskSid": "task_sid",
        "TaskQueueSid": "task_queue_sid",
        "TaskQueueName": "task_queue_name",
        "TaskChannelUniqueName": "task_channel_unique_name",
        "TaskAttributes": "task_attributes",
        "TaskPriority": "task_priority",
        "TaskQueueEnteredDate": "task_queue_entered_date",
        "WorkerName": "worker_name",
        "WorkerActivityName": "worker_activity_name",
        "TaskCanceledReason": "task_canceled_reason",
        "Sid": "sid",
    }
    inner = {names[name]: value for name, value in payload.items() if names.get(name)}
    milliseconds = int(payload["TimestampMs"]) - int(at(0) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    inner["timestamp"] = f"2026-11-21T10:{minutes:02}:{rest / 1000:06.3f}Z"
    return {
        "specversion": "1.0",
        "type": f"com.twilio.taskrouter.{payload['EventType']}",
        "source": "AB1",
        "id": f"NO{payload['Sid']}",
        "dataschema": "https://events-schemas.twilio.com/TaskRouter.WDSEvent/4",
        "datacontenttype": inner["timestamp"],
        "data": {"sid": inner["sid"], "group": "reservation", "payload": inner},
    }


def sign_json(body: bytes, secret: str) -> Signed:
    url = f"{URL}?bodySHA256={sha256(body).hexdigest()}"
    digest = hmac(secret.encode(), url.encode(), sha1).digest()
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}, url


class TestEventStreams(Conformance):
    story = Story(
        own=OWN,
        payloads=[streamed(one) for one in STORY.payloads],
        facts=STORY.facts,
        sign=sign_json,
        identifiers=STORY.identifiers,
    )

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
