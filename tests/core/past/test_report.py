"""The report counts what happened, when and where, against the time before."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from typing import Any

import pytest

from queuewatch.core.facts.acts import NoticeOverridden
from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    SourceStarted,
    Transferred,
)
from queuewatch.core.facts.terms import LeftReason
from queuewatch.core.past.replay import Replay
from queuewatch.core.past.report import Facts, Report, report
from queuewatch.core.rules import Rules
from tests.decided import alert, refusal, voucher

# 2026-11-09 00:00 UTC, a Monday; the time reported is the week from the 16th on.
MONDAY = 1_794_182_400.0
WEEK_S = 7 * 86_400.0
DAY_S = 86_400.0
NOW = MONDAY + WEEK_S


class History:
    """Calls of a contact centre, in the order of time."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def call(
        self,
        at: float,
        wait_s: float,
        *,
        queue: str = "sales",
        talk_s: float = 60.0,
        agent: str = "ann",
        customer: str | None = None,
        channel: str = "phone",
        gives_up: bool = False,
        moves: bool = False,
        contact: str | None = None,
    ) -> None:
        ident = contact or f"c{len(self.events)}"
        where: dict[str, Any] = {"queue": queue, "channel": channel}
        self._add(at, Enqueued(**where, customer=customer), ident)
        if gives_up:
            self._add(at + wait_s, Abandoned(**where), ident)
            return
        self._add(at + wait_s, Answered(**where, agent=agent), ident)
        if moves:
            self._add(at + wait_s + talk_s, Transferred(**where, kind="blind"), ident)
        self._add(at + wait_s + talk_s, Completed(**where), ident)

    def _add(self, at: float, data: Any, subject: str) -> None:
        self.events.append(Event(f"e{len(self.events)}", "pbx", at, data, subject))

    def replayed(self) -> Replay:
        replay = Replay(Rules())
        for event in sorted(self.events, key=lambda one: one.at):
            replay.take(event)
        return replay

    def report(self) -> Report:
        return report(self.replayed(), NOW, NOW + WEEK_S, UTC)


def test_contacts_are_counted_by_queue_now_and_before_with_waits_past_each_threshold() -> None:
    history = History()
    history.call(NOW + 100, 60.0)  # exactly the first threshold: not past it
    history.call(NOW + 1_000, 61.0)
    history.call(NOW + 2_000, 181.0, gives_up=True)
    history.call(NOW - 5_000, 10.0)
    made = history.report()
    (row,) = made.queues
    assert (row.name, row.site, row.channel) == ("sales", "default", "phone")
    now = row.now
    assert (now.offered, now.answered, now.abandoned, now.past, now.known) == (3, 2, 1, (2, 1), 3)
    assert (now.mean_wait_s, now.longest_wait_s) == (60.5, 181.0)
    assert (row.before.offered, row.before.past) == (1, (0, 0))
    assert (now.share_past(), now.share_past(1)) == (2 / 3, 1 / 3)
    assert (made.all_now, made.all_before) == ((3, 2, 1), (1, 0, 0))
    assert made.thresholds_s == (60.0, 180.0)


def test_a_time_without_contacts_has_nothing_to_tell() -> None:
    history = History()
    history.call(NOW - 3 * WEEK_S, 10.0)
    made = history.report()
    assert (made.queues, made.channels, made.hours, made.worst, made.tired) == ((), (), {}, (), ())


def test_a_queue_that_was_there_only_before_is_told_with_nothing_now() -> None:
    history = History()
    history.call(NOW - 5_000, 10.0)
    (row,) = history.report().queues
    assert (row.now.offered, row.now.share_past(), row.now.mean_wait_s) == (0, None, None)


def test_who_still_waits_counts_as_a_contact_whose_wait_nobody_knows() -> None:
    history = History()
    history.events.append(
        Event("w", "pbx", NOW + WEEK_S - 5, Enqueued(queue="sales", channel="phone"), "waiting")
    )
    made = history.report()
    assert (made.queues[0].now.offered, made.queues[0].now.known, made.hours) == (1, 0, {})


def test_the_worst_queue_comes_first_and_channels_are_counted_together() -> None:
    history = History()
    history.call(NOW + 100, 10.0, queue="a")
    history.call(NOW + 5_000, 100.0, queue="b")
    history.call(NOW + 9_000, 10.0, queue="c", channel="chat")
    made = history.report()
    assert [row.name for row in made.queues] == ["b", "a", "c"]
    assert [(row.name, row.now.offered) for row in made.channels] == [("phone", 2), ("chat", 1)]


def test_who_left_otherwise_is_counted_by_reason_and_makes_a_queue_worse_than_its_equals() -> None:
    history = History()
    history.call(NOW + 100, 10.0, queue="a")
    reasons: tuple[LeftReason, ...] = ("timed_out", "timed_out", "empty")
    for number, reason in enumerate(reasons):
        where: dict[str, Any] = {"queue": "b", "channel": "phone"}
        history.events += [
            Event(f"j{number}", "pbx", NOW + 50 * number, Enqueued(**where), f"gone-{number}"),
            Event(
                f"l{number}", "pbx", NOW + 50 * number + 20, Left(**where, reason=reason), f"gone-{number}"
            ),
        ]
    made = history.report()
    assert [row.name for row in made.queues] == ["b", "a"]
    assert made.queues[0].now.left == {"timed_out": 2, "empty": 1}
    assert (made.queues[0].now.unanswered, made.queues[1].now.left) == (3, {})


def test_who_still_waits_when_a_source_starts_anew_is_lost_and_not_answered() -> None:
    history = History()
    history.call(NOW + 100, 10.0)
    waiting = Enqueued(queue="sales", channel="phone")
    history.events += [
        Event("w", "pbx", NOW + 500, waiting, "waiting"),
        Event("s", "pbx", NOW + 600, SourceStarted(), ""),
    ]
    assert history.report().queues[0].now.left == {"lost": 1}


def test_a_customer_who_comes_again_within_seven_days_is_a_repeat_but_a_transfer_is_none() -> None:
    history = History()
    history.call(NOW - WEEK_S + 100, 10.0, customer="x")
    history.call(NOW + 100, 10.0, customer="x")  # exactly 7 days later
    history.call(NOW + 3_000, 10.0, customer="y", contact="y1")
    history.call(NOW + 4_000, 10.0, customer="y", contact="y1", queue="back office", moves=True)
    history.call(NOW + 6_000, 10.0)
    made = history.report()
    assert sum(row.now.repeated for row in made.queues) == 1
    assert sum(row.now.customers_known for row in made.queues) == 3
    assert sum(row.now.transferred for row in made.queues) == 1


def test_hours_are_those_of_the_week_on_the_local_clock() -> None:
    history = History()
    history.call(NOW + 9 * 3600.0, 100.0)
    history.call(NOW + 9.5 * 3600.0, 10.0)
    history.call(NOW + DAY_S, 10.0)
    assert history.report().hours == {(0, 9): (2, 1), (1, 0): (1, 0)}


def test_an_hour_that_is_bad_in_both_weeks_is_a_pattern() -> None:
    history = History()
    for week in (MONDAY, NOW):
        for number in range(20):
            history.call(week + 9 * 3600.0 + number * 100, 90.0)
            for hour in range(10, 15):
                history.call(week + hour * 3600.0 + number * 100, 5.0)
    (worst,) = history.report().worst
    assert (worst.weekday, worst.hour, worst.past, worst.otherwise) == (0, 9, 1.0, 0.0)
    assert report(history.replayed(), NOW, NOW + DAY_S, UTC).worst == ()  # one Monday is no Mondays


def test_the_day_since_when_there_is_more_to_do_is_told() -> None:
    history = History()
    for day in range(14):
        for number in range(10 if day < 7 else 40):
            history.call(MONDAY + day * DAY_S + 36_000 + number * 200, 5.0)
    (turn,) = history.report().turns
    assert (turn.queue, turn.day, turn.before, turn.since) == ("sales", date(2026, 11, 16), 10.0, 40.0)


def test_what_was_decided_is_counted_now_and_before() -> None:
    history = History()
    history.call(NOW - 50, 5.0)
    history.events.append(
        Event("o", "desk", NOW + 10, NoticeOverridden(queue="sales", level="busy", by="ada"), "")
    )
    replay = history.replayed()
    replay.decisions += [
        alert(at=NOW + 20),
        alert("updated", at=NOW + 30),
        voucher("a", at=NOW + 40),
        voucher("b", at=NOW + 50),
        voucher("c", at=NOW + 60, benefit=type(voucher().benefit)(percent=Decimal(5))),
        refusal(at=NOW + 70),
        voucher("d", at=NOW - 10),
    ]
    made = report(replay, NOW, NOW + WEEK_S, UTC)
    assert made.now.notices == {"busy": 1}
    assert made.now.alerts == {"queue_busy": 1}
    assert made.now.issued == {"wait_passed": 3}
    assert made.now.value == {"EUR": Decimal("20.00")}
    assert made.now.refused == {"customer_had_enough": 1}
    assert (made.before.issued, made.before.value) == ({"wait_passed": 1}, {"EUR": Decimal("10.00")})
    assert made.now.promises == {}


@pytest.mark.parametrize("which", [0, 1])
def test_a_queue_with_one_threshold_has_it_for_both(which: int) -> None:
    from queuewatch.core.rules import QueueRules  # noqa: PLC0415

    replay = Replay(Rules(every=QueueRules(thresholds_s=(30.0,))))
    history = History()
    history.call(NOW + 10, 40.0)
    for event in history.events:
        replay.take(event)
    made = report(replay, NOW, NOW + WEEK_S, UTC)
    assert made.queues[0].now.past[which] == 1
    assert made.thresholds_s == (30.0, 30.0)


def test_facts_alone_tell_the_same_of_what_happened() -> None:
    history = History()
    for number in range(30):
        wait_s = 5.0 + 7.0 * number
        history.call(NOW + 400 * number, wait_s, gives_up=number % 5 == 0, customer=f"x{number % 9}")
    history.events.append(Event("w", "pbx", NOW + 100, Enqueued(queue="sales", channel="phone"), "lost"))
    history.events.append(Event("l", "pbx", NOW + DAY_S, Enqueued(queue="mail", channel="email"), "late"))
    facts = Facts(Rules())
    for event in sorted(history.events, key=lambda one: one.at):
        facts.take(event)
    whole, quick = history.report(), report(facts, NOW, NOW + WEEK_S, UTC)
    assert (quick.queues, quick.channels, quick.hours) == (whole.queues, whole.channels, whole.hours)
    assert (quick.tired, quick.worst) == (whole.tired, whole.worst)
    assert facts.events == len(history.events)
    assert (facts.decisions, quick.decided, whole.decided) == ([], False, True)


def test_a_quiet_weekend_is_no_change_whatever_its_days_and_a_few_contacts_are_none() -> None:
    history = History()
    for day in range(14):
        for number in range(12 if day % 7 in {4, 5} else 60):
            history.call(MONDAY + day * DAY_S + 36_000 + number * 200, 5.0)
        for number in range(9 if day < 7 else 1):
            history.call(MONDAY + day * DAY_S + 36_000 + number * 200, 5.0, queue="small")
    facts = Facts(Rules())
    for event in sorted(history.events, key=lambda one: one.at):
        facts.take(event)
    assert report(facts, NOW, NOW + WEEK_S, UTC).turns == ()
