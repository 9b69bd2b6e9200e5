"""Tests of history as a table with one row a contact."""

from __future__ import annotations

import random
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import Abandoned, Answered, Completed, Enqueued, Event, Left
from queuewatch.core.facts.wire import pack, unpack
from queuewatch.ports import Refused
from queuewatch.sources.contacts_csv import LOOK_AHEAD_S, read
from queuewatch.sources.reading import Lines, Reading

READING = Reading(hash_customer=lambda raw: f"hash of {raw}", source="pbx", site="north")
MONDAY = Path(__file__).parents[1] / "data" / "contacts_csv" / "monday.csv"
HEADER = (
    b"contact,queue,channel,enqueued_at,answered_at,abandoned_at,left_at,left_reason,completed_at,priority\n"
)
TEN = 1_795_255_200.0  # 2026-11-21T10:00:00Z


def of(*lines: bytes, reading: Reading = READING) -> list[Event | Refused]:
    return list(read(Lines(("", lines)), reading))


def events(*lines: bytes, reading: Reading = READING) -> list[Event]:
    told = of(*lines, reading=reading)
    assert not [one for one in told if isinstance(one, Refused)]
    return [one for one in told if isinstance(one, Event)]


def test_a_table_becomes_its_events_in_the_order_of_time() -> None:
    with MONDAY.open("rb") as lines:
        told = list(read(Lines(("monday.csv", lines)), READING))
    assert [(one.at - TEN, one.subject, one.data) for one in told if isinstance(one, Event)] == [
        (0, "c1", Enqueued(queue="sales", channel="phone", customer="hash of +4930111")),
        (10, "c2", Enqueued(queue="sales", channel="phone", priority=1)),
        (20, "c3", Enqueued(queue="sales", channel="phone", customer="hash of +4930333")),
        (25, "c4", Enqueued(queue="help", channel="chat")),
        (30, "c2", Abandoned(queue="sales", channel="phone")),
        (40, "c1", Answered(queue="sales", channel="phone", agent="ada")),
        (80, "c3", Left(queue="sales", channel="phone", reason="timed_out")),
        (120, "c1", Completed(queue="sales", channel="phone")),
    ]
    assert {(one.source, one.site) for one in told if isinstance(one, Event)} == {("pbx", "north")}


def test_the_same_table_gives_the_same_ids() -> None:
    lines = MONDAY.read_bytes().splitlines(keepends=True)
    ids = [event.id for event in events(*lines)]
    assert ids == [event.id for event in events(*lines)]
    assert len(set(ids)) == len(ids)


def test_two_stays_of_one_contact_in_one_queue_are_told_apart() -> None:
    stays = events(HEADER, b"c1,sales,phone,1000,,1010,,,,\n", b"c1,sales,phone,2000,,2010,,,,\n")
    assert len({event.id for event in stays}) == 4


def test_times_without_a_zone_are_in_the_given_one() -> None:
    berlin = Reading(hash_customer=str, zone=ZoneInfo("Europe/Berlin"))
    (event,) = events(HEADER, b"c1,sales,phone,2026-11-21 11:00:00,,,,,,\n", reading=berlin)
    assert event.at == TEN


def test_foreign_headers_are_mapped_and_what_no_column_says_is_given() -> None:
    columns = {
        "contact": "Call ID",
        "queue": "Skill",
        "enqueued_at": "Start",
        "channel": "=phone",
        "abandoned_at": "Gone",
    }
    reading = Reading(hash_customer=str, columns=columns)
    told = events(b"Call ID;Skill;Start;Gone\n", b"7;sales;1000;1060\n", reading=reading)
    assert [event.data for event in told] == [
        Enqueued(queue="sales", channel="phone"),
        Abandoned(queue="sales", channel="phone"),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b",sales,phone,1000,,,,,,\n", "line 2: contact is empty"),
        (b"c1,,,1000,,,,,,\n", "line 2: queue, channel is empty"),
        (b"c1,sales,fax,1000,,,,,,\n", 'line 2: channel: "fax" is none of phone, chat, email'),
        (b"c1,sales,phone,soon,,,,,,\n", 'line 2: enqueued_at: "soon" is no time'),
        (b"c1,sales,phone,1000,,1010,,bored,,\n", 'line 2: left_reason: "bored" is none of timed_out'),
        (b"c1,sales,phone,1000,,,,,,high\n", 'line 2: priority: "high" is no whole number'),
        (b"c1,sales,phone,1000,,,,,,9999999999\n", "line 2: priority: "),
        (b"c" * 257 + b",sales,phone,1000,,,,,,\n", "line 2: contact: longer than 256 characters"),
        (b"c1,sales,phone,1000,999,,,,,\n", "line 2: answered_at is before enqueued_at"),
        (b"c1,sales,phone,1000,,999,,,,\n", "line 2: abandoned_at is before enqueued_at"),
        (b"c1,sales,phone,1000,,,999,,,\n", "line 2: left_at is before enqueued_at"),
        (b"c1,sales,phone,1000,1010,,,,1009,\n", "line 2: completed_at is before answered_at"),
        (b"c1,sales,phone,1000,1010,1010,,,,\n", "line 2: answered_at stands beside abandoned_at"),
        (b"c1,sales,phone,1000,1010,,,empty,,\n", "line 2: answered_at stands beside"),
        (b"c1,sales,phone,1000,,,,empty,,\n", "line 2: left_reason needs left_at"),
        (b"c1,sales,phone,1000,,,,,1010,\n", "line 2: completed_at stands alone"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_and_the_next_one_read(row: bytes, says: str) -> None:
    told = of(HEADER, row, b"c9,sales,phone,5000,,,,,,\n")
    assert [type(one) for one in told] == [Refused, Event]
    assert isinstance(told[0], Refused)
    assert told[0].reason == "bad_row"
    assert says in told[0].detail


def test_an_end_at_the_very_moment_of_the_beginning_is_true() -> None:
    assert len(events(HEADER, b"c1,sales,phone,1000,1000,,,,1000,\n")) == 3


def test_a_reason_may_stand_beside_any_end() -> None:
    for row in (b",1010,,key,,\n", b",,1010,key,,\n", b",,,key,1010,\n"):
        told = events(HEADER, b"c1,sales,phone,1000," + row[0:])
        assert (told[1].at, told[1].data) == (1010, Left(queue="sales", channel="phone", reason="key"))


def test_who_left_for_no_known_reason_left() -> None:
    told = events(HEADER, b"c1,sales,phone,1000,,,1010,,,\n")
    assert told[1].data == Left(queue="sales", channel="phone", reason="unknown")


def test_rows_that_reach_back_no_further_than_the_look_ahead_come_in_order() -> None:
    starts = [float(start) for start in range(0, 20_000, 50)]
    late = random.Random(7)  # noqa: S311 (a shuffle that is the same each time)
    starts.sort(key=lambda start: start + late.uniform(0, LOOK_AHEAD_S))
    rows = (f"c{start},sales,phone,{start},,{start + 600},,,,\n".encode() for start in starts)
    times = [event.at for event in events(HEADER, *rows)]
    assert times == sorted(times)


def test_events_come_before_the_table_is_read_to_its_end() -> None:
    rows = iter([HEADER, *(f"c{n},sales,phone,{n * 100},,,,,,\n".encode() for n in range(1000))])
    assert isinstance(next(read(Lines(("", rows)), READING)), Event)
    assert len(list(rows)) > 900


def test_a_row_from_long_ago_comes_as_soon_as_it_is_read() -> None:
    told = events(
        HEADER,
        b"c1,sales,phone,90000,,,,,,\n",
        b"c2,sales,phone,1000,,,,,,\n",
        b"c3,sales,phone,90001,,,,,,\n",
    )
    assert [event.subject for event in told] == ["c2", "c1", "c3"]


cells = (
    st.sampled_from(["", "c1", "phone", "1000", "2026-11-21 10:00:00", "x,", '"', "\x00", "é", "-1"])
    | st.text()
)


@given(
    st.lists(st.lists(cells, max_size=11).map(",".join).map(str.encode) | st.binary(max_size=50), max_size=5)
)
def test_any_rows_are_read_or_refused(rows: list[bytes]) -> None:
    for told in of(HEADER, *rows):
        assert isinstance(told, Refused) or unpack(pack(told)) == told
