"""Tests of Chatwoot's webhooks."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    Enqueued,
    Left,
    MessageReceived,
    MessageSent,
    Transferred,
)
from queuewatch.ports import Refused
from tests.core.histories import told
from tests.sources.conformance import NAME, URL, Conformance, at, events, source
from tests.sources.mornings.chatwoot import ADA, BO, OWN, STORY, WEB, conversation, message, sign


class TestChatwoot(Conformance):
    story = STORY


facts = TestChatwoot.story.meant


def test_a_conversation_with_the_bot_does_not_wait_until_it_is_handed_over() -> None:
    assert facts(conversation(41, 0, "conversation_created", status="pending")) == []
    (enqueued,) = facts(conversation(41, 9, changed={"status": ("pending", "open")}))
    assert isinstance(enqueued, Enqueued)


def running(since_s: float | None, **more: Any) -> dict[str, Any]:
    """A message in a conversation that was made at ten, and waits since then."""
    return message(
        907,
        50,
        conversation={
            "id": 41,
            "inbox_id": 3,
            "status": "open",
            "created_at": at(0),
            "waiting_since": 0 if since_s is None else int(at(since_s)),
            "first_reply_created_at": None,
            "meta": {"sender": ADA, "assignee": None},
            **more,
        },
    )


@pytest.mark.parametrize(("since_s", "begins_s"), [(0, 0), (2, 0), (3, 3), (50, 50)])
def test_a_message_tells_since_when_an_open_conversation_waits(since_s: float, begins_s: float) -> None:
    """It may have been opened before anybody listened, or been handed over by a bot since it was made."""
    found = source(OWN).parse(TestChatwoot.story.body(running(since_s)), "application/json")
    (visit,) = told(events(found)).contacts[f"{NAME}:41"].visits
    assert (visit.stage, visit.enqueued_at) == ("waiting", at(begins_s))


@pytest.mark.parametrize(
    "more",
    [
        {"status": "pending"},
        {"first_reply_created_at": at(9)},
        {"meta": {"sender": ADA, "assignee": BO}},
        {"waiting_since": 0},
        {"waiting_since": int(at(51))},
    ],
)
def test_a_conversation_that_is_not_in_line_does_not_wait(more: dict[str, Any]) -> None:
    assert facts(running(0, **more)) == [MessageReceived(**WEB)]


def test_somebody_is_assigned_to_one_that_waited_before_anybody_listened() -> None:
    assigned = conversation(41, 60, waiting_since=at(0), changed={"assignee_id": (None, 5)})
    enqueued, answered = facts(assigned)
    assert isinstance(enqueued, Enqueued)
    assert answered == Answered(**WEB, agent=f"{NAME}:5")


def test_the_beginning_is_one_fact_whatever_tells_it() -> None:
    found = [
        one.id
        for payload in (conversation(41, 0, "conversation_created"), running(0), running(2))
        for one in events(source(OWN).parse(TestChatwoot.story.body(payload), "application/json"))
        if isinstance(one.data, Enqueued)
    ]
    assert len(found) == 3
    assert len(set(found)) == 1


def test_given_back_to_the_bot_it_left() -> None:
    given_back = conversation(41, 9, status="pending", changed={"status": ("open", "pending")})
    assert facts(given_back) == [Left(**WEB, reason="withdrawn")]


def test_reopened_it_waits_again() -> None:
    (enqueued,) = facts(conversation(41, 900, changed={"status": ("resolved", "open")}))
    assert isinstance(enqueued, Enqueued)


def test_the_same_change_told_by_two_events_is_one_fact() -> None:
    change = {"status": "resolved", "changed": {"status": ("open", "resolved")}}
    ids = {
        one.id
        for event in ("conversation_updated", "conversation_status_changed")
        for one in events(source(OWN).parse(TestChatwoot.story.body(conversation(4, 9, event, **change)), ""))
    }
    assert len(ids) == 1


def test_older_versions_tell_a_status_without_what_it_was() -> None:
    assert facts(conversation(41, 9, "conversation_status_changed", status="resolved")) == [Abandoned(**WEB)]


def test_a_short_payload_does_not_say_that_nobody_replied() -> None:
    short = {"event": "conversation_status_changed", "id": 4, "status": "resolved", "inbox_id": 3}
    assert facts(short | {"updated_at": at(9)}) == [Completed(**WEB, resolved=True)]


def test_a_listed_team_is_another_queue() -> None:
    handed = conversation(
        41, 9, meta={"sender": ADA, "team": {"id": 9, "name": "Returns"}}, changed={"team_id": (None, 9)}
    )
    transferred, enqueued = facts(handed)
    assert transferred == Transferred(**WEB, kind="queue", to_queue="returns")
    assert enqueued.queue == "returns"


def test_a_team_that_is_not_listed_is_no_queue() -> None:
    handed = conversation(41, 9, meta={"team": {"id": 8}}, changed={"team_id": (None, 8)})
    assert facts(handed) == []


def test_who_replies_first_without_being_assigned_answers() -> None:
    reply = message(903, 12, message_type="outgoing", sender=BO)
    assert facts(reply) == [MessageSent(**WEB), Answered(**WEB, agent=f"{NAME}:5")]


def test_later_replies_answer_no_more() -> None:
    reply = message(904, 40, message_type="outgoing", sender=BO)
    reply["conversation"]["first_reply_created_at"] = at(12)
    assert facts(reply) == [MessageSent(**WEB)]


@pytest.mark.parametrize(
    "more",
    [
        {"message_type": 3, "sender": None},
        {"message_type": 1, "sender": {"id": 2, "type": "agent_bot"}},
    ],
)
def test_what_a_machine_writes_is_automatic(more: dict[str, Any]) -> None:
    assert facts(message(905, 2, **more)) == [MessageSent(**WEB, by="bot", automatic=True)]


def test_private_notes_are_not_told() -> None:
    assert facts(message(906, 2, message_type="outgoing", sender=BO, private=True)) == []


def test_typing_tells_nothing_and_is_known() -> None:
    assert facts({"event": "conversation_typing_on"}) == []


def test_an_event_of_a_later_version_is_counted() -> None:
    (refused,) = source(OWN).parse(b'{"event": "conversation_dreamt_of"}', "application/json")
    assert isinstance(refused, Refused)
    assert refused.reason == "unknown_event"


def test_an_unsigned_chatwoot_may_show_its_secret_instead() -> None:
    """Versions before 4.11 do not sign; some later ones sign with another secret than they show."""
    shop = source(replace(OWN, auth="token"))
    secret = OWN.secret.reveal()
    for headers, url in (({}, f"{URL}?token={secret}"), ({"X-Api-Key": secret}, URL)):
        assert shop.verify(headers, b"{}", url, at(0)) is None
    for headers, url in (({}, f"{URL}?token={secret}x"), ({}, URL), ({"X-Api-Key": ""}, URL)):
        refused = shop.verify(headers, b"{}", url, at(0))
        assert refused is not None
        assert refused.reason == "bad_signature"


@pytest.mark.parametrize(
    ("later_s", "reason"), [(300, None), (301, "stale_signature"), (-301, "stale_signature")]
)
def test_a_signature_holds_for_five_minutes(later_s: float, reason: str | None) -> None:
    headers, url = sign(b"{}", "a secret of ours")
    refused = source(OWN).verify(headers, b"{}", url, at(later_s))
    assert (refused and refused.reason) == reason
