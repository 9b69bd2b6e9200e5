"""A morning as Zammad tells it: what it sends, and what that means."""

from __future__ import annotations

from typing import Any

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import Answered, Completed, Enqueued, MessageReceived, MessageSent
from tests.sources.conformance import NAME, Story, hidden, sign_hub

OWN = WebhookSource(kind="zammad", secret=Secret("a secret of ours"), queues={"Service Desk": "service"})
MAIL: dict[str, Any] = {"queue": "service", "channel": "email"}


def ticket(updated: str, article: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "ticket": {
            "id": 4711,
            "number": "44711",
            "create_article_sender": "Customer",
            "create_article_type": "email",
            "created_at": "2026-11-21T10:00:00.282Z",
            "updated_at": f"2026-11-21T10:{updated}Z",
            "customer": {"id": 12, "email": "hal@example.org", "login": "hal@example.org"},
            "customer_id": 12,
            "group": {"id": 3, "name": "Service Desk"},
            "group_id": 3,
            "owner_id": 1,
            "priority": {"id": 3, "name": "3 high"},
            "state": "new",
            "first_response_at": None,
            "close_at": None,
            **more,
        },
        "article": article or {},
    }


def article(ident: int, created: str, sender: str, **more: Any) -> dict[str, Any]:
    return {
        "id": ident,
        "created_at": f"2026-11-21T10:{created}Z",
        "internal": False,
        "sender": sender,
        "type": "email",
        **more,
    }


ASKED = article(90, "00:00.318", "Customer")
REPLIED = article(91, "20:00", "Agent")
RESPONSE: dict[str, Any] = {"owner_id": 5, "state": "open", "first_response_at": "2026-11-21T10:20:00Z"}
CLOSED = RESPONSE | {"state": {"id": 4, "name": "closed"}, "close_at": "2026-11-21T10:25:00Z"}
TICKET = f"{NAME}:4711"
ENQUEUED = (0.282, TICKET, Enqueued(**MAIL, customer=hidden("hal@example.org"), priority=1))
ANSWERED = (1200, TICKET, Answered(**MAIL, agent=f"{NAME}:5"))


STORY = Story(
    own=OWN,
    payloads=[
        ticket("00:00.333", ASKED),
        ticket("05:00", owner_id=5, state="open"),
        ticket("20:01", REPLIED, **RESPONSE),
        ticket("25:01", **CLOSED),
    ],
    facts=[
        ENQUEUED,
        (0.318, TICKET, MessageReceived(**MAIL)),
        ENQUEUED,
        ENQUEUED,
        ANSWERED,
        (1200, TICKET, MessageSent(**MAIL)),
        ENQUEUED,
        ANSWERED,
        (1500, TICKET, Completed(**MAIL, resolved=True)),
    ],
    sign=sign_hub,
    identifiers=["hal@example.org"],
)
