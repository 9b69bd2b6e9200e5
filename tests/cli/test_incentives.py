"""`queuewatch incentives`: a finance director's question, answered in one line beside a running service."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest

from queuewatch.__main__ import main
from queuewatch.customers import Customers
from queuewatch.outgoing import DeliveryKind
from queuewatch.store.outbox import Outbox
from tests.decided import NOON, follow_up, redeemed, refusal, voucher
from tests.store.facts import open_journal

KEY = "a key of thirty-two characters .."
ADA = Customers(KEY.encode(), 1).pseudonym("ada@example.org")
TILL: dict[str, frozenset[DeliveryKind]] = {"till": frozenset(("voucher",))}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Ada's voucher was used, Cyd's is open and to be followed up, Bob was refused one."""
    ada, cyd = (
        voucher(customer=ADA, rule="long-wait"),
        voucher("cyd", at=NOON + 5, by="Grace", note="cut off"),
    )

    async def fill() -> None:
        journal = open_journal(tmp_path / "queuewatch.db")
        outbox = Outbox(journal)
        await outbox.write([ada, refusal(at=NOON + 1)], {})
        await outbox.write([cyd, redeemed(ada), follow_up(cyd)], TILL)
        await journal.close()

    asyncio.run(fill())
    file = tmp_path / "queuewatch.toml"
    file.write_text(f'[service]\ndata_dir = "{tmp_path}"\n[customers]\nkey = "{KEY}"\n')
    file.chmod(0o600)
    return file


def said(capsys: pytest.CaptureFixture[str], config: Path, *arguments: str) -> str:
    assert main(["incentives", "--config", str(config), *arguments]) == 0
    return capsys.readouterr().out


def test_one_line_says_why_who_decided_and_whether_it_was_used(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, config, "--customer", "ada@example.org")
    (line,) = [one for one in told.splitlines() if "wait passed" in one]
    for word in ("2026-11-21 12:00", "wait passed", "rule long-wait", "redeemed", "till", "2026-11-21 12:01"):
        assert word in line
    assert "cyd" not in told


def test_those_to_be_asked_how_it_went_and_those_refused_are_lists_of_their_own(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (due,) = json.loads(said(capsys, config, "--follow-up", "due", "--json"))["incentives"]
    assert (due["contact"], due["decided_by"], due["note"], due["issuer"]) == (
        "cyd",
        "Grace",
        "cut off",
        "pending",
    )
    assert "code" not in due or due["code"] is None
    (refused,) = json.loads(said(capsys, config, "--state", "refused", "--json"))["incentives"]
    assert (refused["contact"], refused["why"]) == ("bob", "customer_had_enough")
    assert "pending outside" in said(capsys, config, "--state", "open")


def test_a_last_line_sums_up_what_it_came_to(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, config).splitlines()[-1] == (
        "2 issued (20.00 EUR): 1 open (10.00 EUR), 1 redeemed (10.00 EUR); 1 refused"
    )
    assert said(capsys, config, "--state", "refused").splitlines()[-1] == "1 refused"
    assert (
        said(capsys, config, "--state", "open").splitlines()[-1] == "1 issued (10.00 EUR): 1 open (10.00 EUR)"
    )


def test_it_comes_as_a_table_for_a_spreadsheet(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(said(capsys, config, "--csv"))))
    assert [(row["contact"], row["state"]) for row in rows] == [
        ("cyd", "open"),
        ("bob", "refused"),
        ("ada", "redeemed"),
    ]


def test_what_is_long_ago_can_be_left_out(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(said(capsys, config, "--since", "1s", "--json"))["incentives"] == []


def test_where_there_is_no_journal_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "queuewatch.toml"
    file.write_text(f'[service]\ndata_dir = "{tmp_path}/none"\n')
    assert main(["incentives", "--config", str(file)]) == 2
    assert "queuewatch.db" in capsys.readouterr().err
