"""The whole service in this process: a real journal in a folder of the test's, HTTP on a port of its own."""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import aiohttp
import msgspec
import pytest
from msgspec import structs

from queuewatch import app
from queuewatch.clock import SystemClock
from queuewatch.config import JOURNAL_FILE, Http, Journal, Mqtt, Service, Settings, Token, token_hash
from queuewatch.config.outgoing import Slack
from queuewatch.config.secret import Secret
from queuewatch.core import turn
from queuewatch.core.facts.events import Abandoned, Answered, ContactData, Enqueued, Event
from queuewatch.core.facts.wire import to_cloudevent
from queuewatch.store.database import reading
from tests.senders.battery import FarSide
from tests.serve.scrape import read
from tests.store.facts import joined, open_journal

NOW = SystemClock().now()
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(service=Service(data_dir=tmp_path / "var"), http=Http(port=0))


@pytest.fixture(autouse=True, scope="module")
def garbage_as_it_was() -> Iterator[None]:
    """The service sets the collector for itself; the tests after it want the usual one."""
    usual = gc.get_threshold()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()
    gc.collect()  # what the services left behind unclosed is told of now
    gc.freeze()


def history() -> list[Event]:
    """Three callers: one answered after 42 s, one gone after 70 s, one waiting."""
    told: tuple[tuple[str, float, ContactData], ...] = (
        ("ada", -120.0, Enqueued(queue="sales", channel="phone")),
        ("ada", -78.0, Answered(queue="sales", channel="phone", agent="xena")),
        ("bob", -100.0, Enqueued(queue="sales", channel="phone")),
        ("bob", -30.0, Abandoned(queue="sales", channel="phone")),
        ("cyd", -10.0, Enqueued(queue="sales", channel="phone", customer="+49 30 1234567")),
    )
    return [Event(f"e{n}", "pbx", NOW + at, data, who) for n, (who, at, data) in enumerate(told)]


async def post(url: str, events: list[Event]) -> int:
    async with aiohttp.ClientSession(headers=BATCH) as session:
        body = msgspec.json.encode([to_cloudevent(event) for event in events])
        async with session.post(f"{url}/v1/events", data=body) as answer:
            return answer.status


async def get(url: str, token: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_what_is_posted_is_durable_visible_counted_and_there_after_a_restart(
    settings: Settings,
) -> None:
    async with app.running(settings, SystemClock()) as url:
        assert await post(url, history()) == 202
        assert await post(url, history()) == 202
        before = await seen(url)
        assert before["contacts_waiting"] == 1
        assert before["contacts_offered_total"] == 3
        assert before["contacts_answered_total"] == 1
        assert before["contacts_abandoned_total"] == 1
        assert before["wait_seconds_sum"] == pytest.approx(42.0)
        assert (await get(f"{url}/readyz"))[0] == 200
        assert (await get(f"{url}/"))[0] == 200
    async with app.running(settings, SystemClock()) as url:
        assert await seen(url) == before
    stored = b"".join(path.read_bytes() for path in settings.service.data_dir.glob("queuewatch.db*"))
    assert b"cyd" in stored
    assert b"1234567" not in stored


async def seen(url: str) -> dict[str, float]:
    """Metrics of the queue that do not change with the time alone, by their names."""
    status, text = await get(f"{url}/metrics")
    assert status == 200
    told = {
        sample.name.removeprefix("queuewatch_"): sample.value
        for family in read(text, openmetrics=False)
        for sample in family.samples
        if sample.labels.get("queue") == "sales" and len(sample.labels) == 3
    }
    lasting = ("_total", "_sum", "_count", "contacts_waiting", "notice_level")
    return {name: value for name, value in told.items() if name.endswith(lasting)}


async def test_without_a_token_nobody_comes_in_where_there_are_tokens(settings: Settings) -> None:
    tokens = (Token(name="board", scopes=("read",), sha256=token_hash("qw_board")),)
    guarded = structs.replace(settings, http=structs.replace(settings.http, tokens=tokens))
    async with app.running(guarded, SystemClock()) as url:
        assert await post(url, history()) == 401
        assert (await get(f"{url}/v1/queues"))[0] == 401
        assert (await get(f"{url}/v1/queues", "qw_board"))[0] == 200


async def test_a_port_in_use_is_one_sentence_that_says_what_to_do(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        taken = structs.replace(settings, http=Http(port=port))
        with pytest.raises(
            app.CannotStartError, match=rf"http.port {port}: cannot listen there .*; stop what uses the port"
        ):
            async with app.running(taken, SystemClock()):
                pytest.fail("it listens where somebody else does")


async def test_a_second_service_on_the_same_journal_does_not_start(settings: Settings) -> None:
    async with app.running(settings, SystemClock()):
        with pytest.raises(app.CannotStartError, match=r"queuewatch\.db"):
            async with app.running(settings, SystemClock()):
                pytest.fail("two services write one journal")


async def test_a_journal_that_cannot_be_read_again_is_one_sentence_and_is_let_go(settings: Settings) -> None:
    path = settings.service.data_dir / "queuewatch.db"
    journal = open_journal(path)
    await journal.append([joined(1), joined(2)])
    await journal.transact(lambda database: database.execute("UPDATE events SET body = x'7b'").rowcount)
    await journal.close()
    for _ in range(2):
        with pytest.raises(app.CannotStartError, match=r"queuewatch\.db: the event at position 1 .*backup"):
            async with app.running(settings, SystemClock()):
                pytest.fail("it knows nothing of what is there")


async def test_a_data_dir_that_cannot_be_is_one_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    wrong = structs.replace(settings, service=Service(data_dir=tmp_path / "file" / "var"))
    with pytest.raises(app.CannotStartError, match="file"):
        async with app.running(wrong, SystemClock()):
            pytest.fail("it keeps its journal in a file")


async def run_into_a_bug(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service with a core that breaks at the first facts."""

    def broken(*_args: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    async with app.running(settings, SystemClock()) as url:
        monkeypatch.setattr(turn, "turn", broken)
        assert await post(url, history()) == 500
        await asyncio.Event().wait()


async def test_a_bug_in_the_core_ends_the_service_loudly_and_loses_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, said: heard.append(said.get("exception")))
    with pytest.raises(ExceptionGroup) as caught:
        await run_into_a_bug(settings, monkeypatch)
    assert caught.group_contains(ZeroDivisionError, match="a bug of ours")
    assert [type(one) for one in heard if one is not None] == [ZeroDivisionError]
    monkeypatch.undo()
    async with app.running(settings, SystemClock()) as url:
        assert (await seen(url))["contacts_offered_total"] == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_service_in_good_order(settings: Settings, number: signal.Signals) -> None:
    urls: list[str] = []

    async def ready(url: str) -> None:
        urls.append(url)
        assert await post(url, history()) == 202
        signal.raise_signal(number)
        await asyncio.Event().wait()

    await app.serve(settings, on_ready=ready)
    with pytest.raises(aiohttp.ClientConnectionError):
        await get(urls[0])


async def test_a_broker_without_its_package_is_one_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"No module named {name}", name="mqtt5")

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(app.CannotStartError, match=r"pip install 'queuewatch\[mqtt\]'"):
        async with app.running(structs.replace(settings, mqtt=Mqtt()), SystemClock()):
            pytest.fail("it speaks to a broker without knowing how")


async def test_a_broker_that_is_away_does_not_keep_the_service_from_starting(settings: Settings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = structs.replace(settings, mqtt=Mqtt(port=nobody.getsockname()[1]))
        async with app.running(away, SystemClock()) as url:
            assert await post(url, history()) == 202
            status, said = await get(f"{url}/readyz")
            while status == 200:
                status, said = await get(f"{url}/readyz")
            assert status == 503
            assert "mqtt" in said


async def test_the_journal_keeps_what_the_config_says(settings: Settings) -> None:
    small = structs.replace(settings, journal=Journal(max_pending_events=1))
    async with app.running(small, SystemClock()) as url:
        answers = await asyncio.gather(*(post(url, [one]) for one in history()))
        assert 202 in answers
        assert set(answers) <= {202, 429, 503}


def test_a_coroutine_is_run_to_its_end() -> None:
    ran: list[str] = []

    async def work() -> None:
        ran.append(asyncio.get_running_loop().__class__.__module__)

    app.run(work())
    assert ran


class Monday(SystemClock):
    """Half a minute past eight on a Monday, and going on."""

    def __init__(self) -> None:
        self._ahead_s = 1_795_420_830.0 - super().now()  # 2026-11-23T08:00:30Z

    def now(self) -> float:
        return super().now() + self._ahead_s


def written_as_sent(settings: Settings) -> bool:
    with reading(settings.service.data_dir / JOURNAL_FILE) as database:
        (sent,) = database.execute("SELECT count(*) FROM ledger WHERE state = 'sent'").fetchone()
        return bool(sent)


async def test_the_digest_of_the_week_goes_to_slack_once_though_the_service_restarts(
    settings: Settings,
) -> None:
    far, made = FarSide(body=b"ok"), []

    async def compose(ends_at: float) -> str:
        made.append(ends_at)
        return "the week"

    async with far.open():
        slack = Slack(webhook_url=Secret(f"{far.url}/x"), digest="mon 08:00")
        settings = structs.replace(settings, slack=slack)
        async with app.running(settings, Monday(), digest=compose) as url:
            while not written_as_sent(settings):
                await get(f"{url}/metrics")
        async with app.running(settings, Monday(), digest=compose) as url:
            await get(f"{url}/metrics")
    assert [json.loads(body)["text"] for *_, body in far.asked] == ["the week"]
    assert made == [1_795_420_800.0]
