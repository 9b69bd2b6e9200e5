"""Tests of what others hold on to in the views: the borders of the buckets."""

from __future__ import annotations

from itertools import pairwise

from queuewatch.core.rules import QueueRules
from queuewatch.core.view import BUCKETS_S


def test_buckets_ascend_and_the_default_thresholds_are_borders() -> None:
    assert all(lower < upper for lower, upper in pairwise(BUCKETS_S))
    assert set(QueueRules().thresholds_s) <= set(BUCKETS_S)
