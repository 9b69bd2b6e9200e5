"""A supervisor's word on a notice: who may say it, what it becomes, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from queuewatch.core.facts.acts import NoticeOverridden
from tests.serve.conftest import Client, Connect
from tests.serve.desk import NOON, FakeDesk, queue
from tests.serve.tokens import only, shown

ROUTE = "/v1/queues/sales/notice/override"


def told_at(seconds: float) -> str:
    """So many seconds from noon, as it is written outside."""
    return (datetime.fromtimestamp(NOON, UTC) + timedelta(seconds=seconds)).isoformat()


async def test_a_word_is_journalled_and_answered_with_the_notice(client: Client, desk: FakeDesk) -> None:
    response = await client.post(ROUTE, json={"level": "very_busy", "by": " Grace ", "until_at": told_at(60)})
    assert response.status == 200
    assert (await response.json())["queue"] == "sales"
    (event,) = desk.taken
    assert event.data == NoticeOverridden(queue="sales", level="very_busy", by="Grace", until_at=NOON + 60.0)
    assert (event.at, event.site) == (NOON, "default")


async def test_null_gives_the_notice_back_to_the_rules(client: Client, desk: FakeDesk) -> None:
    assert (await client.post(ROUTE, json={"level": None, "by": "Grace"})).status == 200
    assert desk.taken[0].data == NoticeOverridden(queue="sales", level=None, by="Grace")


async def test_it_speaks_of_the_queue_of_the_site_asked_for(client: Client, desk: FakeDesk) -> None:
    desk.views.append(queue("sales", site="berlin"))
    await client.post(f"{ROUTE}?site=berlin", json={"level": "busy", "by": "Grace"})
    assert desk.taken[0].site == "berlin"


async def test_two_words_are_two_events(client: Client, desk: FakeDesk) -> None:
    for _ in range(2):
        await client.post(ROUTE, json={"level": "busy", "by": "Grace"})
    assert len({event.id for event in desk.taken}) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b'{"level": "busy"}', 422),
        (b'{"by": "Grace"}', 422),
        (b'{"level": "loud", "by": "Grace"}', 422),
        (b'{"level": "busy", "by": "  "}', 422),
        (b'{"level": "busy", "by": "Grace", "until": "tomorrow"}', 422),
        (b'{"level": "busy", "by": "Grace", "until_at": "2026-07-20T12:00:00"}', 422),
        (b'{"level": "busy", "by": "Grace", "until_at": "2026-07-20T12:00:00Z"}', 422),
    ],
)
async def test_what_cannot_be_taken_is_refused(
    client: Client, desk: FakeDesk, body: bytes, status: int
) -> None:
    response = await client.post(ROUTE, data=body)
    assert response.status == status
    assert response.content_type == "application/problem+json"
    assert desk.taken == []


async def test_an_unknown_queue_is_not_made_by_it(client: Client, desk: FakeDesk) -> None:
    response = await client.post("/v1/queues/slaes/notice/override", json={"level": "busy", "by": "Grace"})
    assert response.status == 404
    assert desk.taken == []


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("ingest", 403), ("act", 200)])
async def test_it_takes_the_scope_act(connect: Connect, scope: Any, status: int) -> None:
    client = await connect(only("t", scope))
    response = await client.post(ROUTE, json={"level": "busy", "by": "Grace"}, headers=shown("t"))
    assert response.status == status


@pytest.mark.parametrize(("said", "by"), [({}, "Ines"), ({"by": "Grace"}, "Grace (token Ines)")])
async def test_the_name_is_that_of_the_token_whatever_the_body_says(
    connect: Connect, desk: FakeDesk, said: dict[str, str], by: str
) -> None:
    client = await connect(only("Ines", "act"))
    assert (await client.post(ROUTE, json={"level": "busy"} | said, headers=shown("Ines"))).status == 200
    assert desk.taken[0].data == NoticeOverridden(queue="sales", level="busy", by=by)


async def test_the_same_word_under_the_same_idempotency_key_is_one_event(
    client: Client, desk: FakeDesk
) -> None:
    for _ in range(2):
        await client.post(ROUTE, json={"level": "busy", "by": "Grace"}, headers={"Idempotency-Key": "k"})
    assert len({event.id for event in desk.taken}) == 1
