"""Tests of work with a deadline: never before it came, never too late, and as even as can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.queueing.deadline import Mailbox, done_in_time, steadiest, whole_agents
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


def mailbox(contacts: list[float], agents: list[int], opened: list[bool], **changes: float) -> Mailbox:
    """Half hours of e-mails that take five minutes, due within an open hour."""
    return Mailbox(
        contacts=np.array([contacts]),
        handling_s=np.full(len(contacts), 300.0),
        agents=np.array(agents),
        opened=np.array(opened),
        length_s=1800.0,
        deadline_s=changes.pop("deadline_s", 3600.0),
        **changes,
    )


def test_all_is_done_where_there_are_people_enough() -> None:
    told = done_in_time(mailbox([3.0] * 4, [9] * 4, [True] * 4), 4)
    np.testing.assert_array_equal(told, [1.0, 1.0, np.nan, np.nan])


def test_where_nobody_works_it_is_done_only_if_nothing_came() -> None:
    told = done_in_time(mailbox([0.5, 0.0, 0.0], [0] * 3, [True] * 3), 3)
    assert told[0] == pytest.approx(np.exp(-0.5), abs=0.1)


def test_what_comes_at_night_is_due_after_the_next_opening() -> None:
    told = done_in_time(mailbox([6.0, 0.0, 0.0, 0.0], [0, 0, 20, 0], [False, False, True, True]), 4)
    assert told[0] == 1.0
    none = done_in_time(mailbox([6.0, 0.0, 0.0, 0.0], [0, 20, 0, 0], [False, False, True, True]), 4)
    assert none[0] < 0.1, "whoever is there while it is closed works on something else"


def test_nothing_is_told_where_it_never_opens() -> None:
    assert np.isnan(done_in_time(mailbox([6.0, 6.0], [1, 1], [False, False]), 2)).all()


def test_each_day_is_busy_by_its_own_chance() -> None:
    """A day is empty or hopeless; the one before it says nothing of it."""
    quiet_or_not = Mailbox(
        contacts=np.array([[0.0, 0.0], [1e5, 1e5]]),
        handling_s=np.full(2, 300.0),
        agents=np.array([1, 1]),
        opened=np.array([True, True]),
        length_s=1800.0,
        deadline_s=0.0,
    )
    told = done_in_time(quiet_or_not, 1)
    assert told.tolist() == [0.5, pytest.approx(0.25, abs=0.1)]
