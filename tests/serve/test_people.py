"""What people do, read from requests: who acts, what the body and the query say, and tables for them."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping
from decimal import Decimal

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Request
from msgspec import Struct

from queuewatch.core.facts.acts import CallbackClaimed
from queuewatch.core.facts.events import Enqueued
from queuewatch.serve.access import Access
from queuewatch.serve.people import LONGEST_KEY, TELLER, People, body_of, chosen, moment, table, wants_csv
from queuewatch.serve.problems import ProblemError
from tests.clocks import HandClock
from tests.serve.conftest import Client
from tests.serve.desk import NOON, FakeDesk
from tests.serve.tokens import only, shown

CLAIM = CallbackClaimed(contact="ada", by="Grace")
LOCKED = only("till 3", "read")
SHOWN = shown("till 3")


class Asked(Struct):
    """What a request of these tests says."""

    note: str = ""
    count: int = 0


def request(path: str = "/v1/x", headers: Mapping[str, str] | None = None, body: bytes = b"") -> Request:
    loop = asyncio.get_running_loop()
    payload = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    payload.feed_data(body)
    payload.feed_eof()
    return make_mocked_request("POST", path, headers=dict(headers or {}), payload=payload)


def people(desk: FakeDesk, access: Access | None = None) -> People:
    return People(desk, access or Access(), HandClock(NOON))


# ── who acts ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "headers", "who"),
    [
        (" Grace ", {}, "Grace"),
        (None, SHOWN, "till 3"),
        ("  ", SHOWN, "till 3"),
        ("till 3", SHOWN, "till 3"),
        (" Grace ", SHOWN, "Grace (token till 3)"),
        ("Ines (token admin)", SHOWN, "Ines (token admin) (token till 3)"),
    ],
)
async def test_who_acts_is_whose_token_it_is_whatever_else_they_say(
    desk: FakeDesk, said: str | None, headers: dict[str, str], who: str
) -> None:
    assert people(desk, LOCKED).who(request(headers=headers), said) == who


async def test_somebody_must_have_done_it(desk: FakeDesk) -> None:
    with pytest.raises(ProblemError, match="by is missing; say who does this") as raised:
        people(desk).who(request(), " ")
    assert raised.value.status == 422


async def test_where_it_need_not_be_known_it_was_somebody(desk: FakeDesk) -> None:
    assert people(desk).whoever(request(), None) == "somebody"
    assert people(desk).whoever(request(), "till 2") == "till 2"
    assert people(desk, LOCKED).whoever(request(headers=SHOWN), None) == "till 3"


async def test_a_token_for_reading_may_not_act_and_where_there_are_none_anybody_may(desk: FakeDesk) -> None:
    assert people(desk).may_act(request())
    assert not people(desk, LOCKED).may_act(request(headers=SHOWN))
    assert people(desk, LOCKED).holder(request(headers=SHOWN)) == "till 3"
    assert people(desk).holder(request(headers=SHOWN)) is None


# ── facts ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_done_now_is_a_fact_of_now_and_two_requests_are_two_facts(desk: FakeDesk) -> None:
    ours = people(desk)
    idents = [await ours.do(request(), "berlin", CLAIM) for _ in range(2)]
    assert [one.id for one in desk.taken] == idents
    assert len(set(idents)) == 2
    (first, _) = desk.taken
    assert (first.source, first.site, first.at, first.data, first.subject) == (
        TELLER,
        "berlin",
        NOON,
        CLAIM,
        "",
    )
    assert ours.now() == NOON


async def test_the_same_request_with_the_same_key_is_the_same_fact_and_on_another_path_another(
    desk: FakeDesk,
) -> None:
    ours = people(desk)
    for path in ("/v1/x", "/v1/x", "/v1/y"):
        await ours.do(request(path, {"Idempotency-Key": " k1 "}), "berlin", CLAIM)
    assert [one.id for one in desk.taken] == ["/v1/x#k1", "/v1/y#k1"]


async def test_facts_done_together_have_names_of_their_own_and_a_contacts_fact_its_own_time(
    desk: FakeDesk,
) -> None:
    joined = Enqueued(queue="sales", channel="phone")
    ident = await people(desk).do(
        request(headers={"Idempotency-Key": "k"}), "berlin", CLAIM, (joined, "ada", NOON - 60.0)
    )
    assert [(one.id, one.subject, one.at) for one in desk.taken] == [
        (ident, "", NOON),
        (f"{ident}/1", "ada", NOON - 60.0),
    ]


async def test_a_key_has_at_most_128_characters(desk: FakeDesk) -> None:
    ours = people(desk)
    await ours.do(request(headers={"Idempotency-Key": "k" * LONGEST_KEY}), "berlin", CLAIM)
    with pytest.raises(ProblemError, match="more than 128 characters") as raised:
        await ours.do(request(headers={"Idempotency-Key": "k" * (LONGEST_KEY + 1)}), "berlin", CLAIM)
    assert (raised.value.status, len(desk.taken)) == (400, 1)


async def test_a_key_is_text(client: Client, desk: FakeDesk) -> None:
    assert client.server is not None
    reading, writing = await asyncio.open_connection("127.0.0.1", client.server.port)
    word = b'{"level": "busy", "by": "Grace"}'
    writing.write(  # by hand: aiohttp's own client sends nothing but UTF-8
        b"POST /v1/queues/sales/notice/override HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Idempotency-Key: k\xff\r\nContent-Length: %d\r\n\r\n%b" % (len(word), word)
    )
    answer = await reading.read()
    writing.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Idempotency-Key is no text; write it in UTF-8" in answer
    assert desk.taken == []


# ── what a request says ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("body", "asked"), [(b"", Asked()), (b'{"note": "x", "count": 2}', Asked("x", 2))])
async def test_a_body_is_read_and_an_empty_one_says_nothing(body: bytes, asked: Asked) -> None:
    assert await body_of(request(body=body), Asked) == asked


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 400, "the body is not JSON"),
        (b'{"note": "\xaf"}', 400, "the body is not JSON"),
        (b'{"x": ' + b"[" * 9_999, 400, "the body is nested too deeply"),
        (b'{"count": "two"}', 422, "count must be a whole number"),
    ],
)
async def test_a_body_that_cannot_be_read_is_told(body: bytes, status: int, says: str) -> None:
    with pytest.raises(ProblemError, match=says) as raised:
        await body_of(request(body=body), Asked)
    assert raised.value.status == status


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("", None),
        ("?since=2026-07-20T12:00:00Z", NOON),
        ("?since=2026-07-20T14:00:00%2B02:00", NOON),
        ("?since=2026-07-20T14:00:00+02:00", NOON),
    ],
)
async def test_a_moment_in_the_query_is_read_with_its_zone_also_where_its_plus_was_not_escaped(
    query: str, at: float | None
) -> None:
    assert moment(request(f"/v1/x{query}"), "since") == at


@pytest.mark.parametrize("asked", ["yesterday", "2026-07-20T12:00:00", ""])
async def test_a_moment_that_is_none_is_told(asked: str) -> None:
    with pytest.raises(ProblemError, match="since must be a time with its zone") as raised:
        moment(request(f"/v1/x?since={asked}"), "since")
    assert raised.value.status == 400


async def test_a_word_of_the_query_is_one_of_those_there_are() -> None:
    among = ("open", "done")
    assert chosen(request(), "state", among) is None
    assert chosen(request("/v1/x?state=done"), "state", among) == "done"
    with pytest.raises(ProblemError, match="state must be one of open, done, not 'lost'") as raised:
        chosen(request("/v1/x?state=lost"), "state", among)
    assert raised.value.status == 400


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────


class Row(Struct):
    """A row of these tests."""

    name: str
    value: Decimal
    texts: dict[str, str] = {}
    names: tuple[str, ...] = ()
    seconds: float | None = None


async def test_a_table_has_a_row_for_each_struct_under_the_names_of_their_fields() -> None:
    rows = [Row('Ada, "A"', Decimal("1.50"), {"en": "sorry", "de": "pardon"}, ("a", "b"), 2.5)]
    response = table(Row, rows, "list")
    assert list(csv.reader(io.StringIO(response.text))) == [
        ["name", "value", "texts", "names", "seconds"],
        ['Ada, "A"', "1.50", "en: sorry; de: pardon", "a b", "2.5"],
    ]
    assert (response.content_type, response.headers["Cache-Control"]) == ("text/csv", "no-store")
    assert response.headers["Content-Disposition"] == 'attachment; filename="list.csv"'


async def test_an_empty_table_still_says_what_it_would_hold_and_unknown_is_an_empty_cell() -> None:
    assert table(Row, [], "list").text == "name,value,texts,names,seconds\r\n"
    assert (table(Row, [Row("x", Decimal(0))], "list").text or "").endswith("x,0,,,\r\n")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
async def test_text_that_a_spreadsheet_would_take_for_a_formula_is_marked_wherever_it_stands(
    sign: str,
) -> None:
    response = table(Row, [Row(f"{sign}1", Decimal(0), {f"{sign}a": "b"}, (f"{sign}c",))], "list")
    _, row = list(csv.reader(io.StringIO(response.text, newline="")))
    assert (row[0], row[2], row[3]) == (f"'{sign}1", f"'{sign}a: b", f"'{sign}c")


@pytest.mark.parametrize(
    ("query", "accept", "wants"),
    [
        ("", "", False),
        ("", "text/csv", True),
        ("", "application/json;q=0.5, text/csv", True),
        ("", "*/*", False),
        ("?format=csv", "application/json", True),
        ("?format=json", "text/csv", False),
    ],
)
async def test_a_table_is_asked_for_in_the_query_before_the_header(
    query: str, accept: str, wants: bool
) -> None:
    assert wants_csv(request(f"/v1/x{query}", {"Accept": accept})) is wants


@pytest.mark.parametrize(("query", "accept", "status"), [("?format=xml", "", 400), ("", "image/png", 406)])
async def test_what_can_be_had_neither_as_json_nor_as_csv_is_told(
    query: str, accept: str, status: int
) -> None:
    with pytest.raises(ProblemError) as raised:
        wants_csv(request(f"/v1/x{query}", {"Accept": accept}))
    assert raised.value.status == status
