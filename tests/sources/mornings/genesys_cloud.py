"""A morning as Genesys Cloud tells it: what it sends, and what that means."""

from __future__ import annotations

from typing import Any

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import (
    Answered,
    Completed,
    Enqueued,
    Offered,
)
from tests.sources.conformance import URL, Signed, Story, at, hidden

OWN = WebhookSource(kind="genesys-cloud", secret=Secret("a key of ours"), queues={"q-1": "claims"})
CLAIMS: dict[str, Any] = {"queue": "claims", "channel": "phone"}


def event(number: int, seconds: float, kind: str, **body: Any) -> dict[str, Any]:
    topic = "v2.detail.events.conversation"
    return {
        "version": "0",
        "id": f"eb-{number}",
        "detail-type": f"{topic}.{{id}}.{kind}",
        "source": "aws.partner/genesys.com/cloud/org/acme",
        "time": "2026-11-21T11:00:00Z",
        "detail": {
            "topicName": f"{topic}.conv-1.{kind}",
            "version": "2",
            "eventBody": {
                "eventTime": round(at(seconds) * 1000),
                "conversationId": "conv-1",
                "participantId": "part-1",
                "sessionId": "sess-1",
                "mediaType": "VOICE",
                "direction": "INBOUND",
                "ani": "tel:+441632960033",
                "queueId": "q-1",
                **body,
            },
        },
    }


def sign(_body: bytes, secret: str) -> Signed:
    return {"X-Api-Key": secret}, URL


STORY = Story(
    own=OWN,
    payloads=[
        event(1, 0, "acd.start", routingPriority=5, requestedRoutingSkillIds=["s-1"]),
        event(2, 30.25, "user.start", userId="u-1"),
        event(3, 36, "acd.end", acdOutcome="ANSWERED", answeredUserId="u-1", connectedDurationMs=36_000),
        event(4, 136, "user.end", userId="u-1", interactingDurationMs=90_000, heldDurationMs=10_000),
        event(5, 160, "acw", userId="u-1", wrapupDurationMs=24_000),
    ],
    facts=[
        (
            0,
            "conv-1",
            Enqueued(**CLAIMS, customer=hidden("tel:+441632960033"), priority=5, skills=("s-1",)),
        ),
        (30.25, "conv-1", Offered(**CLAIMS, agent="u-1")),
        (36, "conv-1", Answered(**CLAIMS, agent="u-1", wait_s=36.0)),
        (136, "conv-1", Completed(**CLAIMS, talk_s=90.0, hold_s=10.0)),
        (160, "conv-1", Completed(**CLAIMS, wrap_up_s=24.0)),
    ],
    sign=sign,
    signs_body=False,
    identifiers=["960033"],
)
