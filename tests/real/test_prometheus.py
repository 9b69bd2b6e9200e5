"""A real Prometheus scrapes us, and its linter has nothing to say."""

from __future__ import annotations

import asyncio
import shutil
import socket
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
from tests.serve.desk import CUSTOMERS, FakeDesk, FakeWording, queue, quiet

pytestmark = pytest.mark.real

CONFIG = Path(__file__).parents[2] / "config" / "prometheus.yml"
PATIENCE_S = 60


def _installed(program: str) -> str:
    path = shutil.which(program)
    assert path is not None, f"{program} is missing: install Debian's package prometheus"
    return path


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


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
    port = _free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture
def prometheus(served: str, tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus with our own config, its target replaced."""
    config = tmp_path / "prometheus.yml"
    text = CONFIG.read_text()
    assert '"127.0.0.1:8080"' in text
    config.write_text(
        text.replace("127.0.0.1:8080", served)
        .replace("scrape_interval: 5s", "scrape_interval: 1s")
        .replace("scrape_timeout: 4s", "scrape_timeout: 1s")
    )
    subprocess.run([_installed("promtool"), "check", "config", config], check=True, capture_output=True)
    address = f"127.0.0.1:{_free_port()}"
    server = subprocess.Popen(
        [
            _installed("prometheus"),
            f"--config.file={config}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address={address}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://{address}"
    server.terminate()
    server.wait(timeout=PATIENCE_S)


async def asked(session: ClientSession, prometheus: str, query: str) -> list[dict[str, Any]]:
    """The result of an instant query, once there is one."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            async with session.get(f"{prometheus}/api/v1/query", params={"query": query}) as response:
                found: list[dict[str, Any]] = (await response.json())["data"]["result"]
                if found:
                    return found
        except (ClientError, ValueError, KeyError):
            pass  # it is still starting
        await asyncio.sleep(0.2)
    pytest.fail(f"Prometheus has no answer to {query} after {PATIENCE_S} s")


async def test_a_real_prometheus_scrapes_the_metrics(served: str, prometheus: str) -> None:
    async with ClientSession() as session:
        assert served
        up = await asked(session, prometheus, 'up{job="queuewatch"} == 1')
        assert up[0]["value"][1] == "1"
        waiting = await asked(session, prometheus, "queuewatch_contacts_waiting")
        told = {one["metric"]["queue"]: one["value"][1] for one in waiting}
        assert told == {'sales "east"': "3", "quiet": "0", "mail": "3"}
        median = "histogram_quantile(0.5, queuewatch_wait_seconds_bucket{queue='mail'})"
        # Of waits of 3, 60, 61 and 400,000 s the median is at the border of 60 s.
        assert (await asked(session, prometheus, median))[0]["value"][1] == "60"
        notices = await asked(session, prometheus, "queuewatch_notices_total")
        assert [one["value"][1] for one in notices] == ["3"]


async def test_the_linter_has_nothing_to_say(served: str) -> None:
    async with ClientSession() as session, session.get(f"http://{served}/metrics") as response:
        text = await response.text()
    linted = await asyncio.to_thread(
        subprocess.run,
        [_installed("promtool"), "check", "metrics"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")
