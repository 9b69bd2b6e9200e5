"""Tests of what webhook sources share: places, states, decoding, and a parse that cannot fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from queuewatch.core.facts.events import Answered, Event
from queuewatch.ports import Refused
from queuewatch.sources.webhook import Found, Hook, decode, parser
from queuewatch.sources.webhook_fields import UnreadableError, need


def hook(**more: Any) -> Hook:
    return Hook(source="desk", hash_customer=lambda raw: f"hash of {raw}", **more)


@pytest.mark.parametrize(
    ("settings", "names", "queue"),
    [
        ({}, ("3", "Sales"), "3"),
        ({}, (None, "Sales"), "Sales"),
        ({"queue": "all"}, ("3", "Sales"), "all"),
        ({"queue": "all"}, (), "all"),
        ({"queue": "all", "queues": {"Sales": "sales"}}, ("3", "Sales"), "sales"),
        ({"queues": {"3": "three", "Sales": "sales"}}, ("3", "Sales"), "three"),
    ],
)
def test_a_queue_is_as_listed_or_the_one_for_all_or_as_the_system_says(
    settings: dict[str, Any], names: tuple[str | None, ...], queue: str
) -> None:
    assert hook(**settings).place(*names)["queue"] == queue


def test_without_a_queue_it_says_what_to_set() -> None:
    with pytest.raises(UnreadableError, match=r"set queue in \[sources\.desk\]$") as error:
        hook().place(None)
    assert error.value.reason == "no_queue"


@pytest.mark.parametrize(
    ("settings", "word", "channel"),
    [
        ({}, "Voice", "phone"),
        ({}, "fax", "email"),
        ({}, None, "email"),
        ({"channel": "chat"}, "fax", "chat"),
        ({"channel": "chat"}, "Voice", "phone"),
        ({"channels": {"Voice": "chat"}}, "Voice", "chat"),
    ],
)
def test_a_channel_is_as_listed_or_as_the_system_says_or_the_usual(
    settings: dict[str, Any], word: str | None, channel: str
) -> None:
    placed = hook(**settings).place("q", channel=word, words={"voice": "phone"}, usual="email")
    assert placed["channel"] == channel


def test_a_state_nobody_knows_is_not_ready() -> None:
    one = hook(states={"Lunch": "offline"})
    assert [one.state(word, {"on": "available"}) for word in ("Lunch", "ON", "Tea")] == [
        "offline",
        "available",
        "not_ready",
    ]


def test_the_first_identifier_names_the_customer() -> None:
    assert hook().customer(None, "", "ada@example.org", "7") == "hash of ada@example.org"
    assert hook().customer(None) is None


@parser
def parse(payload: dict[str, Any], one: Hook) -> Iterator[Found]:
    data = Answered(queue="q", channel="chat", wait_s=payload.get("wait"), agent=payload.get("agent"))
    yield one.event(need(payload, "id"), 5.0, data, one.own("c"))
    need(payload, "more")


def test_what_was_found_before_the_fault_is_kept() -> None:
    event, refused = parse({"id": "e"}, hook(site="north"))
    assert isinstance(event, Event)
    assert (event.source, event.site, event.subject) == ("desk", "north", "desk:c")
    assert refused == Refused("bad_field", "more is missing")


@pytest.mark.parametrize("bad", [{"wait": -1.0}, {"wait": 1e12}, {"agent": "\ud800"}])
def test_what_the_journal_could_not_give_back_is_refused(bad: dict[str, Any]) -> None:
    (refused,) = parse({"id": "e", "more": 1, **bad}, hook())
    assert isinstance(refused, Refused)
    assert refused.reason == "bad_field"


def test_each_member_of_a_list_stands_for_itself() -> None:
    event, refused, other = parse([{"id": "e", "more": 1}, 7, {"id": "f", "more": 1}], hook())
    assert isinstance(event, Event)
    assert isinstance(other, Event)
    assert refused == Refused("bad_payload", "the payload must be an object, not int")


def test_no_more_than_ten_thousand_at_once() -> None:
    assert len(parse([7] * 10_000, hook())) == 10_000
    (refused,) = parse([7] * 10_001, hook())
    assert isinstance(refused, Refused)
    assert refused.reason == "bad_payload"


def test_a_form_is_an_object_of_texts() -> None:
    form = "application/x-www-form-urlencoded; charset=utf-8"
    assert decode(b"a=1+2&b=%C3%A4&c=", form) == {"a": "1 2", "b": "ä", "c": ""}


@pytest.mark.parametrize("body", [b"\xff=1", b"&".join([b"a=1"] * 1001)])
def test_a_form_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableError) as error:
        decode(body, "application/x-www-form-urlencoded")
    assert error.value.reason == "not_json"
