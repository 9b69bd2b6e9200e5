"""Tests of what is known of agents: who serves which queue, in which state, with room for how many."""

from __future__ import annotations

import random
from itertools import permutations

import pytest
from msgspec.structs import replace

from queuewatch.core.facts.events import AgentChanged, AgentSeen, Event
from queuewatch.core.facts.terms import AgentState, Channel
from queuewatch.core.state.agents import NEVER, Agent, Roster, change, seen, stamp_of
from tests.core.examples import at, event

FORGET_S = 1800.0


def said(seconds: float, fact: AgentChanged, **more: object) -> Event:
    return event(seconds, fact, "x", **more)  # type: ignore[arg-type]


def after(*events: Event) -> Agent:
    agent = Agent("x")
    for one in events:
        assert isinstance(one.data, AgentChanged)
        change(agent, one, one.data)
    return agent


def test_of_each_property_the_latest_saying_holds_in_any_order() -> None:
    events = [
        said(0, AgentChanged(state="available", queues=("sales",))),
        said(10, AgentChanged(state="not_ready", reason="lunch")),
        said(5, AgentChanged(capacity={"chat": 3}, queues=("chat",), joined=("mail",))),
        said(20, AgentChanged(left=("mail",))),
    ]
    agents = [after(*order) for order in permutations(events)]
    assert all(agent == agents[0] for agent in agents)
    (agent, *_) = agents
    assert (agent.declared, agent.reason, agent.capacity) == ("not_ready", "lunch", {"chat": 3})
    assert [agent.serves(queue, None) for queue in ("sales", "chat", "mail")] == [False, True, False]


def test_the_queues_that_are_named_are_told_so_that_they_remember_the_agent() -> None:
    fact = AgentChanged(queues=("sales",), joined=("mail",), left=("chat",))
    assert change(Agent("x"), said(0, fact), fact) == ["sales", "mail"]


@pytest.mark.parametrize("seed", range(3))
def test_of_versions_of_one_saying_the_later_holds_in_any_order(seed: int) -> None:
    first = said(0, AgentChanged(state="available", joined=("sales",), capacity={"chat": 2}, queues=("a",)))
    second = replace(
        first,
        data=AgentChanged(state="offline", left=("sales",), capacity={"chat": 3}, queues=("b",)),
        version_at=at(9),
    )
    told = [first, second, first, second]
    random.Random(seed).shuffle(told)  # noqa: S311  # not a secret
    agent = after(*told)
    assert (agent.declared, agent.capacity, agent.queues) == ("offline", {"chat": 3}, ("b",))
    assert not agent.serves("sales", None)


def test_without_versions_the_saying_that_came_in_later_corrects_the_one_before() -> None:
    first = said(0, AgentChanged(state="available"))
    assert after(first, replace(first, data=AgentChanged(state="offline"))).declared == "offline"


def test_an_agent_of_whom_nothing_was_said_serves_where_it_answered() -> None:
    agent = Agent("x")
    agent.worked("sales", at(0))
    assert agent.serves("sales", None)
    assert not agent.serves("support", None)
    change(agent, said(1, AgentChanged(queues=())), AgentChanged(queues=()))
    assert not agent.serves("sales", None)


def test_a_membership_and_a_roster_and_the_whole_set_hold_by_their_time() -> None:
    agent = after(said(0, AgentChanged(queues=("sales",))), said(10, AgentChanged(left=("sales",))))
    assert not agent.serves("sales", None)
    listed = Roster(stamp_of(said(20, AgentChanged()), at(20)), frozenset({"x"}))
    assert agent.serves("sales", listed)
    earlier = Roster(stamp_of(said(5, AgentChanged()), at(5)), frozenset({"x"}))
    assert not agent.serves("sales", earlier)
    nobody = Roster(stamp_of(said(30, AgentChanged()), at(30)), frozenset())
    change(agent, said(25, AgentChanged(joined=("sales",))), AgentChanged(joined=("sales",)))
    assert not agent.serves("sales", nobody)


def test_a_snapshot_says_states_and_capacities_unless_something_later_is_known() -> None:
    agent = after(said(10, AgentChanged(state="not_ready", capacity={"chat": 2})))
    early, late = (stamp_of(said(t, AgentChanged()), at(t)) for t in (5, 15))
    seen(agent, early, AgentSeen(agent="x", state="available", capacity={"chat": 5}))
    assert (agent.declared, agent.capacity) == ("not_ready", {"chat": 2})
    seen(agent, late, AgentSeen(agent="x"))
    assert (agent.declared, agent.capacity) == ("not_ready", {"chat": 2})
    seen(agent, late, AgentSeen(agent="x", state="available", reason="back", capacity={"chat": 5}))
    assert (agent.declared, agent.reason, agent.capacity) == ("available", "back", {"chat": 5})


def test_a_chat_agent_has_room_until_three_are_talked_to_at_a_time() -> None:
    agent = after(said(0, AgentChanged(state="available", capacity={"phone": 1, "chat": 3})))
    for number, room in enumerate((3, 2, 1, 0, 0)):
        assert agent.free("chat") == room
        assert agent.state("chat", at(1), FORGET_S) == ("available" if room else "busy")
        agent.take(f"c{number}", "chat", "chat", at(1))
    agent.drop("c0", at(9))
    agent.drop("c1", at(9))
    agent.drop("c2", at(9))
    assert agent.free("chat") == 1


def test_an_agent_on_the_phone_has_no_room_for_chats_and_the_other_way_round() -> None:
    agent = after(said(0, AgentChanged(state="available", capacity={"phone": 2, "chat": 3})))
    agent.take("ada", "phone", "sales", at(1))
    assert (agent.free("phone"), agent.free("chat")) == (1, 0)
    assert agent.state("chat", at(1), FORGET_S) == "busy"


def test_a_channel_that_is_not_named_takes_one_at_a_time() -> None:
    agent = after(said(0, AgentChanged(state="available", capacity={"chat": 0})))
    assert (agent.free("phone"), agent.free("chat")) == (1, 0)


@pytest.mark.parametrize("declared", ["offline", "ringing", "busy", "wrap_up", "not_ready", "available"])
@pytest.mark.parametrize("channel", ["phone", "email"])
def test_who_is_talking_is_busy_whatever_was_said_and_else_as_was_said(
    declared: AgentState, channel: Channel
) -> None:
    agent = after(said(0, AgentChanged(state=declared)))
    assert agent.state(channel, at(0), FORGET_S) == declared
    agent.take("ada", channel, "sales", at(1))
    assert agent.state(channel, at(2), FORGET_S) == "busy"


def test_an_agent_nobody_declares_is_on_duty_for_exactly_a_while_after_the_last_contact() -> None:
    agent = Agent("x")
    assert agent.state("phone", at(0), FORGET_S) == "offline"
    agent.take("ada", "phone", "sales", at(0))
    agent.drop("ada", at(100))
    assert agent.state("phone", at(100 + FORGET_S), FORGET_S) == "available"
    assert agent.state("phone", at(100 + FORGET_S + 0.001), FORGET_S) == "offline"


def test_an_agent_nobody_declares_with_room_beside_a_chat_is_available() -> None:
    agent = after(said(0, AgentChanged(capacity={"chat": 2})))
    agent.take("ada", "chat", "chat", at(0))
    assert agent.state("chat", at(9999), FORGET_S) == "available"


def test_a_conversation_that_never_was_leaves_the_agent_as_it_came_in() -> None:
    agent = Agent("x")
    agent.take("ada", "phone", "sales", at(50))
    agent.drop("ada", None)
    assert (agent.handling, agent.last_at) == ({}, at(50))


def test_work_told_late_does_not_make_the_last_contact_earlier() -> None:
    agent = Agent("x")
    agent.worked("sales", at(50))
    agent.worked("support", at(20))
    assert (agent.last_at, list(agent.served)) == (at(50), ["sales", "support"])
    assert stamp_of(said(-1e9, AgentChanged()), at(-1e9)) > NEVER


def test_a_call_for_another_queue_takes_part_of_an_agents_attention_for_exactly_a_while() -> None:
    agent = Agent("x")
    agent.worked("sales", at(0))
    assert agent.share("sales", at(10), FORGET_S) == (1.0, float("inf"))
    agent.take("ada", "phone", "support", at(20))
    assert agent.share("sales", at(30), FORGET_S) == (0.5, at(20) + FORGET_S)
    assert agent.share("sales", at(20) + FORGET_S, FORGET_S) == (0.5, at(20) + FORGET_S)
    assert agent.share("sales", at(20.001) + FORGET_S, FORGET_S) == (1.0, float("inf"))
    assert agent.share("support", at(30), FORGET_S) == (0.5, at(0) + FORGET_S)


def test_work_that_is_told_late_does_not_make_an_agents_last_work_older() -> None:
    agent = Agent("x")
    agent.worked("sales", at(50))
    agent.worked("sales", at(20))
    assert agent.served == {"sales": at(50)}


def listed(agent: Agent, seconds: float, state: AgentState | None) -> Agent:
    fact = said(seconds, AgentChanged())
    seen(agent, stamp_of(fact, fact.at), AgentSeen(agent="x", state=state))
    return agent


@pytest.mark.parametrize(
    ("listed_at", "state", "becomes"),
    [
        (60.0, "available", "available"),
        (60.0, "wrap_up", "wrap_up"),
        (60.0, "busy", "busy"),
        (60.0, None, "busy"),
        (11.0, "available", "available"),
        (10.9, "available", "busy"),  # the talk may be younger than the list
    ],
)
def test_a_talk_that_began_before_a_list_said_the_agent_to_be_free_is_over(
    listed_at: float, state: AgentState | None, becomes: AgentState
) -> None:
    agent = Agent("x")
    agent.take("c1", "phone", "sales", at(10.0))
    listed(agent, listed_at, state)
    assert agent.state("phone", at(61.0), FORGET_S) == becomes
    assert agent.free("phone") == (0 if becomes == "busy" else 1)


def test_a_talk_after_the_list_goes_on_and_lists_may_come_in_any_order() -> None:
    for order in permutations([(5.0, "available"), (30.0, "available"), (50.0, "busy")]):
        agent = Agent("x")
        agent.take("old", "phone", "sales", at(10.0))
        agent.take("new", "phone", "sales", at(40.0))
        for seconds, state in order:
            listed(agent, seconds, state)  # type: ignore[arg-type]
        assert agent.state("phone", at(60.0), FORGET_S) == "busy"
        agent.drop("new", at(55.0))
        assert agent.free("phone") == 1


def test_who_takes_several_contacts_may_be_free_beside_a_talk() -> None:
    agent = after(said(0, AgentChanged(state="available", capacity={"chat": 2})))
    agent.take("c1", "chat", "web", at(10.0))
    listed(agent, 60.0, "available")
    assert agent.free("chat") == 1
