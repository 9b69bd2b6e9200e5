"""Tests of Rocket.Chat's omnichannel webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from queuewatch.core.facts.events import (
    Abandoned,
    Left,
    MessageReceived,
    MessageSent,
    Transferred,
)
from queuewatch.ports import Refused
from tests.core.histories import told
from tests.sources.conformance import NAME, Conformance, at, events
from tests.sources.mornings.rocketchat import ASKED, SAID, STORY, WEB, message, room, served


class TestRocketChat(Conformance):
    story = STORY


parsed = TestRocketChat.story.parsed
facts = TestRocketChat.story.meant


def test_the_whole_story_is_two_stays() -> None:
    found = [one for payload in TestRocketChat.story.payloads for one in events(parsed(payload))]
    visits = told(found).contacts["roomA"].visits
    assert [(one.queue, one.stage, one.agent, one.wait_s) for one in visits] == [
        ("web", "completed", f"{NAME}:jo", pytest.approx(60.19)),
        ("billing", "completed", f"{NAME}:kim", 0.0),
    ]


def test_a_room_that_repeats_its_messages_tells_each_at_most_once() -> None:
    """Every payload but a message's own has all messages of the room; retries have them again."""
    repeats = room("LivechatSessionTaken", departmentId="dep1", servedBy=served("jo", "01:00"))
    repeats["messages"] = [message(f"m{number}", "00:30") for number in range(2000)]
    assert not [one for one in events(parsed(repeats)) if isinstance(one.data, MessageReceived)]
    own = room("Message", messages=[ASKED])
    ids = [one.id for one in events([*parsed(own), *parsed(own)]) if isinstance(one.data, MessageReceived)]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_the_department_told_later_is_where_it_waited_from_the_beginning() -> None:
    start = room("LivechatSessionStart")
    taken = room("LivechatSessionTaken", departmentId="dep2", servedBy=served("jo", "01:00"))
    found = [*events(parsed(taken)), *events(parsed(start))]
    (visit,) = told(found).contacts["roomA"].visits
    assert (visit.queue, visit.wait_s) == ("billing", 60.0)


def test_handed_from_agent_to_agent_it_stays_in_the_queue_and_with_the_second() -> None:
    forwarded = room(
        "LivechatSessionForwarded",
        departmentId="dep1",
        servedBy=served("kim", "03:00"),
        oldServedBy=served("jo", "01:00"),
    )
    taken = room("LivechatSessionTaken", departmentId="dep1", servedBy=served("jo", "01:00"))
    site = told([*events(parsed(taken)), *events(parsed(forwarded))])
    assert site.agents[f"{NAME}:kim"].handling.keys() == {"roomA"}
    assert site.agents[f"{NAME}:jo"].handling == {}


def test_a_message_in_a_room_that_nobody_serves_tells_since_when_it_waits() -> None:
    (visit,) = told(events(parsed(room("Message", messages=[ASKED])))).contacts["roomA"].visits
    assert (visit.stage, visit.enqueued_at) == ("waiting", at(0))
    answered = room("Message", agent={"_id": "id-jo"}, messages=[ASKED])
    assert facts(answered) == [MessageReceived(**WEB)]
    assert facts(room("Message", messages=[SAID])) == [MessageSent(**WEB)]


def test_a_department_that_was_told_is_not_taken_back_by_a_message_without_one() -> None:
    queued = room("LivechatSessionQueued", departmentId="dep2")
    for payloads in (
        [queued, room("Message", messages=[ASKED])],
        [room("Message", messages=[ASKED]), queued],
    ):
        site = told([one for payload in payloads for one in events(parsed(payload))])
        assert [visit.queue for visit in site.contacts["roomA"].visits] == ["billing"]


def test_forwarded_to_a_department_without_anybody_it_waits_there() -> None:
    forwarded = room("LivechatSessionForwarded", departmentId="dep2", oldDepartmentId="dep1")
    transferred, enqueued = facts(forwarded)
    assert transferred == Transferred(**WEB, kind="queue", to_queue="billing")
    assert enqueued.queue == "billing"


@pytest.mark.parametrize(
    ("closer", "end"), [("visitor", Abandoned(**WEB)), ("user", Left(**WEB, reason="closed"))]
)
def test_closed_before_anybody_took_it(closer: str, end: Any) -> None:
    closed = room("LivechatSession", closedAt="2026-11-21T10:02:00Z", closer=closer)
    assert facts(closed) == [end]


def test_a_lead_tells_nothing_and_a_new_type_is_counted() -> None:
    assert facts(room("LeadCapture")) == []
    (refused,) = parsed(room("LivechatDream"))
    assert isinstance(refused, Refused)
    assert refused.reason == "unknown_event"


def test_a_taking_without_its_time_is_told() -> None:
    (*_, refused) = parsed(room("LivechatSessionTaken", servedBy={"username": "jo"}))
    assert isinstance(refused, Refused)
    assert refused.reason == "no_time"
    assert at(0) > 0
