"""Counters that can be corrected yet never go down to those who read them, as Prometheus demands.

A correction (an abandonment that turns out to be a time-out) takes one back. What was published stays
published: a counter shows the highest that it ever was.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import reduce
from operator import add

from queuewatch.core.view import BUCKETS_S, HistogramView

BORDERS_S = tuple(map(float, BUCKETS_S))
"""As floats, which compare with one another three times as fast as with whole numbers."""

TOGETHER = 128
"""So many durations are sorted into their buckets at a time: it takes a quarter of one by one."""


@dataclass(slots=True)
class Tally:
    """Counts by key: `now` is exact, `published()` never goes down.

    Attributes:
        counts: The exact counts, but for what is in `offered` and `answered`.
        highest: What a count was before it was last taken back, where that is the highest it had been.
        offered, answered: More of these two keys, which are counted for nearly every contact.
    """

    counts: dict[str, int] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)
    offered: int = 0
    answered: int = 0

    @property
    def now(self) -> dict[str, int]:
        """The exact counts."""
        counts = self.counts
        if self.offered:
            counts["offered"] = counts.get("offered", 0) + self.offered
            self.offered = 0
        if self.answered:
            counts["answered"] = counts.get("answered", 0) + self.answered
            self.answered = 0
        return counts

    def add(self, key: str) -> None:
        """Count one."""
        self.counts[key] = self.counts.get(key, 0) + 1

    def take(self, key: str) -> None:
        """Take one back that was counted."""
        count = self.now[key]
        self.highest[key] = max(self.highest.get(key, 0), count)
        self.counts[key] = count - 1

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
    """Durations by bucket of BUCKETS_S, seconds; corrected like a Tally.

    Attributes:
        counts: How many are in each bucket, and above the last; empty until there are any.
        total_s: Their sum, seconds.
        fresh: Those that are not in `counts` and `total_s` yet, in the order in which they came.
        highest, highest_sum_s: What a bucket, or the sum, was before it was last taken back, as in a Tally.
    """

    counts: list[int] = field(default_factory=list)
    total_s: float = 0.0
    fresh: list[float] = field(default_factory=list)
    highest: dict[int, int] = field(default_factory=dict)
    highest_sum_s: float = 0.0

    @property
    def now(self) -> list[int]:
        """How many are in each bucket, and above the last."""
        self.settle()
        return self.counts or [0] * (len(BORDERS_S) + 1)

    @property
    def sum_s(self) -> float:
        """The sum of all, seconds."""
        self.settle()
        return self.total_s

    def add(self, duration_s: float) -> None:
        """Count one duration."""
        self.fresh.append(duration_s)
        if len(self.fresh) >= TOGETHER:
            self.settle()

    def settle(self) -> None:
        """Put what is fresh into its buckets; when that is done makes no difference to the figures."""
        if not self.fresh:
            return
        self.total_s = reduce(add, self.fresh, self.total_s)  # one by one, as if each had been added at once
        counts = self.counts or [0] * (len(BORDERS_S) + 1)
        ordered, below = sorted(self.fresh), 0
        for bucket in range(bisect_left(BORDERS_S, ordered[0]), bisect_left(BORDERS_S, ordered[-1])):
            upto = bisect_right(ordered, BORDERS_S[bucket], below)
            counts[bucket] += upto - below
            below = upto
        counts[bisect_left(BORDERS_S, ordered[-1])] += len(ordered) - below
        self.counts, self.fresh = counts, []

    def take(self, duration_s: float) -> None:
        """Take one back that was counted."""
        self.settle()
        bucket = bisect_left(BORDERS_S, duration_s)
        self.highest[bucket] = max(self.highest.get(bucket, 0), self.counts[bucket])
        self.highest_sum_s = max(self.highest_sum_s, self.total_s)
        self.counts[bucket] -= 1
        self.total_s -= duration_s

    def view(self) -> HistogramView:
        """What is published: never goes down."""
        counts = [max(count, self.highest.get(bucket, 0)) for bucket, count in enumerate(self.now)]
        return HistogramView(counts=tuple(counts), sum_s=max(self.sum_s, self.highest_sum_s))
