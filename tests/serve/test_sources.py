"""`GET /v1/sources…`: what an integrator reads to see what became of what a system sent."""

from __future__ import annotations

from msgspec.structs import replace

from queuewatch.core.view import RefusedView
from tests.serve.conftest import Client
from tests.serve.desk import HTTP_SOURCE, NOON, FakeDesk

LAST = RefusedView(reason="bad_field", count=2, at=NOON - 1.0, detail="queue: expected a text")
SHOWN = {"reason": "bad_field", "count": 2, "at": "2026-07-20T11:59:59Z", "detail": "queue: expected a text"}


async def test_each_source_is_told_with_the_last_that_could_not_be_used(
    client: Client, desk: FakeDesk
) -> None:
    desk.sources = (replace(HTTP_SOURCE, refusals=(LAST,)),)
    (source,) = (await (await client.get("/v1/sources")).json())["sources"]
    assert (source["source"], source["up"], source["trouble"]) == ("http", True, None)
    assert source["refusals"] == [SHOWN]
    assert source["heard_at"].startswith("2026-07-20T11:59:57.5")


async def test_one_source_is_told_by_its_name(client: Client, desk: FakeDesk) -> None:
    desk.sources = (HTTP_SOURCE, replace(HTTP_SOURCE, source="pbx", up=False, trouble="pbx:5038 is away"))
    told = await (await client.get("/v1/sources/pbx")).json()
    assert (told["source"], told["up"], told["trouble"]) == ("pbx", False, "pbx:5038 is away")


async def test_who_asks_for_a_source_that_there_is_not_is_told_which_there_are(client: Client) -> None:
    answer = await client.get("/v1/sources/phone")
    assert answer.status == 404
    assert (await answer.json())["detail"].endswith("there is: http")
