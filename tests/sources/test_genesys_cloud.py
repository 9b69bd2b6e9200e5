"""Tests of Genesys Cloud's events, as Amazon EventBridge hands them on."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from msgspec.structs import replace

from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Enqueued,
    Left,
    OfferFailed,
    Transferred,
)
from queuewatch.ports import Refused
from tests.core.histories import told
from tests.sources.conformance import URL, Conformance, at, events, plain, source
from tests.sources.mornings.genesys_cloud import CLAIMS, OWN, STORY, event


class TestGenesysCloud(Conformance):
    story = STORY


def test_a_language_is_an_id_that_the_config_knows_or_unknown() -> None:
    german = replace(OWN, languages={"lang-7": "de"})
    joined = event(1, 0, "acd.start", requestedLanguageId="lang-7")
    other = event(2, 1, "acd.start", requestedLanguageId="lang-8")
    body = TestGenesysCloud.story.body([joined, other])
    told = [one.data for one in events(source(german).parse(body, "application/json"))]
    assert [one.language for one in told if isinstance(one, Enqueued)] == ["de", None]


def test_a_second_start_in_a_conversation_is_a_second_stay() -> None:
    payloads = [
        event(1, 0, "acd.start"),
        event(2, 40, "acd.end", acdOutcome="FLOW_OUT", connectedDurationMs=40_000),
        event(3, 41, "acd.start", queueId="q-2"),
        event(4, 50, "acd.end", queueId="q-2", acdOutcome="ABANDON", connectedDurationMs=9_000),
    ]
    found = [one for payload in payloads for one in events(parsed(payload))]
    for order in (found, found[::-1]):
        visits = told(order).contacts["conv-1"].visits
        stays = sorted((visit.queue, visit.stage) for visit in visits)
        assert stays == [("claims", "left"), ("q-2", "abandoned")]


def parsed(payload: dict[str, Any]) -> list[Any]:
    return source(OWN).parse(TestGenesysCloud.story.body(payload), "application/json")


def facts(payload: dict[str, Any]) -> list[Any]:
    return [data for _, _, data in plain(events(parsed(payload)))]


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        ("ABANDON", Abandoned(**CLAIMS, wait_s=12.5)),
        ("FLOW_OUT", Left(**CLAIMS, reason="overflowed", wait_s=12.5)),
        ("UNKNOWN", Left(**CLAIMS, wait_s=12.5)),
    ],
)
def test_the_outcome_says_how_the_wait_ended(outcome: str, end: Any) -> None:
    assert facts(event(1, 12.5, "acd.end", acdOutcome=outcome, connectedDurationMs=12_500)) == [end]


def test_a_leg_that_was_never_answered_is_a_failed_offer() -> None:
    ended = event(1, 20, "user.end", userId="u-1", alertingDurationMs=15_000, interactingDurationMs=0)
    assert facts(ended) == [OfferFailed(**CLAIMS, agent="u-1")]


def test_a_leg_that_ends_by_transfer_hands_the_contact_on() -> None:
    ended = event(1, 20, "user.end", userId="u-1", interactingDurationMs=5, disconnectType="TRANSFER")
    assert facts(ended) == [Transferred(**CLAIMS, kind="blind")]


@pytest.mark.parametrize("kind", ["user.start", "user.end", "acw"])
def test_what_was_never_in_a_queue_is_not_told(kind: str) -> None:
    assert facts(event(1, 0, kind, userId="u-1", queueId=None)) == []


@pytest.mark.parametrize(
    ("media", "channel"), [("CALLBACK", "phone"), ("MESSAGE", "chat"), ("CHAT", "chat"), ("EMAIL", "email")]
)
def test_the_media_is_the_channel(media: str, channel: str) -> None:
    (enqueued,) = facts(event(1, 0, "acd.start", mediaType=media))
    assert enqueued.channel == channel


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("IDLE", "available"),
        ("INTERACTING", "busy"),
        ("COMMUNICATING", "busy"),
        ("NOT_RESPONDING", "not_ready"),
        ("OFF_QUEUE", "not_ready"),
    ],
)
@pytest.mark.parametrize("topic", ["routingStatus", "activity"])
def test_agents_come_and_go(topic: str, status: str, state: Any) -> None:
    payload = event(1, 0, "")
    payload["detail-type"] = f"v2.users.{{id}}.{topic}"
    status_of = {"status": status, "startTime": "2026-11-21T10:00:07.5Z"}
    payload["detail"]["eventBody"] = {"id": "u-1", "routingStatus": status_of}
    assert plain(events(parsed(payload))) == [(7.5, "u-1", AgentChanged(state=state, reason=status))]


@pytest.mark.parametrize("kind", ["customer.start", "flow.outcome", "wrapup", "voicemail.start"])
def test_what_says_nothing_of_queues_is_passed_over(kind: str) -> None:
    assert facts(event(1, 0, kind)) == []


def test_a_topic_nobody_knows_is_counted() -> None:
    (refused,) = parsed(event(1, 0, "dream.start"))
    assert isinstance(refused, Refused)
    assert refused.reason == "unknown_event"


def test_without_an_id_of_its_own_an_event_is_known_by_what_it_says() -> None:
    first, second = (event(1, 0, "acd.start"), event(1, 1, "acd.start"))
    del first["id"], second["id"]
    assert parsed(first)[0].id == parsed(first)[0].id != parsed(second)[0].id


BASIC = base64.b64encode(b"connect:a key of ours").decode()


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ({"X-API-Key": "a key of ours"}, URL),
        ({"Authorization": "Bearer a key of ours"}, URL),
        ({"authorization": f"Basic {BASIC}"}, URL),
        ({}, f"{URL}?token=a%20key%20of%20ours"),
    ],
)
def test_a_secret_may_be_shown_in_every_way_an_api_destination_can(headers: dict[str, str], url: str) -> None:
    assert source(OWN).verify(headers, b"{}", url, at(0)) is None


@pytest.mark.parametrize("shown", ["Basic !!", "Basic", "Bearer", "Digest a key of ours", "Basic w6Q"])
def test_a_secret_shown_in_another_way_is_none(shown: str) -> None:
    refused = source(OWN).verify({"Authorization": shown}, b"{}", URL, at(0))
    assert refused is not None
    assert refused.reason == "bad_signature"


def test_the_header_can_be_named() -> None:
    own = replace(OWN, auth="token", auth_header="X-Our-Key")
    assert source(own).verify({"X-Our-Key": "a key of ours"}, b"{}", URL, at(0)) is None
    assert source(own).verify({"X-Api-Key": "a key of ours"}, b"{}", URL, at(0)) is not None
