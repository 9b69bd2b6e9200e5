"""Tests of passing one interval: a steady state stays, and its worth is what it leads to."""

from __future__ import annotations

import numpy as np
import pytest

from queuewatch.queueing.passage import Demand, Interval, handed_back, handed_over, handed_over_warily

THRESHOLDS_S = (60.0, 180.0)
STATES = 80
EVERY = np.ones(1, dtype=bool)


def interval(contacts: float, patience_s: float = 180.0) -> Interval:
    """Half an hour of contacts of five minutes."""
    demand = Demand(np.array([[contacts / 1800.0]]), np.array([[300.0]]), patience_s, 1800.0)
    return Interval(demand, 0, THRESHOLDS_S)


def test_a_poisson_number_stays_where_there_are_more_agents_than_contacts() -> None:
    """With an agent for everybody the number in the system is Poisson for ever, of the load as its mean."""
    number = np.arange(STATES)
    logs = number * np.log(10.0) - np.cumsum(np.log(np.maximum(number, 1)))
    before = np.exp(logs - logs.max())[None, :]
    before /= before.sum()
    passed = interval(60.0).passed(EVERY, before, np.array([STATES]))
    np.testing.assert_allclose(passed.end, before, atol=1e-12)
    assert passed.end.sum() == pytest.approx(1.0)
    assert (passed.over[0, 0], passed.left_over[0]) == (pytest.approx(0.0), pytest.approx(0.0))
    assert passed.occupancy[0] == pytest.approx(10.0 / STATES)


@pytest.mark.parametrize("patience_s", [180.0, np.inf])
def test_what_a_beginning_is_worth_is_what_it_leads_to(patience_s: float) -> None:
    """Two intervals passed one after the other, against the worth walked back through both."""
    first, second = interval(70.0, patience_s), interval(55.0, patience_s)
    agents = np.array([11])
    rng = np.random.default_rng(5)
    before = rng.dirichlet(np.ones(STATES))[None, :]
    one = first.passed(EVERY, before, agents)
    two = second.passed(EVERY, one.end, agents)
    after = second.worth(np.zeros((1, STATES)), agents)
    assert (after * one.end).sum() == pytest.approx(two.past[-1, 0])
    assert (first.worth(after, agents) * before).sum() == pytest.approx(one.past[-1, 0] + two.past[-1, 0])


def test_it_is_shut_where_nothing_comes_and_nobody_is_there() -> None:
    assert interval(0.0).shut(np.array([0]))[0]
    assert not interval(0.0).shut(np.array([1]))[0]
    assert not interval(1.0).shut(np.array([0]))[0]


@pytest.mark.parametrize(("was", "now", "slots"), [(10, 7, 1), (6, 5, 3), (4, 0, 2)])
def test_who_goes_home_takes_an_even_share_of_the_contacts_along(was: int, now: int, slots: int) -> None:
    """In the mean, of those in service; those in line stay."""
    number = np.arange(STATES)
    agents = np.array([was]), np.array([now])
    left = [handed_over((number == one).astype(float)[None, :], *agents, slots)[0] @ number for one in number]
    served = np.minimum(number, was * slots)
    np.testing.assert_allclose(left, number - served * (was - now) / was, atol=1e-9)
    warily = handed_over_warily((number == was * slots).astype(float)[None, :], *agents, slots)[0] @ number
    assert warily >= left[was * slots] - 1e-9


def test_nobody_goes_along_where_nobody_goes() -> None:
    rng = np.random.default_rng(3)
    before, worth = rng.dirichlet(np.ones(STATES))[None, :], rng.random((1, STATES))
    agents = np.array([5])
    np.testing.assert_array_equal(handed_over(before, agents, agents, 1), before)
    np.testing.assert_array_equal(handed_over_warily(before, agents, agents, 1), before)
    np.testing.assert_array_equal(handed_back(worth, agents, agents, 1), worth)


def test_what_is_handed_over_is_worth_what_it_leads_to() -> None:
    rng = np.random.default_rng(4)
    before, worth = rng.dirichlet(np.ones(STATES), 2), rng.random((2, STATES))
    agents = np.array([9, 6]), np.array([4, 8])
    after = handed_over(before, *agents, 2)
    np.testing.assert_allclose(after.sum(axis=1), 1.0)
    np.testing.assert_allclose(
        (after * worth).sum(axis=1), (before * handed_back(worth, *agents, 2)).sum(axis=1)
    )


@pytest.mark.parametrize("cv2", [0.5, 1.0, 2.0])
def test_uneven_handling_makes_an_agent_s_line_as_long_as_pollaczek_and_khinchine_say(cv2: float) -> None:
    """Mean wait of M/G/1: (1 + cv2) / 2 times that of M/M/1, here at a load of 0.8."""
    handling_s, load, long_s = 300.0, 0.8, 6e5
    demand = Demand(np.array([[load / handling_s]]), np.array([[handling_s]]), np.inf, long_s, 1, cv2)
    before = np.zeros((1, 150))
    before[0, 0] = 1.0
    passed = Interval(demand, 0, THRESHOLDS_S).passed(EVERY, before, np.array([1]))
    expected = (1.0 + cv2) / 2.0 * load / (1.0 - load) * handling_s
    assert passed.mean_wait_s[0] == pytest.approx(expected, rel=0.08)
