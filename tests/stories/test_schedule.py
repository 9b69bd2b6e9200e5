"""A calendar of notices on a clock moved by hand: exact on its borders, also when the clock is set."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import Answered, Completed, Enqueued
from queuewatch.core.freeze import freeze
from queuewatch.core.hours import Hours
from queuewatch.core.rules import QueueRules, Rules
from queuewatch.core.schedule import Planned
from tests.core.examples import SALES, at
from tests.stories.timeline import Timeline

BERLIN = ZoneInfo("Europe/Berlin")


def seconds(text: str) -> float:
    """A moment in UTC, as seconds into the morning of the other stories."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() - at(0)


def on(weekday: int, begins: float, ends: float) -> Rules:
    """Busy on this weekday between these hours of the clock in Berlin."""
    week = tuple(((begins * 3600, ends * 3600),) if day == weekday else () for day in range(7))
    entry = Planned(level="busy", hours=Hours(zone=BERLIN, week=week))
    return Rules(every=QueueRules(schedule=(entry,)))


def served(rules: Rules, before_s: float, *, restarts: bool = False) -> Timeline:
    """A queue that served somebody shortly before, and has nobody in it since."""
    story = Timeline(rules, restarts=restarts)
    story.tell(before_s - 600, Enqueued(**SALES))
    story.tell(before_s - 595, Answered(**SALES, agent="ann"))
    story.tell(before_s - 500, Completed(**SALES))
    return story


def test_an_empty_queue_is_busy_on_monday_from_nine_to_eleven_exactly_and_says_why() -> None:
    begins_s, ends_s = seconds("2026-11-23T08:00"), seconds("2026-11-23T10:00")
    story = served(on(0, 9, 11), begins_s)
    story.until(begins_s - 0.001)
    assert story.told == []
    story.until(begins_s)
    assert story.told == [(begins_s, "busy")]
    assert story.queue().notice.reason == "schedule"
    story.until(ends_s)
    assert story.told == [(begins_s, "busy"), (ends_s, "normal")]
    assert story.queue().notice.reason == "below"


def test_the_night_in_which_the_clock_is_set_it_goes_by_the_clock_on_the_wall() -> None:
    begins_s, ends_s = seconds("2026-03-28T23:30"), seconds("2026-03-29T07:00")
    story = served(on(6, 0.5, 9), begins_s)
    story.until(ends_s + 3600)
    assert story.told == [(begins_s, "busy"), (ends_s, "normal")]


def test_a_restart_after_every_turn_changes_nothing() -> None:
    begins_s, ends_s = seconds("2026-11-23T08:00"), seconds("2026-11-23T10:00")
    straight, restarted = (served(on(0, 9, 11), begins_s, restarts=one) for one in (False, True))
    for story in (straight, restarted):
        story.until(ends_s + 60)
    assert restarted.decisions == straight.decisions
    assert freeze(restarted.core) == freeze(straight.core)


def test_not_today_says_a_supervisor_and_the_calendar_holds_again_at_the_end_of_the_word() -> None:
    begins_s = seconds("2026-11-23T08:00")
    story = served(on(0, 9, 11), begins_s)
    until_at = at(begins_s + 1800)
    story.tell(
        begins_s + 60, NoticeOverridden(queue="sales", level="normal", by="Grace", until_at=until_at), ""
    )
    story.until(begins_s + 1800)
    assert story.told == [(begins_s, "busy"), (begins_s + 60, "normal"), (begins_s + 1800, "busy")]
    assert story.queue().notice.reason == "schedule"
