"""`queuewatch report`: from history and from the journal, as text, JSON and a page, and to Slack."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from queuewatch.__main__ import main
from queuewatch.core.facts.events import Answered, Completed, Enqueued, Event
from tests.clocks import HandClock
from tests.senders.battery import FarSide
from tests.store.facts import open_journal

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)


CALLS = ("--format", "contacts-csv")


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Mondays and Tuesdays of two weeks: Mondays at nine they wait 90 s, else 5 s; some are chats."""
    rows = ["contact,queue,channel,enqueued_at,answered_at,completed_at,agent"]
    for day in (0, 1, 7, 8):
        for hour, wait_s in ((9, 90 if day % 7 == 0 else 5), (10, 5), (11, 5)):
            for number in range(20):
                at = MONDAY + timedelta(days=day, hours=hour, minutes=2 * number)
                answered, ended = at + timedelta(seconds=wait_s), at + timedelta(seconds=wait_s + 60)
                queue = ("web", "chat") if number == 0 else ("sales", "phone")
                name = f"{day}-{hour}-{number}"
                times = ",".join(one.isoformat() for one in (at, answered, ended))
                rows.append(f"{name},{queue[0]},{queue[1]},{times},ann")
    file = tmp_path / "calls.csv"
    file.write_text("\n".join(rows))
    return file


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["report", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_history_is_told_in_sentences_and_tables(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, calls, "--format", "contacts-csv")
    assert "against the same time before" in told
    assert "waited longer than 1 min" in told
    assert "Mondays from 9:00 to 10:00 100 % waited too long, 0 % at other times" in told
    assert "Queues, the worst first" in told


def test_of_a_history_that_is_too_short_nothing_is_held_against_the_time_before(
    calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until = ("--until", "2026-11-14T00:00:00Z")  # the week before has no facts: that nobody came is not known
    told = said(capsys, calls, *CALLS, *until, "--facts")
    assert "the history begins on Mon 09 Nov 2026, so nothing is held against the time before" in told
    assert "more contacts than before" not in told
    reach = json.loads(said(capsys, calls, *CALLS, *until, "--facts", "--json"))["reach"]
    assert (reach["begins_at"], reach["before"]) == ("2026-11-09T09:00:00.000000Z", False)


def test_a_week_in_which_the_clock_is_set_begins_at_midnight(
    calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (calls, *CALLS, "--facts", "--timezone", "Europe/Berlin", "--until", "2026-10-25T23:00:00Z")
    told = said(capsys, *arguments)
    assert told.startswith("Mon 19 Oct 2026 to Sun 25 Oct 2026")


def test_hours_are_counted_back_as_hours(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, calls, *CALLS, "--facts", "--until", "2026-11-17T12:00:00Z", "--since", "26h")
    assert told.startswith("Mon 16 Nov 2026 10:00 to Tue 17 Nov 2026 12:00")


def test_as_json_it_speaks_the_reports_words(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, calls, "--format", "contacts-csv", "--json", "--since", "1w"))
    assert told["ends_at"].startswith("2026-11-18T00:00:00")
    assert [row["name"] for row in told["channels"]] == ["phone", "chat"]
    assert {"weekday": 0, "hour": 9, "contacts": 20, "past": 20} in told["hours"]


@pytest.mark.parametrize(
    ("zone", "last_day"),
    [("UTC", "Tue 17 Nov 2026"), ("Asia/Tokyo", "Tue 17 Nov 2026"), ("Pacific/Auckland", "Tue 17 Nov 2026")],
)
def test_files_are_told_of_by_whole_days_without_one_that_has_only_begun(
    calls: Path, zone: str, last_day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, calls, "--format", "contacts-csv", "--facts", "--timezone", zone)
    assert f"to {last_day}" in told.splitlines()[0]


class Page(HTMLParser):
    """Collects what a page refers to outside itself, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [f"{tag} {value}" for name, value in attrs if name in {"src", "href"} and value]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_stands_on_its_own(calls: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "report.html"
    said(capsys, calls, "--format", "contacts-csv", "--html", file, "--timezone", "Europe/Berlin")
    page = Page()
    page.feed(file.read_text(encoding="utf-8"))
    assert page.outside == []
    assert "Mondays from 10:00 to 11:00" in page.text
    assert "Europe/Berlin" in page.text
    assert "$" not in page.text


def test_a_name_cannot_break_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, html = tmp_path / "calls.csv", tmp_path / "report.html"
    file.write_text(
        "contact,queue,channel,enqueued_at,answered_at\n"
        "1,<script>alert(1)</script>,phone,2026-11-09T09:00:00Z,2026-11-09T09:05:00Z\n"
    )
    said(capsys, file, "--format", "contacts-csv", "--html", html)
    assert "<script>" not in html.read_text()


def test_the_journal_of_the_service_is_what_is_told_of_without_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fill() -> None:
        from queuewatch.clock import SystemClock  # noqa: PLC0415

        now = SystemClock().now()
        journal = open_journal(tmp_path / "queuewatch.db", HandClock(now))
        where: dict[str, Any] = {"queue": "sales", "channel": "phone"}
        events = [
            Event("1", "pbx", now - 900, Enqueued(**where), "c1"),
            Event("2", "pbx", now - 800, Answered(**where, agent="ann"), "c1"),
            Event("3", "pbx", now - 100, Completed(**where), "c1"),
        ]
        await journal.append(events)
        await journal.close()

    asyncio.run(fill())
    config = tmp_path / "queuewatch.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path}"\n')
    assert "1 of 1 contacts (100 %) waited longer than 1 min" in said(capsys, "--config", config)


def test_where_nothing_happened_there_are_no_bare_headings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def open_and_close() -> None:
        await open_journal(tmp_path / "queuewatch.db").close()

    asyncio.run(open_and_close())
    config = tmp_path / "queuewatch.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path}"\n')
    shown = said(capsys, "--config", config)
    assert shown.endswith("- Nobody contacted us in this time.\n")
    assert "channel" not in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["calls.csv"], "--format says what the files are"),
        (["nowhere.csv", "--format", "contacts-csv"], "nowhere.csv"),
        ([], "there is no journal here"),
    ],
)
def test_what_is_missing_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    config = tmp_path / "queuewatch.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path}"\n')
    assert main(["report", *arguments, "--config", str(config)]) == 2
    assert sentence in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_named(
    calls: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "no" / "where.html")
    assert main(["report", str(calls), "--format", "contacts-csv", "--html", target]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_digest_goes_to_slack_where_it_is_configured(
    calls: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "queuewatch.toml"

    async def post(far: FarSide) -> int:
        async with far.open():
            config.write_text(f'[slack]\nwebhook_url = "{far.url}/x"\n')
            command = ["report", str(calls), *CALLS, "--facts", "--slack", "--config", str(config)]
            return await asyncio.to_thread(main, command)

    far = FarSide(body=b"ok")
    assert asyncio.run(post(far)) == 0
    assert "*The week in the queues*" in json.loads(far.asked[0][3])["text"]
    assert asyncio.run(post(FarSide(status=404, body=b"no_service"))) == 2
    assert "Slack did not take the digest" in capsys.readouterr().err
    assert main(["report", str(calls), *CALLS, "--facts", "--slack"]) == 2
    assert "needs the section [slack]" in capsys.readouterr().err


def test_the_digest_alone_is_printed_as_slack_has_it(calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = (calls, "--format", "contacts-csv", "--facts", "--digest")
    told = said(capsys, *history)
    assert told.startswith("*The week in the queues*: ")
    assert "Queues, the worst first" not in told
    until = said(capsys, *history, "--until", "2026-11-16T00:00:00Z")
    assert "to Sun 15 Nov 2026" in until
    assert "20 of 120 contacts" in until
