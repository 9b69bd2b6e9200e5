"""Tests of the planner's special days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from queuewatch.core.plan.calendar import SpecialDay
from queuewatch.planning.special import SpecialDaysError, read_special_days, special_days


def test_days_are_closed_scaled_alike_or_labelled() -> None:
    found = special_days(
        "days.csv",
        [
            "date,queue,what,label",
            "2026-12-24,,closed,",
            "2026-12-28,sales,x1.4,sale",
            "2026-12-29,sales,like 2025-12-29,",
            "2026-12-30,sales,,mailing",
            ",,,",
        ],
    )
    assert found[""] == {date(2026, 12, 24): SpecialDay(label="closed", closed=True)}
    assert found["sales"] == {
        date(2026, 12, 28): SpecialDay(label="sale", factor=1.4),
        date(2026, 12, 29): SpecialDay(label="special", like=date(2025, 12, 29)),
        date(2026, 12, 30): SpecialDay(label="mailing"),
    }


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["day,what"], "days.csv, line 1: the header must be date,queue,what,label"),
        (["date,what", "24.12.,closed"], 'days.csv, line 2: "24.12." is no date'),
        (["date,what", "2026-12-24,shut"], 'days.csv, line 2: "shut" says nothing of a day'),
        (["date,what", "2026-12-24,-1"], 'line 2: "-1" says nothing of a day'),
        (["date,what", "2026-12-24,like then"], 'line 2: "then" is no date'),
        (["date,what", "2026-12-24,1,4"], "line 2: this row has 3 fields, the header 2; write date,queue,"),
        (["date,what", f'2026-12-24,"{"x" * 200_000}'], "line 2: this is no row of a table: field larger"),
    ],
)
def test_what_cannot_be_is_said_with_its_line(lines: list[str], sentence: str) -> None:
    with pytest.raises(SpecialDaysError, match=r"^.*$") as caught:
        special_days("days.csv", lines)
    assert sentence in str(caught.value)


def test_files_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    with pytest.raises(SpecialDaysError, match="mend the path"):
        read_special_days(tmp_path / "none.csv")
    odd = tmp_path / "odd.csv"
    odd.write_bytes(b"date,what\n\xff,\n")
    with pytest.raises(SpecialDaysError, match="save it as UTF-8"):
        read_special_days(odd)
    odd.write_text("\ufeffdate,what\n2026-12-24,closed\n", encoding="utf-8")
    assert read_special_days(odd)[""][date(2026, 12, 24)].closed
