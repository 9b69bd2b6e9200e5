"""One channel as the learning estimator remembers it."""

from __future__ import annotations

from math import exp

import pytest

from queuewatch.core.estimate.lane import STRICT_S, Lane, key_of
from queuewatch.core.estimate.learned import move_of
from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.pool import SHORT_S
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import Visit
from tests.core.estimate.scenes import Play


def lane_of(live: Live) -> Lane:
    return live.lanes["phone"]


def test_higher_priority_is_strict_until_the_line_shows_otherwise() -> None:
    live = Live()
    play = Play(live)
    play.joins("low")
    play.now += 30.0
    play.joins("high", 1)
    play.now += 5.0
    play.answers("high")
    assert lane_of(live).head_start_s == STRICT_S


def test_what_a_priority_is_worth_is_learned_from_who_is_served_first() -> None:
    live = Live()
    play = Play(live)
    for number in range(300):
        # A priority counts as much as 90 s of waiting; one in two is a close case on either side.
        gap_s = 80.0 if number % 2 else 100.0
        play.joins(f"low{number}")
        play.now += gap_s
        play.joins(f"high{number}", 1)
        play.now += 20.0
        first, second = ("high", "low") if gap_s < 90.0 else ("low", "high")
        play.answers(f"{first}{number}")
        play.now += 5.0
        play.answers(f"{second}{number}")
        play.now += 60.0
    assert lane_of(live).head_start_s == pytest.approx(90.0, abs=15.0)


def test_an_agent_with_two_contacts_is_idle_when_both_have_ended() -> None:
    live = Live()
    play = Play(live)
    for contact in ("x", "y"):
        play.joins(contact)
        play.now += 5.0
        play.answers(contact)
    play.now += 60.0
    play.ends("x")
    assert lane_of(live).resting == {}
    play.now += 1.0
    play.ends("y")
    assert lane_of(live).resting == {"ann": "support"}
    play.joins("z")
    play.answers("z")
    assert lane_of(live).resting == {}


def test_who_gave_up_and_who_was_let_go_are_told_to_the_pool() -> None:
    live = Live()
    play = Play(live)
    play.joins("x")
    play.joins("y")
    play.now += 40.0
    play.gives_up("x")
    play.answers("y", agent=None)
    play.ends("y")
    flow, pool = lane_of(live).flows["support"], lane_of(live).pool("support")
    assert flow.hang_ups.read(play.now, SHORT_S) == flow.released.read(play.now, SHORT_S) == 1.0
    assert pool.waits.last_s == 40.0
    assert lane_of(live).recents["support"].last_s == 40.0


def test_lines_are_counted_as_they_begin_and_end() -> None:
    live = Live()
    play = Play(live)
    play.joins("x")
    play.joins("y")
    assert lane_of(live).lines == 1
    play.answers("x")
    assert (lane_of(live).lines, lane_of(live).waiting["support"]) == (1, 1)
    play.gives_up("y")
    assert (lane_of(live).lines, lane_of(live).waiting["support"]) == (0, 0)


def test_who_waits_in_a_queue_presses_those_that_share_its_agents() -> None:
    live = Live()
    play = Play(live)
    play.joins("x")
    play.queue = "sales"
    play.joins("y")
    play.answers("y")
    lane = lane_of(live)
    assert lane.lines == 1
    assert lane.pool("sales").pressed  # by x, as long as nothing shows that others answer there
    since_at = play.now
    play.now += 20.0
    play.joins("z")
    assert lane.presses["sales"].looked_at == play.now == since_at + 20.0
    assert lane.presses["sales"].lately_s(play.now, short=True) == pytest.approx(
        SHORT_S * (1.0 - exp(-20.0 / SHORT_S))
    )


def test_a_visit_is_known_by_queue_number_and_contact() -> None:
    play = Play()
    play.joins("x")
    assert key_of(play.visit("x")) == "support/1/x"


def test_an_agent_who_ends_a_contact_nobody_saw_taken_is_idle_for_its_queue_alone() -> None:
    lane = Lane()
    for queue in ("support", "sales"):
        visit = Visit(queue, queue, 1, "phone", "/pbx", "completed", 0.0, 9.0, agent="ann", answered_at=1.0)
        lane.follow(move_of(Change(visit, "answered", "completed", 9.0)), 9.0)
    assert lane.resting == {"ann": "sales"}
    assert lane.idle["support"].within(10.0, (30.0,)) == [0]
    assert lane.idle["sales"].within(10.0, (30.0,)) == [1]
