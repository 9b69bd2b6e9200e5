"""Tests of a FreeSWITCH's agents: what status and state amount to, told once."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.events import AgentChanged, AgentSeen
from queuewatch.core.facts.terms import AgentState
from queuewatch.sources.freeswitch_agents import Agents

DESK = [("desk", "ada")]


def listed(status: str = "Available", state: str = "Waiting", wrap_up_s: float = 10.0) -> Agents:
    """Ada serves the desk, as the lists said at 0 s."""
    agents = Agents()
    agents.listed([("ada", status, state, wrap_up_s)], DESK, 0.0)
    agents.told()
    return agents


@pytest.mark.parametrize(
    ("status", "state", "is_", "reason"),
    [
        ("Available", "Waiting", "available", None),
        ("Available (On Demand)", "Waiting", "available", None),
        ("Available", "Receiving", "ringing", None),
        ("Available", "Reserved", "ringing", None),
        ("Available", "In a queue call", "busy", None),
        ("On Break", "In a queue call", "busy", None),
        ("On Break", "Waiting", "not_ready", "On Break"),
        ("Available (On Demand)", "Idle", "not_ready", None),
        ("Logged Out", "Waiting", "offline", None),
        ("Available", "Something new", "available", None),
    ],
)
def test_status_and_state_together_say_what_an_agent_does(
    status: str, state: str, is_: AgentState, reason: str | None
) -> None:
    assert listed(status, state).seen("desk") == (AgentSeen(agent="ada", state=is_, reason=reason),)


def test_what_nobody_has_said_is_not_known() -> None:
    agents = Agents()
    agents.serves("ada", "desk", 1.0, member=True)
    assert agents.seen("desk") == (AgentSeen(agent="ada"),)
    assert agents.changes(1.0) == [(1.0, "ada", AgentChanged(joined=("desk",)))]


def test_a_change_is_told_once_and_what_is_none_not_at_all() -> None:
    agents = listed()
    agents.state("ada", "Waiting", 1.0)
    assert agents.changes(1.0) == []
    agents.state("ada", "Receiving", 2.0)
    agents.state("ada", "In a queue call", 3.0)
    assert agents.changes(3.0) == [(3.0, "ada", AgentChanged(state="busy"))]
    assert agents.changes(3.0) == []


def test_work_after_a_call_ends_when_its_time_is_over() -> None:
    agents = listed()
    agents.finishes("ada", 20.0)
    assert agents.changes(20.0) == [(20.0, "ada", AgentChanged(state="wrap_up"))]
    assert agents.next_at() == 30.0
    assert agents.changes(29.9) == []
    assert agents.changes(30.0) == [(30.0, "ada", AgentChanged(state="available"))]
    assert agents.next_at() is None


def test_without_work_after_calls_an_agent_is_available_at_once() -> None:
    agents = listed(wrap_up_s=0.0)
    agents.finishes("ada", 20.0)
    assert agents.changes(20.0) == []


def test_who_is_not_listed_any_more_is_offline_and_serves_nobody() -> None:
    agents = listed()
    agents.listed([], DESK, 60.0)
    assert agents.seen("desk") == ()
    agents.told()
    assert agents.changes(60.0) == [(60.0, "ada", AgentChanged(state="offline", left=("desk",)))]


def test_after_a_new_start_nobody_is_known() -> None:
    agents = listed()
    agents.clear()
    assert agents.seen("desk") == ()
    assert agents.changes(1.0) == []
