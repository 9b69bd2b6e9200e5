"""What one who waits is told, on record, and what became of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from queuewatch.core.facts.acts import PromiseTold
from queuewatch.core.view import WaitView
from tests.serve.conftest import Client, Connect
from tests.serve.desk import NOON, FakeDesk, contact, queue
from tests.serve.tokens import only, shown
from tests.views import SUMMARY

ROUTE = "/v1/queues/sales/contacts/c-2/promises"


async def test_it_says_what_to_tell_and_writes_it_down(client: Client, desk: FakeDesk) -> None:
    response = await client.post(f"{ROUTE}?lang=de")
    assert response.status == 201
    assert response.headers["Content-Language"] == "de"
    told = await response.json()
    (event,) = desk.taken
    assert isinstance(event.data, PromiseTold)
    assert (event.source, event.at, event.site) == ("/promises", NOON, "default")
    assert (event.data.contact, event.data.visit, event.data.told_s) == ("c-2", 1, 120.0)
    assert event.data.quantiles_s == {"0.5": 88.0}
    assert (told["promise"], told["text"], told["told_s"]) == (event.id, "phone: 120.0", 120.0)
    assert (told["outcome"], told["language"], told["at"]) == ("open", "de", "2026-07-20T12:00:00Z")


async def test_where_there_is_no_estimate_it_says_so_and_why(client: Client, desk: FakeDesk) -> None:
    unknown = contact("c-9")
    desk.line = (type(unknown)(**_fields(unknown) | {"wait": WaitView(place=1, no_estimate="no_agents")}),)
    told = await (await client.post("/v1/queues/sales/contacts/c-9/promises")).json()
    assert (told["told_s"], told["no_estimate"]) == (None, "no_agents")


def _fields(view: Any) -> dict[str, Any]:
    return {name: getattr(view, name) for name in view.__struct_fields__}


async def test_the_same_key_gets_what_was_told_the_first_time(client: Client, desk: FakeDesk) -> None:
    first = await client.post(ROUTE, headers={"Idempotency-Key": "call 7"})
    again = await client.post(ROUTE, headers={"Idempotency-Key": "call 7"})
    assert (first.status, again.status) == (201, 200)
    assert await again.json() == await first.json()
    assert len(desk.taken) == 1


async def test_two_at_once_with_one_key_are_told_once(client: Client, desk: FakeDesk) -> None:
    both = await asyncio.gather(
        *(client.post(ROUTE, headers={"Idempotency-Key": "call 7"}) for _ in range(4))
    )
    assert sorted(one.status for one in both) == [200, 200, 200, 201]
    assert len(desk.taken) == 1


async def test_a_key_belongs_to_one_contact_and_without_one_each_telling_counts(
    client: Client, desk: FakeDesk
) -> None:
    await client.post(ROUTE, headers={"Idempotency-Key": "1"})
    await client.post("/v1/queues/sales/contacts/c-1/promises", headers={"Idempotency-Key": "1"})
    await client.post(ROUTE)
    await client.post(ROUTE)
    assert len({event.id for event in desk.taken}) == 4


@pytest.mark.parametrize("key", ["", "k" * 257])
async def test_a_key_that_is_none_is_refused(client: Client, desk: FakeDesk, key: str) -> None:
    assert (await client.post(ROUTE, headers={"Idempotency-Key": key})).status == 400
    assert desk.taken == []


@pytest.mark.parametrize(
    "route", ["/v1/queues/sales/contacts/nobody/promises", "/v1/queues/slaes/contacts/c-1/promises"]
)
async def test_who_does_not_wait_is_promised_nothing(client: Client, desk: FakeDesk, route: str) -> None:
    response = await client.post(route)
    assert response.status == 404
    assert desk.taken == []


async def test_what_is_forgotten_before_it_is_read_is_not_told(
    client: Client, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "promise", lambda *_: None)
    assert (await client.post(ROUTE)).status == 503


async def test_a_queue_lists_what_was_told_and_how_right_it_was(client: Client, desk: FakeDesk) -> None:
    desk.views[0] = queue(promises=SUMMARY)
    await client.post(ROUTE)
    listed = await (await client.get("/v1/queues/sales/promises")).json()
    assert [one["contact"] for one in listed["promises"]] == ["c-2"]
    assert (listed["summary"]["told"], listed["summary"]["estimates"][0]["brier"]) == (12, {"60": 0.2})
    assert "error" not in listed["summary"]
    assert (await client.get("/v1/queues/slaes/promises")).status == 404


async def test_a_site_lists_those_of_all_its_queues(client: Client, desk: FakeDesk) -> None:
    desk.views[0] = queue(promises=SUMMARY)
    await client.post(ROUTE)
    listed = await (await client.get("/v1/promises")).json()
    assert (len(listed["promises"]), listed["queues"]["sales"]["kept_today"]) == (1, 2)
    assert listed["queues"]["quiet"] is None
    elsewhere = await (await client.get("/v1/promises?site=berlin")).json()
    assert elsewhere == {"site": "berlin", "queues": {}, "promises": []}


@pytest.mark.parametrize(
    ("scope", "status"), [("read", 403), ("ingest", 403), ("promise", 201), ("act", 201)]
)
async def test_telling_takes_the_scope_act(connect: Connect, scope: Any, status: int) -> None:
    client = await connect(only("board", scope))
    response = await client.post(ROUTE, headers=shown("board"))
    assert response.status == status
