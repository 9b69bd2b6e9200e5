"""Tests of Zendesk's event webhooks."""

from __future__ import annotations

import base64
from hashlib import sha256
from hmac import new as hmac
from typing import Any

import pytest
from msgspec.structs import replace

from queuewatch.config import WebhookSource
from queuewatch.core.facts.events import (
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Left,
    MessageReceived,
    MessageSent,
    Transferred,
)
from queuewatch.ports import Refused
from queuewatch.sources.webhook_signatures import Call
from queuewatch.sources.zendesk import verify
from tests.core.histories import told
from tests.sources.conformance import NAME, URL, Conformance, at, events, plain, source
from tests.sources.mornings.zendesk import ENQUEUED, MAIL, OWN, STAFF, STORY, TICKET, event, sign

DESK: dict[str, Any] = {"queue": "desk", "channel": "chat"}


class TestZendesk(Conformance):
    story = STORY


def facts(payload: dict[str, Any], own: WebhookSource = OWN) -> list[Any]:
    found = source(own).parse(TestZendesk.story.body(payload), "application/json")
    return [data for _, _, data in plain(events(found))]


def test_another_group_is_another_stay() -> None:
    regrouped = event(1, "02:00", "ticket.group_assignment_changed", {"previous": "81", "current": "82"})
    transferred, enqueued = facts(regrouped)
    assert transferred == Transferred(**MAIL, kind="queue", to_queue="desk")
    assert enqueued.queue == "desk"


def test_the_first_group_is_the_first_queue_where_there_is_none_for_all() -> None:
    regrouped = event(1, "02:00", "ticket.group_assignment_changed", {"previous": None, "current": "81"})
    found = source(replace(OWN, queue=None)).parse(TestZendesk.story.body(regrouped), "application/json")
    assert plain(events(found)) == [(0, TICKET, ENQUEUED)]


def test_without_any_queue_it_is_told() -> None:
    (refused,) = source(replace(OWN, queue=None)).parse(
        TestZendesk.story.body(event(1, "02:00", "ticket.created", group_id=None)), "application/json"
    )
    assert isinstance(refused, Refused)
    assert refused.reason == "no_queue"


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        ({"type": "end_user"}, [MessageReceived(**DESK)]),
        ({"type": "system"}, [MessageSent(**DESK, by="bot", automatic=True)]),
        ({"type": "agent", "id": "5"}, [MessageSent(**DESK), Answered(**DESK, agent=f"{NAME}:5")]),
    ],
)
def test_a_message_is_told_by_who_wrote_it(actor: dict[str, Any], said: list[Any]) -> None:
    message = event(1, "00:01", "messaging_ticket.message_added", {"actor": actor, "message": {"id": "m"}})
    message["detail"] = {"id": "141"}
    assert facts(message) == said


def test_a_customers_comment_is_a_message_and_a_private_one_is_not() -> None:
    public = {"comment": {"is_public": True, "author": {"id": "7001", "is_staff": False}}}
    assert facts(event(1, "00:01", "ticket.comment_added", public, status="OPEN")) == [
        MessageReceived(**MAIL)
    ]
    private = {"comment": {"is_public": False, "author": STAFF}}
    assert facts(event(1, "00:01", "ticket.comment_added", private)) == []


def test_a_ticket_that_is_new_waits_since_it_was_made() -> None:
    """Whatever is told of it first: it may have begun before anybody listened."""
    public = {"comment": {"is_public": True, "author": {"id": "7001", "is_staff": False}}}
    for kind, said, end in (
        ("ticket.comment_added", public, "waiting"),
        ("ticket.status_changed", {"previous": "NEW", "current": "OPEN"}, "waiting"),
        ("ticket.status_changed", {"previous": "NEW", "current": "SOLVED"}, "leaving"),
    ):
        payload = event(1, "30:00", kind, said)
        found = source(OWN).parse(TestZendesk.story.body(payload), "application/json")
        (visit,) = told(events(found)).contacts[TICKET].visits
        assert (visit.stage, visit.enqueued_at) == (end, at(0))


@pytest.mark.parametrize(
    ("kind", "said", "state"),
    [
        ("agent.state_changed", {"new_state": "online", "channel": "support"}, "available"),
        ("agent.state_changed", {"new_state": "transfers_only"}, "not_ready"),
        ("agent.unified_state_changed", {"new_unified_state": "offline"}, "offline"),
    ],
)
def test_agents_come_and_go(kind: str, said: dict[str, Any], state: Any) -> None:
    payload = event(1, "00:09", kind, said | {"updated_at": "2026-11-21T10:00:08.642630335Z"})
    payload["detail"] = {"account_id": "2", "agent_id": "10", "version": "3"}
    (found,) = events(source(OWN).parse(TestZendesk.story.body(payload), "application/json"))
    assert found.subject == f"{NAME}:10"
    assert found.at == pytest.approx(at(8.64263))
    assert isinstance(found.data, AgentChanged)
    assert found.data.state == state


def test_capacity_is_told_by_channel() -> None:
    payload = event(1, "00:09", "agent.max_capacity_changed", {"channel": "messaging", "new_max_capacity": 4})
    assert facts(payload) == [AgentChanged(capacity={"chat": 4})]


@pytest.mark.parametrize("what", ["marked_as_spam", "merged", "soft_deleted", "permanently_deleted"])
def test_what_is_put_away_waits_no_more_and_is_not_served(what: str) -> None:
    new = event(1, "00:01", f"ticket.{what}", status="NEW")
    taken_up = event(1, "00:01", f"ticket.{what}", status="OPEN")
    assert facts(new) == [Left(**MAIL, reason="withdrawn")]
    assert facts(taken_up) == [Left(**MAIL, reason="withdrawn"), Completed(**MAIL)]


def test_a_deleted_ticket_that_is_brought_back_waits_again() -> None:
    (again,) = facts(event(1, "00:01", "ticket.undeleted", status="OPEN"))
    assert isinstance(again, Enqueued)
    assert facts(event(1, "00:01", "ticket.undeleted", status="SOLVED")) == []


def test_what_says_nothing_of_queues_is_passed_over_and_the_rest_counted() -> None:
    assert facts(event(1, "00:01", "ticket.tags_changed")) == []
    (refused,) = source(OWN).parse(TestZendesk.story.body(event(1, "00:01", "article.published")), "")
    assert isinstance(refused, Refused)
    assert refused.reason == "unknown_event"


def test_a_signature_holds_for_five_minutes() -> None:
    headers, _ = sign(b"{}", "s")
    lower = {name.lower(): value for name, value in headers.items()}
    assert verify(Call(lower, b"{}", URL, at(300)), "s") is None
    refused = verify(Call(lower, b"{}", URL, at(301)), "s")
    assert refused is not None
    assert refused.reason == "stale_signature"


def test_a_timestamp_that_is_none_is_refused_even_when_signed() -> None:
    digest = hmac(b"s", b"soon{}", sha256).digest()
    headers = {
        "x-zendesk-webhook-signature": base64.b64encode(digest).decode(),
        "x-zendesk-webhook-signature-timestamp": "soon",
    }
    refused = verify(Call(headers, b"{}", URL, at(0)), "s")
    assert refused is not None
    assert refused.reason == "bad_signature"
