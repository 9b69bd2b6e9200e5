"""Durations land in the bucket whose border they do not pass."""

from __future__ import annotations

import pytest

from queuewatch.ports import COMMIT_BUCKETS_S
from queuewatch.store.durations import Durations


def test_a_duration_on_the_border_of_a_bucket_belongs_to_it() -> None:
    durations = Durations()
    for border in COMMIT_BUCKETS_S:
        durations.add(border)
    assert durations.view().counts == (*(1 for _ in COMMIT_BUCKETS_S), 0)


def test_what_is_longer_than_every_border_is_counted_above_the_last() -> None:
    durations = Durations()
    durations.add(COMMIT_BUCKETS_S[-1] + 0.001)
    assert durations.view().counts[-1] == 1


def test_the_sum_is_that_of_all_durations() -> None:
    durations = Durations()
    durations.add(0.25)
    durations.add(4.0)
    assert durations.view().sum_s == pytest.approx(4.25)
