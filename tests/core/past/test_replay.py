"""Tests of history through the core: what happened, and what would have been decided."""

from __future__ import annotations

import pytest
from hypothesis import given

from queuewatch.core.decisions import notices_among
from queuewatch.core.facts.acts import CustomerForgotten, NoticeOverridden, PromiseTold
from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    Data,
    Enqueued,
    Event,
    Left,
    Offered,
    Transferred,
)
from queuewatch.core.past.replay import QueueSummary, Replay, Summary
from queuewatch.core.rules import QueueRules, Rules
from queuewatch.core.views import promise_views
from tests.core.examples import SALES, SUPPORT, at, event
from tests.core.histories import histories, laws


def replayed(*facts: tuple[float, Data, str], rules: Rules | None = None) -> Summary:
    replay = Replay(rules or Rules())
    for seconds, fact, subject in facts:
        replay.take(event(seconds, fact, subject))
    return replay.summary()


def only(summary: Summary) -> QueueSummary:
    (queue,) = summary.queues
    return queue


def call(
    name: str, seconds: float, wait_s: float, talk_s: float, agent: str = "x"
) -> list[tuple[float, Data, str]]:
    return [
        (seconds, Enqueued(**SALES), name),
        (seconds + wait_s, Answered(**SALES, agent=agent), name),
        (seconds + wait_s + talk_s, Completed(**SALES), name),
    ]


def test_nothing_happened_in_an_empty_history() -> None:
    summary = Replay(Rules()).summary()
    assert summary == Summary(queues=(), events=0, begins_at=None, ends_at=None, misfits={}, decisions=())


def test_what_happened_is_counted_per_queue() -> None:
    summary = replayed(
        *call("ada", 0, 60, 100),
        *call("bob", 200, 20, 100),
        (400, Enqueued(**SALES), "cyd"),
        (500, Abandoned(**SALES), "cyd"),
        (510, Enqueued(**SALES), "dan"),
        (520, Left(**SALES, reason="key"), "dan"),
        (530, Enqueued(**SALES), "eve"),
        (535, Offered(**SUPPORT), "fay"),
    )
    queue = only(summary)
    assert (queue.offered, queue.answered, queue.abandoned, queue.left, queue.unfinished) == (
        5,
        2,
        1,
        {"key": 1},
        1,
    )
    assert [queue.mean_wait_s, queue.p90_wait_s, queue.longest_wait_s] == pytest.approx([40.0, 56.0, 100.0])
    assert queue.service_level == {"60": 2 / 5, "180": 2 / 5}
    assert (summary.events, summary.begins_at, summary.ends_at) == (12, at(0), at(535))
    assert summary.misfits == {"no_visit": 1}


def test_a_wait_exactly_at_the_threshold_is_within_it() -> None:
    queue = only(replayed(*call("ada", 0, 60, 10), *call("bob", 100, 60.5, 10)))
    assert queue.service_level == {"60": 0.5, "180": 1.0}


def test_a_queue_without_answers_has_no_waits_to_speak_of() -> None:
    queue = only(replayed((0, Enqueued(**SALES), "ada"), (9, Left(**SALES), "ada")))
    assert (queue.mean_wait_s, queue.p90_wait_s, queue.longest_wait_s) == (None, None, 9.0)
    assert (queue.left, queue.occupancy, queue.service_level) == (
        {"unknown": 1},
        None,
        {"60": 0.0, "180": 0.0},
    )


def test_occupancy_is_busy_time_over_time_on_duty_with_any_queue_and_a_long_pause_is_off_duty() -> None:
    """x: 100 s, a pause of 60 s, 140 s, then off for over half an hour, then 100 s: 340 busy of 400 s."""
    summary = replayed(
        *call("ada", 0, 0, 100),
        (160, Answered(**SUPPORT, agent="x"), "sue"),
        (300, Completed(**SUPPORT), "sue"),
        *call("bob", 3000, 0, 100),
    )
    assert [queue.occupancy for queue in summary.queues] == [
        pytest.approx(340 / 400),
        pytest.approx(340 / 400),
    ]


def test_conversations_at_the_same_time_keep_an_agent_busy_once() -> None:
    summary = replayed(
        (0, Answered(**SALES, agent="x"), "ada"),
        (10, Answered(**SALES, agent="x"), "bob"),
        (20, Completed(**SALES), "bob"),
        (50, Completed(**SALES), "ada"),
        (100, Answered(**SALES, agent="x"), "cyd"),
        (150, Completed(**SALES), "cyd"),
    )
    assert only(summary).occupancy == pytest.approx(100 / 150)


def test_a_contact_that_comes_again_long_after_is_counted_again() -> None:
    summary = replayed(*call("ada", 0, 10, 100), *call("ada", 86400, 20, 100))
    assert (only(summary).offered, only(summary).answered, only(summary).mean_wait_s) == (2, 2, 15.0)


def test_a_stay_that_turned_out_never_to_have_been_is_not_counted() -> None:
    replay = Replay(Rules())
    replay.take(event(0, Enqueued(**SALES), ident="e1"))
    replay.take(event(1, Enqueued(**SUPPORT), ident="e1"))
    assert [one.queue for one in replay.summary().queues] == ["support"]


def test_an_event_earlier_than_the_one_before_is_taken_in_late() -> None:
    queue = only(replayed(*call("ada", 0, 30, 100)[::-1]))
    assert (queue.offered, queue.mean_wait_s) == (1, 30.0)


def promised(contact: str) -> PromiseTold:
    """Somebody in line is told a minute."""
    return PromiseTold(
        **SALES, contact=contact, visit=1, language="en", text="A minute.", waited_s=5.0, told_s=60.0
    )


def word(level: str | None) -> NoticeOverridden:
    return NoticeOverridden(queue="sales", level=level, by="Grace")  # type: ignore[arg-type]


def test_how_long_customers_would_have_been_told_is_summed_up_to_the_end() -> None:
    summary = replayed(
        (0, Enqueued(**SALES), "ada"),
        (1, Answered(**SALES, agent="x"), "ada"),
        (10, word("busy"), ""),
        (15, word("very_busy"), ""),
        (30, word("normal"), ""),
        (50, word("busy"), ""),
        (51, Transferred(**SALES), "ada"),
        (57, Enqueued(**SUPPORT), "ada"),
    )
    sales = summary.queues[0]
    assert sales.notices == {"busy": 2, "very_busy": 1, "normal": 1}
    assert sales.busy_s == 20.0 + 7.0
    assert [one.level for one in notices_among(summary.decisions)] == ["busy", "very_busy", "normal", "busy"]


def test_a_history_that_ends_normal_was_busy_only_in_between() -> None:
    summary = replayed(
        (0, word("normal"), ""),
        (1, Answered(**SALES, agent="x"), "ada"),
        (10, word("busy"), ""),
        (30, word(None), ""),
        (90, Completed(**SALES), "ada"),
    )
    assert only(summary).busy_s == 20.0


def test_the_thresholds_of_a_queue_are_those_of_its_service_level() -> None:
    rules = Rules(queues={"sales": QueueRules(thresholds_s=(15.0,))})
    assert only(replayed(*call("ada", 0, 15, 10), rules=rules)).service_level == {"15": 1.0}


@laws
@given(histories())
def test_the_summary_agrees_with_the_counters(events: list[Event]) -> None:
    replay = Replay(Rules())
    for one in sorted(events, key=lambda event: event.at):
        replay.take(one)
    queues = replay.core.sites["default"].queues
    summaries = {one.queue: one for one in replay.summary().queues}
    for name, queue in queues.items():
        counted = summaries.get(name)
        assert queue.tally.of("offered") == (counted.offered if counted else 0)
        if counted:
            assert (queue.tally.of("answered"), queue.tally.of("abandoned")) == (
                counted.answered,
                counted.abandoned,
            )
            assert len(queue.line) + queue.serving == counted.unfinished
            left = {
                key.removeprefix("left:"): n
                for key, n in queue.tally.now.items()
                if n and key.startswith("left:")
            }
            assert left == counted.left


def test_what_nobody_will_read_of_a_history_is_not_written_down() -> None:
    replay = Replay(Rules())
    for number in range(30):
        for seconds, fact, subject in call(f"c{number}", number * 100.0, 30.0, 60.0):
            replay.take(event(seconds, fact, subject))
    replay.take(event(3000, CustomerForgotten(customer="hash", stand_in="forgotten:1"), ""))
    replay.take(event(3010, Enqueued(**SALES), "ada"))
    attention = replay.core.attention["default"]
    assert attention.diary.rows == {}
    assert [(book.said, book.tracks) for book in attention.books.queues.values()] == [({}, {})]


def test_promises_in_a_history_are_kept_or_broken() -> None:
    replay = Replay(Rules())
    for seconds, fact, subject in (
        (0, Enqueued(**SALES), "ada"),
        (0, Enqueued(**SALES), "bob"),
        (5, promised("ada"), ""),
        (5, promised("bob"), ""),
        (65, Answered(**SALES, agent="x"), "ada"),
        (66, Answered(**SALES, agent="y"), "bob"),
    ):
        replay.take(event(seconds, fact, subject))
    told = {one.contact: one.outcome for one in promise_views(replay.core, "default")}
    assert told == {"ada": "kept", "bob": "broken"}
