"""Tests of the hysteresis of notices, with times and chances exactly on their borders."""

from __future__ import annotations

from datetime import UTC
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.hours import Hours
from queuewatch.core.notices.watch import Watch, notice_key
from queuewatch.core.rules import DAY_S, NoticeRule
from queuewatch.core.schedule import Planned
from queuewatch.core.view import NoticeLevel
from tests.core.examples import at
from tests.core.histories import laws

RULE = NoticeRule()


def chances(past_60: float, past_180: float = 0.0) -> dict[str, float]:
    return {"60": past_60, "180": past_180}


def busy_since(seconds: float) -> Watch:
    watch = Watch()
    watch.heed(chances(0.5), at(seconds - 30), RULE)
    assert watch.heed(chances(0.5), at(seconds), RULE)
    return watch


def test_a_chance_of_exactly_the_border_for_exactly_the_hold_time_makes_a_queue_busy() -> None:
    watch = Watch()
    assert not watch.heed(chances(0.5), at(0), RULE)
    assert watch.due_at(RULE) == at(30)
    assert not watch.heed(chances(0.5), at(29.999), RULE)
    assert watch.reason == "rising"
    assert watch.heed(chances(0.5), at(30), RULE)
    assert (watch.level, watch.since_at, watch.reason) == ("busy", at(30), "above")
    assert watch.due_at(RULE) is None


def test_a_chance_just_under_the_border_never_does() -> None:
    watch = Watch()
    watch.heed(chances(0.49999), at(0), RULE)
    assert not watch.heed(chances(0.49999), at(3600), RULE)
    assert (watch.level, watch.reason, watch.due_at(RULE)) == ("normal", "below", None)


def test_one_moment_under_the_border_begins_the_hold_time_anew() -> None:
    watch = Watch()
    watch.heed(chances(0.9), at(0), RULE)
    watch.heed(chances(0.4), at(20), RULE)
    watch.heed(chances(0.9), at(21), RULE)
    assert not watch.heed(chances(0.9), at(50.999), RULE)
    assert watch.heed(chances(0.9), at(51), RULE)


def test_a_busy_queue_stays_so_at_the_lower_border_and_ends_under_it_after_exactly_its_hold_time() -> None:
    watch = busy_since(0)
    watch.heed(chances(0.3), at(10), RULE)
    assert not watch.heed(chances(0.3), at(1000), RULE)
    watch.heed(chances(0.29999), at(1001), RULE)
    assert watch.due_at(RULE) == at(1121)
    assert not watch.heed(chances(0.29999), at(1120.999), RULE)
    assert watch.reason == "falling"
    assert watch.heed(chances(0.29999), at(1121), RULE)
    assert (watch.level, watch.since_at) == ("normal", at(1121))


def test_very_busy_goes_by_its_own_threshold_and_falls_back_to_busy() -> None:
    watch = busy_since(0)
    watch.heed(chances(0.9, 0.5), at(10), RULE)
    assert watch.heed(chances(0.9, 0.5), at(40), RULE)
    assert (watch.level, watch.reason) == ("very_busy", "above")
    watch.heed(chances(0.9, 0.1), at(50), RULE)
    assert watch.reason == "falling"
    assert watch.heed(chances(0.9, 0.1), at(170), RULE)
    assert (watch.level, watch.since_at) == ("busy", at(170))


def test_a_queue_that_jumps_past_both_borders_is_very_busy_at_once() -> None:
    watch = Watch()
    watch.heed(chances(1.0, 1.0), at(0), RULE)
    watch.heed(chances(1.0, 1.0), at(30), RULE)
    assert watch.level == "very_busy"


def test_an_unknown_chance_changes_nothing_and_interrupts_what_was_turning() -> None:
    watch = busy_since(0)
    watch.heed(chances(0.1), at(10), RULE)
    assert not watch.heed(None, at(20), RULE)
    assert (watch.level, watch.reason, watch.due_at(RULE)) == ("busy", "no_estimate", None)
    watch.heed(chances(0.1), at(100), RULE)
    assert watch.due_at(RULE) == at(220)


def test_without_hold_times_a_level_changes_at_once() -> None:
    rule = NoticeRule(enter_hold_s=0, end_hold_s=0)
    watch = Watch()
    assert watch.heed(chances(0.5), at(0), rule)
    assert watch.heed(chances(0.1), at(0), rule)
    assert watch.level == "normal"


def word(level: NoticeLevel | None, until_s: float | None = None) -> NoticeOverridden:
    return NoticeOverridden(
        queue="sales", level=level, by="Grace", until_at=None if until_s is None else at(until_s)
    )


def test_a_supervisors_word_goes_before_the_rules_until_exactly_its_end() -> None:
    watch = busy_since(0)
    watch.obey(word("normal", 100), (at(10), "/http", "o1"))
    assert watch.heed(chances(0.9), at(10), RULE)
    assert watch.due_at(RULE) == at(100)
    view = watch.view()
    assert (view.level, view.reason, view.by, view.until_at) == ("normal", "override", "Grace", at(100))
    assert not watch.heed(chances(0.9), at(99.999), RULE)
    assert watch.heed(chances(0.9), at(100), RULE)
    assert (watch.level, watch.view().by) == ("busy", None)


def test_of_several_words_the_one_spoken_last_holds_whichever_came_in_last() -> None:
    watch = Watch()
    watch.obey(word("very_busy"), (at(20), "/http", "o2"))
    watch.obey(word("busy"), (at(10), "/http", "o1"))
    watch.heed(chances(0.0), at(21), RULE)
    assert watch.view().level == "very_busy"
    watch.obey(word(None), (at(30), "/http", "o3"))
    watch.heed(chances(0.0), at(31), RULE)
    assert watch.view().level == "normal"


def test_a_word_that_is_over_when_it_comes_in_says_nothing() -> None:
    watch = Watch()
    watch.obey(word("busy", 10), (at(0), "/http", "o1"))
    assert not watch.heed(chances(0.0), at(10), RULE)
    assert watch.override is None


def test_a_key_is_made_of_names_and_of_the_begin() -> None:
    assert notice_key("north", "sales", "busy", at(0.25)) == (
        "notice/north/sales/busy/2026-11-21T10:00:00.250000Z"
    )


def test_names_with_a_slash_make_no_two_keys_the_same() -> None:
    assert notice_key("a", "b/c", "busy", at(0)) != notice_key("a/b", "c", "busy", at(0))


@laws
@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from([None, 0.0, 0.3, 0.4, 0.5, 1.0])), max_size=30))
def test_no_level_lasts_shorter_than_the_hold_time_of_what_ends_it(
    steps: list[tuple[int, float | None]],
) -> None:
    watch = Watch()
    now_s = 0.0
    changes: list[tuple[float, NoticeLevel]] = []
    for later_s, chance in steps:
        now_s += later_s
        if watch.heed(None if chance is None else chances(chance), at(now_s), RULE):
            changes.append((now_s, watch.level))
    assert [level for _, level in changes] == ["busy", "normal"] * (len(changes) // 2) + ["busy"] * (
        len(changes) % 2
    )
    for (begin, level), (end, _) in pairwise(changes):
        assert end - begin >= (RULE.end_hold_s if level == "busy" else RULE.enter_hold_s)


@pytest.mark.parametrize("chance", [0.3, 0.4, 0.49999])
def test_between_the_borders_a_queue_stays_as_it_is(chance: float) -> None:
    for watch in (Watch(), busy_since(0)):
        level = watch.level
        watch.heed(chances(chance), at(10), RULE)
        assert not watch.heed(chances(chance), at(9999), RULE)
        assert watch.level == level


def calendar(level: NoticeLevel, begins_s: float, ends_s: float) -> tuple[Planned, ...]:
    """One entry, in seconds into the day of `at(0)`, on every day."""
    midnight_s = at(0) % DAY_S
    span = (midnight_s + begins_s, midnight_s + ends_s)
    return (Planned(level=level, hours=Hours(zone=UTC, week=((span,),) * 7)),)


def test_the_calendar_goes_before_the_estimates_from_exactly_its_beginning_to_its_end() -> None:
    schedule = calendar("busy", 100, 200)
    watch = Watch()
    assert not watch.heed(chances(0.0), at(99.999), RULE, schedule)
    assert watch.due_at(RULE) == at(100)
    assert watch.heed(chances(0.0), at(100), RULE, schedule)
    assert (watch.level, watch.reason, watch.since_at) == ("busy", "schedule", at(100))
    assert watch.due_at(RULE) == at(200)
    assert watch.heed(chances(0.0), at(200), RULE, schedule)
    assert (watch.level, watch.reason) == ("normal", "below")


def test_the_calendar_can_say_that_it_is_never_busy_while_the_estimates_go_on() -> None:
    schedule = calendar("normal", 100, 200)
    watch = busy_since(0)
    assert watch.heed(chances(0.9), at(100), RULE, schedule)
    assert (watch.level, watch.reason) == ("normal", "schedule")
    assert watch.heed(chances(0.9), at(200), RULE, schedule)
    assert (watch.level, watch.reason) == ("busy", "above")


def test_a_supervisors_word_goes_before_the_calendar_and_gives_way_to_it_at_its_end() -> None:
    schedule = calendar("busy", 100, 200)
    watch = Watch()
    watch.obey(word("very_busy", 150), (at(110), "/http", "o1"))
    assert watch.heed(chances(0.0), at(110), RULE, schedule)
    assert (watch.level, watch.reason, watch.due_at(RULE)) == ("very_busy", "override", at(150))
    assert watch.heed(chances(0.0), at(150), RULE, schedule)
    assert (watch.level, watch.reason, watch.due_at(RULE)) == ("busy", "schedule", at(200))
