"""How right an estimator has lately been: what it said of waits as they began, against how they ended.

Sums that fade with each wait scored, so that a figure speaks of the last few hundred. Errors in seconds, the
range and the promise are over those who were answered; chances are over all who had to wait: of the wait as
it was experienced (was it still in line after t?), and of the wait of one who never gives up, in which those
who gave up tell nothing of later times and the others count the more for it (inverse-probability-of-censoring
weights; `scores.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from queuewatch.core.estimate.others.number import Number
from queuewatch.core.estimate.wait import QUANTILES, Remaining

# Each wait scored makes those before count this much less: the last 500 tell.
KEEP = 0.998


class Said(Struct, gc=False):
    """What was said of a whole wait (already waited and still to come) when it began.

    Attributes:
        mean_s: Seconds.
        low_s, high_s: The 10 % and the 90 % quantile, seconds.
        there: P(still in line after t), a threshold each.
        over: P(the wait of one who does not give up > t), a threshold each.
        ranged: It is a distribution, rather than a number without a range.
        waited_s: What had been waited by then, seconds: a source tells some moments after the fact.
    """

    mean_s: float
    low_s: float
    high_s: float
    there: tuple[float, ...]
    over: tuple[float, ...]
    ranged: bool
    waited_s: float = 0.0


class Wait(Struct, frozen=True):
    """A wait that ended.

    Attributes:
        endured_s: From joining to the end, seconds.
        answered: It ended with an answer.
        thresholds_s: What the chances said are of, seconds.
        stays: The chance not to have given up by the end, or by a threshold passed before: one each, above 0.
    """

    endured_s: float
    answered: bool
    thresholds_s: tuple[float, ...]
    stays: tuple[float, ...]


class Track(Struct):
    """Fading sums over the waits scored.

    Attributes:
        contacts, answered: How many.
        error_s, absolute_s: Of what was said less what was; and of its size. Seconds.
        covered, kept: Answered within the 80 % range; within the 90 % promise.
        ranged: Answered contacts of which a range was said.
        brier, offered: Sums of squared differences, and `asked`: of how many, by threshold (seconds, as
            text).
    """

    contacts: float = 0.0
    answered: float = 0.0
    error_s: float = 0.0
    absolute_s: float = 0.0
    covered: float = 0.0
    kept: float = 0.0
    ranged: float = 0.0
    brier: dict[str, float] = field(default_factory=dict)
    offered: dict[str, float] = field(default_factory=dict)
    asked: dict[str, float] = field(default_factory=dict)

    def add(self, said: Said, wait: Wait) -> None:
        """A wait ended of which this had been said."""
        self._fade()
        self.contacts += 1.0
        for i, t_s in enumerate(wait.thresholds_s):
            self._add_chance(f"{t_s:g}", said, wait, i)
        if wait.answered:
            error_s = said.mean_s - wait.endured_s
            self.answered += 1.0
            self.error_s += error_s
            self.absolute_s += abs(error_s)
            self.kept += wait.endured_s <= said.high_s
            if said.ranged:
                self.ranged += 1.0
                self.covered += said.low_s <= wait.endured_s <= said.high_s

    def _add_chance(self, key: str, said: Said, wait: Wait, i: int) -> None:
        past = wait.endured_s > wait.thresholds_s[i]
        self.asked[key] = self.asked.get(key, 0.0) + 1.0
        self.brier[key] = self.brier.get(key, 0.0) + (said.there[i] - past) ** 2
        weight = 1.0 / wait.stays[i] if past or wait.answered else 0.0
        self.offered[key] = self.offered.get(key, 0.0) + weight * (said.over[i] - past) ** 2

    def _fade(self) -> None:
        for name in ("contacts", "answered", "error_s", "absolute_s", "covered", "kept", "ranged"):
            setattr(self, name, getattr(self, name) * KEEP)
        for sums in (self.brier, self.offered, self.asked):
            for key in sums:
                sums[key] *= KEEP

    def of_thresholds(self, sums: dict[str, float]) -> dict[str, float]:
        """The mean of `brier` or `offered`, by threshold (seconds, as text)."""
        return {key: value / self.asked[key] for key, value in sums.items()}


def said(remaining: Remaining, waited_s: float, thresholds_s: Sequence[float]) -> Said:
    """What is still to come, as a whole wait after `waited_s`."""
    left_s = [t_s - waited_s for t_s in thresholds_s]
    return Said(
        waited_s + remaining.mean_s,
        waited_s + remaining.quantile_s(QUANTILES[0]),
        waited_s + remaining.quantile_s(QUANTILES[-1]),
        tuple(remaining.chance_there(t_s) if t_s >= 0 else 1.0 for t_s in left_s),
        tuple(remaining.chance_over(t_s) if t_s >= 0 else 1.0 for t_s in left_s),
        not isinstance(remaining, Number),
        waited_s,
    )
