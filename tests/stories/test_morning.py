"""A supervisor's account of a morning, to the second."""

from __future__ import annotations

from math import exp

import pytest

from queuewatch.core.decisions import notices_among
from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import AgentChanged, Answered, Completed, Enqueued, SourceGap, SourceStopped
from queuewatch.core.freeze import freeze
from tests.core.examples import SALES, at, event
from tests.stories.timeline import Timeline


def opened(*, restarts: bool = False) -> Timeline:
    """Xena serves sales alone, 80 s a call, as she always has; Zoe called early, now Ada is being talked to.

    So Xena is expected to let one go in 80 s: who comes now passes 60 s with a chance of e^(-60/80) = 0.47,
    and who comes behind somebody else has to wait for two.
    """
    morning = Timeline(restarts=restarts)
    morning.practised()
    morning.tell(-400, AgentChanged(state="available", queues=("sales",)), "xena")
    morning.tell(-300, Enqueued(**SALES), "zoe")
    morning.tell(-295, Answered(**SALES, agent="xena"), "zoe")
    morning.tell(-215, Completed(**SALES), "zoe")
    morning.tell(0, Enqueued(**SALES), "ada")
    morning.tell(5, Answered(**SALES, agent="xena"), "ada")
    return morning


def busy(*, restarts: bool = False) -> Timeline:
    """Bob joins at 60 s behind Ada, who is being talked to: from then on the next contact is at risk."""
    morning = opened(restarts=restarts)
    morning.until(60)
    assert morning.chance() == pytest.approx(exp(-60 / 80), rel=0.02)
    morning.tell(60, Enqueued(**SALES), "bob")
    assert morning.chance() >= 0.5
    return morning


def the_whole_morning(*, restarts: bool = False) -> Timeline:
    """Busy from 90 s, a flicker at 200 s, over at 360 s."""
    morning = busy(restarts=restarts)
    morning.tell(100, Completed(**SALES), "ada")
    morning.tell(103, Answered(**SALES, agent="xena"), "bob")
    morning.tell(150, Completed(**SALES), "bob")
    morning.tell(200, Enqueued(**SALES), "cyd")
    morning.tell(204, Answered(**SALES, agent="xena"), "cyd")
    morning.tell(240, Completed(**SALES), "cyd")
    morning.until(1000)
    return morning


def test_a_queue_becomes_busy_exactly_when_the_chance_has_been_high_for_30_s_and_says_so_once() -> None:
    morning = busy()
    morning.until(89.999)
    assert morning.told == []
    assert morning.queue().notice.reason == "rising"
    morning.until(110)
    assert morning.told == [(90.0, "busy")]
    (decision,) = notices_among(morning.decisions)
    assert decision.key == "notice/default/sales/busy/2026-11-21T10:01:30.000000Z"
    assert (decision.was, decision.reason) == ("normal", "above")
    assert decision.chances["60"] >= 0.5 > decision.chances["180"]
    assert morning.queue().notice.since_at == at(90)


def test_a_queue_that_flickers_for_less_than_30_s_tells_nobody_anything() -> None:
    morning = opened()
    talking = "ada"
    for begin in (60, 160, 260):
        caller = f"c{begin}"
        morning.tell(begin, Enqueued(**SALES), caller)
        assert morning.chance() >= 0.5
        morning.tell(begin + 25, Completed(**SALES), talking)
        morning.tell(begin + 29.999, Answered(**SALES, agent="xena"), caller)
        assert morning.chance() < 0.5
        talking = caller
    assert morning.told == []


def test_a_notice_ends_when_the_chance_has_been_low_for_120_s_in_a_row() -> None:
    assert the_whole_morning().told == [(90.0, "busy"), (360.0, "normal")]


def test_a_restart_after_every_single_turn_changes_nothing() -> None:
    straight, restarted = the_whole_morning(), the_whole_morning(restarts=True)
    assert restarted.decisions == straight.decisions
    assert restarted.queue() == straight.queue()
    assert freeze(restarted.core) == freeze(straight.core)


def test_what_a_supervisor_says_holds_at_once_and_until_its_time_and_then_the_rules_hold() -> None:
    morning = opened()
    word = NoticeOverridden(queue="sales", level="very_busy", by="Grace", until_at=at(600))
    morning.tell(30, word, "")
    assert morning.told == [(30.0, "very_busy")]
    assert (morning.queue().notice.reason, morning.queue().notice.by) == ("override", "Grace")
    morning.tell(50, Completed(**SALES), "ada")
    morning.until(599.999)
    assert morning.told == [(30.0, "very_busy")]
    morning.until(700)
    assert morning.told == [(30.0, "very_busy"), (600.0, "normal")]
    assert morning.queue().notice.by is None


def test_a_supervisor_can_keep_a_busy_queue_from_saying_so_and_give_it_back() -> None:
    morning = busy()
    morning.tell(70, NoticeOverridden(queue="sales", level="normal", by="Grace"), "")
    morning.until(100)
    assert morning.told == []
    morning.tell(101, NoticeOverridden(queue="sales", by="Grace"), "")
    assert morning.told == [(101.0, "busy")]


@pytest.mark.parametrize("silence", [SourceStopped(), SourceGap()])
def test_a_source_gone_silent_leaves_no_estimate_and_the_notice_as_it_was(
    silence: SourceStopped | SourceGap,
) -> None:
    morning = busy()
    morning.until(95)
    morning.tell(100, silence, "")
    assert morning.queue().state == "stale"
    assert morning.queue().next.no_estimate == "source_stale"
    assert morning.queue().next.chances == {}
    morning.until(3600)
    assert morning.told == [(90.0, "busy")]
    assert (morning.queue().notice.level, morning.queue().notice.reason) == ("busy", "no_estimate")
    assert morning.queue().waiting == 1
    morning.tell(3700, Completed(**SALES), "ada")
    assert morning.queue().state == "live"
    assert morning.queue().next.no_estimate is None


def test_a_source_that_tells_of_what_is_long_past_is_stale_until_it_has_caught_up() -> None:
    morning = Timeline()
    lag_s = morning.rules.ages.lag_s
    morning.record(1000, event(1000 - lag_s, Enqueued(**SALES), "bob"))
    assert morning.queue().state == "live"
    morning.record(2000, event(2000 - lag_s - 0.001, Enqueued(**SALES), "cyd"))
    assert morning.queue().state == "stale"
    assert morning.queue().next.no_estimate == "source_stale"
    morning.tell(2001, Enqueued(**SALES), "dan")
    assert morning.queue().state == "live"


def test_when_all_agents_have_gone_there_is_no_estimate_and_who_waited_past_a_threshold_has_passed_it() -> (
    None
):
    morning = busy()
    morning.tell(70, AgentChanged(state="offline"), "xena")
    morning.tell(71, Completed(**SALES), "ada")
    morning.until(121)
    (bob,) = morning.line()
    assert bob.wait.no_estimate == "no_agents"
    assert bob.wait.chances == {"60": 1.0}
    assert morning.queue().next.no_estimate == "no_agents"


def test_a_centre_that_has_just_opened_has_too_little_to_say() -> None:
    morning = Timeline()
    morning.tell(0, Enqueued(**SALES), "ada")
    assert morning.queue().next.no_estimate == "too_few_data"
    assert morning.queue().agents is None
