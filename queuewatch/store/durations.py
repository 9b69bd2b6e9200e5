"""Counts how long something took, in the buckets of the journal's histogram."""

from __future__ import annotations

from bisect import bisect_left

from queuewatch.ports import COMMIT_BUCKETS_S, CommitsView


class Durations:
    """Counts per bucket of COMMIT_BUCKETS_S (each up to and including its border), and one above the last."""

    def __init__(self) -> None:
        self._counts = [0] * (len(COMMIT_BUCKETS_S) + 1)
        self._sum_s = 0.0

    def add(self, duration_s: float) -> None:
        """Count one duration, in seconds."""
        self._counts[bisect_left(COMMIT_BUCKETS_S, duration_s)] += 1
        self._sum_s += duration_s

    def view(self) -> CommitsView:
        """The counts so far."""
        return CommitsView(tuple(self._counts), self._sum_s)
