"""A morning as Amazon Connect tells it: what it sends, and what that means."""

from __future__ import annotations

from typing import Any

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
)
from tests.sources.conformance import URL, Signed, Story, hidden

OWN = WebhookSource(kind="amazon-connect", secret=Secret("a key of ours"), queues={"q-77": "orders"})
ORDERS: dict[str, Any] = {"queue": "orders", "channel": "phone"}
INSTANCE = "arn:aws:connect:eu-central-1:111122223333:instance/inst-1"
QUEUE_ARN = f"{INSTANCE}/queue/q-77"
AGENT_ARN = f"{INSTANCE}/agent/a-5"


def contact_event(number: int, kind: str, **detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": f"eb-{number}",
        "detail-type": "Amazon Connect Contact Event",
        "source": "aws.connect",
        "account": "111122223333",
        "time": "2026-11-21T10:30:00Z",
        "detail": {
            "eventType": kind,
            "contactId": "c-1",
            "channel": "VOICE",
            "instanceArn": INSTANCE,
            "initiationMethod": "INBOUND",
            "initiationTimestamp": "2026-11-21T09:59:40.000Z",
            "queueInfo": {
                "queueType": "STANDARD",
                "queueArn": QUEUE_ARN,
                "enqueueTimestamp": "2026-11-21T10:00:00.250Z",
            },
            **detail,
        },
    }


AGENT = {"agentInfo": {"agentArn": AGENT_ARN, "connectedToAgentTimestamp": "2026-11-21T10:01:30.250Z"}}
AGENT_AGAIN = {"AgentInfo": {"AgentArn": AGENT_ARN, "connectedToAgentTimestamp": "2026-11-21T10:01:30.250Z"}}
ENDED = {"disconnectTimestamp": "2026-11-21T10:06:00.000Z"}
WORKED = {
    "agentInfo": AGENT["agentInfo"]
    | {
        "afterContactWorkStartTimestamp": "2026-11-21T10:06:00.000Z",
        "afterContactWorkEndTimestamp": "2026-11-21T10:06:20.000Z",
    }
}


def sign(_body: bytes, secret: str) -> Signed:
    return {"Authorization": f"Bearer {secret}"}, URL


def record(updated: str = "10:08:00", **more: Any) -> dict[str, Any]:
    return {
        "AWSAccountId": "111122223333",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": {
            "ARN": AGENT_ARN,
            "AfterContactWorkDuration": 25,
            "AgentInteractionDuration": 240,
            "ConnectedToAgentTimestamp": "2026-11-21T10:01:30Z",
            "CustomerHoldDuration": 30,
            "Username": "lee",
        },
        "Attributes": {},
        "Channel": "VOICE",
        "ContactId": "c-1",
        "CustomerEndpoint": {"Address": "+441632960044", "Type": "TELEPHONE_NUMBER"},
        "DisconnectReason": "CUSTOMER_DISCONNECT",
        "DisconnectTimestamp": "2026-11-21T10:06:00Z",
        "InitialContactId": None,
        "InitiationMethod": "INBOUND",
        "InstanceARN": INSTANCE,
        "LastUpdateTimestamp": f"2026-11-21T{updated}Z",
        "Queue": {
            "ARN": QUEUE_ARN,
            "DequeueTimestamp": "2026-11-21T10:01:30Z",
            "Duration": 90,
            "EnqueueTimestamp": "2026-11-21T10:00:00Z",
            "Name": "Orders by phone",
        },
        **more,
    }


def told_by_record(
    ended: str = "CUSTOMER_DISCONNECT", wrap_up_s: float = 25.0
) -> list[tuple[float, str, Any]]:
    return [
        (0, "c-1", Enqueued(**ORDERS, customer=hidden("+441632960044"))),
        (90, "c-1", Answered(**ORDERS, agent="a-5", wait_s=90.0)),
        (360, "c-1", Completed(**ORDERS, talk_s=240.0, hold_s=30.0, wrap_up_s=wrap_up_s, ended_by=ended)),
    ]


LATER = record("12:00:00", Attributes={"GreetingPlayed": "false"}, DisconnectReason="AGENT_DISCONNECT")


def agent_event(number: int, kind: str, status: str = "Available", **snapshot: Any) -> dict[str, Any]:
    arn = f"{INSTANCE}/queue"
    return {
        "AWSAccountId": "111122223333",
        "AgentARN": AGENT_ARN,
        "CurrentAgentSnapshot": {
            "AgentStatus": {"Name": status, "StartTimestamp": "2026-11-21T10:00:00.000Z"},
            "Configuration": {
                "RoutingProfile": {
                    "Concurrency": snapshot.pop("slots", None),
                    "InboundQueues": [
                        {"ARN": f"{arn}/agent/a-5", "Name": None},
                        {"ARN": QUEUE_ARN, "Name": "Orders by phone"},
                    ],
                    "Name": "All",
                },
                "Username": "lee",
            },
            "Contacts": [
                {"ContactId": f"c-{n}", "State": one} for n, one in enumerate(snapshot.pop("contacts", []))
            ],
            **snapshot,
        },
        "EventId": f"ev-{number}",
        "EventTimestamp": f"2026-11-21T10:00:{number:02}.000Z",
        "EventType": kind,
        "Version": "2017-10-01",
    }


def slots(chat: int, voice: int) -> list[dict[str, Any]]:
    return [
        {"Channel": "CHAT", "AvailableSlots": chat, "MaximumSlots": 3},
        {"Channel": "VOICE", "AvailableSlots": voice, "MaximumSlots": 1},
    ]


def changed(state: Any, reason: str = "Available", **more: Any) -> AgentChanged:
    return AgentChanged(state=state, reason=reason, queues=("orders",), **more)


CONTACT_EVENTS = Story(
    own=OWN,
    payloads=[
        contact_event(1, "INITIATED"),
        contact_event(2, "QUEUED", customerEndpoint={"address": "+441632960044"}),
        contact_event(3, "CONNECTED_TO_AGENT", **AGENT),
        contact_event(4, "DISCONNECTED", **AGENT_AGAIN, **ENDED),
        contact_event(5, "COMPLETED", **WORKED, **ENDED),
        contact_event(6, "QUEUED", contactId="c-2", channel="Voice")
        | {"detail-type": "Amazon Connect Customer Contact Event"},
        contact_event(7, "DISCONNECTED", contactId="c-2", disconnectTimestamp="2026-11-21T10:02:00Z"),
    ],
    facts=[
        (0.25, "c-1", Enqueued(**ORDERS, customer=hidden("+441632960044"))),
        (90.25, "c-1", Answered(**ORDERS, agent="a-5", wait_s=90.0)),
        (360, "c-1", Completed(**ORDERS)),
        (360, "c-1", Completed(**ORDERS, wrap_up_s=20.0)),
        (0.25, "c-2", Enqueued(**ORDERS)),
        (120, "c-2", Abandoned(**ORDERS)),
    ],
    sign=sign,
    signs_body=False,
    identifiers=["960044"],
)


CONTACT_RECORDS = Story(
    own=OWN,
    payloads=[record(), LATER],
    facts=[*told_by_record(), *told_by_record("AGENT_DISCONNECT")],
    sign=sign,
    signs_body=False,
    identifiers=["960044"],
)


AGENT_EVENTS = Story(
    own=OWN,
    payloads=[
        agent_event(1, "LOGIN", slots=slots(3, 1)),
        agent_event(2, "STATE_CHANGE", contacts=["CONNECTING"], slots=slots(2, 1)),
        agent_event(3, "STATE_CHANGE", contacts=["CONNECTED"], slots=slots(2, 0)),
        agent_event(4, "STATE_CHANGE", contacts=["ENDED"], slots=slots(3, 1)),
        agent_event(5, "STATE_CHANGE", "Lunch"),
        agent_event(6, "LOGOUT", "Offline"),
        agent_event(7, "HEART_BEAT", "Offline"),
    ],
    facts=[
        (1, "a-5", changed("available", capacity={"chat": 3, "phone": 1})),
        (2, "a-5", changed("ringing", capacity={"chat": 3, "phone": 1})),
        (3, "a-5", changed("available", capacity={"chat": 3, "phone": 1})),
        (4, "a-5", changed("wrap_up", capacity={"chat": 3, "phone": 1})),
        (5, "a-5", changed("not_ready", "Lunch")),
        (6, "a-5", changed("offline", "Offline")),
    ],
    sign=sign,
    signs_body=False,
)
