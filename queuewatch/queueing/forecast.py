"""Contacts per interval of the days ahead, with ranges: what a queue's past says, tried on that past first.

`learn` tries the methods on the history (rolling-origin back-test), chooses the best of them or of their
combinations and takes the ranges from their errors; `forecast` uses that. Everything stands on the scale of
roots, √(count + ¼), where chance is as large in a busy interval as in a quiet one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from queuewatch.queueing.forecasting.backtest import Backtest, back_test, best
from queuewatch.queueing.forecasting.days import Bools, Days, Floats, History, root_of_mean, rooted, unrooted
from queuewatch.queueing.forecasting.intraday import UNLEARNED, Drift, given_seen, learn_drift, learn_rest
from queuewatch.queueing.forecasting.methods import FactorsAR, Method, SameWeekday, WeekProfile
from queuewatch.queueing.forecasting.ranges import Spread, factor, learn_spread, unlearned
from queuewatch.queueing.forecasting.smooth import FactorsCalendar
from queuewatch.queueing.forecasting.table import Ahead, look_ahead, prepare, roles, usually_open
from queuewatch.queueing.forecasting.threads import one_thread

METHODS: tuple[Method, ...] = (
    SameWeekday(1),
    SameWeekday(4),
    WeekProfile(),
    FactorsAR(),
    FactorsCalendar(),
    FactorsCalendar(month=False),
)
"""The methods tried."""

_FALLBACK = WeekProfile()
_FACTORS = ("factors + AR", "factors + calendar", "factors + weekday")
CANDIDATES: tuple[tuple[str, ...], ...] = (
    *((method.name,) for method in METHODS),
    _FACTORS[:2],
    _FACTORS,
    (_FALLBACK.name, *_FACTORS),
)
"""The methods and combinations of methods that one is chosen from."""

_SCALE_DEVIATION = 0.3  # relative, of a planner's guess of a new queue's size
_DAY_DEVIATION = 0.24  # relative, of one day's contacts about the level, while nothing is known of it
_WARM_UP = 40  # open days known before the first trial, where there are that many
_FEWEST = 8  # open days below which nothing can be tried


@dataclass(frozen=True, eq=False)
class Learned:
    """What the back-test taught about a queue.

    Attributes:
        members: names of the methods whose mean is the forecast.
        spread: how far off it is.
        drift: how the errors within one day hang together.
        rest: shape (3,); stretch of the ranges once some of the day was seen.
        tested: every forecast tried; None where the history was too short to try any.
        methods: what it was chosen from.
    """

    members: tuple[str, ...]
    spread: Spread
    drift: Drift
    rest: Floats
    tested: Backtest | None
    methods: tuple[Method, ...] = METHODS


@dataclass(frozen=True, eq=False)
class Forecast:
    """Contacts expected per interval, and how sure that is.

    Attributes:
        days: the days forecast.
        roots: shape (days, intervals); the centre, as √(count + ¼).
        deviation: shape (days, intervals); standard deviation of the error of `roots`.
        stretch: shape (days, 3); factors on the normal's central 50, 80 and 95 % ranges.
        learned: where method, ranges and drift come from.
    """

    days: Days
    roots: Floats
    deviation: Floats
    stretch: Floats
    learned: Learned

    @property
    def mean(self) -> Floats:
        """Shape (days, intervals): contacts expected; 0 in closed intervals."""
        return np.where(self.days.open, unrooted(self.roots), 0.0)

    def quantile(self, probability: float) -> Floats:
        """Shape (days, intervals): contacts not exceeded with this probability, in (0, 1); 0 where closed.

        Raises:
            ValueError: the probability is not inside (0, 1).
        """
        away = factor(probability, self.stretch)[:, None] * self.deviation
        edge = np.maximum(self.roots + away, 0.5)
        return np.where(self.days.open, np.square(edge) - 0.25, 0.0)

    def range(self, share: float) -> tuple[Floats, Floats]:
        """Lowest and highest contacts of the central range with this share of cases, such as 0.8."""
        return self.quantile((1.0 - share) / 2.0), self.quantile((1.0 + share) / 2.0)

    def totals(self, probability: float = 0.5, within: Bools | None = None) -> Floats:
        """Shape (days,): contacts of the whole day not exceeded with this probability.

        The intervals of a day err together, so this is not the sum of their quantiles.

        Args:
            probability: inside (0, 1).
            within: shape (days, intervals); the intervals summed (the rest of today, say), all if not given.

        Raises:
            ValueError: the probability is not inside (0, 1).
        """
        summed = self.days.open if within is None else self.days.open & within
        slope = np.where(summed, 2.0 * self.roots * self.deviation, 0.0)
        correlation = self.learned.drift.correlation(self.days.intervals)
        deviation = np.sqrt(np.einsum("di,ij,dj->d", slope, correlation, slope))
        centre = np.sum(self.mean * summed, axis=1)
        return np.asarray(np.maximum(centre + factor(probability, self.stretch) * deviation, 0.0))

    def updated(self, seen: Floats) -> "Forecast":
        """The forecast once some of its first day has been seen.

        Args:
            seen: shape (intervals,); counts of the first day so far, NaN for what is to come or unknown.

        Returns:
            The forecast with the intervals of the first day moved and narrowed; those seen are given as if
            they were to come again. The days after it stay as they are.

        Raises:
            ValueError: `seen` has another number of intervals.
        """
        if seen.shape != (self.days.intervals,):
            raise ValueError(
                f"{seen.shape} counts seen; give one for each of {self.days.intervals} intervals"
            )
        known = np.where(self.days.open[0], rooted(np.maximum(seen, 0.0)), np.nan)
        if np.isnan(known).all():
            return self
        roots, deviation, stretch = self.roots.copy(), self.deviation.copy(), self.stretch.copy()
        roots[0], deviation[0] = given_seen(roots[0], deviation[0], known, self.learned.drift)
        stretch[0] = self.learned.rest
        return replace(self, roots=roots, deviation=deviation, stretch=stretch)


@one_thread()
def learn(
    history: History,
    *,
    days: int = 14,
    origins: int = 50,
    methods: Sequence[Method] = METHODS,
    candidates: Sequence[Sequence[str]] = CANDIDATES,
    extra: Sequence[Method] = (),
) -> Learned:
    """Try the methods on the past, choose, and measure how far off the choice was.

    Args:
        history: of the queue.
        days: calendar days ahead that matter.
        origins: past days, at most, from which forecasts are tried.
        methods: what to try.
        candidates: names of methods, alone or together, to choose from.
        extra: more methods to try, each alone and together with the largest combination.
    """
    methods = (*methods, *extra)
    largest = max(candidates, key=len)
    candidates = [*candidates, *(names for one in extra for names in ((one.name,), (*largest, one.name)))]
    usable = prepare(history).number - history.days.first
    warm_up = min(_WARM_UP, len(usable) // 2)
    if len(usable) < _FEWEST:
        spread = unlearned(history.days.intervals)
        return Learned((_FALLBACK.name,), spread, UNLEARNED, np.ones(3), None, methods)
    starts = usable[warm_up:][-origins - days :]
    chosen = starts[np.unique(np.linspace(0, len(starts) - 1, min(origins, len(starts))).round().astype(int))]
    tested = back_test(history, methods, chosen.tolist(), days=days)
    members = best(tested, candidates)
    roots = tested.mean_roots(members)
    spread = learn_spread(tested.counts, roots, tested.lead)
    first = tested.lead == 1
    came, said = rooted(tested.counts[first]), roots[first]
    deviation = spread.deviation(said, tested.lead[first])
    drift = learn_drift(np.nan_to_num((came - said) / deviation))
    return Learned(members, spread, drift, learn_rest(came, said, deviation, drift), tested, methods)


@one_thread()
def forecast(
    history: History,
    ahead: Days,
    learned: Learned | None = None,
    *,
    methods: Sequence[Method] | None = None,
) -> Forecast:
    """What the days after the history will bring.

    Args:
        history: of the queue, with at least one open day counted.
        ahead: the days that follow it.
        learned: from `learn`, now or some days ago; tried anew if not given.
        methods: what to choose from; those that `learned` chose from if not given, or else `METHODS`.

    Raises:
        ValueError: the history holds no counted day, `ahead` is not what follows it, or a method that was
            learned is not among `methods`.
    """
    table = prepare(history)
    future = look_ahead(history.days, ahead)
    if len(table) == 0:
        raise ValueError(
            "the history holds no whole day with counts; give a longer one, or borrow the profile of "
            "another queue"
        )
    if learned is None:
        learned = learn(history, days=len(ahead), methods=METHODS if methods is None else methods)
    methods = learned.methods if methods is None else methods
    known = {method.name: method for method in (_FALLBACK, *methods)}
    if strange := set(learned.members) - set(known):
        raise ValueError(
            f"{', '.join(sorted(strange))} was learned but is not among the methods; give the same"
        )
    chosen = [known[name] for name in learned.members if known[name].needs <= len(table)]
    roots = np.mean([one.fit(table)(table, future) for one in chosen or [_FALLBACK]], axis=0)
    roots *= np.array([table.effect.get(int(kind), 1.0) for kind in ahead.kind])[:, None]
    return _ranged(ahead, roots, learned)


def _ranged(ahead: Days, roots: Floats, learned: Learned) -> Forecast:
    """The forecast with the ranges of its leads: open days from the last known one, from 1."""
    opened = ahead.open.any(axis=1)
    lead = np.asarray(np.cumsum(opened) + ~opened, dtype=np.int64)
    deviation = learned.spread.deviation(roots, lead)
    return Forecast(ahead, roots, deviation, learned.spread.stretched(lead), learned)


def borrow(
    history: History,
    alike: History,
    ahead: Days,
    *,
    scale: float | None = None,
    learned: Learned | None = None,
) -> Forecast:
    """The forecast of a queue with little or no history: that of another one, at its own level.

    The level is what came so far against what the other queue's profile expects on those days, and the
    planner's `scale`, each with the weight that its own uncertainty gives it. The ranges are those of the
    other queue, widened by what is not known of the level.

    Args:
        history: of the new queue; it may have no days.
        alike: history of the queue whose profile is borrowed, with the same intervals.
        ahead: the days that follow both histories.
        scale: contacts of the new queue for each of the other's, as the planner expects; within about 30 %.
        learned: of the other queue.

    Raises:
        ValueError: nothing was counted and no scale given, the scale is not above 0, or the days do not fit.
    """
    if scale is not None and not scale > 0.0:
        raise ValueError(
            f"scale {scale} is not above 0; give contacts of the new queue for each of the other's"
        )
    theirs = forecast(alike, ahead, learned)
    logarithm, variance = _relative_level(history, alike, scale)
    roots = root_of_mean(math.exp(logarithm) * unrooted(theirs.roots))
    spread = theirs.learned.spread
    wider = replace(spread, level=np.sqrt(np.square(spread.level) + variance / 4.0))
    return _ranged(ahead, roots, replace(theirs.learned, spread=wider))


def _relative_level(history: History, alike: History, scale: float | None) -> tuple[float, float]:
    """Logarithm of the new queue's level against the other's, and its variance."""
    precision = 0.0 if scale is None else 1.0 / _SCALE_DEVIATION**2
    total = 0.0 if scale is None else precision * math.log(scale)
    came = float(history.counts[history.known].sum())
    if came > 0:
        table = prepare(alike)
        role = roles(history.days, usually_open(alike.days))
        said = unrooted(_FALLBACK.fit(table)(table, Ahead(history.days, role)))
        days = int(history.known.any(axis=1).sum())
        own = 1.0 / (_DAY_DEVIATION**2 / days + 1.0 / came)
        total += own * math.log(came / max(float(said[history.known].sum()), 1e-9))
        precision += own
    if precision == 0.0:
        raise ValueError(
            "nothing was counted in the new queue; give its expected scale against the other one"
        )
    return total / precision, 1.0 / precision
