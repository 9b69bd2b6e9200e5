"""What a team is told: once, in time, with the reason; that it is over; and no noise."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from queuewatch.core.decisions import AlertChanged, Benefit
from queuewatch.core.facts.acts import IncentiveGranted
from queuewatch.core.facts.events import (
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    SourceStarted,
    SourceStopped,
)
from queuewatch.core.freeze import freeze
from queuewatch.core.hours import Hours
from queuewatch.core.rules import AlertRule, Budget, IncentiveRule, NoticeRule, QueueRules, Rules
from queuewatch.core.teams.alerts import Alerts, Signal
from queuewatch.core.teams.scheduled import Shortage
from tests.core.examples import SALES, at
from tests.core.histories import laws
from tests.stories.timeline import Timeline

HOLD_S, END_S, REOPEN_S, CRITICAL_S = 300.0, 900.0, 3600.0, 1800.0
RULE = AlertRule(
    hold_s=HOLD_S, end_hold_s=END_S, reopen_s=REOPEN_S, critical_after_s=CRITICAL_S, past=3, past_hold_s=60.0
)


class Watchman:
    """A site whose queues are as somebody says, on a clock moved by hand."""

    def __init__(self, rule: AlertRule = RULE) -> None:
        self.rule = rule
        self.alerts = Alerts()
        self.told: list[AlertChanged] = []

    def until(self, now_s: float) -> None:
        """Let time pass."""
        while self.alerts.due_at is not None and self.alerts.due_at <= at(now_s):
            self.wake(self.alerts.due_at - at(0))

    def wake(self, now_s: float) -> None:
        self.told += self.alerts.wake("default", self.rule, at(now_s))

    def sees(
        self, now_s: float, level: int, queue: str = "sales", *, past: int = 0, oldest: float = 0.0
    ) -> None:
        """A queue is looked at."""
        self.until(now_s)
        signal = Signal(level, past, past, oldest, {"60": 0.9}, 4)
        self.alerts.look(queue, signal, self.rule, at(now_s))
        self.until(now_s)

    @property
    def phases(self) -> list[tuple[float, str, str]]:
        """What was told: when, which phase, why."""
        return [(one.at - at(0), one.phase, one.reason) for one in self.told]


def test_a_queue_alarms_exactly_when_it_has_been_very_busy_for_the_hold_time_and_once() -> None:
    story = Watchman()
    story.sees(0, 2, oldest=100.0)
    story.until(HOLD_S - 0.001)
    assert story.told == []
    story.until(HOLD_S)
    story.sees(400, 2)
    (one,) = story.told
    assert (one.at, one.phase, one.severity, one.reason) == (at(HOLD_S), "raised", "warning", "very_busy")
    assert (one.kind, one.subject, one.since_at, one.count) == ("queue_busy", "sales", at(0), 1)
    assert (one.oldest_wait_s, one.chances, one.agents) == (100.0, {"60": 0.9}, 4)
    assert one.alert == "alert/queue_busy/default/*/2026-11-21T10:00:00.000000Z"
    assert one.key == f"{one.alert}/raised/2026-11-21T10:05:00.000000Z"


def test_a_queue_that_is_only_busy_alarms_nobody_unless_the_rule_says_so() -> None:
    for level, told in ((2, []), (1, [(HOLD_S, "raised", "busy")])):
        story = Watchman(AlertRule(level=level, hold_s=HOLD_S))
        story.sees(0, 1)
        story.until(2 * HOLD_S)
        assert story.phases == told


def test_a_queue_that_calms_down_before_the_hold_time_alarms_nobody() -> None:
    story = Watchman()
    for begin in (0, 400, 800):
        story.sees(begin, 2)
        story.sees(begin + HOLD_S - 0.001, 1)
    story.until(5000)
    assert story.told == []


def test_it_is_over_when_it_has_been_gone_for_the_end_time_in_a_row() -> None:
    story = Watchman()
    story.sees(0, 2)
    story.sees(400, 0)
    story.sees(600, 2)
    story.sees(700, 1)
    story.until(700 + END_S - 0.001)
    assert len(story.told) == 1
    story.until(700 + END_S)
    assert story.phases[1:] == [(700 + END_S, "resolved", "over")]
    assert story.told[1].alert == story.told[0].alert


def test_what_lasts_becomes_critical_once() -> None:
    story = Watchman()
    story.sees(0, 2)
    story.until(CRITICAL_S - 0.001)
    assert len(story.told) == 1
    story.until(10_000)
    assert story.phases[1:] == [(CRITICAL_S, "escalated", "lasts")]
    assert story.told[1].severity == "critical"


def test_what_never_becomes_critical_by_lasting_stays_a_warning() -> None:
    story = Watchman(AlertRule(critical_after_s=None))
    story.sees(0, 2)
    story.until(100_000)
    assert len(story.told) == 1


def test_what_comes_back_soon_goes_on_with_the_old_alert_and_later_is_a_new_one() -> None:
    story = Watchman()
    over_at = 400 + END_S
    story.sees(0, 2)
    story.sees(400, 0)
    story.sees(over_at + REOPEN_S - 0.001, 2)
    story.until(over_at + REOPEN_S + HOLD_S)
    assert [phase for _, phase, _ in story.phases] == ["raised", "resolved", "updated"]
    assert {one.alert for one in story.told} == {story.told[0].alert}
    gone_at = over_at + REOPEN_S + HOLD_S + 100
    story.sees(gone_at, 0)
    story.sees(gone_at + END_S + REOPEN_S, 2)
    story.until(gone_at + END_S + REOPEN_S + HOLD_S)
    assert [phase for _, phase, _ in story.phases[3:]] == ["resolved", "raised"]
    assert len({one.alert for one in story.told}) == 2


def test_a_flapping_queue_is_one_alert_and_not_ten() -> None:
    """All morning it is very busy for eight minutes and calm for four, twenty times over."""
    story = Watchman()
    for number in range(20):
        story.sees(720.0 * number, 2)
        story.sees(720.0 * number + 480, 0)
    story.until(30_000)
    assert [phase for _, phase, _ in story.phases] == ["raised", "escalated", "resolved"]


def test_queues_that_share_agents_have_one_alert_about_the_one_that_hurts_most() -> None:
    story = Watchman()
    story.sees(0, 2, "sales", oldest=50.0)
    story.sees(10, 2, "support", oldest=300.0)
    story.sees(200, 2, "sales", oldest=60.0)
    story.sees(250, 0, "sales")
    story.until(HOLD_S)
    (one,) = story.told
    assert (one.subject, one.count, one.since_at) == ("support", 1, at(0))


def test_each_queue_may_have_an_alert_of_its_own() -> None:
    story = Watchman(AlertRule(each_queue=True))
    story.sees(0, 2, "sales")
    story.sees(10, 2, "support")
    story.until(1000)
    assert [(one.subject, one.count) for one in story.told] == [("sales", 1), ("support", 1)]


def test_customers_past_the_threshold_are_told_of_together_unless_the_queue_alarms_already() -> None:
    story = Watchman()
    story.sees(0, 1, past=2)
    story.sees(10, 1, past=3)
    story.sees(69.999, 1, past=8)
    assert story.told == []
    story.until(70)
    (one,) = story.told
    assert (one.kind, one.subject, one.reason, one.count) == (
        "threshold_passed",
        "sales",
        "past_threshold",
        8,
    )
    story.sees(100, 2, past=9)
    story.sees(500, 2, past=9)
    story.until(5000)
    assert [(one.kind, one.phase) for one in story.told[1:]] == [
        ("queue_busy", "raised"),
        ("threshold_passed", "resolved"),
        ("queue_busy", "escalated"),
    ]


def test_what_is_over_for_long_is_forgotten() -> None:
    story = Watchman()
    story.sees(0, 2)
    story.sees(400, 0)
    story.until(10_000)
    story.sees(10_001, 2, "support")
    story.sees(20_000, 0, "support")
    story.until(50_000)
    story.wake(50_000)
    assert story.alerts.alarms == {}


# ── quiet hours ───────────────────────────────────────────────────────────────────────────────────────────

QUIET = Hours(
    zone=UTC, week=(((10 * 3600.0, 10 * 3600.0 + 4000.0),),) * 7
)  # from 0 s to 4000 s into the story


def quiet(**changes: Any) -> Watchman:
    known = {name: getattr(RULE, name) for name in RULE.__struct_fields__}
    return Watchman(AlertRule(**known | {"quiet": QUIET, "critical_after_s": None} | changes))


def test_in_quiet_hours_a_warning_is_held_back_and_told_after_them_if_it_still_holds() -> None:
    story = quiet()
    story.sees(0, 2)
    story.until(3999.999)
    assert story.told == []
    story.until(4000)
    assert story.phases == [(4000.0, "raised", "after_quiet_hours")]
    assert story.told[0].since_at == at(0)
    story.sees(4100, 0)
    story.until(9000)
    assert [phase for _, phase, _ in story.phases] == ["raised", "resolved"]


def test_what_came_and_went_in_quiet_hours_is_summed_up_after_them() -> None:
    story = quiet(end_hold_s=100.0, reopen_s=0.0)
    for begin in (0, 1000, 2000):
        story.sees(begin, 2)
        story.sees(begin + 400, 0)
    story.until(10_000)
    (one,) = story.told
    assert (one.at, one.phase, one.reason, one.count) == (at(4000), "resolved", "in_quiet_hours", 3)
    assert (one.since_at, one.subject) == (at(0), "sales")


def test_what_is_critical_is_told_in_quiet_hours_too() -> None:
    story = quiet(critical_after_s=CRITICAL_S)
    story.sees(0, 2)
    story.sees(2000, 0)
    story.until(10_000)
    assert story.phases == [(CRITICAL_S, "raised", "lasts"), (2000 + END_S, "resolved", "over")]
    assert story.told[0].severity == "critical"


def test_an_alert_from_before_the_quiet_hours_is_over_when_it_is_over() -> None:
    story = quiet()
    story.sees(-400, 2)
    story.sees(100, 0)
    story.until(3000)
    assert story.phases == [(-100.0, "raised", "very_busy"), (100 + END_S, "resolved", "over")]


# ── sources, promises, budgets, customers, plans, the journal ─────────────────────────────────────────────


def alerts(story: Timeline, kind: str | None = None) -> list[AlertChanged]:
    found = [one for one in story.decisions if isinstance(one, AlertChanged)]
    return [one for one in found if kind in (None, one.kind)]


def test_a_source_that_went_silent_is_told_of_and_then_critical_and_then_over() -> None:
    story = Timeline(Rules(alerts=AlertRule(stale_s=120.0, stale_critical_s=900.0)))
    story.tell(0, Enqueued(**SALES), "ada")
    story.tell(10, SourceStopped(), "")
    story.until(129.999)
    assert alerts(story) == []
    story.until(2000)
    story.tell(2000, SourceStarted(), "")
    assert [(one.at - at(0), one.phase, one.severity, one.subject) for one in alerts(story)] == [
        (130.0, "raised", "warning", "/pbx"),
        (910.0, "escalated", "critical", "/pbx"),
        (2000.0, "resolved", "critical", "/pbx"),
    ]


def test_a_source_that_is_back_in_time_alarms_nobody() -> None:
    story = Timeline()
    story.tell(10, SourceStopped(), "")
    story.tell(129, SourceStarted(), "")
    story.until(5000)
    assert alerts(story) == []


def test_promises_that_are_broken_too_often_are_told_of_until_they_are_kept_again() -> None:
    story = Watchman(AlertRule(promises=10, promises_kept=0.8, end_hold_s=60.0))
    for number in range(9):
        story.alerts.promise(story.rule, at(number), kept=number < 6)
    story.until(100)
    assert story.told == [], "too few to speak of"
    story.alerts.promise(story.rule, at(100), kept=True)
    story.until(100)
    (one,) = story.told
    assert (one.kind, one.reason, one.count, one.share) == ("promises_broken", "kept_too_few", 10, 0.7)
    for number in range(10):
        story.alerts.promise(story.rule, at(200 + number), kept=True)
    story.until(1000)
    assert [phase for _, phase, _ in story.phases] == ["raised", "resolved"]


def grant(story: Timeline, seconds: float, amount: str) -> None:
    act = IncentiveGranted(
        queue="sales",
        channel="phone",
        contact=f"c{seconds}",
        amount=Decimal(amount),
        by="Grace",
        holder="Grace",
        note="x",
    )
    story.tell(seconds, act, "")


@pytest.mark.parametrize("limit", ["day", "month"])
def test_a_budget_that_is_nearly_spent_is_told_of_and_then_that_it_is_spent(limit: str) -> None:
    budget = replace(Budget(by_hand_day=Decimal(1000), low_share=0.8), **{limit: Decimal(100)})
    story = Timeline(Rules(budget=budget))
    grant(story, 0, "79.99")
    assert alerts(story) == []
    grant(story, 1, "0.01")
    grant(story, 2, "20")
    story.until(3)
    assert [(one.phase, one.reason, one.severity, one.share) for one in alerts(story)] == [
        ("raised", "nearly_spent", "warning", 0.8),
        ("escalated", "spent", "critical", 1.0),
    ]


def test_the_alert_about_a_days_budget_is_over_at_midnight() -> None:
    story = Timeline(Rules(budget=Budget(by_hand_day=Decimal(1000), day=Decimal(10))))
    grant(story, 0, "10")
    story.until(14 * 3600 - 0.001)
    assert len(alerts(story)) == 1
    story.until(14 * 3600)
    assert [(one.at, one.phase) for one in alerts(story)[1:]] == [(at(14 * 3600), "resolved")]


def failures(*times: float, restarts: bool = False) -> Timeline:
    rule = IncentiveRule(benefit=Benefit(amount=Decimal(10), currency="EUR"), value=Decimal(10))
    story = Timeline(Rules(incentives={"r": rule}), restarts=restarts)
    story.tell(-10, AgentChanged(state="available", queues=("sales",)), "x")
    for number, seconds in enumerate(times):
        story.tell(seconds, Enqueued(**SALES, customer="p1:ada"), f"c{number}")
        story.tell(seconds + 200, Answered(**SALES, agent="x"), f"c{number}")
        story.tell(seconds + 210, Completed(**SALES), f"c{number}")
    return story


def test_a_customer_who_is_failed_again_is_a_case_for_a_person_told_without_a_name() -> None:
    story = failures(0, 1000, 2000)
    story.until(200_000)
    told = alerts(story, "customer_failed_again")
    assert [(one.at - at(0), one.phase, one.subject, one.count) for one in told] == [
        (1180.0, "raised", "customers", 1),
        (2180.0 + 4 * 3600, "resolved", "customers", 1),
    ]
    assert all("p1:ada" not in repr(one) for one in told)


def test_many_customers_failed_again_are_one_alert_with_news_when_they_have_doubled() -> None:
    story = Watchman(AlertRule(failed_again_s=3600.0))
    for number in range(23):
        story.alerts.failed_again(f"p1:{number}", story.rule, at(60.0 * number))
        story.until(60.0 * number)
    story.until(60.0 * 22 + 3600.0)
    assert [(one.phase, one.count) for one in story.told] == [
        ("raised", 1),
        ("updated", 5),
        ("updated", 10),
        ("updated", 20),
        ("resolved", 23),
    ]
    story.alerts.failed_again("p1:0", story.rule, at(10_000))
    story.until(10_000)
    assert (story.told[-1].phase, story.told[-1].count) == ("raised", 1)


def test_a_shortage_to_come_is_told_of_until_it_is_planned_away() -> None:
    story = Watchman(AlertRule(hold_s=0.0, end_hold_s=0.0))
    story.alerts.shortage("sales", Shortage(at(3600), 2, 4), story.rule, at(0))
    story.until(0)
    story.alerts.shortage("sales", None, story.rule, at(100))
    story.until(100)
    assert [(one.kind, one.phase, one.count) for one in story.told] == [
        ("shortage_ahead", "raised", 2),
        ("shortage_ahead", "resolved", 2),
    ]


# ── the whole ─────────────────────────────────────────────────────────────────────────────────────────────


def rush(*, restarts: bool = False) -> Timeline:
    """One agent, calls of ten minutes, and one more caller each minute for half an hour."""
    notice = NoticeRule(enter_hold_s=0.0, end_hold_s=0.0)
    story = Timeline(Rules(every=QueueRules(notice=notice), alerts=AlertRule(hold_s=60.0)), restarts=restarts)
    story.tell(-700, AgentChanged(state="available", queues=("sales",)), "x")
    story.tell(-690, Enqueued(**SALES), "zoe")
    story.tell(-689, Answered(**SALES, agent="x"), "zoe")
    story.tell(-89, Completed(**SALES), "zoe")
    story.tell(-10, Enqueued(**SALES), "yan")
    story.tell(-9, Answered(**SALES, agent="x"), "yan")
    for number in range(30):
        story.tell(60.0 * number, Enqueued(**SALES), f"c{number}")
    story.until(3600)
    return story


def test_an_alert_says_what_would_help() -> None:
    (first, *_) = alerts(rush(), "queue_busy")
    assert first.phase == "raised"
    assert first.agents == 1
    assert (first.agents_missing or 0) >= 1
    assert first.chance_then is not None
    assert first.chance_then <= 0.2


def test_a_restart_after_every_single_turn_changes_nothing() -> None:
    straight, restarted = rush(), rush(restarts=True)
    assert restarted.decisions == straight.decisions
    assert freeze(restarted.core) == freeze(straight.core)
    assert failures(0, 1000, restarts=True).decisions == failures(0, 1000).decisions


@laws
@given(
    moves=st.lists(
        st.tuples(st.integers(1, 2000), st.sampled_from(["sales", "support"]), st.integers(0, 2)), max_size=40
    ),
    with_quiet=st.booleans(),
)
def test_phases_follow_each_other_as_they_should_and_no_key_comes_twice(
    moves: list[tuple[int, str, int]], *, with_quiet: bool
) -> None:
    story = quiet(critical_after_s=CRITICAL_S) if with_quiet else Watchman()
    now = 0
    for pause, queue, level in moves:
        now += pause
        story.sees(now, level, queue, past=2 * level)
    story.until(now + 200_000)
    assert len({one.key for one in story.told}) == len(story.told)
    open_: dict[str, str] = {}
    for one in story.told:
        if one.reason == "in_quiet_hours":
            continue
        if one.phase == "raised":
            assert one.alert not in open_
        elif one.phase == "updated":
            assert open_.get(one.alert) in (None, "resolved")
        else:
            assert open_[one.alert] != "resolved"
        open_[one.alert] = one.phase


def test_an_alert_about_a_queue_of_which_nothing_can_be_foretold_says_nothing_of_what_would_help() -> None:
    """Nobody was ever answered: how long the next one waits is unknown, that five wait too long is not."""
    story = Timeline(Rules(alerts=AlertRule(past=5, past_hold_s=60.0)))
    for number in range(5):
        story.tell(number, Enqueued(**SALES), f"c{number}")
    story.until(400)
    told = [one for one in story.decisions if isinstance(one, AlertChanged)]
    assert [(one.kind, one.phase, one.at - at(0)) for one in told] == [("threshold_passed", "raised", 245.0)]
    assert told[0].waiting == 5
    assert told[0].agents_missing is None
