"""Events come in, in every content mode, and each refusal says why."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import Answered, Enqueued
from tests.serve.conftest import Client, Connect
from tests.serve.desk import CUSTOMERS, NOON, FakeDesk
from tests.serve.tokens import only, shown

STRUCTURED = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/pbx/one",
        "type": "queuewatch.contact.enqueued",
        "time": "2026-07-20T11:59:00Z",
        "subject": f"contact/c-{number}",
        "data": {"queue": "sales", "channel": "phone"},
        **changes,
    }


OVERRIDE = event(
    7,
    type="queuewatch.notice.overridden",
    subject="",
    data={"queue": "sales", "level": "busy", "by": "Ines"},
)


async def test_one_event_is_accepted_once_it_is_durable(client: Client, desk: FakeDesk) -> None:
    response = await client.post("/v1/events", data=json.dumps(event()), headers=STRUCTURED)
    assert response.status == 202
    assert await response.json() == {"accepted": 1, "repeated": 0}
    assert [one.id for one in desk.taken] == ["e-1"]
    assert desk.taken[0].at == NOON - 60


async def test_an_event_without_time_happened_when_it_came_in(client: Client, desk: FakeDesk) -> None:
    bare = event()
    del bare["time"]
    await client.post("/v1/events", json=bare)
    assert desk.taken[0].at == NOON


async def test_an_event_told_twice_is_repeated(client: Client, desk: FakeDesk) -> None:
    await client.post("/v1/events", json=event())
    response = await client.post("/v1/events", json=event())
    assert await response.json() == {"accepted": 0, "repeated": 1}
    assert len(desk.taken) == 1


@pytest.mark.parametrize(
    "content_type",
    [
        "application/cloudevents-batch+json",
        "application/cloudevents-batch+json; charset=UTF-8",
        "application/json",
        "Application/JSON;charset=utf-8",
    ],
)
async def test_a_batch_is_taken_whole(client: Client, desk: FakeDesk, content_type: str) -> None:
    body = json.dumps([event(number) for number in range(3)])
    response = await client.post("/v1/events", data=body, headers={"Content-Type": content_type})
    assert response.status == 202
    assert await response.json() == {"accepted": 3, "repeated": 0}
    assert len(desk.taken) == 3


async def test_an_empty_batch_is_valid(client: Client) -> None:
    response = await client.post("/v1/events", data="[]", headers=BATCH)
    assert response.status == 202
    assert await response.json() == {"accepted": 0, "repeated": 0}


async def test_binary_mode_takes_the_attributes_from_the_headers(client: Client, desk: FakeDesk) -> None:
    response = await client.post(
        "/v1/events",
        data='{"queue":"Verk\\u00e4ufe","channel":"phone","agent":"ann"}',
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "ce-specversion": "1.0",
            "CE-Id": "e%20 1",
            "ce-source": '"/pbx/\\"one\\""',
            "ce-type": "queuewatch.contact.answered",
            "ce-time": "2026-07-20T11:59:30+00:00",
            "ce-subject": "contact/%F0%9F%8C%8E",
        },
    )
    assert response.status == 202, await response.text()
    taken = desk.taken[0]
    assert (taken.id, taken.source, taken.subject) == ("e  1", '/pbx/"one"', "🌎")
    assert taken.data == Answered(queue="Verkäufe", channel="phone", agent="ann")


async def test_a_compressed_body_is_read(client: Client, desk: FakeDesk) -> None:
    body = gzip.compress(json.dumps([event()]).encode())
    response = await client.post("/v1/events", data=body, headers={**BATCH, "Content-Encoding": "gzip"})
    assert response.status == 202
    assert len(desk.taken) == 1


async def test_data_may_be_packed_as_base64(client: Client, desk: FakeDesk) -> None:
    packed = event(data_base64="eyJxdWV1ZSI6ICJzYWxlcyIsICJjaGFubmVsIjogImNoYXQifQ==")
    del packed["data"]
    response = await client.post("/v1/events", json=packed)
    assert response.status == 202, await response.text()
    assert desk.taken[0].data == Enqueued(queue="sales", channel="chat")


async def test_the_good_events_of_a_batch_are_kept_and_the_bad_ones_named(
    client: Client, desk: FakeDesk
) -> None:
    bad = [
        event(2, type="queuewatch.contact.enqueueed"),
        event(3, data={"channel": "phone"}),
        event(4, subject="caller/4"),
        7,
    ]
    response = await client.post("/v1/events", json=[event(1), *bad, event(5)], headers=BATCH)
    assert response.status == 422
    assert response.content_type == "application/problem+json"
    told = await response.json()
    assert (told["accepted"], told["repeated"]) == (2, 0)
    assert [(one["index"], one["reason"]) for one in told["refused"]] == [
        (1, "unknown_type"),
        (2, "bad_field"),
        (3, "no_subject"),
        (4, "bad_field"),
    ]
    assert "data.queue is missing" in told["refused"][1]["detail"]
    assert told["detail"].startswith("refused 4 of 6 events and kept 2; the first: type cannot be")
    assert [one.id for one in desk.taken] == ["e-1", "e-5"]
    assert [one.reason for one in desk.refused] == ["unknown_type", "bad_field", "no_subject", "bad_field"]


async def test_of_a_long_batch_too_it_is_told_how_many_were_kept(connect: Connect, desk: FakeDesk) -> None:
    client = await connect(only("pbx", "ingest"))
    batch = [*map(event, range(30)), {**OVERRIDE, "id": "e-30"}]
    response = await client.post("/v1/events", json=batch, headers={**BATCH, **shown("pbx")})
    assert response.status == 403
    told = await response.json()
    assert told["detail"].startswith("refused 1 of 31 events and kept 30; the first: setting a notice needs")
    assert len(desk.taken) == 30


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (b"{", STRUCTURED, 400, "not_json"),
        (b"", STRUCTURED, 400, "not_json"),
        (b"[" * 100_000, {"Content-Type": "application/json"}, 400, "not_json"),
        (b"{}", BATCH, 400, "not_json"),
        (b"nonsense", {**STRUCTURED, "Content-Encoding": "gzip"}, 400, "bad_encoding"),
        (b"nonsense", {**STRUCTURED, "Content-Encoding": "br"}, 415, "bad_encoding"),
        (b"x" * 100_001, STRUCTURED, 413, "too_large"),
        (
            gzip.compress(b" " * 100_001, mtime=0),
            {**STRUCTURED, "Content-Encoding": "gzip"},
            413,
            "too_large",
        ),
        (b"<event/>", {"Content-Type": "application/cloudevents+xml"}, 415, "bad_content_type"),
        (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "bad_content_type"),
        (b"{}", {"Content-Type": "application/json; charset=klingon"}, 415, "bad_content_type"),
        (b"{", {"Content-Type": "application/json", "ce-id": "1"}, 400, "not_json"),
        (b"{}", {"Content-Type": "application/json", "ce-id": "%FF"}, 400, "not_json"),
    ],
)
async def test_what_cannot_be_read_is_refused_and_counted(  # noqa: PLR0917
    client: Client, desk: FakeDesk, body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    response = await client.post("/v1/events", data=body, headers=headers)
    assert response.status == status, await response.text()
    assert response.content_type == "application/problem+json"
    told = await response.json()
    assert told["status"] == status
    assert told["detail"]
    assert [one.reason for one in desk.refused] == [reason]
    assert not desk.taken


async def test_one_bad_event_alone_is_unprocessable(client: Client) -> None:
    response = await client.post("/v1/events", json=event(specversion="0.3"), headers=STRUCTURED)
    assert response.status == 422
    assert "specversion" in (await response.json())["detail"]


async def test_what_the_disk_does_not_take_is_to_be_sent_again(client: Client, desk: FakeDesk) -> None:
    desk.broken = "var/queuewatch.db: the disk is full; free some space"
    response = await client.post("/v1/events", json=event(1))
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert response.content_type == "application/problem+json"
    assert "var/" not in await response.text(), "where it lies is for the log"


async def test_what_we_make_a_mistake_with_is_not_to_be_sent_again_as_it_is(
    client: Client, desk: FakeDesk
) -> None:
    desk.mistaken = True
    response = await client.post("/v1/events", json=event(1))
    assert response.status == 500
    assert "Retry-After" not in response.headers
    assert response.content_type == "application/problem+json"
    said = (await response.json())["detail"]
    assert "one by one" in said
    assert "ada" not in said, "the details are for the log"


async def test_under_pressure_the_sender_is_asked_to_come_again(client: Client, desk: FakeDesk) -> None:
    desk.overloaded = 1.2
    response = await client.post("/v1/events", json=event())
    assert response.status == 429
    assert response.headers["Retry-After"] == "2"
    assert response.content_type == "application/problem+json"


async def test_a_customer_is_hashed_before_it_goes_anywhere(client: Client, desk: FakeDesk) -> None:
    data = {"queue": "sales", "channel": "phone", "customer": " +49 30 1234567 "}
    await client.post("/v1/events", json=event(data=data))
    fact = desk.taken[0].data
    assert isinstance(fact, Enqueued)
    assert fact.customer == CUSTOMERS.pseudonym("+49301234567")


async def test_setting_a_notice_needs_the_scope_act(connect: Connect, desk: FakeDesk) -> None:
    headers = shown("pbx")
    client = await connect(only("pbx", "ingest"))
    response = await client.post("/v1/events", json=OVERRIDE, headers=headers)
    assert response.status == 403
    assert 'scope="act"' in response.headers["WWW-Authenticate"]
    response = await client.post("/v1/events", json=[OVERRIDE, event(1)], headers=headers)
    assert response.status == 403
    assert (await response.json())["accepted"] == 1
    assert [one.id for one in desk.taken] == ["e-1"]

    client = await connect(only("pbx", "ingest", "act"))
    response = await client.post("/v1/events", json=OVERRIDE, headers=headers)
    assert response.status == 202
    word = desk.taken[-1].data
    assert isinstance(word, NoticeOverridden)
    assert word.by == f"{OVERRIDE['data']['by']} (token pbx)"


@pytest.mark.parametrize(("shorter", "status"), [(0, 202), (-1, 422)])
async def test_who_set_a_notice_is_no_longer_with_the_name_of_the_token_than_a_name_may_be(
    connect: Connect, desk: FakeDesk, shorter: int, status: int
) -> None:
    client = await connect(only("pbx", "ingest", "act"))
    by = "x" * (256 - len(" (token pbx)") - shorter)
    raw = {**OVERRIDE, "data": {**OVERRIDE["data"], "by": by}}
    response = await client.post("/v1/events", json=[event(1), raw], headers=shown("pbx"))
    assert response.status == status, await response.text()
    assert len(desk.taken) == (2 if status == 202 else 1)


async def test_a_webhook_sender_is_told_that_it_may_send(connect: Connect) -> None:
    client = await connect(only("pbx", "ingest"))
    response = await client.options(
        "/v1/events", headers={"WebHook-Request-Origin": "eventemitter.example.com"}
    )
    assert response.status == 200
    assert response.headers["WebHook-Allowed-Origin"] == "eventemitter.example.com"
    assert response.headers["WebHook-Allowed-Rate"] == "*"
    assert "POST" in response.headers["Allow"]


async def test_plain_options_grant_nothing(client: Client) -> None:
    response = await client.options("/v1/events")
    assert response.status == 200
    assert "WebHook-Allowed-Origin" not in response.headers


def _official(number: int = 1) -> CloudEvent:
    attributes = {
        "id": f"o-{number}",
        "source": "/crm/ä",
        "type": "queuewatch.contact.enqueued",
        "specversion": "1.0",
        "time": datetime(2026, 7, 20, 11, 59, tzinfo=UTC),
        "subject": "contact/Größe 1%",
        "datacontenttype": "application/json",
    }
    return CloudEvent(attributes=attributes, data={"queue": "sales", "channel": "email"})


@pytest.mark.parametrize("to_message", [to_binary, to_structured])
async def test_what_the_official_sdk_makes_is_accepted(
    client: Client, desk: FakeDesk, to_message: Any
) -> None:
    message = to_message(_official(), JSONFormat())
    response = await client.post("/v1/events", data=message.body, headers=message.headers)
    assert response.status == 202, await response.text()
    taken = desk.taken[0]
    assert (taken.source, taken.subject, taken.at) == ("/crm/ä", "Größe 1%", NOON - 60)


async def test_a_batch_of_the_official_sdk_is_accepted(client: Client, desk: FakeDesk) -> None:
    body = b"[" + b",".join(JSONFormat().write(_official(number)) for number in (1, 2)) + b"]"
    response = await client.post("/v1/events", data=body, headers=BATCH)
    assert response.status == 202, await response.text()
    assert len(desk.taken) == 2
