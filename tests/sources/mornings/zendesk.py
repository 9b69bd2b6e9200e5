"""A morning as Zendesk tells it: what it sends, and what that means."""

from __future__ import annotations

import base64
from hashlib import sha256
from hmac import new as hmac
from typing import Any

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import (
    Answered,
    Completed,
    Enqueued,
    MessageSent,
    Offered,
)
from tests.sources.conformance import NAME, URL, Signed, Story, hidden

OWN = WebhookSource(kind="zendesk", secret=Secret("a secret of ours"), queue="desk", queues={"81": "refunds"})
MAIL: dict[str, Any] = {"queue": "refunds", "channel": "email"}
BIG = 9_007_199_254_741_993  # 2**53 + 1001: a reader that knows only floats would spoil it


def event(
    number: int, time: str, kind: str, said: dict[str, Any] | None = None, **detail: Any
) -> dict[str, Any]:
    return {
        "account_id": 9_223_372_036_854_775_807,
        "detail": {
            "id": BIG,
            "created_at": "2026-11-21T10:00:00Z",
            "group_id": "81",
            "requester_id": "7001",
            "priority": "HIGH",
            "status": "NEW",
            "via": {"channel": "mail"},
            **detail,
        },
        "event": said or {},
        "id": f"01K-{number}",
        "subject": f"zen:ticket:{BIG}",
        "time": f"2026-11-21T10:{time}Z",
        "type": f"zen:event-type:{kind}",
        "zendesk_event_version": "2022-11-06",
    }


def sign(body: bytes, secret: str) -> Signed:
    stamp = "2026-11-21T10:00:00Z"
    digest = hmac(secret.encode(), stamp.encode() + body, sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }, URL


STAFF = {"id": "902", "is_staff": True}
TICKET = f"{NAME}:{BIG}"
ENQUEUED = Enqueued(**MAIL, customer=hidden(f"{NAME}:7001"), priority=1)


STORY = Story(
    own=OWN,
    payloads=[
        event(1, "00:00.500123456", "ticket.created"),
        event(2, "01:00", "ticket.agent_assignment_changed", {"current": "902", "previous": None}),
        event(3, "05:00", "ticket.comment_added", {"comment": {"id": 1, "is_public": True, "author": STAFF}}),
        event(4, "09:00", "ticket.status_changed", {"current": "SOLVED", "previous": "OPEN"}),
        event(5, "20:00", "ticket.status_changed", {"current": "open", "previous": "solved"}),
    ],
    facts=[
        (0, TICKET, ENQUEUED),
        (60, TICKET, Offered(**MAIL, agent=f"{NAME}:902")),
        (300, TICKET, MessageSent(**MAIL)),
        (300, TICKET, Answered(**MAIL, agent=f"{NAME}:902")),
        (540, TICKET, Completed(**MAIL, resolved=True)),
        (1200, TICKET, ENQUEUED),
    ],
    sign=sign,
    identifiers=["7001"],
)
