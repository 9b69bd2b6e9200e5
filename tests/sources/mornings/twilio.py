"""A morning as Twilio TaskRouter tells it: what it sends, and what that means."""

from __future__ import annotations

import base64
from hashlib import sha1, sha256
from hmac import new as hmac
from typing import Any
from urllib.parse import parse_qsl

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Offered,
    OfferFailed,
)
from tests.sources.conformance import URL, Signed, Story, at, hidden

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


STREAMED = Story(
    own=OWN,
    payloads=[streamed(one) for one in STORY.payloads],
    facts=STORY.facts,
    sign=sign_json,
    identifiers=STORY.identifiers,
)
