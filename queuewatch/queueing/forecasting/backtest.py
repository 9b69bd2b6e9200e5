"""Rolling-origin back-test: what each method would have said at past days, from what was known then."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from queuewatch.queueing.forecasting.days import Bools, Floats, History, Ints, unrooted
from queuewatch.queueing.forecasting.methods import Fitted, Method
from queuewatch.queueing.forecasting.table import look_ahead, prepare
from queuewatch.queueing.forecasting.threads import one_thread

_WEEK = 7
_GROWN = 1.1  # times the days learned from at which a method learns again


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts of past days, a row each, with what came.

    Attributes:
        names: of the methods.
        origin: shape (rows,); the history's days that were known, counted from its first.
        target: shape (rows,); the day forecast, counted from the history's first.
        lead: shape (rows,); 1 for the first open day after the origin, 2 for the second …
        roots: shape (methods, rows, intervals); the forecasts, as roots.
        counts: shape (rows, intervals); what came, NaN where closed or not counted.
        naive: shape (rows,); mean absolute error of the same weekday a week before, over the known history.
    """

    names: tuple[str, ...]
    origin: Ints
    target: Ints
    lead: Ints
    roots: Floats
    counts: Floats
    naive: Floats

    def __len__(self) -> int:
        return len(self.origin)

    def mean_roots(self, members: Sequence[str]) -> Floats:
        """Shape (rows, intervals): the equal combination of some methods."""
        return np.asarray(self.roots[[self.names.index(name) for name in members]].mean(axis=0))

    def where(self, rows: Bools) -> "Backtest":
        """The rows chosen."""
        return Backtest(
            self.names,
            self.origin[rows],
            self.target[rows],
            self.lead[rows],
            self.roots[:, rows],
            self.counts[rows],
            self.naive[rows],
        )

    def known_at(self, origin: int) -> "Backtest":
        """The rows whose outcome was known when the first `origin` days were: nothing of later days."""
        return self.where(self.target < origin)


@one_thread()
def back_test(history: History, methods: Sequence[Method], origins: Sequence[int], *, days: int) -> Backtest:
    """Forecast from each origin the days that follow, knowing only what came before.

    Args:
        history: all that is known.
        methods: what to try; a method that needs more days than an origin has, is left out everywhere.
        origins: increasing; how many days are known at each.
        days: calendar days forecast from each origin, as far as the history reaches.

    Methods are fitted anew whenever the days known have grown by a tenth: variances learned from a year are
    not stale after a week.

    Raises:
        ValueError: no method can learn from what the first origin knows.
    """
    tried: list[Method] = []
    fitted: list[Fitted] = []
    rows: list[tuple[int, int, int, float]] = []
    roots: list[Floats] = []
    scale = _week_before(history)
    learned_from = 0
    for origin in origins:
        past = history.part(0, origin)
        table = prepare(past)
        if not tried:
            tried = [method for method in methods if method.needs <= len(table)]
        if not tried:
            raise ValueError(f"the first origin knows {len(table)} days: too few for any method; start later")
        if len(table) >= _GROWN * learned_from:
            fitted, learned_from = [method.fit(table) for method in tried], len(table)
        ahead = look_ahead(past.days, history.days.part(origin, origin + days))
        said = np.array([forecast(table, ahead) for forecast in fitted])
        factor = np.array([table.effect.get(int(kind), 1.0) for kind in ahead.days.kind])
        opened = np.flatnonzero(ahead.days.open.any(axis=1))
        rows += [(origin, origin + int(day), lead, scale[origin]) for lead, day in enumerate(opened, start=1)]
        roots.append((said * factor[:, None])[:, opened])
    kept = np.array(rows, dtype=np.float64).reshape(-1, 4)
    target = kept[:, 1].astype(np.int64)
    return Backtest(
        names=tuple(method.name for method in tried),
        origin=kept[:, 0].astype(np.int64),
        target=target,
        lead=kept[:, 2].astype(np.int64),
        roots=np.concatenate(roots, axis=1) if roots else np.zeros((0, 0, history.days.intervals)),
        counts=np.where(history.known[target], history.counts[target], np.nan),
        naive=kept[:, 3],
    )


def _week_before(history: History) -> Floats:
    """Shape (days + 1,): by days known, the mean absolute error of the day seven days before; NaN if none."""
    error = np.full((len(history) + 1, history.days.intervals), np.nan)
    known = np.where(history.known, history.counts, np.nan)
    error[1 + _WEEK :] = np.abs(known[_WEEK:] - known[:-_WEEK])
    cells = np.cumsum(np.sum(~np.isnan(error), axis=1))
    return np.where(cells > 0, np.cumsum(np.nansum(error, axis=1)) / np.maximum(cells, 1), np.nan)


def wape(counts: Floats, forecast: Floats) -> float:
    """Sum of absolute errors over the sum of what came, over what is known; NaN where nothing came."""
    known = ~np.isnan(counts)
    came = float(counts[known].sum())
    return float(np.abs(counts[known] - forecast[known]).sum()) / came if came > 0 else float("nan")


def mase(counts: Floats, forecast: Floats, naive: Floats) -> float:
    """Mean absolute error against that of the same weekday a week before (in sample), over what is known.

    Source: Hyndman, Koehler (2006), Another look at measures of forecast accuracy, IJF 22:679-688.
    """
    known = ~np.isnan(counts) & ~np.isnan(naive)[:, None] & (naive > 0)[:, None]
    if not known.any():
        return float("nan")
    return float(np.mean((np.abs(counts - forecast) / naive[:, None])[known]))


def best(tested: Backtest, candidates: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The candidate to forecast with: the largest combination that is not clearly worse than the best.

    Not clearly worse is: its daily absolute errors exceed those of the candidate with the least by no more
    than one standard error of that difference. Combinations err less far in bad weeks than any one method
    (Timmermann 2006, Forecast combinations), and of methods that look alike the luckiest is no better.

    Args:
        tested: the back-test; not empty.
        candidates: combinations of methods' names; those with a method that was not tried are passed over.

    Returns:
        The names of the chosen combination's members.
    """
    known = [tuple(names) for names in candidates if set(names) <= set(tested.names)]
    error = np.array(
        [np.nansum(np.abs(tested.counts - unrooted(tested.mean_roots(names))), axis=1) for names in known]
    )
    total = error.sum(axis=1)
    behind = error - error[np.argmin(total)]
    clear = behind.std(axis=1) * np.sqrt(len(tested))
    near = [index for index in range(len(known)) if total[index] - total.min() <= clear[index]]
    return known[max(near, key=lambda index: (len(known[index]), -total[index]))]
