"""A morning as Rocket.Chat tells it: what it sends, and what that means."""

from __future__ import annotations

from typing import Any

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import (
    Answered,
    Completed,
    Enqueued,
    MessageReceived,
    MessageSent,
    Transferred,
)
from tests.sources.conformance import NAME, URL, Signed, Story, hidden

OWN = WebhookSource(
    kind="rocketchat", secret=Secret("a token of ours"), queue="web", queues={"dep2": "billing"}
)
WEB: dict[str, Any] = {"queue": "web", "channel": "chat"}
BILLING: dict[str, Any] = {"queue": "billing", "channel": "chat"}


def room(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "_id": "roomA",
        "label": "Ida",
        "createdAt": "2026-11-21T10:00:00.000Z",
        "lastMessageAt": "2026-11-21T10:00:00.000Z",
        "visitor": {
            "_id": "v1",
            "token": "visitor-token-ida",
            "name": "Ida",
            "email": [{"address": "ida@example.org"}],
            "phone": [{"phoneNumber": "+44 1632 960022"}],
        },
        "type": kind,
        "messages": [],
        **more,
    }


def served(name: str, time: str) -> dict[str, Any]:
    return {"_id": f"id-{name}", "username": name, "ts": f"2026-11-21T10:{time}Z"}


def message(ident: str, time: str, **more: Any) -> dict[str, Any]:
    return {"_id": ident, "msg": "hi", "ts": f"2026-11-21T10:{time}Z", **more}


ASKED = message("m1", "00:05.186")
SAID = message("m2", "01:10.872", agentId="id-jo")


def sign(_body: bytes, secret: str) -> Signed:
    return {"X-RocketChat-Livechat-Token": secret}, URL


ENQUEUED = (0, "roomA", Enqueued(**WEB, customer=hidden("ida@example.org")))


STORY = Story(
    own=OWN,
    payloads=[
        room("LivechatSessionStart"),
        room("LivechatSessionQueued", departmentId="dep1"),
        room("Message", messages=[ASKED]),
        room("LivechatSessionTaken", departmentId="dep1", servedBy=served("jo", "01:00.190")),
        room("Message", messages=[SAID]),
        room(
            "LivechatSessionForwarded",
            departmentId="dep2",
            oldDepartmentId="dep1",
            servedBy=served("kim", "03:00.500"),
            oldServedBy=served("jo", "01:00.190"),
            messages=[ASKED, SAID],
        ),
        room(
            "LivechatSession",
            departmentId="dep2",
            servedBy=served("kim", "03:00.500"),
            closedAt="2026-11-21T10:05:00.000Z",
            closer="user",
            messages=[ASKED, SAID],
        ),
    ],
    facts=[
        ENQUEUED,
        ENQUEUED,
        ENQUEUED,
        (5.186, "roomA", MessageReceived(**WEB)),
        ENQUEUED,
        (60.19, "roomA", Answered(**WEB, agent=f"{NAME}:jo")),
        (70.872, "roomA", MessageSent(**WEB)),
        (180.499, "roomA", Transferred(**WEB, kind="queue", to_queue="billing")),
        (180.5, "roomA", Enqueued(**BILLING, customer=hidden("ida@example.org"))),
        (180.5, "roomA", Answered(**BILLING, agent=f"{NAME}:kim")),
        (300, "roomA", Completed(**BILLING, ended_by="user")),
    ],
    sign=sign,
    signs_body=False,
    identifiers=["ida@example.org", "960022", "visitor-token"],
)
