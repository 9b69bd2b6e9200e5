"""Counters that can be corrected yet never go down to those who read them, as Prometheus demands.

A correction (an abandonment that turns out to be a time-out) takes one back. What was published stays
published: the tally owes one, and the next count pays it off.
"""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct, field

from queuewatch.core.view import BUCKETS_S, HistogramView


class Tally(Struct):
    """Counts by key: `now` is exact, `published()` never goes down."""

    now: dict[str, int] = field(default_factory=dict)
    owed: dict[str, int] = field(default_factory=dict)

    def add(self, key: str) -> None:
        """Count one."""
        now = self.now
        now[key] = now.get(key, 0) + 1
        if self.owed and (owed := self.owed.get(key)):
            if owed == 1:
                del self.owed[key]
            else:
                self.owed[key] = owed - 1

    def take(self, key: str) -> None:
        """Take one back that was counted."""
        self.now[key] -= 1
        self.owed[key] = self.owed.get(key, 0) + 1

    def of(self, key: str) -> int:
        """The exact count."""
        return self.now.get(key, 0)

    def published(self, prefix: str = "") -> dict[str, int]:
        """Counts of the keys that begin with `prefix`, without it, none lower than ever published."""
        return {
            key[len(prefix) :]: count + self.owed.get(key, 0)
            for key, count in self.now.items()
            if key.startswith(prefix)
        }


class Histogram(Struct):
    """Durations by bucket of BUCKETS_S, seconds; corrected like a Tally."""

    now: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    owed: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    sum_s: float = 0.0
    highest_sum_s: float = 0.0

    def add(self, duration_s: float) -> None:
        """Count one duration."""
        bucket = bisect_left(BUCKETS_S, duration_s)
        self.now[bucket] += 1
        if self.owed[bucket]:
            self.owed[bucket] -= 1
        self.sum_s = total = self.sum_s + duration_s
        self.highest_sum_s = max(self.highest_sum_s, total)

    def take(self, duration_s: float) -> None:
        """Take one back that was counted."""
        bucket = bisect_left(BUCKETS_S, duration_s)
        self.now[bucket] -= 1
        self.owed[bucket] += 1
        self.sum_s -= duration_s

    def view(self) -> HistogramView:
        """What is published: never goes down."""
        return HistogramView(
            counts=tuple(now + owed for now, owed in zip(self.now, self.owed, strict=True)),
            sum_s=self.highest_sum_s,
        )
