"""The whole service as a process of its own, beside real servers: killed again and again, nothing lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from queuewatch import words
from queuewatch.clock import SystemClock
from queuewatch.config import token_hash
from queuewatch.core.decisions import Decision
from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import Abandoned, Answered, Completed, Data, Enqueued, Event
from queuewatch.core.freeze import SCHEMA
from queuewatch.core.rules import NoticeRule, QueueRules, Rules
from queuewatch.core.view import NoticeLevel
from queuewatch.serve.access import Access
from queuewatch.serve.http import make_app
from queuewatch.service.dispatch import Dispatch
from queuewatch.service.loop import Service
from queuewatch.store.reading import latest_snapshot, read_groups
from tests.real.brokers import PASSWORD, Publisher, broker_at, guarded
from tests.real.house import HOLD_S, PATIENCE_S, House
from tests.real.servers import Server, free_port, mosquitto, running
from tests.serve.desk import CUSTOMERS
from tests.serve.scrape import read
from tests.service.fakes import Desktop, FakeJournal, FakeLedger

pytestmark = [pytest.mark.real, pytest.mark.slow]

KILLS = 20
CLOCK = SystemClock()
QUEUES = ("sales", "support", "mail")
LEVELS: tuple[NoticeLevel, ...] = ("busy", "very_busy", "normal")


def mqtt(port: int) -> str:
    return f"[mqtt]\nport = {port}\n"


def thrown(seed: int) -> Random:
    """Dice that fall the same way every time."""
    return Random(seed)  # noqa: S311


def contacts(number: int, dice: Random) -> list[Event]:
    """A batch: ten contacts from joining to their end, out of order, and a supervisor's word on one queue."""
    now = CLOCK.now()
    told: list[Event] = []
    for nth in range(10):
        name, queue = f"c{number}-{nth}", QUEUES[dice.randrange(3)]
        place = {"queue": queue, "channel": "phone"}
        joined_at = now - dice.uniform(100, 200)
        facts: list[tuple[float, Data]] = [(joined_at, Enqueued(**place))]  # type: ignore[arg-type]
        if dice.random() < 0.3:
            facts.append((joined_at + dice.uniform(1, 99), Abandoned(**place)))  # type: ignore[arg-type]
        else:
            agent = f"a{dice.randrange(5)}"
            facts.append((joined_at + 30, Answered(**place, agent=agent)))  # type: ignore[arg-type]
            facts.append((joined_at + 90, Completed(**place)))  # type: ignore[arg-type]
        told += [Event(f"{name}/{nth}", "pbx", at, fact, name) for nth, (at, fact) in enumerate(facts)]
    level = LEVELS[dice.randrange(3)]
    until_at = now + dice.uniform(0.1, 2.0)
    word = NoticeOverridden(queue=QUEUES[number % 3], level=level, by="ada", until_at=until_at)
    told.append(Event(f"word-{number}", "desk", now, word))
    dice.shuffle(told)
    return told


class Generator:
    """Posts batch after batch and remembers what was acknowledged; some that failed are never sent again."""

    def __init__(self, house: House, dice: Random) -> None:
        self.acknowledged: set[tuple[str, str]] = set()
        self.given_up = 0
        self._house = house
        self._dice = dice

    async def run(self) -> None:
        for number in count():
            await self._deliver(contacts(number, self._dice))

    async def _deliver(self, events: list[Event]) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                status = await self._house.post(events)
                if status == 202:
                    self.acknowledged |= {(event.source, event.id) for event in events}
                    return
                assert status == 503
            if self._dice.random() < 0.2:
                self.given_up += 1
                return
            await asyncio.sleep(0.05)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    with mosquitto(folder) as server:
        yield server


@contextlib.contextmanager
def listening(broker: Server, topic: str, kept: Path) -> Iterator[None]:
    """Mosquitto's own client writes down what is published, a line a message."""
    command = ["mosquitto_sub", "-p", str(broker.port), "-q", "1", "-t", topic]
    with kept.open("wb") as file:
        process = subprocess.Popen(command, stdout=file)
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


COUNTERS = ("_total", "_bucket", "_sum", "_count")
OURS_ALONE = ("queuewatch_journal_", "queuewatch_deliveries_", "queuewatch_events_refused_")


def counters(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every counter that follows from the journal, by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): round(sample.value, 3)
        for family in read(text, openmetrics=False)
        for sample in family.samples
        if sample.name.startswith("queuewatch_")
        and sample.name.endswith(COUNTERS)
        and not sample.name.startswith(OURS_ALONE)
    }


async def undisturbed(path: Path) -> tuple[dict[Any, float], set[str]]:
    """The counters and the notices' keys of a service that is told of the same journal and never falls."""
    keys: set[str] = set()

    class Listening(Dispatch):
        def hand_over(self, decisions: Iterable[Decision], looked_at: Iterable[tuple[str, str]]) -> None:
            told = list(decisions)
            keys.update(one.key for one in told)
            super().hand_over(told, looked_at)

    rules = Rules(every=QueueRules(notice=NoticeRule(enter_hold_s=HOLD_S, end_hold_s=HOLD_S)))
    service = Service(CLOCK, rules, Listening(CLOCK, []))
    await service.start(FakeJournal(), FakeLedger(), Desktop().outbox)
    for group in read_groups(path):
        service.heed(group)
    wakes = asyncio.create_task(service.run())
    await asyncio.sleep(2 * HOLD_S)
    app = make_app(service, Access(), clock=CLOCK, customers=CUSTOMERS, wording=words)
    async with TestClient(TestServer(app)) as client:
        text = await (await client.get("/metrics")).text()
    wakes.cancel()
    return counters(text), keys


def calm(_status: int, said: str) -> bool:
    return all(queue["notice"]["level"] == "normal" for queue in json.loads(said)["queues"])


async def settled(house: House) -> dict[Any, float]:
    """The counters once they have stood still: a queue that is calm may yet turn busy by itself."""
    seen: dict[Any, float] = {}
    while True:
        await house.until(calm, "/v1/queues")
        now = counters((await house.get("/metrics"))[1])
        if now == seen:
            return now
        seen = now
        await asyncio.sleep(8 * HOLD_S)


async def test_killed_at_any_moment_it_loses_nothing_counts_nothing_twice_and_says_nothing_twice(
    tmp_path: Path, broker: Server
) -> None:
    dice = thrown(2026)
    house = House(tmp_path, mqtt(broker.port))
    published = tmp_path / "published"
    generator = Generator(house, dice)
    with listening(broker, "queuewatch/v1/+/queues/+/notice", published):
        posting = asyncio.create_task(generator.run())
        for _ in range(KILLS):
            await house.start()
            await asyncio.sleep(dice.uniform(0.05, 1.0))
            house.kill()
        await house.start()
        await asyncio.sleep(1)
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
        seen = await settled(house)
        house.kill()

    journal = house.data / "queuewatch.db"
    stored = [recorded.event for group in read_groups(journal) for recorded in group.recorded]
    keys = {(event.source, event.id) for event in stored}
    assert len(keys) == len(stored)
    assert len(generator.acknowledged) > 20 * KILLS
    assert generator.acknowledged <= keys

    wanted, decided = await undisturbed(journal)
    assert seen == wanted
    offered = sum(value for (name, _), value in seen.items() if name == "queuewatch_contacts_offered_total")
    assert offered == sum(isinstance(event.data, Enqueued) for event in stored)

    told = [json.loads(line) for line in published.read_text().splitlines()]
    heard = {f"notice/default/{one['queue']}/{one['level']}/{one['since_at']}" for one in told}
    assert len(heard) > KILLS
    assert heard <= decided


async def test_nothing_that_was_published_with_qos_1_is_lost_when_the_service_is_killed(
    tmp_path: Path, broker: Server
) -> None:
    dice = thrown(7)
    house = House(tmp_path, mqtt(broker.port))
    await house.start()
    await house.ready()  # from now on the broker keeps for us what we miss
    events = 3000
    publishing = asyncio.create_task(Publisher(broker_at(broker)).publish(range(events)))
    for _ in range(6):
        await asyncio.sleep(dice.uniform(0.05, 0.6))
        house.kill()
        await asyncio.sleep(dice.uniform(0, 0.3))
        await house.start()
    await publishing

    def all_there(_status: int, said: str) -> bool:
        offered = [
            value
            for (name, _), value in counters(said).items()
            if name == "queuewatch_contacts_offered_total"
        ]
        return offered == [events]

    await house.until(all_there, "/metrics")
    assert house.server.stop() == 0
    stored = [one.event.id for group in read_groups(house.data / "queuewatch.db") for one in group.recorded]
    assert sorted(stored) == sorted(f"e{number}" for number in range(events))


async def test_over_tls_with_a_login_and_a_token_it_listens_reads_and_publishes(
    tmp_path: Path, certificates: Path
) -> None:
    tls = f'tls_cert = "{certificates}/server.crt"\ntls_key = "{certificates}/server.key"\n'
    scopes = '["ingest", "read", "act"]'
    token = f'[[http.tokens]]\nname = "all"\nscopes = {scopes}\nsha256 = "{token_hash("qw_t")}"\n'
    (tmp_path / "password").write_text(PASSWORD)
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    with guarded(folder, certificates) as broker:
        login = (
            f'[mqtt]\nhost = "localhost"\nport = {broker.port}\ntls = true\n'
            f'tls_ca = "{certificates}/ca.crt"\nusername = "queue"\n'
            f'password = {{ file = "{tmp_path}/password" }}\n'
        )
        house = House(tmp_path, tls + token + login, scheme="https", token="qw_t")
        async with house.running():
            await house.ready()
            assert await house.post(contacts(1, thrown(1))) == 202
            sent = 'queuewatch_deliveries_total{sender="mqtt",outcome="sent"}'
            await house.until(lambda _status, said: sent in said, "/metrics")
            house.headers.clear()
            assert (await house.get("/v1/queues"))[0] == 401
    assert PASSWORD not in house.log.read_text()


async def test_sigterm_ends_it_with_status_0_and_the_state_written_down(tmp_path: Path) -> None:
    house = House(tmp_path)
    await house.start()
    events = contacts(1, thrown(1))
    assert await house.post(events) == 202
    assert house.server.stop() == 0
    snapshot = latest_snapshot(house.data / "queuewatch.db", SCHEMA)
    assert snapshot is not None
    assert snapshot.position == len(events)
    assert "Traceback" not in house.log.read_text()
    assert all(json.loads(line) for line in house.log.read_text().splitlines() if line.startswith("{"))


async def test_a_port_in_use_ends_it_with_status_2_and_one_sentence(tmp_path: Path) -> None:
    first = House(tmp_path)
    async with first.running():
        command = [sys.executable, "-m", "queuewatch", "demo", "--port", str(first.port)]
        ended = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    assert ended.returncode == 2
    assert ended.stderr.startswith("queuewatch: http.host 127.0.0.1, http.port")
    assert ended.stderr.count("\n") == 1


@contextlib.contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The demo as people start it; yields its URL."""
    port = free_port()
    command = [sys.executable, "-m", "queuewatch", "demo", "--port", str(port)]
    with running(command, port, folder / "demo.log"):
        yield f"http://127.0.0.1:{port}"


@contextlib.asynccontextmanager
async def page(folder: Path, url: str) -> AsyncIterator[Callable[[], Any]]:
    """A real browser at this page; yields what asks for the text that people see there."""
    port = free_port()
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--remote-debugging-port={port}"]
    command = ["chromium", *options, f"--user-data-dir={folder / 'profile'}", url]
    with running(command, port, folder / "chromium.log"):
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                tabs = [tab for tab in await answer.json() if tab["type"] == "page"]
            async with session.ws_connect(tabs[0]["webSocketDebuggerUrl"]) as tab:

                async def text() -> str:
                    asked = {"expression": "document.body?.innerText ?? ''"}
                    await tab.send_json({"id": 1, "method": "Runtime.evaluate", "params": asked})
                    answer = await tab.receive_json(timeout=PATIENCE_S)
                    return str(answer["result"]["result"]["value"])

                yield text


async def test_within_a_minute_the_demo_has_promised_waits_and_kept_some(tmp_path: Path) -> None:
    with demo(tmp_path) as url:
        ends_at = time.monotonic() + 60
        kept = 0
        async with aiohttp.ClientSession() as session:
            while not kept and time.monotonic() < ends_at:
                await asyncio.sleep(0.5)
                async with session.get(f"{url}/v1/promises") as answer:
                    told = await answer.json()
                kept = sum(one["kept_today"] for one in told["queues"].values())
        assert kept
        assert {one["outcome"] for one in told["promises"]} >= {"kept"}


async def test_within_a_minute_the_demo_has_a_busy_queue_and_its_page_says_so_in_words(
    tmp_path: Path,
) -> None:
    with demo(tmp_path) as url:
        ends_at = time.monotonic() + 60
        busy: list[str] = []
        async with aiohttp.ClientSession() as session:
            while not busy and time.monotonic() < ends_at:
                await asyncio.sleep(0.5)
                async with session.get(f"{url}/v1/queues") as answer:
                    queues = (await answer.json())["queues"]
                busy = [one["queue"] for one in queues if one["notice"]["level"] in {"busy", "very_busy"}]
            assert busy
            async with session.get(f"{url}/v1/queues/{busy[0]}/notice?lang=en&format=text") as answer:
                assert "busier than usual" in (said := await answer.text()) or "unusually busy" in said
        async with page(tmp_path, url) as text:
            shown = ""
            while "busy" not in shown.lower() and time.monotonic() < ends_at + PATIENCE_S:
                await asyncio.sleep(0.5)
                shown = await text()
            assert busy[0] in shown
            assert "Thank you" in shown
            assert "unusually busy" in shown or "busier than usual" in shown
