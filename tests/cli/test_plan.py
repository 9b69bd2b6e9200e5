"""`queuewatch plan import` into a running service, through its restart, and what is wrong with a file."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from queuewatch import app
from queuewatch.__main__ import main
from queuewatch.clock import SystemClock
from queuewatch.config import load

HEADER = "from,until,queue,agents\n"
PLAN = f"{HEADER}2000-01-01,2000-01-02,sales,1\n"
NEVER_HEARD = 'the service has never heard of "sales"'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "queuewatch.toml"
    file.write_text(f'[service]\ndata_dir = "{tmp_path}"\n[http]\nport = 0\n')
    return file


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Fourteen agents from a minute ago for a day."""
    file = tmp_path / "agents.csv"
    now = int(SystemClock().now())
    file.write_text(f"{HEADER}{_moment(now - 60)},{_moment(now + 86_400)},sales,14\n")
    return file


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


async def enqueue(session: aiohttp.ClientSession, url: str) -> None:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/pbx",
        "type": "queuewatch.contact.enqueued",
        "subject": "contact/ada",
        "data": {"queue": "sales", "channel": "phone"},
    }
    headers = {"Content-Type": "application/cloudevents+json"}
    async with session.post(f"{url}/v1/events", data=json.dumps(event), headers=headers) as response:
        assert response.status == 202


async def planned(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(f"{url}/v1/queues/sales") as response:
        return (await response.json())["planned"]


def test_a_plan_is_on_the_board_and_is_there_after_a_restart(
    config: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load(config)

    async def first() -> int:
        async with app.running(settings, SystemClock()) as url, aiohttp.ClientSession() as session:
            await enqueue(session, url)
            assert await planned(session, url) is None
            status = await asyncio.to_thread(main, ["plan", "import", str(plan), "--url", url, "--json"])
            assert await planned(session, url) == 14
            async with session.get(f"{url}/metrics") as response:
                assert "queuewatch_agents_planned{" in await response.text()
            return status

    async def second() -> None:
        async with app.running(settings, SystemClock()) as url, aiohttp.ClientSession() as session:
            assert await planned(session, url) == 14

    assert asyncio.run(first()) == 0
    assert '"rows": 1,' in capsys.readouterr().out  # among what the service logs
    asyncio.run(second())


def test_a_queue_that_nobody_heard_of_and_a_bad_row_are_told_of(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(f"{HEADER}2000-01-01,2000-01-02,sales,few\n")

    async def run(*arguments: str) -> int:
        async with app.running(load(config), SystemClock()) as url:
            return await asyncio.to_thread(main, ["plan", "import", *arguments, "--url", url])

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PLAN.encode())))
    assert asyncio.run(run("-")) == 1
    told = capsys.readouterr()
    assert "sales" in told.out
    assert NEVER_HEARD in told.err
    assert asyncio.run(run(str(bad))) == 2
    assert f'{bad}: nothing was taken: line 2: agents "few" is no whole number' in capsys.readouterr().err


def test_what_keeps_it_from_running_is_said_in_one_sentence(
    config: Path, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "none")
    assert main(["plan", "import", missing]) == 2
    assert f"{missing}: No such file or directory; mend the path" in capsys.readouterr().err
    config.write_text(config.read_text().replace("port = 0", "port = 1"))
    assert main(["plan", "import", str(plan), "--config", str(config)]) == 2
    assert "the running service cannot be reached" in capsys.readouterr().err
