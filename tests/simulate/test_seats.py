"""Seats of agents."""

from __future__ import annotations

import msgspec

from queuewatch.simulate.centre import AgentPlan, Centre
from queuewatch.simulate.seats import Idle, Line, Seat, lines_of, seats_of
from tests.simulate.centres import a_queue


def setting(*agents: AgentPlan) -> tuple[dict[tuple[int, int], Line], tuple[Seat, ...]]:
    queues = (a_queue("voice", languages={"en": 0.5, "de": 0.5}), a_queue("chat", channel="chat"))
    centre = Centre(queues=queues, agents=agents)
    lines = lines_of(centre)
    return lines, seats_of(centre, lines)


def test_there_is_a_line_for_each_language_of_a_queue() -> None:
    lines, _ = setting()
    assert {key: (line.number, line.channel) for key, line in lines.items()} == {
        (0, 0): (0, "phone"),
        (0, 1): (1, "phone"),
        (1, -1): (2, "chat"),
    }


def test_an_agent_serves_the_lines_whose_language_they_speak_first_choice_first() -> None:
    ada = AgentPlan(name="ada", skills={"voice": 2, "chat": 1}, languages=("de",))
    _, (seat,) = setting(ada)
    assert [(rank, line.number) for rank, line in seat.lines] == [(1, 2), (2, 1)]
    assert seat.ranks == {2: 1, 1: 2}


def test_an_agent_holds_one_channel_at_a_time_up_to_its_capacity() -> None:
    _, (seat,) = setting(AgentPlan(name="ada", skills={"voice": 1, "chat": 1}, capacity={"chat": 2}))
    assert seat.can_take("phone")
    assert seat.can_take("chat")
    seat.load, seat.channel = 1, "chat"
    assert not seat.can_take("phone")
    assert seat.can_take("chat")
    seat.load = 2
    assert not seat.can_take("chat")


def test_who_is_away_or_resting_has_no_room() -> None:
    _, (away,) = setting(AgentPlan(name="ada", skills={"voice": 1}))
    present = msgspec.structs.replace(away, present=True)
    resting = msgspec.structs.replace(present, resting=1)
    assert [one.has_room for one in (away, present, resting)] == [False, True, False]


def test_the_best_agent_is_by_rank_then_load_then_idle_for_longest() -> None:
    lines, (ada, bob, cy, dan) = setting(
        AgentPlan(name="ada", skills={"chat": 2}, capacity={"chat": 3}),
        AgentPlan(name="bob", skills={"chat": 1}, capacity={"chat": 3}),
        AgentPlan(name="cy", skills={"chat": 1}, capacity={"chat": 3}),
        AgentPlan(name="dan", skills={"voice": 1}),
    )
    chat, idle = lines[1, -1], Idle()
    assert idle.best(chat) is None
    for seat in (dan, ada, bob, cy):
        idle.put(seat)
    assert idle.best(chat) is bob
    bob.load, bob.channel = 1, "chat"
    assert idle.best(chat) is cy
    cy.load, cy.channel = 1, "chat"
    assert idle.best(chat) is bob
    idle.put(bob)
    assert idle.best(chat) is cy
    idle.remove(cy)
    idle.remove(cy)
    bob.load = 3
    assert idle.best(chat) is ada
