"""All settings together, and the rules made of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from queuewatch.config import Notice, Queue, Settings, load
from queuewatch.config.care import BudgetSection
from queuewatch.config.outgoing import Slack
from queuewatch.config.secret import Secret
from queuewatch.config.sections import AgesSection, HoursSection, QueueNotice, QueueTargets, TargetsSection
from queuewatch.core.hours import Hours
from queuewatch.core.rules import Ages, NoticeRule, QueueRules, Rules, Targets


def settings(tmp_path: Path, toml: str) -> Settings:
    path = tmp_path / "queuewatch.toml"
    path.write_text(toml)
    return load(path)


def test_the_defaults_are_the_cores() -> None:
    assert Settings().rules() == Rules()


def test_all_that_the_core_can_be_told_can_be_set_for_every_queue_and_for_one() -> None:
    assert set(AgesSection.__struct_fields__) == set(Ages.__struct_fields__)
    assert set(NoticeRule.__struct_fields__) <= set(Notice.__struct_fields__)
    assert set(QueueNotice.__struct_fields__) == set(NoticeRule.__struct_fields__)
    assert set(TargetsSection.__struct_fields__) == set(Targets.__struct_fields__)
    assert set(QueueTargets.__struct_fields__) == set(Targets.__struct_fields__)
    own = {"language", "acknowledge", "alternatives", "planner"}
    assert set(Queue.__struct_fields__) - own == set(QueueRules.__struct_fields__)


def test_never_is_no_age(tmp_path: Path) -> None:
    ages = settings(tmp_path, '[ages]\nphone_s = "never"\nemail_s = 60\n').rules().ages
    assert ages == Ages(phone_s=None, email_s=60.0)


def test_a_queue_has_what_it_sets_and_the_rest_from_all(tmp_path: Path) -> None:
    rules = settings(
        tmp_path,
        """
        [notice]
        enter_hold_s = 10
        [targets]
        past_first = 0.1
        [queues.sales]
        notice.enter_chance = 0.8
        targets.occupancy = 0.9
        """,
    ).rules()
    assert rules.of("sales").notice == NoticeRule(enter_hold_s=10.0, enter_chance=0.8)
    assert rules.of("sales").targets == Targets(past_first=0.1, occupancy=0.9)
    assert rules.of("support").notice == NoticeRule(enter_hold_s=10.0)
    assert rules.of("support").targets == Targets(past_first=0.1)


@pytest.mark.parametrize(
    ("toml", "busy_s", "very_busy_s"),
    [
        ("", 60, 180),
        ("thresholds.default_s = [20, 90, 300]", 20, 90),
        ("thresholds.default_s = [45]", 45, 45),
        ("notice.busy_threshold_s = 30", 30, 180),
        ("queues.mail.thresholds_s = [3600, 14400]", 3600, 14400),
        ("queues.mail.thresholds_s = [3600]", 3600, 3600),
        ("notice.busy_threshold_s = 30\nqueues.mail.thresholds_s = [3600, 14400]", 3600, 14400),
        ("queues.mail.thresholds_s = [3600, 14400]\nqueues.mail.notice.busy_threshold_s = 600", 600, 14400),
        ("notice.very_busy_threshold_s = 90\nqueues.mail.notice.busy_threshold_s = 90", 90, 90),
    ],
)
def test_a_queue_is_busy_by_its_own_thresholds_unless_told_otherwise(
    tmp_path: Path, toml: str, busy_s: float, very_busy_s: float
) -> None:
    notice = settings(tmp_path, toml).rules().of("mail").notice
    assert (notice.busy_threshold_s, notice.very_busy_threshold_s) == (busy_s, very_busy_s)


def test_a_queue_speaks_its_own_language_or_everybodys(tmp_path: Path) -> None:
    spoken = settings(tmp_path, 'notice.default_language = "nl"\nqueues.berlin.language = "de"\n')
    assert spoken.language("berlin") == "de"
    assert spoken.language("utrecht") == "nl"


def test_opening_hours_are_the_queues_own_or_those_of_all(tmp_path: Path) -> None:
    rules = settings(
        tmp_path,
        """
        [hours]
        zone = "Europe/Berlin"
        mon = "08:00-12:00, 13:00-18:00"
        sat = "22:00-24:00"
        days = { "2026-12-24" = "closed" }
        [queues.night.hours]
        sun = "00:00-06:30"
        """,
    ).rules()
    office = Hours(
        zone=ZoneInfo("Europe/Berlin"),
        week=(((28_800.0, 43_200.0), (46_800.0, 64_800.0)), (), (), (), (), ((79_200.0, 86_400.0),), ()),
        days={date(2026, 12, 24): ()},
    )
    assert rules.of("sales").hours == office
    assert rules.of("night").hours == Hours(zone=ZoneInfo("UTC"), week=((),) * 6 + (((0.0, 23_400.0),),))


def test_the_digest_is_due_until_its_day_is_over_on_the_common_clock() -> None:
    slack = Slack(webhook_url=Secret("https://hooks.example/x"), digest="mon 08:00")
    when = Settings(slack=slack, hours=HoursSection(zone="Europe/Berlin", mon="09:00-17:00")).digest_hours()
    assert when == Hours(zone=ZoneInfo("Europe/Berlin"), week=(((28_800.0, 86_400.0),), *((),) * 6))
    paid = Settings(slack=slack, budget=BudgetSection(zone="Asia/Tokyo")).digest_hours()
    assert paid is not None
    assert paid.zone == ZoneInfo("Asia/Tokyo")


def test_without_a_moment_there_is_no_digest() -> None:
    assert Settings().digest_hours() is None
    assert Settings(slack=Slack(webhook_url=Secret("https://hooks.example/x"))).digest_hours() is None
