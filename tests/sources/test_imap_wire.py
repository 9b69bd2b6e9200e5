"""Tests of IMAP on the wire: responses whole or in pieces, odd ones, and arguments as they are written."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.sources import imap_wire as wire
from queuewatch.sources.imap_wire import MAX_RESPONSE, Response, Responses, WireError
from tests.core.histories import laws


def one(line: bytes) -> Response:
    (only,) = Responses().feed(line + b"\r\n")
    return only


def test_numbers_before_kinds_are_told_apart() -> None:
    assert one(b"* 3 EXISTS") == Response("*", "EXISTS", 3)
    assert one(b"* VANISHED (EARLIER) 1,3:5") == Response("*", "VANISHED", None, ([b"EARLIER"], b"1,3:5"))


def test_a_status_has_a_code_and_words() -> None:
    told = one(b"* OK [UIDVALIDITY 1795290609] UIDs valid")
    assert told == Response("*", "OK", code=(b"UIDVALIDITY", b"1795290609"), text="UIDs valid")
    assert one(b"q1 NO not today") == Response("q1", "NO", text="not today")
    assert one(b"+ idling").tag == "+"


def test_lists_strings_and_nothing() -> None:
    told = one(b'* LIST (\\HasNoChildren \\Sent) "/" "a \\"b\\" \\\\c"')
    assert told.items == ([b"\\HasNoChildren", b"\\Sent"], b"/", b'a "b" \\c')
    assert one(b"* X (NIL ((a) ()))").items == ([None, [[b"a"], []]],)


def test_a_literal_stands_for_any_octets_and_brackets_belong_to_an_atom() -> None:
    octets = b"* 1 FETCH (UID 2 BODY[HEADER.FIELDS (FROM TO)]<0> {7}\r\na(\r\n\x00\xff) FLAGS (\\Seen))\r\n"
    (told,) = Responses().feed(octets)
    fields = wire.pairs(told.items[0])
    assert fields == {
        "UID": b"2",
        "BODY[HEADER.FIELDS (FROM TO)]<0>": b"a(\r\n\x00\xff)",
        "FLAGS": [b"\\Seen"],
    }


@laws
@given(st.integers(1, 9), st.data())
def test_however_the_octets_are_cut_the_responses_are_the_same(size: int, data: st.DataObject) -> None:
    octets = b"* 1 FETCH (X {3}\r\n)\r\n Y Z)\r\n* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\nq1 BAD\r\n"
    whole = Responses().feed(octets)
    reader, found = Responses(), []
    for start in range(0, len(octets), size):
        found += reader.feed(octets[start : start + size])
    assert found == whole
    cut = data.draw(st.integers(0, len(octets)))
    again = Responses()
    assert again.feed(octets[:cut]) + again.feed(octets[cut:]) == whole


@pytest.mark.parametrize(
    "octets",
    [
        b" x\r\n",
        b"* X (a\r\n",
        b"* X a)\r\n",
        b'* X "a\r\n',
        b"* X " + b"(" * 100 + b"\r\n",
        b"* X {9999999999}\r\n",
    ],
)
def test_what_is_no_imap_is_an_error(octets: bytes) -> None:
    with pytest.raises(WireError):
        Responses().feed(octets)


def test_a_response_without_end_is_an_error() -> None:
    reader = Responses()
    reader.feed(b"x" * MAX_RESPONSE)
    with pytest.raises(WireError, match="longer than"):
        reader.feed(b"x")


@laws
@given(st.binary(max_size=200))
def test_any_octets_are_responses_or_an_error(octets: bytes) -> None:
    with suppress(WireError):
        for told in Responses().feed(octets + b"\r\n"):
            for item in told.items:
                wire.pairs(item)
                wire.number(item)
                wire.words(item)
                wire.internal_date(item)
                list(wire.numbers(item))


@laws
@given(st.sets(st.integers(1, 500)))
def test_a_set_of_numbers_comes_back(chosen: set[int]) -> None:
    assert set(wire.numbers(wire.number_set(chosen).encode())) == chosen


def test_a_set_is_written_as_short_as_it_can_be() -> None:
    assert wire.number_set([5, 1, 2, 3]) == "1:3,5"


def test_a_set_beyond_reason_is_cut() -> None:
    assert sum(1 for _ in wire.numbers(b"1:4294967295,7")) <= 1_000_001


def test_a_text_is_quoted_and_cannot_end_the_line() -> None:
    assert wire.quoted('a "b" \\c\r\nq9 LOGOUT') == '"a \\"b\\" \\\\cq9 LOGOUT"'


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("Kundenwünsche", '"Kundenw&APw-nsche"'),
        ("A & B", '"A &- B"'),
        ("台北", '"&U,BTFw-"'),  # as RFC 3501, 5.1.3 writes it
        ("ü", '"&APw-"'),
    ],
)
def test_a_folders_name_is_written_in_modified_utf_7(name: str, written: str) -> None:
    assert wire.folder(name) == written


def test_a_date_is_english_whatever_the_machine_speaks() -> None:
    assert wire.day(datetime(2026, 3, 7, tzinfo=UTC)) == "7-Mar-2026"


@pytest.mark.parametrize(
    ("written", "at"),
    [
        (b"21-Nov-2026 10:00:00 +0000", 1_795_255_200.0),
        (b"21-Nov-2026 11:00:00 +0100", 1_795_255_200.0),
        (b" 1-Nov-2026 10:00:00 +0000", 1_793_527_200.0),
        (b"31-Feb-2026 10:00:00 +0000", None),
        (b"21-Foo-2026 10:00:00 +0000", None),
        (b"yesterday", None),
        (None, None),
    ],
)
def test_a_time_is_read_or_not_known(written: bytes | None, at: float | None) -> None:
    assert wire.internal_date(written) == at


def test_numbers_may_stand_in_a_list_of_one() -> None:
    assert wire.number([b"12"]) == 12
    assert wire.number([b"1", b"2"]) is None
    assert wire.number(b"x") is None
