"""The weeks before a centre goes live as rows of five minutes: no contact is followed, only counted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from queuewatch.core.state.history import BASE_S, Row, Written
from queuewatch.simulate.centre import QueuePlan
from queuewatch.simulate.laws import DAY_S, Floats, Profile, rates

Ints = NDArray[np.int64]

WEEKS = 8
_WAIT_S = 25.0  # mean wait of calls and chats; of e-mails it is hours
_MAIL_WAIT_S = 3600.0
_DAY_CV = 0.06  # no Tuesday is as busy as another


def zone_offset_s(live_at: float, clock_s: float) -> int:
    """Local time minus UTC, seconds, where the clock on the wall shows `clock_s` (of the day) at `live_at`.

    Rounded to quarters of an hour, from -12 h up to 12 h.
    """
    quarter = 900
    offset = round((clock_s - live_at) / quarter) * quarter
    return int((offset + DAY_S / 2) % DAY_S - DAY_S / 2)


def past_rows(
    queue: QueuePlan,
    thresholds_s: tuple[float, ...],
    until: float,
    *,
    utc_offset_s: float,
    rng: np.random.Generator,
    weeks: int = WEEKS,
) -> list[Written]:
    """What came to a queue in the weeks before a moment.

    Contacts are Poisson by the queue's profile, on weekdays of the calendar; waits are exponential and short,
    so that of those who wait as many give up as mean wait over mean patience has it (Erlang A's identity).

    Args:
        queue: Who comes, and how long it takes to serve them.
        thresholds_s: The waits that rows count past.
        until: End of the last row, a point in time; rounded down to five minutes.
        utc_offset_s: Local time minus UTC, seconds.
        rng: All chance.
        weeks: How many.
    """
    end = int(until // BASE_S) * BASE_S
    start = np.arange(end - weeks * 7 * int(DAY_S), end, BASE_S)
    offered = rng.poisson(_per_s(queue.profile, start, utc_offset_s, rng) * BASE_S)
    start, offered = start[offered > 0], offered[offered > 0]
    rows = _rows(queue, offered, thresholds_s, rng)
    return [Written(queue.name, (int(at), 0), row) for at, row in zip(start, rows, strict=True)]


def _rows(
    queue: QueuePlan, offered: Ints, thresholds_s: tuple[float, ...], rng: np.random.Generator
) -> Iterator[Row]:
    """What became of those who came, interval by interval."""
    wait_s = _MAIL_WAIT_S if queue.channel == "email" else _WAIT_S
    gives_up = 0.0 if queue.patience is None else min(1.0, wait_s / queue.patience.mean_s)
    abandoned = rng.binomial(offered, gives_up)
    repeated = rng.binomial(abandoned, queue.repeat_abandoned)
    answered = offered - abandoned
    waited_s = rng.gamma(offered, wait_s)
    each_s = queue.handling.mean_s + (0.0 if queue.wrap_up is None else queue.wrap_up.mean_s)
    spread = queue.handling.cv**2
    handling_s = np.where(answered > 0, rng.gamma(np.maximum(answered, 1) / spread, each_s * spread), 0.0)
    past = {f"{one:g}": rng.binomial(offered, np.exp(-one / wait_s)) for one in thresholds_s}
    for at in range(len(offered)):
        yield Row(
            offered=int(offered[at]),
            repeated=int(repeated[at]),
            answered=int(answered[at]),
            abandoned=int(abandoned[at]),
            waited_s=float(waited_s[at]),
            handled=int(answered[at]),
            handling_s=float(handling_s[at]),
            handling_s2=float(answered[at] * each_s**2 * (1.0 + spread)),
            past={name: int(counts[at]) for name, counts in past.items()},
        )


def _per_s(
    profile: Profile,
    start: Ints,
    utc_offset_s: float,
    rng: np.random.Generator,
) -> Floats:
    """Shape of `start`: arrivals per second in each interval."""
    restless = Profile(per_hour=profile.per_hour, days=profile.days, day_cv=_DAY_CV)
    edges, per_s = rates(
        restless, (), float(start[0]), float(start[-1] + BASE_S), utc_offset_s=utc_offset_s, rng=rng
    )
    return np.asarray(per_s[np.searchsorted(edges, start + BASE_S / 2, side="right") - 1])
