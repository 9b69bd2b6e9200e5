"""What every estimator said of every contact, beside what happened: a table to be scored.

Errors in seconds are over those who were answered, as nobody knows how long the others would have waited;
chances are over all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isnan, nan

import numpy as np
from msgspec import Struct

from queuewatch.core.estimate.others import AVERAGE
from queuewatch.core.estimate.wait import QUANTILES, Remaining
from queuewatch.core.state.visit import Visit
from queuewatch.core.trust import scores
from queuewatch.core.trust.scores import Bin, Flags, Floats
from queuewatch.core.trust.track import Said, said

VisitKey = tuple[str, str, str, int]


class Saying(Struct, frozen=True):
    """What an estimator said of a whole wait, and the median of it, seconds."""

    said: Said
    median_s: float


class Asked(Struct, frozen=True):
    """One contact at one moment, and what each estimator said; None where it had no estimate."""

    key: VisitKey
    waited_s: float
    said: dict[str, Saying | None]


class Score(Struct, frozen=True, kw_only=True):
    """How right one estimator was. Shares and chances in [0, 1]; nan where there is nothing to say.

    Attributes:
        contacts: Contacts (or askings, while they waited) scored: it had an estimate, and the wait ended.
        answered: How many of them were answered; errors, coverage, promises and pinball are over those.
        no_estimate: Contacts that had to wait of which it said that it cannot say.
        bias_s: Said less waited: below 0 it said too little.
        brier: Of the experienced wait, by threshold (seconds, as text): was it still in line after t?
        brier_offered: Of the wait of one who never gives up, by inverse-probability-of-censoring weights.
        skill: Share of the Brier score of "always the average" that is saved, on the same contacts.
        coverage_80: Share of waits inside the 80 % range; nan for a rule without a range.
        kept_90: Share of waits not over the 90 % promise; the number itself for a rule without a range.
    """

    estimator: str
    contacts: int
    answered: int
    no_estimate: int
    rmse_s: float
    mae_s: float
    bias_s: float
    brier: dict[str, float]
    brier_offered: dict[str, float]
    skill: dict[str, float]
    coverage_80: float
    kept_90: float
    pinball_50: float
    pinball_90: float

    @property
    def mostly_silent(self) -> bool:
        """Whether it had an estimate for fewer than half: on so few it may look better than it is."""
        return self.contacts < self.no_estimate


class Hour(Struct, frozen=True):
    """An hour of the day: how many answered contacts joined in it, and the mean absolute error, seconds."""

    hour: int
    contacts: int
    mae_s: float


def saying(remaining: Remaining, waited_s: float, thresholds_s: Sequence[float]) -> Saying:
    """What is still to come, as a whole wait after `waited_s`."""
    return Saying(said(remaining, waited_s, thresholds_s), waited_s + remaining.quantile_s(QUANTILES[1]))


class _Column(Struct, frozen=True):
    """All that one estimator said: `spoke` says of whom, the rest is of those alone, one row a contact."""

    spoke: Flags
    mean_s: Floats
    quantiles_s: Floats
    there: Floats
    over: Floats
    ranged: bool


class Table:
    """Askings in rows, estimators in columns."""

    def __init__(
        self,
        thresholds_s: Sequence[float],
        ended: Sequence[tuple[Asked, Visit]],
        hour_of: Callable[[float], int],
        *,
        at_arrival: bool,
    ) -> None:
        """Lay out what was said.

        Args:
            thresholds_s: Thresholds, seconds, as the estimators were asked about.
            ended: What was said, and the visit it was said of, whose wait has ended.
            hour_of: The hour of the day, 0 to 23, of a point in time.
            at_arrival: All was said as the contacts joined, rather than while they waited.
        """
        self._at_arrival = at_arrival
        self._thresholds_s = tuple(thresholds_s)
        self._waited_s = np.array([asked.waited_s for asked, _ in ended], dtype=np.float64)
        self._endured_s = np.array([visit.endured_s for _, visit in ended], dtype=np.float64)
        self._answered = np.array([visit.answered_at is not None for _, visit in ended], dtype=np.bool_)
        self._hour = np.array([hour_of(visit.enqueued_at) for _, visit in ended], dtype=np.intp)
        names = dict.fromkeys(name for asked, _ in ended for name in asked.said)
        self._columns = {name: self._column([asked.said.get(name) for asked, _ in ended]) for name in names}

    @property
    def contacts(self) -> int:
        """How many rows there are."""
        return len(self._endured_s)

    @property
    def names(self) -> tuple[str, ...]:
        """The estimators that were asked."""
        return tuple(self._columns)

    @property
    def past(self) -> dict[str, int]:
        """How many waited longer than each threshold (seconds, as text)."""
        return {f"{t_s:g}": int((self._endured_s > t_s).sum()) for t_s in self._thresholds_s}

    def scores(self) -> tuple[Score, ...]:
        """Every estimator's, the lowest Brier score at the first threshold first; of equals the least out.

        Who had something to say of fewer than half of those who waited comes after all others.
        """
        found = [self._score(name) for name in self._columns]
        return tuple(sorted(found, key=lambda one: (one.mostly_silent, *_rank(one))))

    def reliability(self, name: str) -> dict[str, list[Bin]]:
        """By threshold: of those given about the same chance, to how many it happened."""
        column = self._columns[name]
        past = self._endured_s[column.spoke]
        return {
            f"{t_s:g}": scores.reliability(column.there[:, i], past > t_s)
            for i, t_s in enumerate(self._thresholds_s)
        }

    def hours(self, name: str) -> list[Hour]:
        """The error over the hours of the day; hours in which nobody joined who was answered are left out."""
        column = self._columns[name]
        answered = self._answered[column.spoke]
        hour = self._hour[column.spoke][answered]
        mean_s, was_s = column.mean_s[answered], self._endured_s[column.spoke][answered]
        return [
            Hour(int(one), int((hour == one).sum()), scores.mae(mean_s[hour == one], was_s[hour == one]))
            for one in np.unique(hour)
        ]

    def _column(self, sayings: list[Saying | None]) -> _Column:
        told = [one for one in sayings if one is not None]
        spoken = [one.said for one in told]
        quantiles_s = [(one.said.low_s, one.median_s, one.said.high_s) for one in told]
        thresholds = len(self._thresholds_s)
        return _Column(
            np.array([one is not None for one in sayings], dtype=np.bool_),
            np.array([one.mean_s for one in spoken], dtype=np.float64),
            np.array(quantiles_s, dtype=np.float64).reshape(-1, len(QUANTILES)),
            np.array([one.there for one in spoken], dtype=np.float64).reshape(-1, thresholds),
            np.array([one.over for one in spoken], dtype=np.float64).reshape(-1, thresholds),
            any(one.ranged for one in spoken),
        )

    def _score(self, name: str) -> Score:
        column = self._columns[name]
        answered = self._answered[column.spoke]
        was_s = self._endured_s[column.spoke][answered]
        low_s, median_s, high_s = column.quantiles_s[answered].T
        return Score(
            estimator=name,
            contacts=int(column.spoke.sum()),
            answered=int(answered.sum()),
            no_estimate=int((~column.spoke).sum()),
            rmse_s=scores.rmse(column.mean_s[answered], was_s),
            mae_s=scores.mae(column.mean_s[answered], was_s),
            bias_s=scores.bias(column.mean_s[answered], was_s),
            brier=self._by_threshold(lambda i: self._brier(column, column.spoke, i)),
            brier_offered=self._by_threshold(lambda i: self._brier_offered(column, i)),
            skill=self._by_threshold(lambda i: self._skill(column, i)),
            coverage_80=scores.coverage(low_s, high_s, was_s) if column.ranged else nan,
            kept_90=scores.kept(high_s, was_s),
            pinball_50=scores.pinball(median_s, was_s, QUANTILES[1]),
            pinball_90=scores.pinball(high_s, was_s, QUANTILES[2]),
        )

    def _by_threshold(self, score: Callable[[int], float]) -> dict[str, float]:
        return {f"{t_s:g}": score(i) for i, t_s in enumerate(self._thresholds_s)}

    def _brier(self, column: _Column, rows: Flags, i: int) -> float:
        """Over the given rows, of which it spoke; a threshold passed before the asking is no question."""
        open_rows = rows & (self._waited_s <= self._thresholds_s[i])
        happened = self._endured_s[open_rows] > self._thresholds_s[i]
        return scores.brier(column.there[open_rows[column.spoke], i], happened)

    def _brier_offered(self, column: _Column, i: int) -> float:
        """Weights are of whole waits: they fit only what was said at their beginning."""
        if not self._at_arrival:
            return nan
        weights, past = scores.censoring_weights(
            self._endured_s[column.spoke], self._answered[column.spoke], self._thresholds_s[i]
        )
        return scores.brier(column.over[:, i], past, weights)

    def _skill(self, column: _Column, i: int) -> float:
        average = self._columns[AVERAGE]
        both = column.spoke & average.spoke
        return scores.skill(self._brier(column, both, i), self._brier(average, both, i))


def _rank(score: Score) -> tuple[float, ...]:
    found = (*score.brier.values(), score.mae_s)
    return tuple(inf if isnan(value) else value for value in found)
