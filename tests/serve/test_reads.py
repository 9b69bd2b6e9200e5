"""Queues and contacts as JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from queuewatch.core.view import NoticeView
from queuewatch.ports import Health
from queuewatch.serve.access import Access
from tests.serve.conftest import Client, Connect
from tests.serve.desk import FakeDesk, queue
from tests.serve.tokens import shown, token


async def get(client: Client, path: str, status: int = 200) -> Any:
    response = await client.get(path)
    assert response.status == status, await response.text()
    assert response.content_type == ("application/json" if status == 200 else "application/problem+json")
    return await response.json()


async def test_the_board_lists_all_queues_and_sources(client: Client) -> None:
    board = await get(client, "/v1/queues")
    assert board["at"] == "2026-07-20T12:00:00Z"
    assert [one["queue"] for one in board["queues"]] == ["sales", "quiet"]
    assert board["sources"][0]["heard_at"] == "2026-07-20T11:59:57.500000Z"
    assert board["sources"][0]["refused"] == {"bad_field": 2}


async def test_the_board_can_be_one_site_only(client: Client, desk: FakeDesk) -> None:
    desk.views.append(queue("support", site="berlin"))
    board = await get(client, "/v1/queues?site=berlin")
    assert [one["queue"] for one in board["queues"]] == ["support"]


async def test_a_queue_tells_what_it_knows(client: Client) -> None:
    told = await get(client, "/v1/queues/sales")
    assert told["waiting"] == 3
    assert told["heard_at"] == "2026-07-20T11:59:57.500000Z"
    assert told["next"]["chances"] == {"60": 0.82, "180": 0.24}
    assert told["notice"]["since_at"] == "2026-07-20T11:58:30Z"
    assert told["notice"]["text"] == "We are busy."
    assert told["counts"] == {
        "offered": 10,
        "answered": 5,
        "abandoned": 1,
        "left": {"timed_out": 1},
        "transferred": {"blind": 1},
        "resolved": {"yes": 3, "no": 1},
        "repeated": {"abandoned": 2},
    }


async def test_what_is_unknown_is_null(client: Client) -> None:
    told = await get(client, "/v1/queues/quiet")
    assert told["agents"] is None
    assert told["next"]["mean_s"] is None
    assert told["next"]["no_estimate"] == "too_few_data"
    assert told["notice"]["text"] == ""


async def test_the_notice_comes_in_the_language_asked_for(client: Client) -> None:
    assert (await get(client, "/v1/queues/sales?lang=de"))["notice"]["text"] == "Wir sind busy."


@pytest.mark.parametrize(
    "name", ["Sales & Co/East", "100 %", "été?", "a{b}c", "#1", "..x", "%2F", "a\nb", "+"]
)
async def test_a_queue_may_have_any_name(client: Client, desk: FakeDesk, name: str) -> None:
    desk.views.append(queue(name))
    told = await get(client, f"/v1/queues/{quote(name, safe='')}")
    assert told["queue"] == name
    assert (await get(client, f"/v1/queues/{quote(name, safe='')}/notice"))["queue"] == name


@pytest.mark.parametrize("rest", ["", "/contacts", "/contacts/c-1", "/notice"])
async def test_an_unknown_queue_is_answered_with_those_that_exist(client: Client, rest: str) -> None:
    told = await get(client, f"/v1/queues/slaes{rest}", 404)
    assert told["queues"] == ["quiet", "sales"]
    assert "there is no queue 'slaes' at site 'default'; there are quiet, sales" in told["detail"]


async def test_a_queue_of_another_site_is_pointed_to(client: Client, desk: FakeDesk) -> None:
    desk.views.append(queue("support", site="berlin"))
    told = await get(client, "/v1/queues/support", 404)
    assert "it is at berlin: add ?site=" in told["detail"]
    assert (await get(client, "/v1/queues/support?site=berlin"))["site"] == "berlin"


async def test_where_nothing_was_told_there_is_no_queue(client: Client, desk: FakeDesk) -> None:
    desk.views.clear()
    assert "nobody has spoken" in (await get(client, "/v1/queues/sales", 404))["detail"]


async def test_not_more_than_a_hundred_queues_are_named(client: Client, desk: FakeDesk) -> None:
    desk.views += [queue(f"q{number}") for number in range(120)]
    told = await get(client, "/v1/queues/slaes", 404)
    assert len(told["queues"]) == 100
    assert told["detail"].endswith("and more")


async def test_the_line_names_each_contact_with_its_wait(client: Client) -> None:
    told = await get(client, "/v1/queues/sales/contacts")
    assert [(one["contact"], one["wait"]["place"]) for one in told["contacts"]] == [("c-1", 1), ("c-2", 2)]
    assert told["contacts"][0]["enqueued_at"] == "2026-07-20T11:58:45Z"


async def test_one_contact_is_told_its_place(client: Client) -> None:
    told = await get(client, "/v1/queues/sales/contacts/c-2")
    assert told["wait"]["place"] == 2


async def test_a_contact_that_does_not_wait_is_not_found(client: Client) -> None:
    told = await get(client, "/v1/queues/sales/contacts/c-9", 404)
    assert told["detail"] == "contact 'c-9' does not wait in queue 'sales'"


async def test_a_notice_set_by_hand_says_by_whom_and_until_when(client: Client, desk: FakeDesk) -> None:
    notice = NoticeView(level="busy", since_at=0.0, reason="by_hand", by="Ines", until_at=60.25)
    desk.views.append(queue("q", notice=notice))
    told = (await get(client, "/v1/queues/q"))["notice"]
    assert (told["by"], told["until_at"]) == ("Ines", "1970-01-01T00:01:00.250000Z")


async def test_the_process_is_alive(client: Client, desk: FakeDesk) -> None:
    desk.state = Health({"journal": "disk full"})
    assert await get(client, "/healthz") == {"status": "ok"}


async def test_ready_says_why_not(client: Client, desk: FakeDesk) -> None:
    assert await get(client, "/readyz") == {"status": "ready"}
    desk.state = Health({"journal": "disk full", "source pbx": "pbx:5038 is silent"})
    told = await get(client, "/readyz", 503)
    assert told["reasons"] == ["journal: disk full", "source pbx: pbx:5038 is silent"]
    assert told["detail"] == "journal: disk full; source pbx: pbx:5038 is silent"


@pytest.mark.parametrize(
    ("who", "why"), [("", ""), ("till", ""), ("stranger", ""), ("board", ": /var/q.db is full")]
)
async def test_ready_says_why_not_to_those_who_may_read_and_to_others_what_is_not_well(
    connect: Connect, desk: FakeDesk, who: str, why: str
) -> None:
    client = await connect(Access([token("board", "read"), token("till", "ingest", "act")]))
    desk.state = Health({"journal": "/var/q.db is full"})
    response = await client.get("/readyz", headers=shown(who) if who else {})
    told = await response.json()
    assert (response.status, told["reasons"]) == (503, [f"journal{why}"])
    assert ("/var" in told["detail"]) == bool(why)


async def test_answers_are_kept_by_nobody(client: Client) -> None:
    response = await client.get("/v1/queues")
    assert response.headers["Cache-Control"] == "no-store"
