"""`queuewatch deliveries` beside a running service and without one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from queuewatch.__main__ import main
from queuewatch.outgoing import DeliveryKind
from queuewatch.store.ledger import Ledger
from queuewatch.store.outbox import Outbox
from tests.decided import NOON, alert, voucher
from tests.store.facts import open_journal

WANTED: dict[str, frozenset[DeliveryKind]] = {"slack": frozenset(("alert",)), "till": frozenset(("voucher",))}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A data directory with a dead letter (1), a voucher that was issued (2), and a refused notice."""

    async def fill() -> None:
        journal = open_journal(tmp_path / "queuewatch.db")
        outbox = Outbox(journal)
        await outbox.write([alert(), voucher()], WANTED)
        await outbox.settle([1], NOON, "dead", why="no such channel")
        await outbox.settle([2], NOON, "sent", receipt="ABCD")
        ledger = Ledger(journal)
        await ledger.claim("notice/1", "mqtt", NOON)
        await ledger.settle("notice/1", "mqtt", NOON, "failed")
        await journal.close()

    asyncio.run(fill())
    file = tmp_path / "queuewatch.toml"
    file.write_text(f'[service]\ndata_dir = "{tmp_path}"\n[http]\nport = 1\n')
    return file


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["deliveries", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_the_list_names_what_failed_and_why(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "list", "--config", config)
    assert "no such channel" in told
    assert "2026-11-21 12:00:00 UTC" in told
    (dead,) = json.loads(said(capsys, "--config", config, "--state", "dead", "--json"))["deliveries"]
    assert (dead["number"], dead["sender"], dead["state"]) == (1, "slack", "dead")


def test_one_is_shown_with_all_that_was_decided(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = json.loads(said(capsys, "show", "2", "--config", config))
    assert shown["decision"]["benefit"]["amount"] == "10.00"
    assert main(["deliveries", "show", "9", "--config", str(config)]) == 2
    assert "there is no delivery 9;" in capsys.readouterr().err


def test_a_dead_letter_is_resent_or_dropped_where_no_service_runs(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, "resend", "1", "2", "--notices", "--config", config)
    assert told == "2 to be sent once more\n"
    dropped = json.loads(said(capsys, "drop", "1", "2", "--config", config, "--json"))
    assert dropped == {"changed": 1}


def test_beside_a_running_service_it_is_read_and_what_changes_goes_through_the_service(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def beside() -> int:
        journal = open_journal(config.with_name("queuewatch.db"))
        try:
            assert await asyncio.to_thread(main, ["deliveries", "--config", str(config)]) == 0
            return await asyncio.to_thread(main, ["deliveries", "drop", "1", "--config", str(config)])
        finally:
            await journal.close()

    assert asyncio.run(beside()) == 2
    assert "the running service cannot be reached" in capsys.readouterr().err


def test_what_is_not_there_is_not_resent_and_no_journal_is_made_for_it(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deliveries", "resend", "1", "9", "8", "--config", str(config)]) == 2
    assert "there is no delivery 8, 9;" in capsys.readouterr().err
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(f'[service]\ndata_dir = "{tmp_path / "none"}"\n')
    assert main(["deliveries", "drop", "1", "--config", str(elsewhere)]) == 2
    assert "there is no journal here" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_where_there_is_nothing_a_sentence_says_so(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--state", "merged", "--config", config) == "There are no deliveries of this kind.\n"


def test_nothing_is_changed_before_it_is_said_what(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliveries", "resend", "--config", str(config)]) == 2
    assert "name the deliveries to resend by their numbers" in capsys.readouterr().err


def test_where_there_is_no_journal_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "queuewatch.toml"
    file.write_text(f'[service]\ndata_dir = "{tmp_path}"\n')
    assert main(["deliveries", "--config", str(file)]) == 2
    assert "there is no journal here" in capsys.readouterr().err
