"""Tests of the sets of queues that share agents: which there are, what comes over, what their agents see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.queueing.shared import MOST_QUEUES, Crew, bundles, left_over, loads, parts, seen_by

ONLY_A, ONLY_B, BOTH = Crew(frozenset({0})), Crew(frozenset({1})), Crew(frozenset({0, 1}))


def sets_of(queues: int, *crews: Crew) -> list[list[int]]:
    return [sorted(one.queues) for one in bundles(queues, crews)]


def test_queues_that_share_nobody_are_looked_at_one_by_one() -> None:
    assert sets_of(2, ONLY_A, ONLY_B) == [[0], [1]]
    assert parts(range(2), (ONLY_A, ONLY_B)) == [{0}, {1}]


def test_queues_that_share_everybody_are_one() -> None:
    assert sets_of(2, BOTH) == [[0, 1]]


def test_queues_that_share_some_are_looked_at_alone_and_together() -> None:
    assert sets_of(2, ONLY_A, ONLY_B, BOTH) == [[0], [1], [0, 1]]
    # Who serves the first queue is everybody: what is asked of them all goes before.
    assert sets_of(2, ONLY_A, BOTH) == [[1], [0, 1]]


def test_a_chain_of_shared_agents_hangs_together_and_its_ends_by_themselves_do_not() -> None:
    chain = (ONLY_A, BOTH, Crew(frozenset({1, 2})), Crew(frozenset({2})))
    assert [0, 2] not in sets_of(3, *chain)
    assert parts(range(3), chain) == [{0, 1, 2}]


def test_a_queue_that_nobody_serves_and_too_many_queues_are_refused() -> None:
    with pytest.raises(ValueError, match="nobody serves queue 1"):
        bundles(2, [ONLY_A])
    many = MOST_QUEUES + 1
    with pytest.raises(ValueError, match="at most 6"):
        bundles(many, [Crew(frozenset(range(many)))])


@pytest.mark.parametrize(("load", "agents"), [(1.0, 0), (1.0, 1), (10.0, 8), (10.0, 15)])
def test_what_is_left_over_is_the_mean_beyond_the_agents_of_a_poisson_number(
    load: float, agents: int
) -> None:
    number = np.arange(200)
    chance = np.exp(number * np.log(load) - load - np.cumsum(np.log(np.maximum(number, 1))))
    mean = float(np.sum(chance * np.maximum(number - agents, 0)))
    assert left_over(np.array([load]), np.array([agents]))[0] == pytest.approx(mean, rel=1e-9)


@given(st.floats(0.0, 200.0), st.integers(0, 300))
def test_more_agents_of_their_own_leave_less_over_and_never_less_than_the_load_that_exceeds_them(
    load: float, agents: int
) -> None:
    some, more = left_over(np.array([load, load]), np.array([agents, agents + 1]))
    assert some >= more >= 0.0
    assert some >= load - agents - 1e-6


def test_agents_see_their_own_contacts_and_those_whom_the_others_own_agents_leave_over() -> None:
    """Ten erlangs each, eleven agents of the first queue alone, thirteen who serve both."""
    sets = bundles(2, (ONLY_A, BOTH))
    arrivals, handling = np.array([[10.0 / 300.0], [10.0 / 200.0]]), np.array([[300.0], [200.0]])
    came, work, there = seen_by(sets, loads(sets, arrivals, handling), np.array([[11], [13]]))
    over = float(left_over(np.array([10.0]), np.array([11]))[0])
    assert there[:, 0].tolist() == [13, 24]
    assert (came * work)[:, 0] == pytest.approx([10.0 + over, 20.0])
    assert came[:, 0] == pytest.approx([10.0 / 200.0 + over / 300.0, 10.0 / 300.0 + 10.0 / 200.0])


def test_to_a_queue_that_is_closed_nobody_comes_over() -> None:
    sets = bundles(2, (ONLY_A, ONLY_B, BOTH))
    arrivals = np.array([[0.1], [0.0]])
    came, _, _ = seen_by(sets, loads(sets, arrivals, np.full((2, 1), 300.0)), np.array([[5], [0], [30]]))
    assert came[1, 0] == 0.0
    assert loads(sets, arrivals, np.full((2, 1), 300.0)).at(np.array([False])).arrivals_per_s.shape == (3, 0)


def test_a_busy_day_has_so_many_times_the_contacts_of_each_set() -> None:
    sets = bundles(2, (ONLY_A, ONLY_B, BOTH))
    arrivals, ratio = np.array([[0.1], [0.2]]), np.array([[1.5], [1.4], [1.2]])
    found = loads(sets, arrivals, np.full((2, 1), 300.0), ratio)
    assert found.arrivals_per_s[:, 0] == pytest.approx([0.15, 0.28, 0.36])
