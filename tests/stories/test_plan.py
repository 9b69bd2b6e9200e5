"""A plan that was brought in: on the board, through restarts, and the alert before it is too little."""

from __future__ import annotations

from queuewatch.core.decisions import AlertChanged
from queuewatch.core.facts.acts import NeedTold, PlannedSpan, PlanTold
from queuewatch.core.facts.events import AgentChanged, Answered, Completed, Enqueued
from queuewatch.core.freeze import freeze
from queuewatch.core.rules import AlertRule, Rules
from tests.core.examples import SALES, at
from tests.stories.timeline import Timeline

HOUR = 3600.0
Span = tuple[float, float, int]


def plan(story: Timeline, now_s: float, *spans: Span, queue: str = "sales") -> None:
    told = tuple(PlannedSpan(at(begin), at(until), agents) for begin, until, agents in spans)
    story.tell(now_s, PlanTold(queue=queue, by="Grace", spans=told), "", source="/people", ident=f"p@{now_s}")


def steady_day(*spans: Span, restarts: bool = False, hours: int = 3) -> Timeline:
    """A call of five minutes each minute: five erlangs, which six agents at the least must handle."""
    rules = Rules(alerts=AlertRule(hold_s=600.0, end_hold_s=0.0))
    story = Timeline(rules, restarts=restarts)
    for number in range(20):
        story.tell(-5.0, AgentChanged(state="available", queues=("sales",)), f"a{number}")
    if spans:
        plan(story, -1.0, *spans)
    for minute in range(60 * hours):
        begin = 60.0 * minute
        story.tell(begin, Enqueued(**SALES), f"c{minute}")
        story.tell(begin + 1.0, Answered(**SALES, agent=f"a{minute % 20}"), f"c{minute}")
        if minute >= 5:
            story.tell(begin + 2.0, Completed(**SALES), f"c{minute - 5}")
    return story


def shortages(story: Timeline) -> list[AlertChanged]:
    return [one for one in story.decisions if isinstance(one, AlertChanged) and one.kind == "shortage_ahead"]


def test_a_shortage_is_told_of_within_the_hour_before_it_and_is_over_when_the_plan_is_mended() -> None:
    story = steady_day((0.0, 2 * HOUR, 20), (2 * HOUR, 3 * HOUR, 4), (3 * HOUR, 9 * HOUR, 20))
    raised, *rest = shortages(story)
    assert (raised.phase, raised.subject, raised.reason) == ("raised", "sales", "too_few_planned")
    # Seen when it is an hour ahead, at the next look; told when it has been so for ten minutes.
    assert at(HOUR + 600.0) <= raised.at <= at(HOUR + 720.0)
    assert (raised.count or 0) >= 2
    assert [one.phase for one in rest] == ["resolved"] * len(rest)
    assert story.queue().planned == 4


def test_a_plan_that_is_mended_ends_the_alert() -> None:
    story = steady_day((0.0, 9 * HOUR, 4), hours=1)
    assert [one.phase for one in shortages(story)] == ["raised"]
    plan(story, HOUR, (HOUR, 9 * HOUR, 20))
    story.until(HOUR + 120.0)
    assert [one.phase for one in shortages(story)] == ["raised", "resolved"]


def test_enough_agents_and_no_plan_alarm_nobody() -> None:
    assert shortages(steady_day((0.0, 9 * HOUR, 20), hours=1)) == []
    story = steady_day(hours=1)
    assert shortages(story) == []
    assert story.queue().planned is None


def test_the_end_of_the_plan_is_the_end_of_its_alert() -> None:
    story = steady_day((0.0, 1800.0, 4), hours=1)
    assert [one.phase for one in shortages(story)] == ["raised", "resolved"]
    assert story.queue().planned is None


def test_a_restart_after_every_turn_changes_nothing() -> None:
    spans = ((0.0, 1000.0, 20), (1000.0, 9 * HOUR, 4))
    straight, restarted = steady_day(*spans, hours=1), steady_day(*spans, hours=1, restarts=True)
    assert restarted.decisions == straight.decisions
    assert freeze(restarted.core) == freeze(straight.core)
    assert restarted.queue().planned == 4


def test_a_plan_for_a_queue_that_nobody_heard_of_makes_no_queue_and_waits_for_it() -> None:
    story = Timeline()
    plan(story, 0.0, (0.0, HOUR, 3))
    story.until(120.0)
    assert story.core.sites["default"].queues == {}
    story.tell(130.0, Enqueued(**SALES), "ada")
    assert story.queue().planned == 3


def foretold(now_s: float, *spans: Span, restarts: bool = False) -> Timeline:
    """Twenty agents on a quiet morning, and what the forecast says of later."""
    story = Timeline(Rules(alerts=AlertRule(hold_s=600.0, end_hold_s=0.0)), restarts=restarts)
    for number in range(20):
        story.tell(-5.0, AgentChanged(state="available", queues=("sales",)), f"a{number}")
    story.tell(-4.0, Enqueued(**SALES), "ada")
    plan(story, -1.0, (0.0, 9 * HOUR, 11))
    told = tuple(PlannedSpan(at(begin), at(until), agents) for begin, until, agents in spans)
    story.tell(now_s, NeedTold(queue="sales", spans=told), "", source="/planner", ident="n")
    return story


def test_a_rush_that_the_forecast_expects_is_told_of_while_the_queue_is_still_quiet() -> None:
    story = foretold(0.0, (0.0, 2 * HOUR, 3), (2 * HOUR, 2.5 * HOUR, 14), (2.5 * HOUR, 4 * HOUR, 5))
    story.until(HOUR - 1.0)
    assert shortages(story) == []
    story.until(4 * HOUR)
    raised, over = shortages(story)
    assert (raised.phase, over.phase) == ("raised", "resolved")
    assert (raised.count, raised.agents, raised.begins_at) == (3, 11, at(2 * HOUR))
    assert at(HOUR + 600.0) <= raised.at <= at(HOUR + 720.0)


def test_what_the_forecast_called_for_survives_a_restart_after_every_turn() -> None:
    spans = ((0.0, HOUR, 3), (HOUR, 2 * HOUR, 14))
    straight, restarted = foretold(0.0, *spans), foretold(0.0, *spans, restarts=True)
    straight.until(2 * HOUR)
    restarted.until(2 * HOUR)
    assert shortages(straight)
    assert restarted.decisions == straight.decisions
    assert freeze(restarted.core) == freeze(straight.core)
