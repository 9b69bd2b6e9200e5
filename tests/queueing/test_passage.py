"""Tests of passing one interval: a steady state stays, and its worth is what it leads to."""

from __future__ import annotations

import numpy as np
import pytest

from queuewatch.queueing.passage import Demand, Interval

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
