"""Tests of the generic source, shown on Intercom's webhooks: an hour's work and no code."""

from __future__ import annotations

import tomllib
from typing import Any, get_args

import msgspec
import pytest

from queuewatch.config import Secret, Settings, SourceRule, WebhookSource
from queuewatch.config.kinds import Fact
from queuewatch.config.read import Reader
from queuewatch.core.facts.events import AgentChanged, Answered, Completed, Enqueued, Left
from queuewatch.ports import Refused
from queuewatch.sources.generic_json import FACTS
from tests.sources.conformance import (
    NAME,
    Conformance,
    Story,
    at,
    events,
    hidden,
    sign_hub,
    source,
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


class TestGenericJson(Conformance):
    story = Story(
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


def parse(rule: SourceRule, payload: object, **more: Any) -> list[Any]:
    own = WebhookSource(kind="generic-json", secret=Secret("s"), rules=(rule,), **more)
    return source(own).parse(msgspec.json.encode(payload), "application/json")


LEFT = SourceRule(
    fact="contact.left",
    fields={
        "contact": "rows.-1.call",
        "queue": "rows.0.line",
        "at": "ts",
        "version_at": "changed",
        "wait_s": "wait",
    },
    values={"reason": "key"},
)


def test_a_path_may_lead_into_lists_and_texts_may_be_numbers() -> None:
    payload = {"rows": [{"line": 7}, {"call": "c9"}], "ts": at(1) * 1000, "changed": at(2), "wait": "12.5"}
    (left,) = events(parse(LEFT, payload, queues={"7": "support"}, channel="phone"))
    assert (left.at, left.version_at, left.subject) == (at(1), at(2), f"{NAME}:c9")
    assert left.data == Left(queue="support", channel="phone", reason="key", wait_s=12.5)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"rows": [{"line": 7}], "ts": 1}, "no_subject"),
        ({"rows": [{"line": 7}, {"call": "c9"}]}, "no_time"),
        ({"rows": [{"line": 7}, {"call": "c9"}], "ts": "yesterday"}, "bad_field"),
        ({"rows": [{"line": 7}, {"call": "c9"}], "ts": 1, "wait": "long"}, "bad_field"),
        ({"rows": [{"call": "c9"}], "ts": 1}, "no_queue"),
    ],
)
def test_what_a_rule_does_not_find_is_told(payload: object, reason: str) -> None:
    (refused,) = parse(LEFT, payload)
    assert isinstance(refused, Refused)
    assert refused.reason == reason


def test_two_tellings_without_an_id_are_one_when_they_say_the_same() -> None:
    payload = {"rows": [{"line": 7}, {"call": "c9"}], "ts": 5}
    later = payload | {"ts": 6}
    assert parse(LEFT, payload)[0].id == parse(LEFT, payload)[0].id != parse(LEFT, later)[0].id


def test_every_kind_of_fact_that_the_config_allows_can_be_made() -> None:
    assert set(FACTS) == set(get_args(Fact))


def test_no_rule_means_nothing() -> None:
    rule = SourceRule(fact="contact.left", when={"kind": "end", "deep.flag": "false"})
    for payload in ({"kind": "start"}, {"kind": "end"}, {"kind": "end", "deep": {"flag": True}}):
        (refused,) = parse(rule, payload)
        assert refused.reason == "unknown_event"
