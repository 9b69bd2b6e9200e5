"""Tests of Zammad's trigger webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from queuewatch.core.facts.events import Event, MessageSent
from queuewatch.ports import Refused
from tests.core.histories import told
from tests.sources.conformance import Conformance, at, events, source
from tests.sources.mornings.zammad import CLOSED, MAIL, OWN, REPLIED, STORY, TICKET, article, ticket


class TestZammad(Conformance):
    story = STORY


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
