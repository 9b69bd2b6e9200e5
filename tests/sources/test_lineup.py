"""Tests of the order in which those in line joined."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from queuewatch.sources.lineup import Joined, in_order


def exact(at: float) -> Joined:
    return Joined(at, exact=True)


def rough(at: float) -> Joined:
    return Joined(at, exact=False)


def test_what_is_in_order_stays_as_it_is() -> None:
    assert in_order([exact(1.0), rough(2.0), exact(3.5)]) == [1.0, 2.0, 3.5]
    assert in_order([]) == []


def test_of_the_same_second_each_is_a_hair_before_the_next() -> None:
    times = in_order([rough(100.0), rough(100.0), rough(100.0)])
    assert times[2] == 100.0
    assert all(0.0 < later - earlier < 1e-5 for earlier, later in pairwise(times))


def test_what_is_exact_does_not_move() -> None:
    times = in_order([exact(100.9), rough(100.5), exact(101.2), rough(101.0), rough(100.5), exact(101.1)])
    assert (times[0], times[2], times[5]) == (100.9, 101.2, 101.1)
    assert 100.9 < times[1] < 101.2


@given(st.lists(st.integers(0, 5).map(float)), st.floats(0.0, 1.0, exclude_max=True))
def test_those_whose_second_is_known_stand_as_they_stood(seconds: list[float], fraction: float) -> None:
    line = [rough(1e9 + second + fraction) for second in sorted(seconds)]
    times = in_order(line)
    assert all(earlier < later for earlier, later in pairwise(times))
    assert all(abs(at - one.at) < 1e-3 for at, one in zip(times, line, strict=True))
