"""Schedules of notices: whose entries hold in which queue, on whose clock, and which days are none."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from queuewatch.config import Settings, load
from queuewatch.config.schedule import is_day

MONDAYS = '[[notice.schedule]]\ndays = ["mon"]\ntimes = "09:00-11:00"\nlevel = "busy"\n'


def settings(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "queuewatch.toml"
    path.write_text(text)
    return load(path)


def test_an_entry_holds_on_its_days_on_the_budgets_clock(tmp_path: Path) -> None:
    text = '[budget]\nzone = "America/New_York"\n' + MONDAYS + 'first = "2026-12-01"\nlast = "2026-12-23"\n'
    (entry,) = settings(tmp_path, text).rules().every.schedule
    assert entry.hours.zone == ZoneInfo("America/New_York")
    assert entry.hours.week == (((32_400.0, 39_600.0),), (), (), (), (), (), ())
    assert (entry.level, entry.first, entry.last) == ("busy", date(2026, 12, 1), date(2026, 12, 23))


def test_the_hours_of_the_queue_or_of_all_say_whose_clock(tmp_path: Path) -> None:
    text = (
        MONDAYS + '[hours]\nzone = "Europe/Berlin"\nmon = "08:00-18:00"\n'
        '[queues."far".hours]\nzone = "Asia/Tokyo"\nmon = "08:00-18:00"\n'
    )
    rules = settings(tmp_path, text).rules()
    assert rules.every.schedule[0].hours.zone == ZoneInfo("Europe/Berlin")
    assert rules.of("far").schedule[0].hours.zone == ZoneInfo("Asia/Tokyo")


def test_a_queues_own_entries_take_the_place_of_the_common_ones(tmp_path: Path) -> None:
    text = (
        MONDAYS + '[[queues."vip".schedule]]\ntimes = "00:00-24:00"\nlevel = "normal"\n'
        '[queues."free"]\nschedule = []\n[queues."plain"]\n'
    )
    rules = settings(tmp_path, text).rules()
    assert [entry.level for entry in rules.of("vip").schedule] == ["normal"]
    assert rules.of("vip").schedule[0].hours.week == (((0.0, 86_400.0),),) * 7
    assert rules.of("free").schedule == ()
    assert rules.of("plain").schedule == rules.every.schedule != ()


@pytest.mark.parametrize("text", ["2026-02-30", "20261224", "24.12.2026", ""])
def test_what_is_no_day_is_none(text: str) -> None:
    assert not is_day(text)
    assert is_day("2028-02-29")
