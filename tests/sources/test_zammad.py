"""Tests of Zammad's trigger webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import Answered, Completed, Enqueued, Event, MessageReceived, MessageSent
from queuewatch.ports import Refused
from tests.core.histories import told
from tests.sources.conformance import NAME, Conformance, Story, at, events, hidden, sign_hub, source

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


class TestZammad(Conformance):
    story = Story(
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


def found(payload: dict[str, Any]) -> list[Event]:
    return events(TestZammad.story.parsed(payload))


facts = TestZammad.story.meant


def test_a_ticket_stays_one_stay_and_goes_where_its_group_is() -> None:
    moved = ticket("30:00", group={"id": 9, "name": "Returns"})
    site = told([*found(moved), *found(ticket("00:01"))])
    (visit,) = site.contacts[TICKET].visits
    assert (visit.queue, visit.enqueued_at) == ("Returns", at(0.282))


@pytest.mark.parametrize(("kind", "channel"), [("phone", "phone"), ("web", "email"), ("sms", "chat")])
def test_how_it_began_says_the_channel(kind: str, channel: str) -> None:
    (enqueued,) = facts(ticket("00:01", create_article_type=kind))
    assert enqueued.channel == channel


def test_what_an_agent_begins_is_nobody_waiting() -> None:
    assert facts(ticket("00:01", REPLIED, create_article_sender="Agent")) == []


def test_reopened_it_is_not_told_as_ended() -> None:
    assert len(facts(ticket("40:00", **CLOSED | {"state": "open"}))) == 2


def test_internal_notes_are_not_told_and_machines_are_automatic() -> None:
    assert len(facts(ticket("00:01", article(92, "00:01", "Agent", internal=True)))) == 1
    _, sent = facts(ticket("00:01", article(92, "00:01", "System")))
    assert sent == MessageSent(**MAIL, by="bot", automatic=True)


@pytest.mark.parametrize(("name", "priority"), [("1 low", -1), ("2 normal", 0), ("3 high", 1), ("urgent", 0)])
def test_priorities_go_by_their_number(name: str, priority: int) -> None:
    (enqueued,) = facts(ticket("00:01", priority={"name": name}))
    assert enqueued.priority == priority


def test_a_payload_of_ones_own_is_refused() -> None:
    (refused,) = source(OWN).parse(b'{"text": "ticket 4711 was closed"}', "application/json")
    assert isinstance(refused, Refused)
    assert refused.reason == "bad_payload"
