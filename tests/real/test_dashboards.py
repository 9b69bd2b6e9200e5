"""A real Prometheus scrapes the running demo, and every query of every board has an answer."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.dashboards.boards import annotated, queries
from tests.real.asking import silent, unanswered
from tests.real.servers import free_port, prometheus, running

pytestmark = pytest.mark.real


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
