"""Do ranges cover what they say on weeks not seen yet? `python -m benchmarks.ranges` (a minute and a half).

Made-up queues, from one contact in seven half hours up to forty an hour, of which three to twenty weeks are
known; the two weeks after them are forecast and held against what came. Contacts are Poisson, on days that
are more or less busy by chance. A range of whole contacts cannot cover 80 % where nothing comes in 86 % of
the intervals: then 0 alone covers more.
"""

from __future__ import annotations

import sys
from datetime import date

import numpy as np

from queuewatch.queueing.forecast import forecast, learn
from queuewatch.queueing.forecasting.days import Days, Floats, History

FIRST = date(2026, 6, 1).toordinal()
OPEN = slice(16, 40)  # half hours, from eight to eight
PROFILE = np.repeat([0.4, 0.7, 1.0, 1.1, 1.1, 0.95, 0.95, 1.0, 0.95, 0.9, 0.7, 0.5], 2)
WEEK = np.array([1.0, 1.0, 0.95, 0.95, 0.9, 0.5, 0.35])
KINDS = ((0.15, 0.06), (0.6, 0.1), (3.0, 0.1), (20.0, 0.06), (20.0, 0.15))
WEEKS = (3, 5, 8, 20)
QUEUES, AHEAD = 4, 14
SHARES = (0.8, 0.95)


def queue(level: float, day_cv: float, weeks: int, number: int) -> Floats:
    """Shape (days, 48): what came, the days to forecast included; `level` in the usual half hour."""
    rng = np.random.default_rng((number, weeks, int(level * 100), int(day_cv * 100)))
    days = weeks * 7 + AHEAD
    busy = rng.gamma(day_cv**-2, day_cv**2, days)
    mean = np.zeros((days, 48))
    mean[:, OPEN] = level * PROFILE * (busy * WEEK[np.arange(days) % 7])[:, None]
    return np.asarray(rng.poisson(mean), dtype=np.float64)


def covered(counts: Floats) -> list[float]:
    """Share of the last two weeks' open intervals inside each range."""
    known = len(counts) - AHEAD
    opened = np.zeros(counts.shape, dtype=np.bool_)
    opened[:, OPEN] = True
    past = Days(FIRST, opened[:known], np.zeros(known, dtype=np.int64))
    history = History(past, np.where(opened[:known], counts[:known], np.nan))
    ahead = Days(FIRST + known, opened[known:], np.zeros(AHEAD, dtype=np.int64))
    said, came = forecast(history, ahead, learn(history, days=AHEAD)), counts[known:, OPEN]
    found = []
    for share in SHARES:
        low, high = (np.round(edge[:, OPEN], 6) for edge in said.range(share))
        found.append(float(np.mean((came >= low) & (came <= high))))
    return found


def main() -> None:
    """Print a row a kind of queue and length of its past, or of those kinds whose numbers are given."""
    chosen = [KINDS[int(one)] for one in sys.argv[1:]] or KINDS
    print("| contacts in a usual half hour | days differ by | weeks known | covers 80 / 95 |")
    print("|-------------------------------|----------------|-------------|----------------|")
    for level, day_cv in chosen:
        for weeks in WEEKS:
            each = [covered(queue(level, day_cv, weeks, number)) for number in range(QUEUES)]
            narrow, wide = 100 * np.mean(each, axis=0)
            print(
                f"| {level:29g} | {100 * day_cv:12.0f} % | {weeks:11} | {narrow:6.1f} / {wide:4.1f}  |",
                flush=True,
            )


if __name__ == "__main__":
    main()
