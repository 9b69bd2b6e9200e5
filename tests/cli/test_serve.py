"""`queuewatch serve`: what it hands to the service, what it prints, how it ends."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import pytest

from queuewatch import app
from queuewatch.__main__ import main
from queuewatch.config import Settings

Compose = Callable[[float], Awaitable[str]]
Ready = Callable[[str], Coroutine[None, None, None]]


pytestmark = pytest.mark.usefixtures("logging_as_it_was")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of the services that were run; each is ready at once, and then ends."""
    given: list[Settings] = []

    async def serve(settings: Settings, *, on_ready: Ready, digest: Compose) -> None:
        assert callable(digest)
        given.append(settings)
        await on_ready("http://127.0.0.1:1234")

    monkeypatch.setattr(app, "serve", serve)
    return given


def test_without_a_config_everything_is_at_its_default(
    served: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve"]) == 0
    assert served == [Settings()]
    assert capsys.readouterr().out == "queuewatch is ready: http://127.0.0.1:1234\n"


def test_a_config_is_read_and_named_in_the_log(
    served: list[Settings], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text("[http]\nport = 8123\n")
    assert main(["serve", "--config", str(path)]) == 0
    assert served[0].http.port == 8123
    assert str(path) in capsys.readouterr().err


def test_a_port_in_use_is_one_sentence_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        path = tmp_path / "queuewatch.toml"
        path.write_text(
            f'[service]\ndata_dir = "{tmp_path}/var"\nlog_level = "error"\n[http]\nport = {port}\n'
        )
        assert main(["serve", "--config", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"queuewatch: http.host 127.0.0.1, http.port {port}: cannot listen there")
    assert said.err.count("\n") == 1


def test_a_config_that_cannot_be_used_starts_nothing(
    served: list[Settings], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "queuewatch.toml"
    path.write_text("[http]\nprot = 8123\n")
    assert main(["serve", "--config", str(path)]) == 2
    assert served == []
    assert "prot" in capsys.readouterr().err
