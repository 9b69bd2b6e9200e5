"""Tests of the calendar: who is due is found, neither early nor twice."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.state.calendar import Calendar, earliest

dues = st.lists(st.tuples(st.floats(0.0, 20.0), st.sampled_from("abc")), max_size=12)


def test_an_empty_calendar_has_nobody_due() -> None:
    calendar = Calendar()
    assert calendar.next_at() is None
    assert calendar.take(1e12) == []


def test_a_name_is_due_at_the_first_full_second_that_is_not_before_its_time() -> None:
    calendar = Calendar()
    calendar.add(10.0, "sharp")
    calendar.add(10.001, "later")
    assert calendar.next_at() == 10.0
    assert calendar.take(9.999) == []
    assert calendar.take(10.0) == ["sharp"]
    assert calendar.next_at() == 11.0
    assert calendar.take(10.999) == []
    assert calendar.take(11.0) == ["later"]
    assert calendar.next_at() is None


@pytest.mark.parametrize(("due_at", "page_at"), [(59.9, 60.0), (60.0, 60.0), (60.001, 70.0), (-0.5, 0.0)])
def test_longer_pages_are_due_at_their_end(due_at: float, page_at: float) -> None:
    calendar = Calendar(page_s=10)
    calendar.add(due_at, "ada")
    assert calendar.next_at() == page_at
    assert calendar.take(page_at) == ["ada"]


@given(dues, st.integers(0, 21))
def test_everybody_due_is_taken_once_and_in_order_and_the_others_stay(
    written: list[tuple[float, str]], now: int
) -> None:
    calendar = Calendar()
    for due_at, name in written:
        calendar.add(due_at, name)
    by_second = sorted(written, key=lambda one: ceil(one[0]))
    assert calendar.take(now) == [name for due_at, name in by_second if due_at <= now]
    assert calendar.take(21) == [name for due_at, name in by_second if due_at > now]


def test_the_first_of_some_times_counts_and_none_where_none_is_set() -> None:
    assert earliest((None, 7.0, 3.0, None, 5.0)) == 3.0
    assert earliest((None, None)) is None
