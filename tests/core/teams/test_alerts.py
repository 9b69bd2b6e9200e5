"""Alerts, piece by piece: what conditions say, and quiet hours."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.decisions import AlertChanged
from queuewatch.core.hours import Hours
from queuewatch.core.rules import AlertRule
from queuewatch.core.teams.alerts import Alerts, Signal, with_help
from queuewatch.core.teams.scheduled import Shortage
from tests.core.examples import at
from tests.decided import alert

TEN = 10 * 3600.0
QUIET = Hours(zone=UTC, week=(((TEN, TEN + 1000.0),),) * 7)  # the first 1000 s of the story


def wakes(alerts: Alerts, seconds: float, rule: AlertRule) -> list[tuple[str, str, str]]:
    """What is told: of what kind, which phase, why."""
    return [(one.kind, one.phase, one.reason) for one in alerts.wake("default", rule, at(seconds))]


def signal(level: int = 2, **more: Any) -> Signal:
    known: dict[str, Any] = {
        "past": 0,
        "waiting": 3,
        "oldest_wait_s": 90.0,
        "chances": {"60": 0.9},
        "agents": 4,
    }
    return Signal(level=level, **known | more)


# ── what conditions say ───────────────────────────────────────────────────────────────────────────────────


def test_a_condition_that_asks_for_nothing_leaves_no_trace() -> None:
    alerts, rule = Alerts(), AlertRule()
    alerts.look("sales", signal(1), rule, at(0))
    alerts.source("/pbx", stale=False, rule=rule, now=at(0))
    alerts.budget(0.799, rule, 0.8, at(0))
    alerts.shortage("sales", None, rule, at(0))
    assert (alerts.alarms, alerts.due_at) == ({}, None)


def test_the_queue_with_the_longest_wait_speaks_for_all_and_their_number_is_told() -> None:
    alerts, rule = Alerts(), AlertRule(hold_s=0.0, level=1)
    alerts.look("sales", signal(1, oldest_wait_s=None), rule, at(0))
    alerts.look("support", signal(2, oldest_wait_s=5.0), rule, at(0))
    (told,) = alerts.wake("default", rule, at(0))
    assert (told.subject, told.count, told.reason, told.oldest_wait_s) == ("support", 2, "busy", 5.0)
    assert (told.waiting, told.agents, told.chances) == (3, 4, {"60": 0.9})


LOOKS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 2), st.none() | st.sampled_from([0.0, 5.0, 70.0])),
    max_size=30,
)


@given(looks=LOOKS)
def test_who_speaks_for_all_is_the_worst_of_all_after_every_look(
    looks: list[tuple[str, int, float | None]],
) -> None:
    alerts, rule, hurt = Alerts(), AlertRule(level=1), dict[str, float]()
    for queue, level, wait_s in looks:
        hurt.pop(queue, None)
        if level:
            hurt[queue] = wait_s or 0.0
        alerts.look(queue, signal(level, oldest_wait_s=wait_s), rule, at(0))
        if hurt:
            facts = alerts.alarms["queue_busy/"].facts
            worst = max(hurt, key=lambda name: (hurt[name], name))
            assert (facts.subject, facts.oldest_wait_s or 0.0, facts.count) == (worst, hurt[worst], len(hurt))


@pytest.mark.parametrize(("past", "told"), [(4, []), (5, [("threshold_passed", "raised", "past_threshold")])])
def test_so_many_past_the_threshold_alarm_where_the_queue_does_not(
    past: int, told: list[tuple[str, str, str]]
) -> None:
    alerts, rule = Alerts(), AlertRule(past=5, past_hold_s=120.0)
    alerts.look("sales", signal(1, past=past), rule, at(0))
    assert wakes(alerts, 119.999, rule) == []
    assert wakes(alerts, 120, rule) == told


@pytest.mark.parametrize(
    ("share", "want"),
    [(0.8, ("warning", "nearly_spent")), (0.999, ("warning", "nearly_spent")), (1.0, ("critical", "spent"))],
)
def test_a_budget_is_low_from_its_share_on_and_critical_when_it_is_spent(
    share: float, want: tuple[str, str]
) -> None:
    alerts, rule = Alerts(), AlertRule()
    alerts.budget(share, rule, 0.8, at(0))
    (told,) = alerts.wake("default", rule, at(0))
    assert ((told.severity, told.reason), told.share, told.subject) == (want, share, "budget")


def test_a_silent_source_alarms_after_its_time() -> None:
    alerts, rule = Alerts(), AlertRule(stale_s=120.0)
    alerts.source("/pbx", stale=True, rule=rule, now=at(0))
    assert alerts.due_at == at(120)
    assert wakes(alerts, 120, rule) == [("source_stale", "raised", "stale")]


@pytest.mark.parametrize(("kept", "told"), [(8, False), (7, True)])
def test_of_the_last_ten_promises_eight_must_have_been_kept(kept: int, told: bool) -> None:
    alerts, rule = Alerts(), AlertRule(promises=10, promises_kept=0.8)
    for number in range(11):
        alerts.promise(rule, at(number), kept=0 < number <= kept)
    assert len(alerts.promises) == 10
    assert bool(wakes(alerts, 11, rule)) is told


def test_a_customer_failed_twice_again_counts_once_and_is_no_news() -> None:
    alerts, rule = Alerts(), AlertRule(failed_again_s=60.0)
    alerts.failed_again("p1:ada", rule, at(0))
    assert wakes(alerts, 0, rule) == [("customer_failed_again", "raised", "second_failure")]
    alerts.failed_again("p1:ada", rule, at(50))
    alerts.failed_again("p1:bob", rule, at(55))
    assert (wakes(alerts, 114.999, rule), alerts.due_at) == ([], at(115))
    (over,) = alerts.wake("default", rule, at(115))
    assert (over.phase, over.count) == ("resolved", 2)


def test_a_shortage_ahead_is_told_with_how_many_are_missing_and_over_when_it_is_planned_away() -> None:
    alerts, rule = Alerts(), AlertRule(hold_s=0.0, end_hold_s=0.0)
    alerts.shortage("sales", Shortage(at(3600), 2, 4), rule, at(0))
    (told,) = alerts.wake("default", rule, at(0))
    assert (told.subject, told.count, told.reason) == ("sales", 2, "too_few_planned")
    alerts.shortage("sales", None, rule, at(10))
    assert wakes(alerts, 10, rule) == [("shortage_ahead", "resolved", "over")]


# ── what is told ──────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_raised_is_counted_by_kind_and_forgotten_when_it_cannot_come_back() -> None:
    alerts, rule = Alerts(), AlertRule(stale_s=0.0, reopen_s=100.0)
    alerts.source("/pbx", stale=True, rule=rule, now=at(0))
    wakes(alerts, 0, rule)
    alerts.source("/pbx", stale=False, rule=rule, now=at(10))
    assert wakes(alerts, 10, rule) == [("source_stale", "resolved", "over")]
    wakes(alerts, 109.999, rule)
    assert set(alerts.alarms) == {"source_stale//pbx"}
    wakes(alerts, 110, rule)
    assert (alerts.alarms, alerts.counts) == ({}, {"source_stale": 1})


def test_in_quiet_hours_a_warning_waits_for_their_end_and_what_is_critical_does_not() -> None:
    alerts, rule = Alerts(), AlertRule(hold_s=0.0, critical_after_s=None, quiet=QUIET)
    alerts.look("sales", signal(), rule, at(0))
    alerts.budget(1.0, rule, 0.8, at(0))
    assert wakes(alerts, 0, rule) == [("budget_low", "raised", "spent")]
    assert alerts.due_at == at(1000)
    assert wakes(alerts, 1000, rule) == [("queue_busy", "raised", "after_quiet_hours")]
    assert alerts.due_at is None


def test_a_warning_that_becomes_critical_in_quiet_hours_is_told_then_and_only_then() -> None:
    alerts, rule = Alerts(), AlertRule(hold_s=0.0, critical_after_s=500.0, quiet=QUIET)
    alerts.look("sales", signal(), rule, at(0))
    assert wakes(alerts, 499.999, rule) == []
    assert wakes(alerts, 500, rule) == [("queue_busy", "raised", "lasts")]
    assert wakes(alerts, 1000, rule) == []


def test_something_else_may_be_due_before_the_quiet_hours_end() -> None:
    alerts, rule = Alerts(), AlertRule(hold_s=0.0, critical_after_s=None, stale_s=50.0, quiet=QUIET)
    alerts.look("sales", signal(), rule, at(0))
    alerts.source("/pbx", stale=True, rule=rule, now=at(0))
    assert (wakes(alerts, 0, rule), alerts.due_at) == ([], at(50))


def test_what_came_and_went_in_quiet_hours_is_one_line_after_them() -> None:
    alerts, rule = Alerts(), AlertRule(stale_s=0.0, reopen_s=0.0, quiet=QUIET)
    for seconds in (0, 100):
        alerts.source("/pbx", stale=True, rule=rule, now=at(seconds))
        assert wakes(alerts, seconds, rule) == []
        alerts.source("/pbx", stale=False, rule=rule, now=at(seconds + 10))
        assert wakes(alerts, seconds + 10, rule) == []
    assert alerts.due_at == at(1000)
    (told,) = alerts.wake("default", rule, at(1000))
    assert (told.kind, told.phase, told.reason, told.count) == (
        "source_stale",
        "resolved",
        "in_quiet_hours",
        2,
    )
    assert (told.subject, told.since_at) == ("/pbx", at(0))
    assert told.key == "alert/source_stale/default/quiet/2026-11-21T10:00:00.000000Z/resolved"
    assert wakes(alerts, 1001, rule) == []


def test_an_alert_can_say_what_would_help() -> None:
    helped: AlertChanged = with_help(alert(agents_missing=None, chance_then=None), 2, 0.15)
    assert (helped.agents_missing, helped.chance_then, helped.key) == (2, 0.15, alert().key)
