"""A morning as Chatwoot tells it: what it sends, and what that means."""

from __future__ import annotations

from hashlib import sha256
from hmac import new as hmac
from typing import Any

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    Enqueued,
    MessageReceived,
    MessageSent,
)
from tests.sources.conformance import NAME, URL, Signed, Story, at, hidden

OWN = WebhookSource(
    kind="chatwoot", secret=Secret("a secret of ours"), queues={"3": "web", "team:9": "returns"}
)
WEB: dict[str, Any] = {"queue": "web", "channel": "chat"}
ADA = {"id": 71, "name": "Ada", "email": "Ada@example.org", "type": "contact"}


def conversation(
    ident: int, seconds: float, event: str = "conversation_updated", **more: Any
) -> dict[str, Any]:
    """A conversation as Chatwoot sends it, at the top of the payload."""
    changed = more.pop("changed", {})
    return {
        "event": event,
        "id": ident,
        "inbox_id": 3,
        "status": "open",
        "channel": "Channel::WebWidget",
        "additional_attributes": {"browser_language": "en_GB"},
        "meta": {"sender": ADA, "assignee": None, "team": None},
        "created_at": at(0),
        "updated_at": at(seconds),
        "timestamp": int(at(seconds)),
        "first_reply_created_at": None,
        "changed_attributes": [
            {name: {"previous_value": was, "current_value": became}}
            for name, (was, became) in changed.items()
        ],
        **more,
    }


def message(ident: int, seconds: float, **more: Any) -> dict[str, Any]:
    return {
        "event": "message_created",
        "id": ident,
        "content": "Hello",
        "message_type": "incoming",
        "private": False,
        "sender": ADA,
        "conversation": {"id": 41, "inbox_id": 3, "status": "open", "channel": "Channel::WebWidget"},
        "created_at": f"2026-11-21T10:00:{seconds:06.3f}Z",
        **more,
    }


BO = {"id": 5, "name": "Bo", "type": "user"}


def sign(body: bytes, secret: str) -> Signed:
    stamp = f"{at(0):.0f}"
    signature = hmac(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
    return {
        "X-Chatwoot-Timestamp": stamp,
        "X-Chatwoot-Signature": f"sha256={signature}",
        "X-Chatwoot-Delivery": "5f0c3a50-7ed5-4d5e-9d4a-9b5b6b1f3a77",
    }, URL


STORY = Story(
    own=OWN,
    payloads=[
        conversation(41, 0, "conversation_created"),
        message(901, 1, conversation=conversation(41, 1, waiting_since=int(at(0)))),
        conversation(41, 20, changed={"assignee_id": (None, 5)}, meta={"sender": ADA, "assignee": BO}),
        message(
            902,
            30.25,
            message_type="outgoing",
            sender=BO,
            conversation={"id": 41, "inbox_id": 3, "meta": {"assignee": BO}},
        ),
        conversation(
            41,
            300.5,
            "conversation_status_changed",
            status="resolved",
            first_reply_created_at=at(30),
            changed={"status": ("open", "resolved")},
        ),
        conversation(42, 0, "conversation_created"),
        conversation(42, 90, status="resolved", changed={"status": ("open", "resolved")}),
    ],
    facts=[
        (0, f"{NAME}:41", Enqueued(**WEB, customer=hidden("Ada@example.org"), language="en-GB")),
        (0, f"{NAME}:41", Enqueued(**WEB, customer=hidden("Ada@example.org"), language="en-GB")),
        (1, f"{NAME}:41", MessageReceived(**WEB)),
        (20, f"{NAME}:41", Answered(**WEB, agent=f"{NAME}:5")),
        (30.25, f"{NAME}:41", MessageSent(**WEB)),
        (300.5, f"{NAME}:41", Completed(**WEB, resolved=True)),
        (0, f"{NAME}:42", Enqueued(**WEB, customer=hidden("Ada@example.org"), language="en-GB")),
        (90, f"{NAME}:42", Abandoned(**WEB)),
    ],
    sign=sign,
    identifiers=["Ada@example.org", "ada@"],
)
