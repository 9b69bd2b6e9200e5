"""`queuewatch forecast`: from files and from the journal, to the terminal and to files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from queuewatch.__main__ import main
from queuewatch.core.state.history import BASE_S, Row, Written
from queuewatch.store.intervals import IntervalStore
from queuewatch.store.journal import Journal
from tests.clocks import HandClock
from tests.core.plan.pasts import MONDAY, moment, office, past

DATA = Path(__file__).parents[1] / "data"
QUEUE_LOG = DATA / "asterisk" / "queue_log-22.10.1.gz"


@pytest.fixture(scope="module")
def intervals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five weeks of sales by half hours, as another system's report."""
    told = past(5, office)
    halves: dict[int, int] = {}
    for one in told.intervals:
        halves[one.start // 1800 * 1800] = halves.get(one.start // 1800 * 1800, 0) + one.row.offered
    path = tmp_path_factory.mktemp("reports") / "intervals.csv"
    lines = [
        f"{datetime.fromtimestamp(start, UTC):%Y-%m-%dT%H:%M:%SZ},sales,{n}" for start, n in halves.items()
    ]
    path.write_text("\n".join(["start,queue,offered", *lines]) + "\n")
    return path


def asked(path: Path, *more: str) -> list[str]:
    return [
        "forecast",
        "--history",
        str(path),
        "--format",
        "intervals-csv",
        "--timezone",
        "Europe/Berlin",
        *more,
    ]


def in_json(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    assert main([*argv, "--json"]) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_a_report_becomes_a_plan(intervals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = in_json(capsys, *asked(intervals, "--queue", "sales", "--horizon", "3d"))
    assert said["zone"] == "Europe/Berlin"
    # The report ends on Saturday at two: so today is Saturday, and Monday is the day after tomorrow.
    assert said["days"][0]["day"] == str(MONDAY + timedelta(days=33))
    assert said["days"][2]["contacts"] == pytest.approx(600, rel=0.1)
    assert said["interval_s"] == 1800
    assert all(row["agents"] <= row["agents_safe"] for row in said["rows"])


def test_it_is_told_in_words(intervals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(intervals, "--horizon", "3d", "--interval", "60min", "--shrinkage", "30%")) == 0
    said = capsys.readouterr().out
    assert "sales, every 60 min, Europe/Berlin" in said
    assert "the opening hours are guessed from the past" in said
    assert "shrinkage 30.0 %" in said
    assert "last week, told a week ahead: off by" in said


@pytest.mark.parametrize(
    "suffix",
    ["xlsx", pytest.param("csv", marks=pytest.mark.slow), pytest.param("json", marks=pytest.mark.slow)],
)
def test_it_is_written_to_files(
    intervals: Path, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"plan.{suffix}"
    assert main(asked(intervals, "--horizon", "2d", "--out", str(out))) == 0
    assert f"written to {out}" in capsys.readouterr().out
    assert out.stat().st_size > 500


def test_special_days_and_what_if_are_heeded(
    intervals: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = tmp_path / "days.csv"
    monday = MONDAY + timedelta(days=35)
    days.write_text(f"date,queue,what\n{monday},,closed\n{monday + timedelta(days=1)},sales,2\n")
    said = in_json(
        capsys, *asked(intervals, "--horizon", "4d", "--special-days", str(days), "--volume", "1.5")
    )
    assert said["days"][2]["note"] == "closed"
    assert said["days"][3]["contacts"] == pytest.approx(3.0 * 510, rel=0.2)


def test_a_queue_log_is_a_past_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten minutes of calls: nothing can be tried on it, and a forecast needs a whole day."""
    argv = ["forecast", "--history", str(QUEUE_LOG), "--format", "asterisk-queue-log", "--queue", "sales"]
    assert main(argv) == 2
    said = capsys.readouterr().err
    assert "the history holds no whole day with counts" in said or "nothing is remembered" in said


async def written(path: Path) -> None:
    """A journal that remembers five weeks."""
    journal = Journal(path, HandClock(), lambda _: None)
    store = IntervalStore(journal, path)
    rows = [Written("sales", (one.start, 0), one.row) for one in past(5, office).intervals]
    await store.save("default", {"sales": "phone"}, rows)
    await store.save(
        "default", {}, [Written("new", (int(moment(MONDAY)) // BASE_S * BASE_S, 0), Row(offered=1))]
    )
    await store.alive(moment(MONDAY + timedelta(weeks=5)))
    await journal.close()


async def test_the_journal_is_the_past_unless_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await written(tmp_path / "queuewatch.db")
    config = tmp_path / "queuewatch.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path}"\n[planner]\nhorizon_days = 3\n')
    said = in_json(capsys, "forecast", "--config", str(config), "--queue", "sales")
    assert len(said["days"]) == 3
    assert main(["forecast", "--config", str(config)]) == 2
    assert '--queue is missing; there are "new", "sales"' in capsys.readouterr().err


async def test_a_plan_is_of_its_queue_s_own_site_which_is_named_where_there_are_several(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "queuewatch.db"
    await written(path)
    journal = Journal(path, HandClock(), lambda _: None)
    for site, queue in (("east", "mail"), ("west", "mail"), ("west", "sales")):
        rows = [Written(queue, (one.start, 0), one.row) for one in past(2, office).intervals]
        await IntervalStore(journal, path).save(site, {queue: "phone"}, rows)
    await journal.close()
    config = tmp_path / "queuewatch.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path}"\n[planner]\nhorizon_days = 1\n')
    asking = ["forecast", "--config", str(config)]
    for more, sentence in (
        (["--queue", "mail"], '--site is missing; "mail" is at "east", "west"'),
        (["--queue", "mail", "--site", "north"], '--site: nothing is remembered of "north"; there are '),
        (["--site", "west"], '--queue is missing; there are "mail", "sales"'),
    ):
        assert main([*asking, *more]) == 2
        assert sentence in capsys.readouterr().err
    assert in_json(capsys, *asking, "--queue", "new")["site"] == "default"
    assert in_json(capsys, *asking, "--site", "east")["queue"] == "mail"


def test_a_table_of_intervals_is_of_the_site_that_is_named(
    intervals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = in_json(capsys, *asked(intervals, "--horizon", "1d", "--site", "west"))
    assert (said["site"], said["queue"]) == ("west", "sales")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--queue", "none"], '--queue: nothing is remembered of "none"; there are "sales"'),
        (["--horizon", "9w"], "'9w' is not from 1 day to 8 weeks"),
        (["--interval", "7min"], "'7min' is none of 5min, 15min, 30min and 60min"),
        (["--interval", "15min"], "the history has intervals of 30 min"),
        (["--out", "plan.pdf"], "'plan.pdf' ends with none of .csv, .xlsx, .json"),
        (["--out", "/nowhere/plan.csv"], "--out: /nowhere/plan.csv: No such file"),
        (["--special-days", "/nowhere/days.csv"], "--special-days: /nowhere/days.csv"),
        (["--timezone", "Mars"], 'there is no zone "Mars"'),
    ],
)
def test_bad_arguments_are_one_sentence(
    intervals: Path, capsys: pytest.CaptureFixture[str], more: list[str], sentence: str
) -> None:
    assert main(asked(intervals, *more)) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_files_without_a_format_or_without_a_row_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("start,offered\n")
    assert main(["forecast", "--history", str(empty)]) == 2
    assert "--history needs --format" in capsys.readouterr().err
    assert main(asked(empty)) == 2
    assert "there is no event in it" in capsys.readouterr().err


async def test_a_journal_in_which_nothing_is_yet_names_the_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = Journal(tmp_path / "queuewatch.db", HandClock(), lambda _: None)
    await journal.close()
    config = tmp_path / "queuewatch.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path}"\n')
    assert main(["forecast", "--config", str(config)]) == 2
    said = capsys.readouterr().err
    assert f"nothing is remembered in {tmp_path} yet; name a file of the past with --history" in said


def test_without_a_journal_there_is_no_past(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "queuewatch.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path}"\n')
    assert main(["forecast", "--config", str(config)]) == 2
    assert "there is no journal here" in capsys.readouterr().err
