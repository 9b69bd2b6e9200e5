"""`queuewatch shifts`: a plan covered by shifts, or what stands in the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queuewatch.__main__ import main

pytest.importorskip("ortools")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Two agents from nine to one, three to be safe, on a Monday."""
    rows = [{"local": f"2026-11-23 {hour:02}:00", "rostered": 2, "rostered_safe": 3} for hour in range(9, 13)]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"interval_s": 3600, "days": [{"day": "2026-11-23"}], "rows": rows}))
    return path


def test_a_plan_is_covered(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["shifts", str(plan), "--shift", "morning=09:00-13:00", "--shift", "day=09:00-17:00/12:00-13:00"]
    assert main([*argv, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["counts"] == [[2, 0]]
    assert said["cost"] == 8.0
    assert main([*argv, "--safe"]) == 0
    assert "12.0 hours on duty; 3 people can work them" in capsys.readouterr().out


def test_what_stands_in_the_way_is_said(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shifts", str(plan), "--shift", "late=10:00-18:00"]) == 1
    said = capsys.readouterr().out
    assert "No shift works on Mon 2026-11-23 at 09:00, when 2 are needed" in said
    assert "short on Mon 2026-11-23 at 09:00: 0 of 2" in said


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--shift", "early"], "'early' is no shift"),
        (["--shift", "early=17:00-17:00"], "is no shift"),
        (["--shift", "early=09:00-17:00/07:00-07:30"], "a break lies outside the shift"),
        (["--shift", "night=22:00-06:00/05:30-06:30"], "a break lies outside the shift"),
        (["--shift", "early=09:00-17:00/noon"], "is no shift"),
    ],
)
def test_shifts_that_are_none_are_said(
    plan: Path, capsys: pytest.CaptureFixture[str], more: list[str], sentence: str
) -> None:
    assert main(["shifts", str(plan), *more]) == 2
    assert sentence in capsys.readouterr().err


def test_files_that_are_no_plan_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shift = ["--shift", "day=09:00-17:00"]
    assert main(["shifts", str(tmp_path / "none.json"), *shift]) == 2
    assert "name a plan that can be read" in capsys.readouterr().err
    day = b'{"interval_s": 1800, "days": [{"day": "soon"}], "rows": []}'
    for odd in (b"[]", b'{"zon\xaf": ""}', day):
        (tmp_path / "odd.json").write_bytes(odd)
        assert main(["shifts", str(tmp_path / "odd.json"), *shift]) == 2
        assert "this is no plan" in capsys.readouterr().err


def test_intervals_unknown_to_the_plan_are_told(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(plan.read_text(encoding="utf-8"))
    day = told["days"][0]["day"]
    told["unknown"] = [{"local": f"{day} 22:00", "why": "no history of Mondays yet"}]
    plan.write_text(json.dumps(told), encoding="utf-8")
    main(["shifts", str(plan), "--shift", "day=00:00-23:30"])
    assert "1 intervals are unknown" in capsys.readouterr().out


def test_a_night_shift_covers_the_morning_after(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ["2026-11-23", "2026-11-24"]
    clocks = [("2026-11-23", 1), ("2026-11-23", 23), ("2026-11-24", 3)]
    rows = [{"local": f"{day} {hour:02}:00", "rostered": 1, "rostered_safe": 1} for day, hour in clocks]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"interval_s": 3600, "days": [{"day": day} for day in days], "rows": rows}))
    argv = ["shifts", str(path), "--shift", "night=22:00-06:00/23:30-00:30"]
    assert main(argv) == 1, "its break begins before midnight, and all have it at once"
    assert "at 23:00, when 1 are needed: let some have their break" in capsys.readouterr().out
    assert main(["shifts", str(path), "--shift", "night=22:00-06:00/02:00-03:00"]) == 0
    said = capsys.readouterr().out
    assert "the evening before" in said
    assert "16.0 hours on duty; 1 people" in said


def test_a_search_that_was_ended_says_so(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shifts", str(plan), "--shift", "day=09:00-17:00", "--limit", "1e-9"]) == 2
    assert "no shifts were found in 1e-09 s" in capsys.readouterr().err
