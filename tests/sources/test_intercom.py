"""Tests of Intercom's webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from queuewatch.core.facts.events import (
    AgentChanged,
    Answered,
    Left,
    MessageReceived,
    MessageSent,
)
from queuewatch.ports import Refused
from tests.core.histories import told
from tests.sources.conformance import (
    NAME,
    Conformance,
    at,
    events,
    source,
)
from tests.sources.mornings.intercom import CONVERSATION, ENQUEUED, INBOX, OWN, STORY, notification


class TestIntercom(Conformance):
    story = STORY


facts = TestIntercom.story.meant


def test_only_the_first_reply_answers_where_it_is_told_when_that_was() -> None:
    statistics = {"first_admin_reply_at": int(at(40))}
    later = notification(1, 70, "conversation.admin.replied", statistics=statistics)
    assert facts(later) == [MessageSent(**INBOX)]
    first = notification(1, 41, "conversation.admin.replied", statistics=statistics, admin_assignee_id=31)
    assert facts(first) == [ENQUEUED, MessageSent(**INBOX), Answered(**INBOX, agent=f"{NAME}:31")]


def test_who_was_never_replied_to_waits_since_the_conversation_was_made() -> None:
    """Whatever is told of it first: it may have begun before anybody listened."""
    for topic in ("conversation.user.replied", "conversation.admin.assigned"):
        payload = notification(7, 900, topic, statistics={"first_admin_reply_at": None})
        found = source(OWN).parse(TestIntercom.story.body(payload), "application/json")
        (visit,) = told(events(found)).contacts[CONVERSATION].visits
        assert (visit.stage, visit.enqueued_at) == ("waiting", at(0))


@pytest.mark.parametrize(
    "statistics", [{"last_close_at": 1_795_255_200}, {"first_admin_reply_at": 1_795_255_200}, None]
)
def test_who_was_replied_to_or_closed_before_waits_since_a_time_that_is_not_told(statistics: Any) -> None:
    payload = notification(7, 900, "conversation.user.replied", statistics=statistics)
    assert facts(payload) == [MessageReceived(**INBOX)]


def test_the_beginning_is_one_fact_whatever_tells_it() -> None:
    later = notification(7, 900, "conversation.user.replied", statistics={}, team_assignee_id=600)
    created = notification(1, 1, "conversation.user.created")
    for payloads in ([created, later], [later, created]):
        found = [
            one
            for payload in payloads
            for one in events(source(OWN).parse(TestIntercom.story.body(payload), "application/json"))
        ]
        (visit,) = told(found).contacts[CONVERSATION].visits
        assert visit.queue == "inbox"


@pytest.mark.parametrize("item", [{"team_assignee_id": 600}, {"assignee": {"type": "team", "id": "600"}}])
def test_a_team_is_a_queue(item: dict[str, Any]) -> None:
    (enqueued,) = facts(notification(1, 0, "conversation.user.created", **item))
    assert enqueued.queue == "billing"


def test_a_team_is_not_an_agent() -> None:
    assigned = notification(1, 0, "conversation.admin.assigned", assignee={"type": "team", "id": "600"})
    assert facts(assigned) == []


def test_what_is_deleted_left() -> None:
    assert facts(notification(1, 9, "conversation.deleted")) == [Left(**INBOX, reason="withdrawn")]


@pytest.mark.parametrize(
    ("topic", "item", "state"),
    [
        ("admin.away_mode_updated", {"away_mode_enabled": True}, "not_ready"),
        ("admin.away_mode_updated", {"away_mode_enabled": False}, "available"),
        ("admin.logged_in", {}, "available"),
        ("admin.logged_out", {}, "offline"),
    ],
)
def test_agents_come_and_go(topic: str, item: dict[str, Any], state: Any) -> None:
    assert facts(notification(1, 9, topic, **item)) == [AgentChanged(state=state)]


def test_a_ping_is_fine_and_a_new_topic_is_counted() -> None:
    assert facts({"type": "notification_event", "topic": "ping", "id": "n", "data": {"item": {}}}) == []
    (refused,) = source(OWN).parse(TestIntercom.story.body(notification(1, 0, "visitor.dreamt")), "")
    assert isinstance(refused, Refused)
    assert refused.reason == "unknown_event"
