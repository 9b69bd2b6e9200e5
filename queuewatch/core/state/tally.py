"""Counters that can be corrected yet never go down to those who read them, as Prometheus demands.

A correction (an abandonment that turns out to be a time-out) takes one back. What was published stays
published: a counter shows the highest that it ever was.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from queuewatch.core.view import BUCKETS_S, HistogramView

BORDERS_S = tuple(map(float, BUCKETS_S))
"""As floats, which compare with one another three times as fast as with whole numbers."""


@dataclass(slots=True)
class Tally:
    """Counts by key: `now` is exact, `published()` never goes down.

    Attributes:
        now: The exact counts.
        highest: What a count was before it was last taken back, where that is the highest it had been.
    """

    now: dict[str, int] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)

    def add(self, key: str) -> None:
        """Count one."""
        try:
            self.now[key] += 1
        except KeyError:
            self.now[key] = 1

    def take(self, key: str) -> None:
        """Take one back that was counted."""
        self.highest[key] = max(self.highest.get(key, 0), self.now[key])
        self.now[key] -= 1

    def of(self, key: str) -> int:
        """The exact count."""
        return self.now.get(key, 0)

    def published(self, prefix: str = "") -> dict[str, int]:
        """Counts of the keys that begin with `prefix`, without it, none lower than ever published."""
        return {
            key[len(prefix) :]: max(count, self.highest.get(key, 0))
            for key, count in self.now.items()
            if key.startswith(prefix)
        }


@dataclass(slots=True)
class Histogram:
    """Durations by bucket of BUCKETS_S, seconds; corrected like a Tally."""

    now: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    highest: dict[int, int] = field(default_factory=dict)
    sum_s: float = 0.0
    highest_sum_s: float = 0.0

    def add(self, duration_s: float) -> None:
        """Count one duration."""
        self.now[bisect_left(BORDERS_S, duration_s)] += 1
        self.sum_s += duration_s

    def take(self, duration_s: float) -> None:
        """Take one back that was counted."""
        bucket = bisect_left(BORDERS_S, duration_s)
        self.highest[bucket] = max(self.highest.get(bucket, 0), self.now[bucket])
        self.highest_sum_s = max(self.highest_sum_s, self.sum_s)
        self.now[bucket] -= 1
        self.sum_s -= duration_s

    def view(self) -> HistogramView:
        """What is published: never goes down."""
        counts = [max(count, self.highest.get(bucket, 0)) for bucket, count in enumerate(self.now)]
        return HistogramView(counts=tuple(counts), sum_s=max(self.sum_s, self.highest_sum_s))
