"""Tests of Amazon Connect's contact events, agent events and contact records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from queuewatch.core.facts.events import (
    Abandoned,
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
from tests.sources.conformance import Conformance, events, hidden, plain, source
from tests.sources.mornings.amazon_connect import (
    AGENT,
    AGENT_EVENTS,
    CONTACT_EVENTS,
    CONTACT_RECORDS,
    ENDED,
    LATER,
    ORDERS,
    OWN,
    agent_event,
    changed,
    contact_event,
    record,
    slots,
)


class TestContactEvents(Conformance):
    story = CONTACT_EVENTS


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


class TestContactRecords(Conformance):
    story = CONTACT_RECORDS


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


class TestAgentEvents(Conformance):
    story = AGENT_EVENTS


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
