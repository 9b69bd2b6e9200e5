"""Tests of what planning takes from the settings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from queuewatch.config import ConfigError, Settings, load
from queuewatch.planning.setup import make_setup, public_holidays

TODAY = date(2026, 6, 1)


def settings(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "queuewatch.toml"
    file.write_text(text)
    return load(file)


def test_a_queue_has_hours_holidays_and_special_days(tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text("date,queue,what\n2026-12-24,,closed\n2026-12-28,sales,1.5\n")
    made = make_setup(
        settings(
            tmp_path,
            f"""
            [hours]
            zone = "Europe/Berlin"
            mon = "09:00-17:00"
            [planner]
            country = "DE"
            region = "BE"
            special_days = "{tmp_path / "days.csv"}"
            [queues."mail".planner]
            open_on_holidays = true
            """,
        )
    )
    sales, mail = made.calendar("sales", TODAY), made.calendar("mail", TODAY)
    assert sales.zone == ZoneInfo("Europe/Berlin")
    assert sales.holidays[date(2026, 3, 8)] == "Women's Day"
    assert set(sales.special) == {date(2026, 12, 24), date(2026, 12, 28)}
    assert set(mail.special) == {date(2026, 12, 24)}
    assert mail.works_holidays
    assert not sales.works_holidays


def test_needs_are_the_rules_and_what_the_planner_knows(tmp_path: Path) -> None:
    made = make_setup(
        settings(
            tmp_path,
            """
            [planner]
            shrinkage = 0.3
            [queues."chat".planner]
            slots = 3
            shrinkage = 0.2
            patience_s = 90.0
            [queues."mail".planner]
            deadline_s = 7200.0
            like = "post"
            scale = 0.5
            """,
        )
    )
    assert made.needs("sales", "phone").shrinkage == 0.3
    chat = made.needs("chat", "chat")
    assert (chat.slots, chat.shrinkage, chat.patience_s) == (3, 0.2, 90.0)
    assert made.needs("mail", "email").deadline_s == 7200.0
    assert made.like("mail") == ("post", 0.5)
    assert made.like("chat") is None


def test_without_hours_days_are_those_of_the_zone_that_is_asked_for() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert make_setup(Settings(), berlin).calendar("sales", TODAY).zone == berlin
    assert str(make_setup(Settings()).calendar("sales", TODAY).zone) == "UTC"


def test_countries_and_regions_that_are_none_are_said() -> None:
    with pytest.raises(ConfigError, match=r'planner.country is "ZZZ"'):
        public_holidays("ZZZ", None, TODAY)
    with pytest.raises(ConfigError, match=r'planner.region is "XX", which is no region of DE'):
        public_holidays("DE", "XX", TODAY)


def test_a_table_that_cannot_be_read_is_said() -> None:
    own = Settings()
    broken = replace(own, planner=replace(own.planner, special_days=Path("/nowhere/days.csv")))
    with pytest.raises(ConfigError, match=r"planner.special_days: /nowhere/days.csv"):
        make_setup(broken)
