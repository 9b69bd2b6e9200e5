"""Tests of the event socket's frames, made by hand after its documentation."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.ports import Refused
from queuewatch.sources.freeswitch_frames import MAX_BODY, MAX_HEAD, Frame, Frames, parse, rows
from tests.sources.freeswitch import AGENTS, MEMBERS, a_morning, agent, answered, framed, listed, waits

STREAM = b"Content-Type: auth/request\n\n" + b"".join(map(framed, a_morning())) + answered("+OK\n")


def test_a_frame_has_a_head_and_as_much_body_as_it_says() -> None:
    assert Frames().feed(b"Content-Type: api/response\nContent-Length: 4\n\na\n\nb") == [
        Frame({"content-type": "api/response", "content-length": "4"}, b"a\n\nb")
    ]


def test_values_are_encoded_as_in_urls_and_of_a_name_the_first_counts() -> None:
    assert parse(b"CC-Member-CID-Name: J%C3%B6rg%20A\nEvent-Name: CUSTOM\nEvent-Name: OTHER\nno field\n") == {
        "cc-member-cid-name": "Jörg A",
        "event-name": "CUSTOM",
    }


def test_what_is_no_utf_8_is_read_as_far_as_it_is() -> None:
    assert parse(b"a: J%F6rg\nb: J\xf6rg") == {"a": "J\ufffdrg", "b": "J\ufffdrg"}


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_a_stream_gives_the_same_frames_wherever_it_is_cut(cuts: list[int]) -> None:
    reader = Frames()
    places = [0, *sorted(cuts), len(STREAM)]
    found = [one for a, b in pairwise(places) for one in reader.feed(STREAM[a:b])]
    assert found == Frames().feed(STREAM)
    assert len(found) == len(a_morning()) + 2


@pytest.mark.parametrize("length", ["-1", "four", "9" * 30, "²"])
def test_a_length_that_is_none_is_refused_and_the_next_frame_read(length: str) -> None:
    stream = f"Content-Length: {length}\n\nContent-Type: auth/request\n\n".encode()
    refused, frame = Frames().feed(stream)
    assert refused == Refused("bad_frame", "a frame's length is no number")
    assert frame == Frame({"content-type": "auth/request"})


def test_a_body_on_the_border_is_read_and_one_beyond_it_passed_over() -> None:
    reader = Frames()
    head = f"Content-Length: {MAX_BODY}\n\n".encode()
    (frame,) = reader.feed(head + b"x" * MAX_BODY)
    assert isinstance(frame, Frame)
    assert len(frame.body) == MAX_BODY
    (refused,) = reader.feed(f"Content-Length: {MAX_BODY + 1}\n\n".encode() + b"\n\n" * 10)
    assert isinstance(refused, Refused)
    assert refused.reason == "too_long"
    assert reader.feed(b"x" * (MAX_BODY + 1 - 20) + b"a: b\n\n") == [Frame({"a": "b"})]


def test_a_head_that_never_ends_is_not_waited_for() -> None:
    reader = Frames()
    assert reader.feed(b"x" * MAX_HEAD) == []
    (refused,) = reader.feed(b"x")
    assert isinstance(refused, Refused)
    assert refused.reason == "too_long"
    assert reader.feed(b"a: b\n\n") == [Frame({"a": "b"})]


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"\n\n", b"Content-Length: ", b"5\n\n"])))
def test_any_bytes_are_frames_or_refused(chunks: list[bytes]) -> None:
    reader = Frames()
    for chunk in chunks:
        for one in reader.feed(chunk):
            assert isinstance(one, Frame | Refused)


def test_a_list_has_names_and_a_row_a_line() -> None:
    (row,) = rows(listed(MEMBERS, waits()).encode())
    assert (row["session_uuid"], row["joined_epoch"], row["state"]) == ("call-1", "990", "Waiting")
    assert rows(b"+OK\n") == []


def test_a_bar_in_a_callers_name_or_an_agents_contact_moves_nothing() -> None:
    (row,) = rows(listed(MEMBERS, waits(name="A|B|C")).encode())
    assert (row["cid_name"], row["joined_epoch"], row["state"]) == ("A|B|C", "990", "Waiting")
    (one,) = rows(listed(AGENTS, agent()).encode())
    assert (one["contact"], one["state"]) == ("[leg_timeout=10]user/ada|user/ada-mobile", "Waiting")


def test_a_row_that_breaks_off_is_none() -> None:
    assert rows(listed(MEMBERS, "support@default|single_box").encode()) == []


@given(st.binary())
def test_any_bytes_are_a_list_or_none(body: bytes) -> None:
    assert all(isinstance(row, dict) for row in rows(body))
