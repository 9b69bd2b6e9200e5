"""`queuewatch demo`: a service and a feed that share a fast clock; what it prints, and what it refuses."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog

from queuewatch import app
from queuewatch.__main__ import main
from queuewatch.cli import demo
from queuewatch.config import Settings
from queuewatch.ports import Clock
from queuewatch.simulate.scenario import demo_rules

pytestmark = pytest.mark.usefixtures("logging_as_it_was")
Ready = Callable[[str], Coroutine[None, None, None]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What the service and the feed were given; both end at once."""
    given: dict[str, Any] = {}

    async def serve(settings: Settings, *, clock: Clock, on_ready: Ready, past: app.Past) -> None:
        given.update(
            settings=settings, clock=clock, past=past, folder_there=settings.service.data_dir.is_dir()
        )
        await on_ready("http://127.0.0.1:1234")

    async def feed(url: str, *, seed: int, clock: Clock, live_at: float, begin: Callable[[], None]) -> None:
        given.update(url=url, seed=seed, feeds_by=clock, live_at=live_at, begin=begin)

    monkeypatch.setattr(app, "serve", serve)
    monkeypatch.setattr(demo, "demo_feed", feed)
    yield given
    structlog.reset_defaults()


def test_the_feed_speaks_to_the_service_by_the_same_clock(
    shown: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--speed", "20", "--seed", "7", "--port", "8123"]) == 0
    assert shown["url"] == "http://127.0.0.1:1234"
    assert shown["seed"] == 7
    assert shown["clock"] is shown["feeds_by"]
    assert shown["settings"].http.port == 8123
    said = capsys.readouterr().out
    assert "its last hour in 30 s, then 20 times real speed" in said
    assert "Wall board: http://127.0.0.1:1234/\n" in said


def test_it_begins_an_hour_before_it_goes_live(shown: dict[str, Any]) -> None:
    assert main(["demo"]) == 0
    assert demo.LEAD_S - 60.0 < shown["live_at"] - shown["clock"].now() <= demo.LEAD_S
    assert shown["clock"].live_at == shown["live_at"]
    assert shown["begin"] == shown["clock"].go


def test_its_data_lies_in_a_folder_that_is_gone_afterwards(shown: dict[str, Any]) -> None:
    assert main(["demo"]) == 0
    assert shown["folder_there"]
    assert not Path(shown["settings"].service.data_dir).exists()


def test_its_queues_have_the_thresholds_of_the_scenario(shown: dict[str, Any]) -> None:
    assert main(["demo"]) == 0
    rules = shown["settings"].rules()
    for name, own in demo_rules().queues.items():
        assert rules.of(name).thresholds_s == own.thresholds_s


def test_where_the_usual_port_is_taken_any_other_will_do(
    shown: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(demo, "USUAL_PORT", other.getsockname()[1])
        assert main(["demo"]) == 0
        assert shown["settings"].http.port == 0


def test_the_usual_port_is_taken_where_it_is_free(
    shown: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    monkeypatch.setattr(demo, "USUAL_PORT", port)
    assert main(["demo"]) == 0
    assert shown["settings"].http.port == port


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--speed", "0"], "'0' is no number above 0"),
        (["--speed", "fast"], "'fast' is no number above 0"),
        (["--seed", "-1"], "--seed must be 0 or more, not -1"),
        (["--port", "http"], "--port: invalid int value: 'http'"),
        (["--port", "70000"], "--port must be from 0 to 65535, not 70000"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    arguments: list[str], sentence: str, shown: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", *arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert shown == {}
