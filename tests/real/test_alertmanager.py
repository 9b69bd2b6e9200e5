"""What Prometheus decides, what Alertmanager sends, and what a person reads in Slack."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from queuewatch.clock import SystemClock
from queuewatch.core.view import NoticeView
from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from tests.real.servers import free_port, prometheus, running, shipped
from tests.serve.desk import CUSTOMERS, NOON, FakeDesk, FakeWording, queue

pytestmark = pytest.mark.real
PATIENCE_S = 60.0
Message = dict[str, Any]


@pytest.mark.parametrize("name", ["queues.yml", "itself.yml"])
def test_the_rules_alert_when_they_should_and_not_otherwise(name: str) -> None:
    told = subprocess.run(
        ["promtool", "test", "rules", shipped(f"tests/data/promtool/{name}")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("name", ["recording_rules.yml", "alert_rules.yml"])
def test_the_rules_are_well_formed(name: str) -> None:
    subprocess.run(["promtool", "check", "rules", shipped(f"config/{name}")], check=True, capture_output=True)


def test_the_configuration_of_alertmanager_is_well_formed() -> None:
    told = subprocess.run(
        ["amtool", "check-config", shipped("config/alertmanager.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


class Slack:
    """Takes what is posted to its webhook, as Slack does, and keeps it."""

    def __init__(self) -> None:
        self.url = ""
        self._posted: asyncio.Queue[Message] = asyncio.Queue()

    async def next(self) -> Message:
        """The next message."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._posted.get()

    async def take(self, request: web.Request) -> web.Response:
        """The webhook."""
        self._posted.put_nowait(await request.json())
        return web.Response(text="ok")


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """Host and port of the application while it runs."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """A Slack of our own."""
    one, app = Slack(), web.Application()
    app.router.add_post("/services/T0/B0/x", one.take)
    async with served(app) as address:
        one.url = f"http://{address}/services/T0/B0/x"
        yield one


@pytest.fixture
def alertmanager(slack: Slack, tmp_path: Path) -> Iterator[str]:
    """Host and port of an Alertmanager with our own config, Slack's URL and its patience replaced."""
    folder = tmp_path / "alertmanager"
    folder.mkdir()
    (folder / "slack_url").write_text(slack.url + "\n")
    (folder / "alertmanager.tmpl").write_text(shipped("config/alertmanager.tmpl").read_text())
    text = shipped("config/alertmanager.yml").read_text()
    for old, new in (
        ("/etc/alertmanager/slack_url", str(folder / "slack_url")),
        ("group_wait: 10s", "group_wait: 1s"),
        ("group_interval: 1m", "group_interval: 1s"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    config = folder / "alertmanager.yml"
    config.write_text(text)
    address = f"127.0.0.1:{(port := free_port())}"
    command = [
        "prometheus-alertmanager",
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with running(command, port, folder / "log"):
        yield address


def now() -> datetime:
    """The present: what began long ago is sent at once, before what holds it back is known."""
    return datetime.fromtimestamp(SystemClock().now(), tz=UTC)


def alert(name: str, labels: dict[str, str], began: datetime, *, over: bool = False) -> Message:
    """An alert as Prometheus sends it."""
    ends = began + timedelta(milliseconds=1) if over else began + timedelta(minutes=5)
    queue_board = f"/d/queuewatch-queue?var-queue={labels.get('queue')}"
    return {
        "labels": {"alertname": name, "service": "queuewatch", "severity": "critical", **labels},
        "annotations": {
            "summary": f"{name} hurts.",
            "cure": f"Cure {name}.",
            "board": queue_board if "queue" in labels else "/d/queuewatch-operations",
        },
        "startsAt": began.isoformat(),
        "endsAt": ends.isoformat(),
    }


async def post(address: str, *alerts: Message) -> None:
    """Hand alerts to Alertmanager."""
    async with (
        ClientSession() as session,
        session.post(f"http://{address}/api/v2/alerts", json=alerts) as told,
    ):
        assert told.status == 200, await told.text()


async def test_a_site_gets_one_message_that_is_closed_when_it_is_over(
    slack: Slack, alertmanager: str
) -> None:
    sales = {"site": "north", "queue": "sales", "channel": "phone"}
    hurting, began = ("CustomerPastLastThreshold", "QueueVeryBusy"), now()
    # Busy is held back: very busy says it already.
    names = (*hurting, "QueueBusyForLong")
    await post(alertmanager, *(alert(name, sales, began) for name in names))
    (shown,) = (await slack.next())["attachments"]
    assert shown["title"] == "Trouble: sales (north)"
    assert shown["title_link"] == "http://localhost:3000/d/queuewatch-queue?var-queue=sales"
    assert shown["color"] == "#D55E00"
    since = f"<!date^{int(began.timestamp())}^{{time}}|{began:%H:%M} UTC>"
    lines = ([f"*{name} hurts.* Since {since}.", f"What helps: Cure {name}."] for name in hurting)
    assert shown["text"].strip().split("\n") == [line for both in lines for line in both]
    await post(alertmanager, *(alert(name, sales, began, over=True) for name in names))
    (shown,) = (await slack.next())["attachments"]
    assert shown["title"] == "Over: sales (north)"
    assert shown["color"] == "#0072B2"
    assert f"Over: sales, QueueVeryBusy (since {since})." in shown["text"]


async def test_trouble_in_two_queues_names_each_once_and_leads_to_the_wall_board(
    slack: Slack, alertmanager: str
) -> None:
    queues = [{"site": "north", "queue": one} for one in ("sales", "support")]
    names = ("CustomerPastLastThreshold", "QueueVeryBusy")
    await post(alertmanager, *(alert(name, labels, now()) for name in names for labels in queues))
    (shown,) = (await slack.next())["attachments"]
    assert shown["title"] == "Trouble: sales, support (north)"
    assert shown["title_link"] == "http://localhost:3000/d/queuewatch-wall"


async def test_a_silent_source_is_named(slack: Slack, alertmanager: str) -> None:
    await post(alertmanager, alert("SourceSilent", {"source": "pbx"}, now()))
    (shown,) = (await slack.next())["attachments"]
    assert (shown["title"], shown["color"]) == ("Trouble: pbx", "#D55E00")
    assert shown["title_link"] == "http://localhost:3000/d/queuewatch-operations"


@pytest.mark.slow
async def test_from_the_metrics_of_a_busy_queue_to_the_message_a_person_reads(
    slack: Slack, alertmanager: str, tmp_path: Path
) -> None:
    """The whole way with the shipped files: queuewatch, rules, Alertmanager, Slack."""
    waiting = queue(
        "sales",
        past_threshold={"60": 3, "180": 2},
        notice=NoticeView(level="very_busy", since_at=NOON - 600, reason="chance_180"),
    )
    desk = FakeDesk(views=[waiting])
    app = make_app(desk, Access(), clock=SystemClock(), customers=CUSTOMERS, wording=FakeWording())
    started = time.time()
    async with served(app) as target:
        with prometheus(tmp_path, target, alertmanager=alertmanager, hold_s=2):
            message = await slack.next()
            while "agents missing" not in json.dumps(message):
                message = await slack.next()
    (shown,) = message["attachments"]
    assert shown["title"] == "Trouble: sales (default)"
    assert "var-queue=sales" in shown["title_link"]
    lines = shown["text"].strip().split("\n")
    # Needed are 4, on duty are 3; two customers wait past 180 s.
    assert lines[0].startswith(
        "*In sales 2 customers wait longer than the last threshold (180 s by default).* Since"
    )
    assert "agents missing: 1, so log in as many or ask another team" in shown["text"]
    assert len(shown["text"]) < 900
    since = int(lines[0].split("<!date^")[1].split("^")[0])
    assert started - 5 <= since <= time.time()
