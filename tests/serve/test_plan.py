"""`POST /v1/plan`: what it becomes, and that a bad plan is refused whole."""

from __future__ import annotations

from typing import Any

import pytest

from queuewatch.core.facts.acts import PlannedSpan, PlanTold
from queuewatch.serve.plan import MOST_TOLD, SPANS_PER_EVENT
from tests.serve.conftest import Client, Connect
from tests.serve.desk import NOON, FakeDesk
from tests.serve.tokens import only, shown

ROUTE = "/v1/plan"
CSV = {"Content-Type": "text/csv"}
HEADER = "from,until,queue,agents\n"
ROW = {"from": "1971-01-01T00:00:00Z", "until": "1971-01-01T00:30:00Z", "queue": "sales", "agents": 14}
YEAR = 365 * 86_400.0


@pytest.fixture
def row() -> dict[str, Any]:
    return ROW | {"from": "1972-01-01T00:00:00Z", "until": "1972-01-01T00:30:00Z"}


async def test_a_plan_in_json_is_journalled_and_told_back(
    client: Client, desk: FakeDesk, row: dict[str, Any]
) -> None:
    response = await client.post(ROUTE, json={"rows": [row, row | {"queue": "slaes"}], "by": " Grace "})
    assert response.status == 200
    begin = 2 * YEAR
    told = await response.json()
    assert told["rows"] == 2
    assert [(one["queue"], one["rows"], one["known"]) for one in told["queues"]] == [
        ("sales", 1, True),
        ("slaes", 1, False),
    ]
    assert told["queues"][0]["from_at"] == "1972-01-01T00:00:00Z"
    first, second = desk.taken
    assert first.data == PlanTold(queue="sales", by="Grace", spans=(PlannedSpan(begin, begin + 1800.0, 14),))
    assert (first.at, first.site, first.id != second.id) == (NOON, "default", True)


async def test_a_plan_in_csv_is_by_who_the_query_says_with_times_in_utc_unless_configured(
    client: Client, desk: FakeDesk
) -> None:
    table = f"{HEADER}1972-01-01 00:00,1972-01-01 00:30,sales,14\n"
    response = await client.post(f"{ROUTE}?by=Ada", data=table, headers=CSV)
    assert response.status == 200
    (event,) = desk.taken
    assert event.data == PlanTold(
        queue="sales", by="Ada", spans=(PlannedSpan(2 * YEAR, 2 * YEAR + 1800.0, 14),)
    )


async def test_a_long_plan_is_several_facts_of_one_request(client: Client, desk: FakeDesk) -> None:
    rows = [
        f"1972-01-{1 + one // 1440:02}T{one // 60 % 24:02}:{one % 60:02}:00Z,"
        f"1972-01-{1 + one // 1440:02}T{one // 60 % 24:02}:{one % 60:02}:30Z,sales,1"
        for one in range(SPANS_PER_EVENT + 1)
    ]
    headers = CSV | {"Idempotency-Key": "monday"}
    response = await client.post(f"{ROUTE}?by=Ada", data=HEADER + "\n".join(rows), headers=headers)
    assert response.status == 200
    assert [len(one.data.spans) for one in desk.taken if isinstance(one.data, PlanTold)] == [500, 1]
    assert [one.id for one in desk.taken] == ["/v1/plan#monday/0", "/v1/plan#monday/1"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "why"),
    [
        (b"{", "application/json", 400, "not JSON"),
        (b'{"rows": [{}]}', "application/json", 422, "missing"),
        (b'{"rows": [], "by": "Ada"}', "application/json", 422, "no rows"),
        (b"\xff", "text/csv", 400, "UTF-8"),
        (b"a,b\n", "text/csv", 422, "line 1: the header"),
        (HEADER.encode(), "text/csv", 422, "no rows"),
        (HEADER.encode() + b"now,then,sales,1\n", "text/csv", 422, "nothing was taken: line 2: from"),
        (HEADER.encode() + b"now,then,sales,1\n" * (MOST_TOLD + 2), "text/csv", 422, "and 2 more"),
        (b"", "image/png", 415, "text/csv"),
        (
            HEADER.encode() + b"1972-01-01,1972-01-02,sales,1\n",
            "text/csv",
            422,
            "by is missing",
        ),
    ],
)
async def test_what_cannot_be_taken_is_refused_whole(  # noqa: PLR0917
    client: Client, desk: FakeDesk, body: bytes, kind: str, status: int, why: str
) -> None:
    response = await client.post(ROUTE, data=body, headers={"Content-Type": kind})
    assert response.status == status
    assert why in (await response.json())["detail"]
    assert desk.taken == []


async def test_a_row_of_json_that_is_bad_is_named_by_its_place(client: Client, row: dict[str, Any]) -> None:
    response = await client.post(ROUTE, json={"rows": [row, row | {"agents": -1}], "by": "Ada"})
    assert response.status == 422
    assert "rows[1]: agents" in (await response.json())["detail"]


async def test_a_key_that_is_too_long_is_refused(client: Client, row: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": "k" * 129}
    response = await client.post(ROUTE, json={"rows": [row], "by": "Ada"}, headers=headers)
    assert response.status == 400


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("ingest", 403), ("act", 200)])
async def test_it_takes_the_scope_act_and_is_by_its_token(
    connect: Connect, desk: FakeDesk, row: dict[str, Any], scope: Any, status: int
) -> None:
    client = await connect(only("planner", scope))
    response = await client.post(ROUTE, json={"rows": [row]}, headers=shown("planner"))
    assert response.status == status
    assert [one.data.by for one in desk.taken if isinstance(one.data, PlanTold)] == ["planner"] * (
        status == 200
    )
