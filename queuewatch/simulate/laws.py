"""The laws of chance a centre lives by: how long things take, and when contacts come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY_S = 86400.0
WEEKDAY_OF_EPOCH = 3  # 1970-01-01 was a Thursday; Monday is 0


class Duration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A random duration.

    Attributes:
        mean_s: Mean, seconds, > 0; infinity means "never".
        cv: Coefficient of variation (standard deviation / mean) of the lognormal, ≥ 0; 0 is a constant.
        law: `lognormal`, or `exponential` (whose cv is 1, whatever `cv` says).

    Raises:
        ValueError: Mean or cv out of range.
    """

    mean_s: float
    cv: float = 1.0
    law: Literal["lognormal", "exponential"] = "lognormal"

    def __post_init__(self) -> None:
        if not self.mean_s > 0 or not 0 <= self.cv < math.inf:
            raise ValueError(f"a duration needs mean_s > 0 and a finite cv >= 0, not {self}")

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw `n` independent durations, seconds, shape (n,)."""
        if math.isinf(self.mean_s):
            return np.full(n, np.inf)
        if self.law == "exponential":
            return rng.exponential(self.mean_s, n)
        spread = math.log1p(self.cv**2)
        return rng.lognormal(math.log(self.mean_s) - spread / 2, math.sqrt(spread), n)

    def draw_one(self, rng: np.random.Generator) -> float:
        """Draw one duration, seconds."""
        return float(self.draw(rng, 1)[0])


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arrivals over the day and the week: Poisson with a piecewise constant rate.

    Attributes:
        per_hour: Arrivals per hour in each of equally long slices of the local day.
        days: Factor per weekday, Monday first.
        day_cv: Over-dispersion: coefficient of variation of a gamma factor (mean 1) on the whole day.

    Raises:
        ValueError: No slice, a negative rate, or not seven weekdays.
    """

    per_hour: tuple[float, ...]
    days: tuple[float, ...] = (1.0,) * 7
    day_cv: float = 0.0

    def __post_init__(self) -> None:
        if not self.per_hour or len(self.days) != 7:  # noqa: PLR2004  # days of a week
            raise ValueError("a profile needs at least one slice of the day and seven weekday factors")
        if min(*self.per_hour, *self.days, self.day_cv) < 0:
            raise ValueError("rates, weekday factors and day_cv of a profile must not be negative")


class Surge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arrivals on top of the profile, for instance after a campaign's mailing.

    Attributes:
        queue: Where they arrive.
        from_at, to_at: Points in time.
        per_hour: Additional arrivals per hour.
    """

    queue: str
    from_at: float
    to_at: float
    per_hour: float


def rates(
    profile: Profile,
    surges: Sequence[Surge],
    start_at: float,
    end_at: float,
    *,
    utc_offset_s: float,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """The arrival rate over [start_at, end_at) as a step function.

    Returns:
        Edges, shape (n + 1,), points in time; rates between them, shape (n,), contacts per second.
    """
    slice_s = DAY_S / len(profile.per_hour)
    first, last = (
        math.floor((start_at + utc_offset_s) / slice_s),
        math.ceil((end_at + utc_offset_s) / slice_s),
    )
    marks = [np.arange(first, last + 1) * slice_s - utc_offset_s]
    marks += [np.array([one.from_at, one.to_at]) for one in surges]
    edges = np.unique(np.clip(np.concatenate(marks), start_at, end_at))
    middle = (edges[1:] + edges[:-1]) / 2
    day, in_day = np.divmod(middle + utc_offset_s, DAY_S)
    of_day = day.astype(np.int64)
    per_hour = np.array(profile.per_hour)[(in_day // slice_s).astype(np.int64)]
    per_hour = per_hour * np.array(profile.days)[(of_day + WEEKDAY_OF_EPOCH) % 7]
    if profile.day_cv > 0 and of_day.size:
        shape = profile.day_cv**-2
        factors = rng.gamma(shape, 1 / shape, int(of_day[-1] - of_day[0]) + 1)
        per_hour = per_hour * factors[of_day - of_day[0]]
    for one in surges:
        per_hour = per_hour + np.where((middle > one.from_at) & (middle < one.to_at), one.per_hour, 0.0)
    return edges, per_hour / 3600


def arrivals(edges: Floats, per_s: Floats, rng: np.random.Generator) -> Floats:
    """Poisson arrivals of a rate that is a step function; ascending points in time.

    Given their number, the arrivals of a step are independent and uniform over it.
    """
    counts = rng.poisson(per_s * np.diff(edges))
    times = np.repeat(edges[:-1], counts) + rng.random(int(counts.sum())) * np.repeat(np.diff(edges), counts)
    times.sort()
    return times
