"""Tests of Amazon Connect's contact events, agent events and contact records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from queuewatch.config import Secret, WebhookSource
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Event,
    Transferred,
    supersedes,
)
from queuewatch.ports import Refused
from queuewatch.sources.files import open_history
from queuewatch.sources.reading import Reading
from tests.core.histories import told
from tests.sources.conformance import URL, Conformance, Signed, Story, events, hidden, plain, source

OWN = WebhookSource(kind="amazon-connect", secret=Secret("a key of ours"), queues={"q-77": "orders"})
ORDERS: dict[str, Any] = {"queue": "orders", "channel": "phone"}
INSTANCE = "arn:aws:connect:eu-central-1:111122223333:instance/inst-1"
QUEUE_ARN = f"{INSTANCE}/queue/q-77"
AGENT_ARN = f"{INSTANCE}/agent/a-5"


def contact_event(number: int, kind: str, **detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": f"eb-{number}",
        "detail-type": "Amazon Connect Contact Event",
        "source": "aws.connect",
        "account": "111122223333",
        "time": "2026-11-21T10:30:00Z",
        "detail": {
            "eventType": kind,
            "contactId": "c-1",
            "channel": "VOICE",
            "instanceArn": INSTANCE,
            "initiationMethod": "INBOUND",
            "initiationTimestamp": "2026-11-21T09:59:40.000Z",
            "queueInfo": {
                "queueType": "STANDARD",
                "queueArn": QUEUE_ARN,
                "enqueueTimestamp": "2026-11-21T10:00:00.250Z",
            },
            **detail,
        },
    }


AGENT = {"agentInfo": {"agentArn": AGENT_ARN, "connectedToAgentTimestamp": "2026-11-21T10:01:30.250Z"}}
AGENT_AGAIN = {"AgentInfo": {"AgentArn": AGENT_ARN, "connectedToAgentTimestamp": "2026-11-21T10:01:30.250Z"}}
ENDED = {"disconnectTimestamp": "2026-11-21T10:06:00.000Z"}
WORKED = {
    "agentInfo": AGENT["agentInfo"]
    | {
        "afterContactWorkStartTimestamp": "2026-11-21T10:06:00.000Z",
        "afterContactWorkEndTimestamp": "2026-11-21T10:06:20.000Z",
    }
}


def sign(_body: bytes, secret: str) -> Signed:
    return {"Authorization": f"Bearer {secret}"}, URL


class TestContactEvents(Conformance):
    story = Story(
        own=OWN,
        payloads=[
            contact_event(1, "INITIATED"),
            contact_event(2, "QUEUED", customerEndpoint={"address": "+441632960044"}),
            contact_event(3, "CONNECTED_TO_AGENT", **AGENT),
            contact_event(4, "DISCONNECTED", **AGENT_AGAIN, **ENDED),
            contact_event(5, "COMPLETED", **WORKED, **ENDED),
            contact_event(6, "QUEUED", contactId="c-2", channel="Voice")
            | {"detail-type": "Amazon Connect Customer Contact Event"},
            contact_event(7, "DISCONNECTED", contactId="c-2", disconnectTimestamp="2026-11-21T10:02:00Z"),
        ],
        facts=[
            (0.25, "c-1", Enqueued(**ORDERS, customer=hidden("+441632960044"))),
            (90.25, "c-1", Answered(**ORDERS, agent="a-5", wait_s=90.0)),
            (360, "c-1", Completed(**ORDERS)),
            (360, "c-1", Completed(**ORDERS, wrap_up_s=20.0)),
            (0.25, "c-2", Enqueued(**ORDERS)),
            (120, "c-2", Abandoned(**ORDERS)),
        ],
        sign=sign,
        signs_body=False,
        identifiers=["960044"],
    )


def parsed(payload: dict[str, Any]) -> list[Event | Refused]:
    return source(OWN).parse(json.dumps(payload).encode(), "application/json")


def facts(payload: dict[str, Any]) -> list[Any]:
    return [data for _, _, data in plain(events(parsed(payload)))]


def test_a_call_out_is_nobody_waiting() -> None:
    assert facts(contact_event(1, "DISCONNECTED", initiationMethod="OUTBOUND", **AGENT, **ENDED)) == []


def test_a_call_that_was_never_queued_is_not_told() -> None:
    assert facts(contact_event(1, "DISCONNECTED", queueInfo=None, **ENDED)) == []


def test_a_transferred_call_is_the_contact_it_began_as() -> None:
    (found,) = events(parsed(contact_event(1, "QUEUED", contactId="c-9", initialContactId="c-1")))
    assert found.subject == "c-1"


def test_a_kind_nobody_knows_is_counted() -> None:
    for payload in (contact_event(1, "DREAMT"), {"detail-type": "Amazon Connect Rules", "detail": {}}):
        (refused,) = parsed(payload)
        assert isinstance(refused, Refused)
        assert refused.reason == "unknown_event"


def record(updated: str = "10:08:00", **more: Any) -> dict[str, Any]:
    return {
        "AWSAccountId": "111122223333",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": {
            "ARN": AGENT_ARN,
            "AfterContactWorkDuration": 25,
            "AgentInteractionDuration": 240,
            "ConnectedToAgentTimestamp": "2026-11-21T10:01:30Z",
            "CustomerHoldDuration": 30,
            "Username": "lee",
        },
        "Attributes": {},
        "Channel": "VOICE",
        "ContactId": "c-1",
        "CustomerEndpoint": {"Address": "+441632960044", "Type": "TELEPHONE_NUMBER"},
        "DisconnectReason": "CUSTOMER_DISCONNECT",
        "DisconnectTimestamp": "2026-11-21T10:06:00Z",
        "InitialContactId": None,
        "InitiationMethod": "INBOUND",
        "InstanceARN": INSTANCE,
        "LastUpdateTimestamp": f"2026-11-21T{updated}Z",
        "Queue": {
            "ARN": QUEUE_ARN,
            "DequeueTimestamp": "2026-11-21T10:01:30Z",
            "Duration": 90,
            "EnqueueTimestamp": "2026-11-21T10:00:00Z",
            "Name": "Orders by phone",
        },
        **more,
    }


def told_by_record(
    ended: str = "CUSTOMER_DISCONNECT", wrap_up_s: float = 25.0
) -> list[tuple[float, str, Any]]:
    return [
        (0, "c-1", Enqueued(**ORDERS, customer=hidden("+441632960044"))),
        (90, "c-1", Answered(**ORDERS, agent="a-5", wait_s=90.0)),
        (360, "c-1", Completed(**ORDERS, talk_s=240.0, hold_s=30.0, wrap_up_s=wrap_up_s, ended_by=ended)),
    ]


LATER = record("12:00:00", Attributes={"GreetingPlayed": "false"}, DisconnectReason="AGENT_DISCONNECT")


class TestContactRecords(Conformance):
    story = Story(
        own=OWN,
        payloads=[record(), LATER],
        facts=[*told_by_record(), *told_by_record("AGENT_DISCONNECT")],
        sign=sign,
        signs_body=False,
        identifiers=["960044"],
    )


def test_a_record_told_again_corrects_the_first_and_not_the_other_way_round() -> None:
    for first, later in zip(events(parsed(record())), events(parsed(LATER)), strict=True):
        assert (first.id, first.source) == (later.id, later.source)
        assert supersedes(later, first)
        assert not supersedes(first, later)


def test_a_record_corrects_the_events_of_its_contact() -> None:
    payloads = [*TestContactEvents.story.payloads[:4], record()]
    for order in (payloads, payloads[::-1]):
        site = told([one for payload in order for one in events(parsed(payload))])
        (visit,) = site.contacts["c-1"].visits
        assert (visit.stage, visit.wait_s, visit.talk_s, visit.wrap_up_s) == ("completed", 90.0, 240.0, 25.0)
        assert not any(site.misfits.now.values())


def test_a_record_without_an_agent_was_given_up() -> None:
    *_, end = facts(record(Agent=None))
    assert end == Abandoned(**ORDERS, wait_s=90.0)


def test_a_record_of_a_transfer_tells_of_it() -> None:
    found = facts(record(TransferCompletedTimestamp="2026-11-21T10:05:00Z"))
    assert Transferred(**ORDERS) in found


def test_a_record_that_was_never_queued_or_went_out_is_not_told() -> None:
    assert facts(record(Queue=None)) == []
    assert facts(record(InitiationMethod="OUTBOUND")) == []


def agent_event(number: int, kind: str, status: str = "Available", **snapshot: Any) -> dict[str, Any]:
    arn = f"{INSTANCE}/queue"
    return {
        "AWSAccountId": "111122223333",
        "AgentARN": AGENT_ARN,
        "CurrentAgentSnapshot": {
            "AgentStatus": {"Name": status, "StartTimestamp": "2026-11-21T10:00:00.000Z"},
            "Configuration": {
                "RoutingProfile": {
                    "Concurrency": snapshot.pop("slots", None),
                    "InboundQueues": [
                        {"ARN": f"{arn}/agent/a-5", "Name": None},
                        {"ARN": QUEUE_ARN, "Name": "Orders by phone"},
                    ],
                    "Name": "All",
                },
                "Username": "lee",
            },
            "Contacts": [
                {"ContactId": f"c-{n}", "State": one} for n, one in enumerate(snapshot.pop("contacts", []))
            ],
            **snapshot,
        },
        "EventId": f"ev-{number}",
        "EventTimestamp": f"2026-11-21T10:00:{number:02}.000Z",
        "EventType": kind,
        "Version": "2017-10-01",
    }


def slots(chat: int, voice: int) -> list[dict[str, Any]]:
    return [
        {"Channel": "CHAT", "AvailableSlots": chat, "MaximumSlots": 3},
        {"Channel": "VOICE", "AvailableSlots": voice, "MaximumSlots": 1},
    ]


def changed(state: Any, reason: str = "Available", **more: Any) -> AgentChanged:
    return AgentChanged(state=state, reason=reason, queues=("orders",), **more)


class TestAgentEvents(Conformance):
    story = Story(
        own=OWN,
        payloads=[
            agent_event(1, "LOGIN", slots=slots(3, 1)),
            agent_event(2, "STATE_CHANGE", contacts=["CONNECTING"], slots=slots(2, 1)),
            agent_event(3, "STATE_CHANGE", contacts=["CONNECTED"], slots=slots(2, 0)),
            agent_event(4, "STATE_CHANGE", contacts=["ENDED"], slots=slots(3, 1)),
            agent_event(5, "STATE_CHANGE", "Lunch"),
            agent_event(6, "LOGOUT", "Offline"),
            agent_event(7, "HEART_BEAT", "Offline"),
        ],
        facts=[
            (1, "a-5", changed("available", capacity={"chat": 3, "phone": 1})),
            (2, "a-5", changed("ringing", capacity={"chat": 3, "phone": 1})),
            (3, "a-5", changed("available", capacity={"chat": 3, "phone": 1})),
            (4, "a-5", changed("wrap_up", capacity={"chat": 3, "phone": 1})),
            (5, "a-5", changed("not_ready", "Lunch")),
            (6, "a-5", changed("offline", "Offline")),
        ],
        sign=sign,
        signs_body=False,
    )


@pytest.mark.parametrize(
    ("contacts", "places", "state"),
    [
        (["CONNECTED"], None, "busy"),
        (["CONNECTED_ONHOLD"], slots(0, 0), "busy"),
        (["CONNECTED", "MISSED"], slots(2, 0), "not_ready"),
        (["ENDED", "INCOMING"], None, "ringing"),
        ([], None, "available"),
    ],
)
def test_an_agents_state_follows_from_the_contacts(contacts: list[str], places: Any, state: Any) -> None:
    (data,) = facts(agent_event(1, "STATE_CHANGE", contacts=contacts, slots=places))
    assert data.state == state


def test_the_type_of_a_status_goes_before_its_name() -> None:
    named = agent_event(1, "STATE_CHANGE", AgentStatus={"Name": "Bereit", "Type": "ROUTABLE"})
    assert facts(named)[0].state == "available"
    left = agent_event(1, "STATE_CHANGE", AgentStatus={"Name": "Weg", "Type": "OFFLINE"})
    assert facts(left)[0].state == "offline"


def test_a_heart_beat_confirms_whom_it_finds() -> None:
    assert facts(agent_event(1, "HEART_BEAT")) == [changed("available")]


def test_records_are_read_as_files_with_queues_by_name(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    lines = [json.dumps(record()), "", "{", json.dumps(record(Queue=None)), json.dumps({"a": 1}), "7"]
    path.write_text("\n".join(lines) + "\n")
    with open_history([str(path)]) as history:
        found = list(history.read("amazon-ctr-jsonl", Reading(hash_customer=hidden, source="connect")))
    named: dict[str, Any] = {"queue": "Orders by phone", "channel": "phone"}
    assert [one.data for one in found if isinstance(one, Event)] == [
        Enqueued(**named, customer=hidden("+441632960044")),
        Answered(**named, agent="a-5", wait_s=90.0),
        Completed(**named, talk_s=240.0, hold_s=30.0, wrap_up_s=25.0, ended_by="CUSTOMER_DISCONNECT"),
    ]
    refused = [one for one in found if isinstance(one, Refused)]
    assert [one.reason for one in refused] == ["not_json", "bad_payload", "bad_payload"]
    assert all("records.jsonl, line " in one.detail for one in refused)


def test_a_line_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text("x" * (1 << 20) + "\n")
    with open_history([str(path)]) as history:
        (refused,) = history.read("amazon-ctr-jsonl", Reading(hash_customer=hidden))
    assert isinstance(refused, Refused)
    assert refused.reason == "too_long"
