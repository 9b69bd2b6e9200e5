"""A wait as a curve: the chance to be still unanswered at each of a row of times, and to be still there.

Between two times the rate of being answered is constant, and after the last it stays as it was: the curve is
piecewise exponential. Plain floats: a curve is asked a handful of questions, one at a time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from math import exp, log

from msgspec import Struct

# Chances below this count as this: the logarithm of none cannot be drawn as a line.
LEAST = 1e-12


class Curve(Struct):
    """The time still to wait.

    Mean and quantiles are of those who are answered before they give up: what can be checked against waits.
    The chances are as `Remaining` says. `unanswered` and `patience` belong to `times_s`, which begins with 0;
    both begin with 1 and fall.

    Attributes:
        times_s: Times, seconds, ascending.
        unanswered: P(not answered by then) of somebody who does not give up.
        patience: Works out P(has not given up by then) of somebody who is not answered; most never ask.
        levels: Works out which quantile of the curve to tell for one that is asked for, as it has lately
            proved right; most never ask.
        at_once: The chance, under 1, that there is nothing to wait for at all; the rest is of the others.
    """

    times_s: Sequence[float]
    unanswered: Sequence[float]
    patience: Callable[[], Sequence[float]]
    levels: Callable[[], dict[float, float]]
    at_once: float = 0.0
    _patient: Sequence[float] = ()
    _shares: list[float] | None = None
    _levels: dict[float, float] | None = None

    def chance_over(self, t_s: float) -> float:
        """P(remaining > t) of somebody who does not give up."""
        if t_s < 0.0:
            return 1.0
        return (1.0 - self.at_once) * _at(self.times_s, self.unanswered, t_s)

    def chance_there(self, t_s: float) -> float:
        """P(still in line after t)."""
        return self.chance_over(t_s) * _at(self.times_s, self._still_patient(), t_s)

    @property
    def mean_s(self) -> float:
        """Mean wait of the answered, seconds."""
        answered = self._answered()
        total = weight = 0.0
        for i, share in enumerate(answered[:-1]):
            total += share * 0.5 * (self.times_s[i] + self.times_s[i + 1])
            weight += share
        mean_s = (total + answered[-1] * (self.times_s[-1] + self._tail_s())) / (weight + answered[-1])
        return (1.0 - self.first) * mean_s

    def quantile_s(self, share: float) -> float:
        """The time within which this share of the answered is answered, seconds."""
        first, level = self.first, self._level(share)
        if level <= first:
            return 0.0
        level = (level - first) / (1.0 - first)
        answered = self._answered()
        reached = list(accumulate(answered))
        wanted = level * reached[-1]
        i = min(bisect_left(reached, wanted), len(answered) - 1)
        before = reached[i - 1] if i else 0.0
        part = (wanted - before) / max(LEAST, answered[i])
        if i < len(answered) - 1:
            return self.times_s[i] + min(1.0, max(0.0, part)) * (self.times_s[i + 1] - self.times_s[i])
        return self.times_s[-1] - self._tail_s() * log(max(LEAST, 1.0 - part))

    def reached(self, t_s: float) -> float:
        """Of those who are not answered at once, but are, the share that is by then."""
        answered = self._answered()
        i = bisect_right(self.times_s, t_s) - 1
        if i < len(answered) - 1:
            part = (t_s - self.times_s[i]) / (self.times_s[i + 1] - self.times_s[i])
        else:
            part = 1.0 - exp(-(t_s - self.times_s[-1]) / self._tail_s())
        return (sum(answered[:i]) + part * answered[i]) / sum(answered)

    @property
    def first(self) -> float:
        """Of those who are answered, the share that is at once."""
        if not self.at_once:
            return 0.0
        answered = (1.0 - self.at_once) * sum(self._answered())
        return self.at_once / (self.at_once + answered)

    def _level(self, share: float) -> float:
        """The quantile to tell for this one; between those that are followed, as far between."""
        levels = self._levels
        if levels is None:
            levels = self._levels = self.levels()
        if share in levels:
            return levels[share]
        known = [(0.0, 0.0), *sorted(levels.items()), (1.0, 1.0)]
        i = min(bisect_right(known, (share,)), len(known) - 1)
        (low, told_low), (high, told_high) = known[i - 1], known[i]
        return told_low + (share - low) / (high - low) * (told_high - told_low)

    def _still_patient(self) -> Sequence[float]:
        if not self._patient:
            self._patient = self.patience()
        return self._patient

    def _answered(self) -> list[float]:
        """The chance to be answered in each stretch of time, and after the last."""
        if self._shares is None:
            over, there = self.unanswered, self._still_patient()
            stretches = range(len(over) - 1)
            self._shares = [
                (over[i] - over[i + 1]) * 0.5 * (there[i] + there[i + 1]) + LEAST for i in stretches
            ]
            self._shares.append(over[-1] * there[-1] + LEAST)
        return self._shares

    def _tail_s(self) -> float:
        """The mean time from the last of the times on, seconds: no longer than what came before."""
        fallen = log(max(LEAST, self.unanswered[-2]) / max(LEAST, self.unanswered[-1]))
        length_s = self.times_s[-1] - self.times_s[-2]
        return min(self.times_s[-1], length_s / max(LEAST, fallen))


def _at(times_s: Sequence[float], chances: Sequence[float], t_s: float) -> float:
    if t_s <= 0.0:
        return 1.0
    i = min(bisect_right(times_s, t_s), len(times_s) - 1)
    low, high = max(LEAST, chances[i - 1]), max(LEAST, chances[i])
    slope = log(high / low) / (times_s[i] - times_s[i - 1])
    return min(1.0, low * exp(slope * (t_s - times_s[i - 1])))
