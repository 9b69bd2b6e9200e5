"""Fewest agents: one fewer would break a target, and these keep all."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuewatch.queueing.staffing import fewest_agents
from queuewatch.queueing.steady import Steady, steady

HANDLING_S = 300.0
BOTH = ["P(wait>60)<=0.2", "P(wait>180)<=0.02"]


def kept(state: Steady[float]) -> bool:
    return state.over[0] <= 0.2 and state.over[1] <= 0.02 and state.occupancy <= 0.9


@settings(max_examples=2 * settings().max_examples)
@given(st.floats(0.001, 3.0), st.sampled_from([math.inf]) | st.floats(0.0, 1e4))
def test_one_agent_fewer_would_break_a_target(arrivals: float, patience_s: float) -> None:
    found = fewest_agents(arrivals, HANDLING_S, [*BOTH, "occupancy<=0.9"], patience_s)
    assert kept(found.steady)
    assert found.steady.agents == found.agents
    assert not kept(steady(arrivals, HANDLING_S, found.agents - 1, patience_s))


@pytest.mark.parametrize(
    ("target", "agents"),
    [
        ("P(wait>0)<=0.5", 1),
        ("P(wait>0)<=0.49", 2),
        ("ASA<=300", 1),
        ("ASA<=299", 2),
        ("occupancy<=0.5", 1),
        ("occupancy<=0.25", 2),
    ],
)
def test_by_hand_half_an_erlang(target: str, agents: int) -> None:
    """One agent: C = 1/2 and ASA = 300 s; two agents: C = 1/10."""
    assert fewest_agents(0.5 / HANDLING_S, HANDLING_S, [target]).agents == agents


@pytest.mark.parametrize(
    ("target", "agents"), [("abandon<=0.6", 1), ("abandon<=0.35", 2), ("SL(0)>=0.5", 2), ("SL(0)>=0.75", 3)]
)
def test_by_hand_when_patience_is_as_long_as_handling(target: str, agents: int) -> None:
    """Then the number present is Poisson with mean a: here 1, so 1/e with 0, 2/e up to 1, 2.5/e up to 2.

    One agent works 1 - 1/e, so 1/e abandons; two work 2 - 3/e, so 3/e - 1 = 0.104 does.
    """
    found = fewest_agents(1.0 / HANDLING_S, HANDLING_S, [target], HANDLING_S)
    assert found.agents == (1 if target == "abandon<=0.6" else agents)


def test_service_levels_count_those_who_hang_up_and_waits_do_not() -> None:
    level = fewest_agents(0.1, HANDLING_S, ["SL(20)>=0.9"], 30.0)
    wait = fewest_agents(0.1, HANDLING_S, ["P(wait>20)<=0.1"], 30.0)
    assert level.agents > wait.agents
    assert level.steady.answered_within[0] >= 0.9


def test_agents_absent_have_to_be_rostered_and_rounding_costs_none() -> None:
    base = fewest_agents(0.1, HANDLING_S, BOTH)
    assert base.rostered == base.agents
    seven = fewest_agents(6.3 / HANDLING_S, HANDLING_S, ["occupancy<=0.9"], shrinkage=0.3)
    assert (seven.agents, seven.rostered) == (7, 10)
    assert fewest_agents(7.2 / HANDLING_S, HANDLING_S, ["occupancy<=0.9"], shrinkage=0.3).rostered == 12


def test_without_arrivals_no_agent_is_needed_but_one_for_a_wait() -> None:
    assert fewest_agents(0.0, HANDLING_S, ["occupancy<=0"]).agents == 0
    assert fewest_agents(0.0, HANDLING_S, ["P(wait>60)<=0"]).agents == 1


def test_a_target_that_asks_nothing_needs_nobody() -> None:
    assert fewest_agents(1.0, HANDLING_S, ["P(wait>60)<=1"]).agents == 0
    assert fewest_agents(1.0, HANDLING_S, ["abandon<=0"]).agents == 0


@pytest.mark.parametrize("target", ["P(wait>60)<=0", "SL(20)>=1", "ASA<=0", "occupancy<=0", "abandon<=0"])
def test_what_no_number_of_agents_can_do_is_said(target: str) -> None:
    with pytest.raises(
        ValueError, match=r"^no number of agents keeps .*<=0 while contacts arrive; allow a little"
    ):
        fewest_agents(np.array([0.0, 1.0]), HANDLING_S, [target], 60.0)


def test_many_queues_are_staffed_each_by_itself() -> None:
    arrivals, limits = np.array([[0.0], [0.01], [0.3], [20.0]]), np.array([math.inf, 120.0])
    many = fewest_agents(arrivals, HANDLING_S, BOTH, limits, shrinkage=0.25)
    assert many.agents.shape == (4, 2)
    assert many.agents.dtype.kind == "i"
    for i in range(4):
        for j in range(2):
            one = fewest_agents(float(arrivals[i, 0]), HANDLING_S, BOTH, float(limits[j]), shrinkage=0.25)
            assert (many.agents[i, j], many.rostered[i, j]) == (one.agents, one.rostered)
    assert many.thresholds_s == (60.0, 180.0)
    assert many.steady.over.shape == (2, 4, 2)


def test_a_strict_target_is_found_far_from_the_load() -> None:
    found = fewest_agents(0.01, HANDLING_S, ["occupancy<=0.001"])
    assert found.agents == 3000


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^name at least one target"):
        fewest_agents(0.1, HANDLING_S, [])
    with pytest.raises(ValueError, match=r"^shrinkage must be 0 or more and below 1, got 1\.0$"):
        fewest_agents(0.1, HANDLING_S, BOTH, shrinkage=1.0)
    with pytest.raises(ValueError, match=r"^arrivals_per_s must be "):
        fewest_agents(-0.1, HANDLING_S, BOTH)
    with pytest.raises(ValueError, match=r"^target 'soon' is none of "):
        fewest_agents(0.1, HANDLING_S, ["soon"])
