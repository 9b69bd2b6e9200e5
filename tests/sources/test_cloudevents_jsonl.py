"""Tests of history in CloudEvents, one a line."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import Abandoned, Answered, Enqueued, Event, SourceStarted
from queuewatch.core.facts.wire import pack, to_cloudevent, unpack
from queuewatch.ports import Refused
from queuewatch.sources.cloudevents_jsonl import read
from queuewatch.sources.reading import MAX_LINE, Lines, Reading

READING = Reading(hash_customer=lambda raw: f"hash of {raw}")
RECORDED = Path(__file__).parents[1] / "data" / "cloudevents" / "morning.jsonl"
TEN = 1_795_255_200.0


def of(*lines: bytes) -> list[Event | Refused]:
    return list(read(Lines(("", lines)), READING))


def joined(**changes: object) -> bytes:
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": "e1",
        "source": "chat",
        "type": "queuewatch.contact.enqueued",
        "time": "2026-11-21T10:00:00Z",
        "subject": "contact/c1",
        "data": {"queue": "help", "channel": "chat"},
    }
    event.update(changes)
    return json.dumps({name: value for name, value in event.items() if value is not None}).encode() + b"\n"


def test_a_recorded_morning_becomes_its_events() -> None:
    with RECORDED.open("rb") as lines:
        told = list(read(Lines(("morning.jsonl", lines)), READING))
    assert told == [
        Event("1", "pbx", TEN, SourceStarted()),
        Event(
            "2",
            "pbx",
            TEN + 1.5,
            Enqueued(queue="sales", channel="phone", customer="hash of +4930123", language="de-DE"),
            "c1",
            "north",
        ),
        Event("3", "pbx", TEN + 9, Answered(queue="sales", channel="phone", agent="ada"), "c1", "north"),
        Refused("not_json", told[3].detail if isinstance(told[3], Refused) else ""),
        Event("4", "pbx", TEN + 10, Abandoned(queue="sales", channel="phone", wait_s=3.0), "c2", "north"),
    ]
    assert isinstance(told[3], Refused)
    assert told[3].detail.startswith("morning.jsonl, line 5: this is not JSON")


def test_a_byte_order_mark_blank_lines_and_other_line_ends_do_no_harm() -> None:
    assert [
        type(one) for one in of(b"\xef\xbb\xbf" + joined(), b"\r\n", b"\n", joined().replace(b"\n", b"\r\n"))
    ] == [
        Event,
        Event,
    ]


def test_history_must_say_when() -> None:
    assert of(joined(time=None)) == [
        Refused("no_time", 'line 1: event "e1" has no time; history must say when')
    ]


def test_an_event_of_no_known_type_is_refused_by_its_line() -> None:
    (refused,) = of(joined(type="queuewatch.contact.hugged"))
    assert isinstance(refused, Refused)
    assert refused.reason == "unknown_type"
    assert refused.detail.startswith("line 1: ")


def test_a_line_without_end_is_refused() -> None:
    assert of(b"[" * MAX_LINE) == [Refused("too_long", f"line 1: this line is longer than {MAX_LINE} bytes")]


def test_a_customer_that_is_not_named_stays_unknown() -> None:
    (event,) = of(joined())
    assert isinstance(event, Event)
    assert event.data == Enqueued(queue="help", channel="chat")


def test_what_was_written_is_read_again() -> None:
    (event,) = of(joined())
    assert isinstance(event, Event)
    assert of(json.dumps(to_cloudevent(event)).encode()) == [event]


@given(st.lists(st.binary(max_size=60) | st.just(joined()), max_size=6))
def test_any_lines_are_read_or_refused(lines: list[bytes]) -> None:
    for told in of(*lines):
        assert isinstance(told, Refused) or unpack(pack(told)) == told
