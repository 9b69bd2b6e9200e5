"""Tests of what a block says of a member or of a call in a list."""

from __future__ import annotations

import pytest

from queuewatch.sources.asterisk_status import Entry, LackingError, Listing, Member, duration, named


def test_a_member_is_named_as_its_version_names_it() -> None:
    event = {"queue": "desk", "membername": "Ada", "interface": "PJSIP/1"}
    listed = {"queue": "desk", "name": "Ada", "location": "PJSIP/1"}
    nameless = {"queue": "desk", "location": "PJSIP/1"}
    assert [Member.of(block).agent for block in (event, listed, nameless)] == ["Ada", "Ada", "PJSIP/1"]


@pytest.mark.parametrize(
    ("fields", "paused"),
    [
        ({"paused": "0", "pausedreason": "Lunch"}, None),
        ({}, None),
        ({"paused": "1", "pausedreason": "Lunch"}, "Lunch"),
        ({"paused": "1", "reason": "Lunch"}, "Lunch"),
        ({"paused": "1"}, ""),
    ],
)
def test_a_pause_has_its_reason_where_the_version_tells_it(
    fields: dict[str, str], paused: str | None
) -> None:
    assert Member.of({"queue": "desk", "membername": "Ada", **fields}).paused == paused


@pytest.mark.parametrize(
    ("status", "device"),
    [
        ("0", None),
        ("1", None),
        ("2", "busy"),
        ("3", "busy"),
        ("4", "offline"),
        ("5", "offline"),
        ("6", "ringing"),
        ("7", "busy"),
        ("8", "busy"),
        ("nonsense", None),
    ],
)
def test_a_device_is_in_one_of_nine_states(status: str, device: str | None) -> None:
    assert Member.of({"queue": "desk", "membername": "Ada", "status": status}).device == device


def test_a_call_is_listed_with_what_the_version_tells() -> None:
    full = {
        "queue": "desk",
        "uniqueid": "1.2",
        "channel": "SIP/1",
        "position": "3",
        "wait": "40",
        "priority": "5",
    }
    assert Entry.of(full) == Entry("desk", "1.2", 3, 5, 40.0)
    assert Entry.of({"queue": "desk", "channel": "SIP/1"}) == Entry("desk", "SIP/1", None, 0, None)


def test_what_lacks_its_name_says_so() -> None:
    with pytest.raises(LackingError, match="Join has no queue"):
        named({"event": "Join", "queue": ""}, "queue")
    with pytest.raises(LackingError, match="Join has a queue longer than 256 characters"):
        named({"event": "Join", "queue": "q" * 257}, "queue")


def test_a_duration_that_is_none_is_unknown() -> None:
    assert duration({"wait": "7"}, "wait") == 7.0
    assert duration({"wait": "soon"}, "wait") is None
    assert duration({}, "wait") is None


def test_a_queue_without_members_and_calls_is_listed_too() -> None:
    listing = Listing()
    listing.queue("desk")
    listing.member(Member("repair", "Ada", None, None, 0.0))
    listing.entry(Entry("sales", "1.2", 1, 0, 3.0))
    assert set(listing.members) == set(listing.entries) == {"desk", "repair", "sales"}
