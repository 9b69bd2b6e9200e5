"""Tests of a contact's stays: the journeys that real systems tell, and what each leaves behind."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest

from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Left,
    MessageReceived,
    MessageSent,
    Offered,
    OfferFailed,
    Transferred,
)
from queuewatch.core.state.journey import LEAVING, MOVES, SKEW_S, step
from queuewatch.core.state.visit import Stage, Visit
from tests.core.examples import (
    MAIL,
    SALES,
    SUPPORT,
    at,
    event,
    journey,
    listed,
    missing,
    one_visit,
    restarted,
)

JOINED = event(0, Enqueued(**SALES))


def test_the_table_has_a_row_for_every_fact_but_the_joining_and_names_only_stages() -> None:
    stages = set(get_args(Stage))
    assert set(MOVES) == set(get_args(ContactData)) - {Enqueued}
    assert all(set(row) | set(row.values()) <= stages for row in [*MOVES.values(), LEAVING])


def test_every_stage_but_lost_can_be_reached_by_facts_from_outside() -> None:
    reached = {stage for row in [*MOVES.values(), LEAVING] for stage in row.values()}
    assert set(get_args(Stage)) - reached == {"lost"}


def test_a_plain_stay_has_its_wait_and_its_handling() -> None:
    visit = one_visit(
        JOINED,
        event(20, Offered(**SALES, agent="x")),
        event(25, Answered(**SALES, agent="x")),
        event(125, Completed(**SALES, wrap_up_s=30.0, talk_s=98.0)),
    )
    assert (visit.stage, visit.agent, visit.number) == ("completed", "x", 1)
    assert (visit.wait_s, visit.endured_s, visit.handling_s) == (25.0, 25.0, 98.0 + 30.0)


def test_leaving_just_before_the_answer_is_no_end() -> None:
    """Asterisk tells AgentCalled, QueueCallerLeave, AgentConnect of every answered call."""
    visit = one_visit(
        JOINED,
        event(20, Offered(**SALES, agent="x")),
        event(29, Left(**SALES)),
        event(29.2, Answered(**SALES, agent="x")),
    )
    assert (visit.stage, visit.reason, visit.ended_at) == ("answered", None, None)
    assert visit.wait_s == pytest.approx(29.2)


def test_an_abandonment_that_turns_out_to_be_a_time_out_ended_when_it_was_first_told() -> None:
    visit = one_visit(JOINED, event(60, Abandoned(**SALES)), event(60.5, Left(**SALES, reason="timed_out")))
    assert (visit.stage, visit.reason, visit.endured_s) == ("left", "timed_out", 60.0)


def test_leaving_without_a_reason_takes_no_reason_away() -> None:
    abandoned = one_visit(JOINED, event(60, Abandoned(**SALES)), event(60, Left(**SALES)))
    by_key = one_visit(JOINED, event(60, Left(**SALES, reason="key")), event(61, Left(**SALES)))
    assert (abandoned.stage, abandoned.reason) == ("abandoned", None)
    assert (by_key.stage, by_key.reason, by_key.endured_s) == ("left", "key", 60.0)


def test_leaving_is_unknown_until_what_follows_tells() -> None:
    leaving = event(60, Left(**SALES))
    known = one_visit(JOINED, leaving, event(61, Left(**SALES, reason="empty")))
    still = one_visit(JOINED, leaving)
    assert (still.stage, still.reason) == ("leaving", "unknown")
    assert (known.stage, known.reason, known.endured_s) == ("left", "empty", 60.0)


def test_an_answered_contact_that_leaves_the_queue_is_still_talking() -> None:
    visit = one_visit(JOINED, event(9, Answered(**SALES, agent="x")), event(9.1, Left(**SALES)))
    assert (visit.stage, visit.agent, visit.reason, visit.ended_at) == ("answered", "x", None, None)


def test_who_rings_in_vain_waits_on() -> None:
    visit = one_visit(
        JOINED, event(10, Offered(**SALES, agent="x")), event(25, OfferFailed(**SALES, agent="x"))
    )
    assert (visit.stage, visit.agent, visit.endured_s) == ("waiting", None, None)


def test_an_end_without_an_answer_leaves_with_an_unknown_reason() -> None:
    visit = one_visit(JOINED, event(40, Completed(**SALES)))
    assert (visit.stage, visit.reason, visit.endured_s, visit.handling_s) == (
        "leaving",
        "unknown",
        40.0,
        None,
    )


def test_a_transfer_ends_the_conversation_and_the_reported_end_does_not_move_it() -> None:
    visit = one_visit(
        JOINED,
        event(10, Answered(**SALES, agent="x")),
        event(70, Transferred(**SALES, kind="attended", to_queue="support")),
        event(90, Completed(**SALES, talk_s=60.0)),
    )
    assert (visit.stage, visit.transferred, visit.handling_s, visit.talk_s) == (
        "completed",
        "attended",
        60.0,
        60.0,
    )


def test_a_contact_handed_on_while_it_waits_overflowed() -> None:
    visit = one_visit(JOINED, event(120, Transferred(**SALES, kind="queue", to_queue="support")))
    assert (visit.stage, visit.reason, visit.transferred) == ("left", "overflowed", "queue")


def test_a_transfer_to_another_queue_is_a_visit_there() -> None:
    visits, misfits = journey(
        JOINED,
        event(10, Answered(**SALES, agent="x")),
        event(70, Transferred(**SALES, kind="blind", to_queue="support")),
        event(70.1, Enqueued(**SUPPORT)),
    )
    assert [(visit.queue, visit.number, visit.stage) for visit in visits] == [
        ("sales", 1, "completed"),
        ("support", 1, "waiting"),
    ]
    assert not misfits


def test_a_transfer_back_may_be_told_before_the_end_of_the_first_stay() -> None:
    """Asterisk: the second QueueCallerJoin can come before BlindTransfer and AgentComplete."""
    visits, misfits = journey(
        JOINED,
        event(10, Answered(**SALES, agent="x")),
        event(70.0, Enqueued(**SALES)),
        event(70.1, Transferred(**SALES, kind="blind", to_queue="sales")),
        event(70.2, Completed(**SALES)),
        event(95, Answered(**SALES, agent="y")),
    )
    first, second = visits
    assert not misfits
    assert (first.number, first.stage, first.agent) == (1, "completed", "x")
    assert first.handling_s == pytest.approx(60.1)
    assert (second.number, second.stage, second.agent, second.wait_s) == (2, "answered", "y", 25.0)


def test_a_source_that_counts_the_stays_says_which_of_two_conversations_ended() -> None:
    visits, misfits = journey(
        JOINED,
        event(10, Answered(**SALES, agent="x", visit=1)),
        event(20, Enqueued(**SALES, visit=2)),
        event(30, Answered(**SALES, agent="y", visit=2)),
        event(40, Completed(**SALES, visit=1)),
    )
    assert [visit.stage for visit in visits] == ["completed", "answered"]
    assert not misfits


def test_a_joining_told_twice_is_one_joining() -> None:
    visits, misfits = journey(JOINED, event(3, Enqueued(**SALES)))
    assert [visit.enqueued_at for visit in visits] == [at(0)]
    assert misfits == ["already_waiting"]


def test_a_numbered_stay_that_ended_is_not_begun_again() -> None:
    visits, misfits = journey(JOINED, event(9, Abandoned(**SALES)), event(20, Enqueued(**SALES, visit=1)))
    assert [visit.stage for visit in visits] == ["abandoned"]
    assert misfits == ["already_waiting"]


@pytest.mark.parametrize("kind", [Offered, OfferFailed, Transferred, Completed, MessageSent, MessageReceived])
def test_what_speaks_of_a_stay_nobody_knows_changes_nothing(kind: type[Offered]) -> None:
    assert journey(event(5, kind(**SALES))) == ([], ["no_visit"])


def test_a_contact_may_wait_in_two_queues_at_once() -> None:
    """Some systems offer somebody to several groups; who leaves the one is told to."""
    visits, misfits = journey(JOINED, event(5, Enqueued(**SUPPORT)), event(9, Answered(**SUPPORT)))
    assert [(visit.queue, visit.stage) for visit in visits] == [("sales", "waiting"), ("support", "answered")]
    assert misfits == []


def test_what_comes_after_the_end_changes_nothing() -> None:
    visits, misfits = journey(
        JOINED,
        event(9, Answered(**SALES)),
        event(99, Completed(**SALES)),
        event(100, Abandoned(**SALES)),
        event(101, Offered(**SALES)),
    )
    assert [visit.stage for visit in visits] == ["completed"]
    assert misfits == ["after_end", "after_end"]


def test_a_fact_about_no_contact_moves_nothing() -> None:
    visits: list[Visit] = []
    assert step(visits, event(0, AgentChanged(state="available"))) is None
    assert visits == []


# ── answered without having been enqueued ─────────────────────────────────────────────────────────────────


def test_an_answer_without_a_joining_tells_its_wait_if_the_source_does() -> None:
    visit = one_visit(event(60, Answered(**SALES, agent="x", wait_s=45.0)))
    assert (visit.implied, visit.enqueued_at, visit.wait_s, visit.endured_s) == (True, at(15), 45.0, 45.0)


def test_an_answer_without_a_joining_or_a_reported_wait_has_an_unknown_wait() -> None:
    visit = one_visit(event(60, Answered(**SALES, agent="x")), event(160, Completed(**SALES)))
    assert (visit.wait_s, visit.endured_s, visit.handling_s) == (None, None, 100.0)


@pytest.mark.parametrize(
    ("end", "stage"),
    [
        (Abandoned(**SALES, wait_s=30.0), "abandoned"),
        (Left(**SALES, reason="timed_out", wait_s=30.0), "left"),
        (Left(**SALES, wait_s=30.0), "leaving"),
    ],
)
def test_an_end_without_a_joining_is_kept_for_the_wait_it_tells(end: Abandoned | Left, stage: Stage) -> None:
    visit = one_visit(event(60, end))
    assert (visit.stage, visit.endured_s, visit.implied) == (stage, 30.0, True)


def test_a_joining_that_is_told_late_gives_the_wait_its_beginning() -> None:
    visit = one_visit(
        event(60, Answered(**SALES, agent="x", wait_s=45.0)),
        event(12, Enqueued(**SALES, priority=3, tier="existing")),
    )
    assert (visit.wait_s, visit.implied, visit.priority, visit.tier) == (48.0, False, 3, "existing")


def test_a_joining_by_a_clock_that_is_ahead_belongs_to_the_answer_up_to_the_skew() -> None:
    answer = event(60, Answered(**SALES, agent="x"))
    on_the_border = one_visit(answer, event(60 + SKEW_S, Enqueued(**SALES)))
    beyond, _ = journey(answer, event(60 + SKEW_S + 0.001, Enqueued(**SALES)))
    assert (on_the_border.stage, on_the_border.wait_s) == ("answered", 0.0)
    assert [visit.stage for visit in beyond] == ["answered", "waiting"]


def test_a_numbered_joining_belongs_to_its_stay_however_late_its_clock() -> None:
    visit = one_visit(event(60, Abandoned(**SALES, visit=2)), event(90, Enqueued(**SALES, visit=2)))
    assert (visit.number, visit.stage, visit.endured_s) == (2, "abandoned", 0.0)


def test_an_implied_stay_is_not_implied_twice() -> None:
    visits, misfits = journey(
        event(60, Answered(**SALES, agent="x")),
        event(70, Completed(**SALES)),
        event(80, Abandoned(**SALES)),
        event(80, Abandoned(**SALES, visit=1)),
        event(80, Abandoned(**SALES, visit=2)),
    )
    assert [(visit.number, visit.stage) for visit in visits] == [(1, "completed"), (2, "abandoned")]
    assert misfits == ["after_end", "after_end"]


# ── snapshots and restarts ────────────────────────────────────────────────────────────────────────────────


def test_who_is_not_listed_is_lost_and_not_abandoned() -> None:
    visit = one_visit(JOINED, missing(30))
    assert (visit.stage, visit.endured_s, visit.reason) == ("lost", 30.0, None)


def test_a_fact_exactly_as_old_as_the_grace_time_yields_to_the_list_and_a_younger_one_does_not() -> None:
    assert one_visit(JOINED, missing(1.0)).stage == "lost"
    assert one_visit(JOINED, missing(0.5)).stage == "waiting"


def test_a_snapshot_says_nothing_of_conversations() -> None:
    assert one_visit(JOINED, event(5, Answered(**SALES)), missing(60)).stage == "answered"


def test_a_snapshot_says_nothing_of_stays_that_another_source_told() -> None:
    visits, _ = journey(event(0, Enqueued(**SALES), source="/other"), missing(60), restarted(70))
    assert [visit.stage for visit in visits] == ["waiting"]


def test_who_is_listed_after_all_was_never_lost() -> None:
    visit = one_visit(JOINED, missing(30), listed(60, 0))
    assert (visit.stage, visit.enqueued_at, visit.ended_at, visit.confirmed_at) == (
        "waiting",
        at(0),
        None,
        at(60),
    )


def test_a_list_as_old_as_the_grace_time_does_not_bring_back_who_has_just_left() -> None:
    left = event(59, Abandoned(**SALES))
    assert one_visit(JOINED, left, listed(60, 0)).stage == "abandoned"
    assert one_visit(JOINED, left, listed(60.5, 0)).stage == "waiting"


def test_a_list_does_not_bring_back_who_is_being_talked_to() -> None:
    assert one_visit(JOINED, event(5, Answered(**SALES)), listed(60, 0)).stage == "answered"


def test_who_is_listed_without_having_joined_waits_since_the_list_says() -> None:
    known = one_visit(listed(60, 15), event(75, Answered(**SALES, agent="x")))
    unknown = one_visit(listed(60), event(75, Answered(**SALES, agent="x")))
    assert (known.wait_s, known.implied) == (60.0, True)
    assert unknown.wait_s is None


def test_a_list_does_not_know_the_future() -> None:
    assert one_visit(listed(60, 90)).enqueued_at == at(60)


def test_who_is_listed_since_after_an_end_is_there_for_another_stay() -> None:
    ended = (JOINED, event(20, Answered(**SALES)), event(50, Completed(**SALES)))
    on_the_border = one_visit(*ended, listed(60, 21))
    visits, _ = journey(*ended, listed(60, 21.5))
    assert on_the_border.stage == "completed"
    assert [(visit.number, visit.stage) for visit in visits] == [(1, "completed"), (2, "waiting")]


def test_a_restart_loses_those_who_wait_and_cuts_those_who_talk() -> None:
    talking = one_visit(JOINED, event(5, Answered(**SALES, agent="x")), restarted(60))
    assert one_visit(JOINED, restarted(60)).stage == "lost"
    assert (talking.stage, talking.reason, talking.ended_at) == ("completed", "system", at(60))
    assert talking.handling_s is None


def test_a_conversation_thought_cut_that_is_told_to_end_was_not_cut() -> None:
    visit = one_visit(
        JOINED, event(5, Answered(**SALES)), restarted(60), event(105, Completed(**SALES, wrap_up_s=5.0))
    )
    assert (visit.reason, visit.handling_s) == (None, 105.0)


def test_who_calls_again_at_the_second_of_a_restart_is_not_lost() -> None:
    assert one_visit(event(60, Enqueued(**SALES)), restarted(60)).stage == "waiting"


@pytest.mark.parametrize(
    ("fact", "stage"),
    [
        (Offered(**SALES), "ringing"),
        (OfferFailed(**SALES), "waiting"),
        (Answered(**SALES), "answered"),
        (Transferred(**SALES), "left"),
        (Abandoned(**SALES), "abandoned"),
        (Left(**SALES, reason="key"), "left"),
        (Left(**SALES), "leaving"),
        (Completed(**SALES), "leaving"),
    ],
)
def test_who_was_thought_lost_is_as_what_follows_says(fact: ContactData, stage: Stage) -> None:
    visit = one_visit(JOINED, missing(30), event(40, fact))
    assert visit.stage == stage
    assert (visit.ended_at is None) == (stage in ("ringing", "waiting", "answered"))


# ── messages ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_response_is_the_first_message_a_person_of_ours_wrote() -> None:
    visit = one_visit(
        event(0, Enqueued(**MAIL)),
        event(1, MessageSent(**MAIL, by="agent", automatic=True)),
        event(2, MessageSent(**MAIL, by="bot")),
        event(3, MessageReceived(**MAIL)),
        event(3600, MessageSent(**MAIL)),
        event(7200, MessageSent(**MAIL)),
    )
    assert (visit.first_response_at, visit.stage) == (at(3600), "waiting")


def test_every_sign_of_life_confirms_a_stay() -> None:
    life = [
        JOINED,
        event(10, Offered(**SALES)),
        event(20, OfferFailed(**SALES)),
        event(30, MessageReceived(**SALES)),
    ]
    confirmed = [one_visit(*life[: n + 1]).confirmed_at for n in range(len(life))]
    assert all(later - earlier == 10 for earlier, later in pairwise(confirmed))
