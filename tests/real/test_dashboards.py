"""A real Prometheus scrapes the running demo, and every query of every board has an answer."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, web

from queuewatch.clock import SystemClock
from queuewatch.core.view import SteadyView, WaitView
from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from tests.dashboards.boards import Asked, annotated, queries
from tests.real.servers import free_port, prometheus, running
from tests.serve.desk import CUSTOMERS, FakeDesk, FakeWording, quiet

pytestmark = pytest.mark.real
PATIENCE_S = 120.0
STEP_S = 2

Answer = list[dict[str, Any]]


async def put(session: ClientSession, address: str, one: Asked) -> Answer:
    """The answer to a query as Grafana asks it: for now, or over the last minute. Numbers only."""
    now = time.time()
    if one.instant:
        url, params = "query", {"query": one.expr, "time": f"{now}"}
    else:
        url = "query_range"
        params = {"query": one.expr, "start": f"{now - 60}", "end": f"{now}", "step": f"{STEP_S}"}
    async with session.get(f"{address}/api/v1/{url}", params=params) as response:
        told = await response.json()
    assert told["status"] == "success", (one, told)
    return [series for series in told["data"]["result"] if any(value != "NaN" for value in values(series))]


def values(series: dict[str, Any]) -> Iterable[str]:
    """The values of a series, as Prometheus writes them."""
    points = series.get("values") or [series["value"]]
    return [value for _, value in points]


async def unanswered(
    address: str, asked: list[Asked], enough: Callable[[list[Asked]], bool] = lambda left: not left
) -> list[Asked]:
    """Those without an answer, once there are none or patience is at its end."""
    until = time.monotonic() + PATIENCE_S
    left = asked
    async with ClientSession() as session:
        while time.monotonic() < until:
            with contextlib.suppress(ClientError):
                left = [one for one in left if not await put(session, address, one)]
                if enough(left):
                    break
            await asyncio.sleep(1)
    return left


@pytest.mark.slow
async def test_every_query_has_an_answer_while_the_demo_runs(tmp_path: Path) -> None:
    port = free_port()
    demo = [sys.executable, "-m", "queuewatch", "demo", "--port", str(port)]
    with running(demo, port, tmp_path / "demo.log"), prometheus(tmp_path, f"127.0.0.1:{port}") as address:
        await plan(port, "sales")
        assert await unanswered(address, list(queries())) == []
        # The campaign is on, so customers are being told; nothing is out of order, so nothing else is marked.
        notices = [one for one in annotated() if one.panel == "Notices"]
        assert await unanswered(address, notices) == []
        for one in annotated():
            if one.panel not in {"Notices", "Alerts"}:
                assert await silent(address, one), one.panel


async def silent(address: str, one: Asked) -> bool:
    """Whether a query has no answer now, or soon: on a busy machine a scrape may once be late."""
    until = time.monotonic() + PATIENCE_S
    async with ClientSession() as session:
        while await put(session, address, one._replace(instant=True)):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(1)
    return True


async def plan(port: int, queue: str) -> None:
    """Bring in the agents planned for a queue, for today and tomorrow."""
    first = datetime.fromtimestamp(time.time(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        f"from,until,queue,agents\n{first.isoformat()},{(first + timedelta(days=2)).isoformat()},{queue},6\n"
    )
    async with ClientSession() as session:
        put = session.post(
            f"http://127.0.0.1:{port}/v1/plan?by=Ada", data=rows, headers={"Content-Type": "text/csv"}
        )
        async with put as answer:
            assert answer.status == 200, await answer.text()


@pytest.fixture
async def calm() -> AsyncIterator[str]:
    """Host and port of a queuewatch early on a quiet day: agents are there, nobody has called yet."""
    view = quiet(
        "sales",
        agents={"available": 3},
        occupancy=0.0,
        next=WaitView(
            place=1,
            mean_s=0.0,
            quantiles_s={"0.1": 0.0, "0.5": 0.0, "0.9": 0.0},
            chances={"60": 0.0, "180": 0.0},
        ),
        steady=SteadyView(
            arrivals_per_hour=0.0,
            handling_s=200.0,
            load_erlangs=0.0,
            chances={"60": 0.0, "180": 0.0},
            agents_required=1,
        ),
    )
    app = make_app(
        FakeDesk(views=[view]), Access(), clock=SystemClock(), customers=CUSTOMERS, wording=FakeWording()
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"127.0.0.1:{port}"
    await runner.cleanup()


# Panels that show what happened to contacts; where there was none they say so in words ("noValue").
OF_CONTACTS = {
    ("trust", "Told too much (+) or too little (-)"),
    ("trust", "Every estimator of every queue"),
    ("operations", "Slowest commit of a hundred"),
    ("queue-detail", "Gave up, by how long they had waited"),
    ("wall-board", "Promises kept"),
}


async def test_no_panel_is_empty_on_a_quiet_day(calm: str, tmp_path: Path) -> None:
    every = list(queries())
    panels = {(one.board, one.panel) for one in every} - OF_CONTACTS

    def empty(left: list[Asked]) -> set[tuple[str, str]]:
        """Panels of which no query has an answer."""
        return panels - {(one.board, one.panel) for one in every if one not in left}

    with prometheus(tmp_path, calm) as address:
        left = await unanswered(address, every, lambda left: not empty(left))
    assert empty(left) == set()
