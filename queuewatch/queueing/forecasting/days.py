"""What a forecast is made from: consecutive days, cut into intervals, with what arrived in each."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

ORDINARY = 0
"""Kind of a day nothing special is known about."""


@dataclass(frozen=True, eq=False)
class Days:
    """Consecutive calendar days with their opening hours.

    Attributes:
        first: number of the first day, in days since 1970-01-01.
        open: shape (days, intervals); whether the queue is open in that interval. A day without an open
            interval is closed (a weekend, a holiday).
        kind: shape (days,); `ORDINARY`, or the planner's number for a kind of special day (a holiday on
            which the queue is open, a campaign). Days of one kind are expected to differ alike.
    """

    first: int
    open: Bools
    kind: Ints

    def __post_init__(self) -> None:
        if self.open.ndim != 2 or self.open.shape[1] == 0:  # noqa: PLR2004 -- days by intervals
            raise ValueError(f"open hours have shape {self.open.shape}; give (days, intervals)")
        if self.kind.shape != self.open.shape[:1]:
            raise ValueError(f"{len(self.kind)} kinds for {len(self.open)} days; give one kind a day")
        if np.any(self.kind < ORDINARY):
            raise ValueError("a kind of day is below 0; number special kinds from 1, ordinary days are 0")

    def __len__(self) -> int:
        return len(self.open)

    @property
    def intervals(self) -> int:
        """Intervals in a day."""
        return int(self.open.shape[1])

    @property
    def number(self) -> Ints:
        """Days since 1970-01-01 of each day."""
        return self.first + np.arange(len(self), dtype=np.int64)

    @property
    def weekday(self) -> Ints:
        """0 (Monday) to 6 of each day."""
        return (self.number + 3) % 7

    @property
    def month_phase(self) -> Floats:
        """How far into its month each day is, in [0, 1): pay and bills come by the month."""
        month = self.number.astype("datetime64[D]").astype("datetime64[M]")
        start = month.astype("datetime64[D]").astype(np.int64)
        end = (month + 1).astype("datetime64[D]").astype(np.int64)
        return np.asarray((self.number - start) / (end - start))

    def part(self, start: int, stop: int) -> "Days":
        """The days from `start` up to `stop`, counted from the first."""
        return Days(self.first + start, self.open[start:stop], self.kind[start:stop])

    def then(self, later: "Days") -> "Days":
        """These days and those that follow them.

        Raises:
            ValueError: `later` does not begin the day after these end, or has other intervals.
        """
        if later.first != self.first + len(self):
            raise ValueError(
                f"days begin at {later.first}, and must begin at {self.first + len(self)}: the day after"
            )
        if later.intervals != self.intervals:
            raise ValueError(f"{later.intervals} intervals a day after {self.intervals}; use one length")
        return Days(self.first, np.vstack([self.open, later.open]), np.concatenate([self.kind, later.kind]))


@dataclass(frozen=True, eq=False)
class History:
    """What arrived on consecutive days.

    Attributes:
        days: which days, and when the queue was open.
        counts: shape (days, intervals); contacts offered, NaN where nobody counted (an outage of the
            recording is not an empty hour). What is given for closed intervals is not read.
    """

    days: Days
    counts: Floats

    def __post_init__(self) -> None:
        if self.counts.shape != self.days.open.shape:
            raise ValueError(
                f"counts have shape {self.counts.shape}, days {self.days.open.shape}; make them equal"
            )
        if np.any(self.counts < 0) or np.any(np.isinf(self.counts)):
            raise ValueError("a count is negative or infinite; give NaN for what is not known")

    def __len__(self) -> int:
        return len(self.days)

    @property
    def known(self) -> Bools:
        """Shape (days, intervals): open, and counted."""
        return self.days.open & ~np.isnan(self.counts)

    def part(self, start: int, stop: int) -> "History":
        """The days from `start` up to `stop`, counted from the first."""
        return History(self.days.part(start, stop), self.counts[start:stop])


def rooted(counts: Floats) -> Floats:
    """√(n + ¼): Poisson counts on a scale where their variance is about ¼ whatever their mean.

    Source: Brown, Zhang, Zhao (2001), Root un-root methodology for nonparametric density estimation;
    Brown et al. (2005), Statistical analysis of a telephone call center, JASA 100:36-50.
    """
    return np.asarray(np.sqrt(counts + 0.25))


def unrooted(roots: Floats) -> Floats:
    """The mean of the Poisson counts whose roots have the mean `roots`; 0 for what no count can have.

    The square but for the few: E√(N+¼) ≈ √λ within 0.1 % from four contacts an interval on, while of a
    queue with one contact in three intervals the square would make one in two.
    """
    return np.asarray(np.where(roots > _FEW_ROOTS[-1], np.square(roots), np.interp(roots, _FEW_ROOTS, _FEW)))


def root_of_mean(means: Floats) -> Floats:
    """The mean of the roots of Poisson counts with these means: what `unrooted` takes back."""
    return np.asarray(np.where(means > _FEW[-1], np.sqrt(means), np.interp(means, _FEW, _FEW_ROOTS)))


def poisson_variance(roots: Floats) -> Floats:
    """The variance of the roots of Poisson counts whose roots have the mean `roots`: ¼ but for the few."""
    return np.asarray(np.interp(roots, _FEW_ROOTS, _FEW + 0.25 - _FEW_ROOTS**2))


def _mean_root(mean: Floats) -> Floats:
    """E√(N+¼) of Poisson counts, summed as far as a mean of `_FEW`'s end needs."""
    count, mean = np.arange(80.0)[None, :], mean[:, None]
    return np.asarray(np.exp(xlogy(count, mean) - mean - gammaln(count + 1.0)) @ rooted(count[0]))


_FEW: Floats = np.concatenate([np.linspace(0.0, 1.0, 101), np.linspace(1.1, 16.0, 150)])
_FEW_ROOTS: Floats = _mean_root(_FEW)
