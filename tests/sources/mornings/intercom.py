"""A morning as Intercom tells it: what it sends, and what that means."""

from __future__ import annotations

from typing import Any

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import (
    Answered,
    Completed,
    Enqueued,
    MessageReceived,
    MessageSent,
    Offered,
)
from tests.sources.conformance import (
    NAME,
    Story,
    at,
    hidden,
    sign_hub,
)

OWN = WebhookSource(
    kind="intercom", secret=Secret("a client secret"), queue="inbox", queues={"600": "billing"}
)
INBOX: dict[str, Any] = {"queue": "inbox", "channel": "chat"}


def notification(number: int, seconds: float, topic: str, **item: Any) -> dict[str, Any]:
    return {
        "type": "notification_event",
        "id": f"notif_{number}",
        "topic": topic,
        "app_id": "a1",
        "data": {
            "type": "notification_event_data",
            "item": {
                "type": "conversation",
                "id": "8801",
                "created_at": f"{at(0):.0f}",
                "user": {"type": "user", "id": "u9", "email": "Fay@example.org", "locale": "pt_BR"},
                "assignee": {"type": "nobody_admin", "id": None},
                "conversation_parts": {"conversation_parts": []},
                **item,
            },
        },
        "delivery_attempts": 1,
        "first_sent_at": int(at(seconds)),
        "created_at": int(at(seconds)),
    }


GUS = {"type": "admin", "id": "31"}
PARTS = {"conversation_parts": [{"id": "p1", "author": GUS}]}
CONVERSATION = f"{NAME}:8801"
ENQUEUED = Enqueued(**INBOX, customer=hidden("Fay@example.org"), language="pt-BR")


STORY = Story(
    own=OWN,
    payloads=[
        notification(1, 1, "conversation.user.created"),
        notification(2, 15, "conversation.admin.assigned", assignee=GUS),
        notification(3, 40, "conversation.admin.replied", assignee=GUS, conversation_parts=PARTS),
        notification(4, 60, "conversation.user.replied"),
        notification(5, 90, "conversation.admin.closed", assignee=GUS),
        notification(6, 500, "conversation.admin.opened", assignee=GUS),
    ],
    facts=[
        (0, CONVERSATION, ENQUEUED),
        (15, CONVERSATION, Offered(**INBOX, agent=f"{NAME}:31")),
        (40, CONVERSATION, MessageSent(**INBOX)),
        (40, CONVERSATION, Answered(**INBOX, agent=f"{NAME}:31")),
        (60, CONVERSATION, MessageReceived(**INBOX)),
        (90, CONVERSATION, Completed(**INBOX)),
        (500, CONVERSATION, ENQUEUED),
    ],
    sign=sign_hub,
    identifiers=["Fay@example.org", "fay@"],
)
