"""Pauses between tries: doubled, spread, bounded."""

from __future__ import annotations

import pytest

from queuewatch.backoff import back_off_s


@pytest.mark.parametrize(
    ("tries", "longest_s"), [(0, 5.0), (1, 5.0), (2, 10.0), (3, 20.0), (6, 160.0), (7, 300.0), (8, 300.0)]
)
def test_each_pause_is_twice_as_long_as_the_one_before_up_to_the_last(tries: int, longest_s: float) -> None:
    assert back_off_s(tries, 5.0, 300.0, 1.0) == longest_s


@pytest.mark.parametrize(("chance", "pause_s"), [(0.0, 10.0), (0.5, 15.0), (1.0, 20.0)])
def test_a_pause_is_spread_over_its_upper_half(chance: float, pause_s: float) -> None:
    assert back_off_s(3, 5.0, 300.0, chance) == pause_s


@pytest.mark.parametrize("tries", [1_024, 1_025, 10**9])
def test_however_often_it_failed_there_is_a_pause(tries: int) -> None:
    assert back_off_s(tries, 0.5, 60.0, 1.0) == 60.0
