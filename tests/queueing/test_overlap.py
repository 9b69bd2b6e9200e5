"""Tests of agents with different skills who share queues."""

from __future__ import annotations

import pytest

from queuewatch.queueing.overlap import MOST_QUEUES, fewest_of_each, subsets

A, B, BOTH = frozenset({0}), frozenset({1}), frozenset({0, 1})


def test_sets_are_all_there() -> None:
    assert subsets(2) == [(0,), (1,), (0, 1)]
    assert len(subsets(4)) == 15


def test_who_can_do_both_saves_the_rounding_up() -> None:
    """Each alone needs 6, both as one 10: two who can do both are the two saved."""
    need = {(0,): 6.0, (1,): 6.0, (0, 1): 10.0}
    assert fewest_of_each([A, B, BOTH], need.__getitem__, 2).sum() == 10
    assert fewest_of_each([A, B], need.__getitem__, 2).tolist() == [6, 6]


def test_every_set_has_those_it_needs() -> None:
    need = {(0,): 4.2, (1,): 3.1, (0, 1): 6.5}
    a, b, both = fewest_of_each([A, B, BOTH], need.__getitem__, 2).tolist()
    assert a + both >= 4.2
    assert b + both >= 3.1
    assert a + b + both == 7


def test_dear_agents_are_used_where_they_are_needed_only() -> None:
    import numpy as np  # noqa: PLC0415

    need = {(0,): 4.0, (1,): 3.0, (0, 1): 6.0}
    a, b, both = fewest_of_each([A, B, BOTH], need.__getitem__, 2, np.array([1.0, 1.0, 1.9])).tolist()
    assert (a, b, both) == (3, 2, 1) or both == 1


def test_a_queue_nobody_serves_is_said() -> None:
    with pytest.raises(ValueError, match="queue number 2 is served by no kind of agent"):
        fewest_of_each([A], lambda _: 1.0, 2)


def test_too_many_queues_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 8"):
        fewest_of_each([A], lambda _: 1.0, MOST_QUEUES + 1)
