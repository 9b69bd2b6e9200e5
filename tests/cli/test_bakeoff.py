"""`queuewatch bakeoff` as its user sees it: the table, the JSON, the page, and a sentence a mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from queuewatch.__main__ import main
from queuewatch.core.estimate.others import PRODUCTS

HEADER = "contact,queue,channel,enqueued_at,answered_at,abandoned_at,completed_at,agent\n"
# Waits of 10, 50, 20 and 100 s, and 70 s in vain.
ROWS = """\
c1,sales,phone,2026-11-20T10:00:00Z,2026-11-20T10:00:10Z,,2026-11-20T10:02:00Z,ann
c2,sales,phone,2026-11-20T10:02:00Z,2026-11-20T10:02:50Z,,2026-11-20T10:04:00Z,ann
c3,sales,phone,2026-11-21T10:00:00Z,2026-11-21T10:00:20Z,,2026-11-21T10:02:00Z,ann
c4,help,phone,2026-11-21T10:02:00Z,2026-11-21T10:03:40Z,,2026-11-21T10:05:00Z,ann
c5,help,phone,2026-11-21T10:05:00Z,,2026-11-21T10:06:10Z,,
"""


@pytest.fixture
def calls(tmp_path: Path) -> str:
    path = tmp_path / "calls.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    return str(path)


def run(calls: str, *more: str) -> list[str]:
    return ["bakeoff", calls, "--format", "contacts-csv", *more]


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_has_a_key_for_each_score_and_threshold(calls: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, *run(calls, "--sites", "pooled", "--score-from", "2026-11-21"))
    assert {one["estimator"] for one in found["estimators"]} == {*PRODUCTS, found["ours"]}
    les = next(one for one in found["estimators"] if one["estimator"] == "last_to_enter_service")
    assert (les["contacts"], les["answered"]) == (3, 2)
    # It said 50, 20 and 100 s; what was: 20, 100, and 70 in vain.
    assert les["bias_s"] == pytest.approx(-25.0)
    assert (les["brier_60"], les["brier_180"]) == (pytest.approx(1 / 3), 0.0)
    assert les["coverage_80"] is None
    for key in ("rmse_s", "mae_s", "kept_90", "pinball_50", "pinball_90", "skill_60", "brier_offered_60"):
        assert les[key] is not None
    assert found["score_from"] == "2026-11-21T00:00:00.000000Z"
    assert found["while_waiting"] == []


def test_the_counts_are_those_of_a_replay(calls: str, capsys: pytest.CaptureFixture[str]) -> None:
    baked = as_json(capsys, *run(calls))
    replayed = as_json(capsys, "replay", calls, "--format", "contacts-csv")
    for key in ("queue", "channel", "offered", "answered", "abandoned", "left"):
        assert [one[key] for one in baked["queues"]] == [
            one[key] for one in sorted(replayed["queues"], key=lambda queue: str(queue["queue"]))
        ]
    assert baked["events"] == replayed["events"]


def test_the_table_names_the_best_first_and_says_what_it_means(
    calls: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(run(calls, "--sites", "pooled", "--every", "30s")) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(
        "5 contacts had to wait, 2 longer than 60 s, 0 longer than 180 s; 4 were answered."
    )
    assert "Asked again while they waited" in printed
    assert all(name in printed for name in PRODUCTS)
    for told in (
        "always saying 50 % has 0.25",
        "Of those answered, in seconds",
        "Brier, the chance told to wait",
    ):
        assert told in printed
    assert "live *" in printed
    assert "announced today" not in printed


def test_what_is_announced_today_is_held_against_ours(
    calls: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.html"
    rows = "".join(
        ROWS.replace("c", f"{day}c", 5).replace("2026-11-2", f"2026-{day}-2") for day in range(4, 12)
    )
    Path(calls).write_text(HEADER + rows, encoding="utf-8")
    found = as_json(capsys, *run(calls, "--sites", "pooled", "--announced", "puzzel", "--html", str(path)))
    assert found["announced"] == "puzzel"
    kept = {one["estimator"]: f"{100 * one['kept_90']:.0f}" for one in found["estimators"]}
    page = path.read_text(encoding="utf-8")
    assert f"of 100 who were answered {kept['puzzel']} waited no longer" in page
    assert f"Of 100 waits it promised with nine in ten to be kept, {kept['live']} were." in page
    assert '<tr class="today"><td>puzzel &larr; announced today' in page
    assert main(run(calls, "--sites", "pooled", "--announced", "puzzel")) == 0
    printed = capsys.readouterr().out
    assert "puzzel <" in printed
    assert f"{kept['puzzel']} waited no longer" in printed
    assert f"Of 100 of our promises {kept['live']} were kept." in printed


def test_an_asterisk_announces_by_its_own_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "queue_log"
    path.write_text(
        "1700000000|c1|sales|NONE|ENTERQUEUE||100|1\n1700000009|c1|sales|Ann|CONNECT|9|c2|3\n",
        encoding="utf-8",
    )
    assert as_json(capsys, "bakeoff", str(path), "--format", "asterisk-queue-log")["announced"] == "asterisk"


def test_the_page_needs_nothing_from_outside(
    calls: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.html"
    assert main(run(calls, "--sites", "pooled", "--html", str(path), "--timezone", "Europe/Berlin")) == 0
    page = path.read_text(encoding="utf-8")
    assert page.count("<svg") >= 3
    assert "Europe/Berlin" in page
    assert not any(word in page for word in ("http:", "https:", "src=", "<link", "url(", "$"))
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--score-from", "monday"), '--score-from: "monday" is no time; write for example 2026-11-15'),
        (("--every", "0"), "'0' is no duration above 0"),
        (("--timezone", "Mars/Base"), '--timezone: there is no zone "Mars/Base"'),
        (("--sites", "both"), "argument --sites: invalid choice: 'both'"),
        (("--columns", "contact"), '--columns: "contact" is not ours=theirs'),
        (("--html", "/dev/null/report.html"), "--html: /dev/null/report.html: Not a directory; name a file"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    calls: str, capsys: pytest.CaptureFixture[str], more: tuple[str, str], sentence: str
) -> None:
    assert main(run(calls, *more)) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(run("/nowhere/calls.csv")) == 2
    assert "/nowhere/calls.csv: No such file or directory" in capsys.readouterr().err


def test_a_history_in_which_nobody_waited_is_found_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(HEADER + "c1,sales,phone,2026-11-20T10:00:00Z,2026-11-20T10:00:01Z,,,ann\n", "utf-8")
    report = tmp_path / "report.html"
    assert main(run(str(path), "--html", str(report))) == 1
    assert "there is nothing to score" in capsys.readouterr().out
    assert "Nobody had to wait" in report.read_text(encoding="utf-8")


def test_a_file_without_an_event_cannot_be_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(HEADER, encoding="utf-8")
    assert main(run(str(path))) == 2
    assert "there is no event in it" in capsys.readouterr().err


def test_lines_that_cannot_be_read_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(HEADER + ROWS + "c9,sales,phone,yesterday,,,,\n", encoding="utf-8")
    assert main(run(str(path))) == 0
    assert "once: " in capsys.readouterr().out
