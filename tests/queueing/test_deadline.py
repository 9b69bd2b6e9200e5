"""Tests of work with a deadline: never before it came, never too late, and as even as can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.queueing.deadline import steadiest, whole_agents
from queuewatch.queueing.numbers import FloatArray

work = st.lists(st.integers(0, 12), min_size=1, max_size=24)


def curves(came: list[int], later: int) -> tuple[FloatArray, FloatArray]:
    whole = np.cumsum(np.array(came, dtype=np.float64))
    return whole, np.concatenate([np.zeros(later), whole])[: len(came)]


@given(work, st.integers(0, 8))
def test_no_work_is_done_before_it_came_nor_after_it_is_due(came: list[int], later: int) -> None:
    arrived, due = curves(came, later)
    done = np.cumsum(steadiest(arrived, due))
    assert (done <= arrived + 1e-6).all()
    assert (done >= due - 1e-6).all()


@given(work, st.integers(0, 8))
def test_no_plan_has_a_lower_peak(came: list[int], later: int) -> None:
    """Between two moments must be done what is due by the second and had not come before the first."""
    arrived, due = curves(came, later)
    before = np.concatenate([[0.0], arrived])
    needed = max(
        (due[stop] - before[start]) / (stop - start + 1)
        for start in range(len(came))
        for stop in range(start, len(came))
    )
    assert steadiest(arrived, due).max() == pytest.approx(max(needed, 0.0), abs=1e-6)


def test_work_that_is_due_at_once_is_done_as_it_comes() -> None:
    arrived, due = curves([3, 0, 5], 0)
    np.testing.assert_allclose(steadiest(arrived, due), [3.0, 0.0, 5.0])


def test_a_morning_of_work_may_be_spread_over_the_day() -> None:
    """Twelve hours' work at nine, due after four intervals: three in each, then nothing."""
    arrived, due = curves([12, 0, 0, 0, 0, 0], 3)
    np.testing.assert_allclose(steadiest(arrived, due), [3.0, 3.0, 3.0, 3.0, 0.0, 0.0])


def test_agents_are_not_rounded_up_one_interval_at_a_time() -> None:
    """Two and a half agents' work in each of four half hours: ten halves, not twelve."""
    agents = whole_agents(np.full(4, 2.5 * 1800.0), 1800.0, 1.0)
    assert agents.tolist() == [3, 2, 3, 2]


def test_people_who_work_half_of_their_time_are_twice_as_many() -> None:
    assert whole_agents(np.array([1800.0, 3600.0]), 1800.0, 0.5).tolist() == [2, 4]
