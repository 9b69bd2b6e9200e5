"""A real Prometheus scrapes us, and its linter has nothing to say."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, web

from queuewatch.clock import SystemClock
from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from tests.real.servers import free_port, prometheus
from tests.serve.desk import CUSTOMERS, FakeDesk, FakeWording, queue, quiet

pytestmark = pytest.mark.real

PATIENCE_S = 60


@pytest.fixture
async def served() -> AsyncIterator[str]:
    """Host and port of an application with two queues, one of them as good as unknown."""
    desk = FakeDesk(
        views=[queue('sales "east"'), quiet(), queue("mail", channel="email")],
        entered={("default", "mail", "busy"): 3},
        delivered={("mqtt", "sent"): 4},
    )
    app = make_app(desk, Access(), clock=SystemClock(), customers=CUSTOMERS, wording=FakeWording())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture
def address(served: str, tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus with our own config, its target replaced."""
    with prometheus(tmp_path, served) as address:
        yield address


async def asked(session: ClientSession, address: str, query: str) -> list[dict[str, Any]]:
    """The result of an instant query, once there is one."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            async with session.get(f"{address}/api/v1/query", params={"query": query}) as response:
                found: list[dict[str, Any]] = (await response.json())["data"]["result"]
                if found:
                    return found
        except (ClientError, ValueError, KeyError):
            pass  # it is still starting
        await asyncio.sleep(0.2)
    pytest.fail(f"Prometheus has no answer to {query} after {PATIENCE_S} s")


async def test_a_real_prometheus_scrapes_the_metrics(served: str, address: str) -> None:
    async with ClientSession() as session:
        assert served
        up = await asked(session, address, 'up{job="queuewatch"} == 1')
        assert up[0]["value"][1] == "1"
        waiting = await asked(session, address, "queuewatch_contacts_waiting")
        told = {one["metric"]["queue"]: one["value"][1] for one in waiting}
        assert told == {'sales "east"': "3", "quiet": "0", "mail": "3"}
        median = "histogram_quantile(0.5, queuewatch_wait_seconds_bucket{queue='mail'})"
        # Of waits of 3, 60, 61 and 400,000 s the median is at the border of 60 s.
        assert (await asked(session, address, median))[0]["value"][1] == "60"
        notices = await asked(session, address, "queuewatch_notices_total")
        assert [one["value"][1] for one in notices] == ["3"]


async def test_the_linter_has_nothing_to_say(served: str) -> None:
    async with ClientSession() as session, session.get(f"http://{served}/metrics") as response:
        text = await response.text()
    linted = await asyncio.to_thread(
        subprocess.run,
        ["promtool", "check", "metrics"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")
