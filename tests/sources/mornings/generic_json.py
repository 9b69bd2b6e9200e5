"""A morning as a system that the config describes tells it: what it sends, and what that means."""

from __future__ import annotations

import tomllib
from typing import Any

from queuewatch.config import Settings, WebhookSource
from queuewatch.config.read import Reader
from queuewatch.core.facts.events import AgentChanged, Answered, Completed, Enqueued
from tests.sources.conformance import (
    NAME,
    Story,
    at,
    hidden,
    sign_hub,
)

TOML = """
[sources.desk]
kind = "generic-json"
secret = "a client secret"
auth = "hmac-sha1"
auth_header = "X-Hub-Signature"
queue = "messenger"
channel = "chat"

[[sources.desk.rules]]
fact = "contact.enqueued"
when = { topic = "conversation.user.created" }
fields = { contact = "data.item.id", at = "data.item.created_at", customer = "data.item.user.email" }

[[sources.desk.rules]]
fact = "contact.answered"
when = { topic = "conversation.admin.replied|conversation.admin.assigned" }
fields = { id = "data.item.id", contact = "data.item.id", at = "created_at", agent = "data.item.assignee.id" }

[[sources.desk.rules]]
fact = "contact.completed"
when = { topic = "conversation.admin.closed" }
fields = { contact = "data.item.id", at = "created_at" }
values = { resolved = "true" }

[[sources.desk.rules]]
fact = "agent.changed"
when = { topic = "admin.away_mode_updated" }
fields = { agent = "data.item.id", at = "created_at", state = "data.item.away_mode_enabled" }
words = { state = { true = "not_ready", false = "available" } }
"""
CHAT: dict[str, Any] = {"queue": "messenger", "channel": "chat"}


def configured(toml: str) -> WebhookSource:
    """The section as the service would read it."""
    own = Reader(Settings, {}).table(tomllib.loads(toml), Settings).sources["desk"]
    assert isinstance(own, WebhookSource)
    return own


OWN = configured(TOML)


def notification(number: int, seconds: float, topic: str, **item: Any) -> dict[str, Any]:
    return {
        "type": "notification_event",
        "id": f"notif_{number}",
        "topic": topic,
        "created_at": int(at(seconds)),
        "data": {"type": "notification_event_data", "item": item},
    }


STORY = Story(
    own=OWN,
    payloads=[
        notification(
            1,
            2,
            "conversation.user.created",
            id="88",
            created_at=f"{at(0):.0f}",
            user={"id": "u1", "email": "Eve@example.org"},
        ),
        notification(2, 30, "conversation.admin.replied", id="88", assignee={"type": "admin", "id": 21}),
        notification(3, 200, "conversation.admin.closed", id="88"),
        notification(4, 201, "admin.away_mode_updated", id=21, away_mode_enabled=True),
    ],
    facts=[
        (0, f"{NAME}:88", Enqueued(**CHAT, customer=hidden("Eve@example.org"))),
        (30, f"{NAME}:88", Answered(**CHAT, agent=f"{NAME}:21")),
        (200, f"{NAME}:88", Completed(**CHAT, resolved=True)),
        (201, f"{NAME}:21", AgentChanged(state="not_ready")),
    ],
    sign=sign_hub,
    identifiers=["Eve@example.org", "eve@"],
)
