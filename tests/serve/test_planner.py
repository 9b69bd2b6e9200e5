"""Plans over HTTP: JSON, CSV and workbooks, what-if, and what cannot be asked."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, tzinfo
from typing import Any

import openpyxl
import pytest
from aiohttp.test_utils import TestClient, TestServer

from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.agents import WhatIf
from queuewatch.core.plan.document import Plan
from queuewatch.core.plan.outlook import NoForecastError
from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from queuewatch.serve.planner import CSV, XLSX
from tests.clocks import HandClock
from tests.planning.plans import made
from tests.serve.conftest import Client
from tests.serve.desk import CUSTOMERS, FakeDesk, FakeWording


class FakePlanning:
    """Knows one plan, and what it was asked for."""

    defaults = (1800, 14)

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def plannable(self) -> Sequence[tuple[str, str, Channel | None]]:
        return [("default", "sales", "phone"), ("default", "office", None)]

    def figures(self) -> Sequence[Any]:
        return ()

    def zone_of(self, _queue: str) -> tzinfo:
        return UTC

    async def make(self, place: tuple[str, str], length_s: int, horizon_days: int, change: WhatIf) -> Plan:
        self.asked.append((place, length_s, horizon_days, change))
        if place[1] == "none":
            raise LookupError("nothing is remembered of queue 'none'")
        if place[1] == "new":
            raise NoForecastError("the history holds no whole day with counts")
        return made()


@pytest.fixture
def planning() -> FakePlanning:
    return FakePlanning()


@pytest.fixture
async def planner(planning: FakePlanning) -> AsyncIterator[Client]:
    app = make_app(
        FakeDesk(),
        Access(),
        clock=HandClock(),
        customers=CUSTOMERS,
        wording=FakeWording(),
        planning=planning,
    )
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_what_can_be_planned_is_listed(planner: Client) -> None:
    told = await (await planner.get("/v1/planner")).json()
    assert told["queues"][1] == {"site": "default", "queue": "office", "channel": "pool"}
    assert (told["interval_min"], told["horizon_days"]) == (30, 14)


@pytest.mark.parametrize("route", ["forecast", "staffing"])
async def test_a_plan_is_had_as_json(planner: Client, planning: FakePlanning, route: str) -> None:
    response = await planner.get(f"/v1/queues/sales/{route}")
    told = await response.json()
    assert told["rows"][0]["agents"] == made().rows[0].agents
    assert planning.asked == [(("default", "sales"), 1800, 14, WhatIf())]


async def test_a_plan_is_had_as_csv_and_as_a_workbook(planner: Client) -> None:
    table = await planner.get("/v1/queues/sales/staffing", headers={"Accept": "text/csv"})
    assert table.content_type == CSV
    assert table.headers["Content-Disposition"] == 'attachment; filename="plan-sales.csv"'
    assert (await table.text()).startswith("queue,site,from,until,at,local,contacts")
    book = await planner.get("/v1/queues/sales/staffing?format=xlsx")
    assert book.content_type == XLSX
    assert "Week" in openpyxl.load_workbook(io.BytesIO(await book.read())).sheetnames


async def test_what_if_is_asked_for_in_the_query(planner: Client, planning: FakePlanning) -> None:
    query = "interval=15min&horizon=28d&volume=1.2&handling=0.9&shrinkage=0.3&past_first=0.1&site=harbour"
    assert (await planner.get(f"/v1/queues/sales/staffing?{query}")).status == 200
    change = WhatIf(volume=1.2, handling=0.9, shrinkage=0.3, past_first=0.1)
    assert planning.asked == [(("harbour", "sales"), 900, 28, change)]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("interval=7", "interval must be one of 5min, 15min, 30min, 60min, not '7'"),
        ("horizon=57", "horizon must be from 1d to 56d, not '57'"),
        ("horizon=-1", "horizon must be from 1d to 56d, not '-1'"),
        ("volume=0", "volume must be a number from 0.01 to 10, not '0'"),
        ("shrinkage=half", "shrinkage must be a number from 0 to 0.95, not 'half'"),
        ("format=pdf", "format must be one of json, csv, xlsx, not 'pdf'"),
    ],
)
async def test_what_cannot_be_is_said(planner: Client, query: str, sentence: str) -> None:
    response = await planner.get(f"/v1/queues/sales/forecast?{query}")
    assert response.status == 400
    assert (await response.json())["detail"] == sentence


@pytest.mark.parametrize(("queue", "status"), [("none", 404), ("new", 422)])
async def test_without_a_past_there_is_no_plan(planner: Client, queue: str, status: int) -> None:
    assert (await planner.get(f"/v1/queues/{queue}/forecast")).status == status


async def test_a_plan_is_not_had_as_a_picture(planner: Client) -> None:
    assert (await planner.get("/v1/queues/sales/forecast", headers={"Accept": "image/png"})).status == 406


async def test_where_nobody_plans_nothing_can_be(client: Client) -> None:
    assert (await (await client.get("/v1/planner")).json())["queues"] == []
    assert (await client.get("/v1/queues/sales/forecast")).status == 404


async def test_the_page_is_ours_and_holds_no_script_or_style(client: Client) -> None:
    page = await (await client.get("/planner")).text()
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    for reference in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert re.match(r"/(?!/)", reference)
        assert (await client.get(reference)).status == 200
