"""Patterns in what went wrong: hours of the week worse than the others, and days since when it changed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

SURE = 3.5
"""So many standard errors apart: with 168 hours and some dozens of days, chance alone hardly gets there."""
FEWEST = 20
_FEWEST_DAYS = 5
_WORTH = 0.25
_TWICE = 2.0


class Hour(Struct, frozen=True, kw_only=True):
    """One hour of the week that is worse than the others.

    Attributes:
        weekday: 0 is Monday.
        hour: The hour it begins with, 0 to 23, on the local clock.
        contacts: How many joined in it.
        past: Share of them that waited too long, in [0, 1].
        otherwise: That share in all other hours.
    """

    weekday: int
    hour: int
    contacts: int
    past: float
    otherwise: float


class Turn(Struct, frozen=True, kw_only=True):
    """A day since when something is different.

    Attributes:
        day: Index of the first day that is different.
        before: Mean of the days before it.
        since: Mean of the days from it on.
    """

    day: int
    before: float
    since: float


def worst_hours(counts: Mapping[tuple[int, int], tuple[int, int]], most: int = 5) -> tuple[Hour, ...]:
    """Hours of the week with at least twice the share of long waits, beyond chance; the worst first.

    Two-sample test of proportions with a pooled variance; at least FEWEST contacts in the hour.

    Args:
        counts: By weekday (0 is Monday) and hour: contacts, and how many of them waited too long.
        most: At most so many.
    """
    total = sum(joined for joined, _ in counts.values())
    late = sum(past for _, past in counts.values())
    found: list[tuple[float, Hour]] = []
    for (weekday, hour), (joined, past) in counts.items():
        others = total - joined
        if joined < FEWEST or others < FEWEST:
            continue
        here, elsewhere = past / joined, (late - past) / others
        pooled = late / total
        error = math.sqrt(pooled * (1 - pooled) * (1 / joined + 1 / others))
        if error and here >= _TWICE * elsewhere and (here - elsewhere) / error >= SURE:
            one = Hour(weekday=weekday, hour=hour, contacts=joined, past=here, otherwise=elsewhere)
            found.append(((here - elsewhere) * joined, one))
    return tuple(hour for _, hour in sorted(found, key=lambda one: -one[0])[:most])


def turning_day(days: Sequence[float]) -> Turn | None:
    """The day since when the values are on another level, if there is one beyond chance.

    The split that sets the means furthest apart in standard errors (Welch's), with five days on each side and
    a quarter of difference at least.

    Args:
        days: A value per day, in order; of days of the same kind.
    """
    values = np.asarray(days, dtype=float)
    best: tuple[float, Turn] | None = None
    for day in range(_FEWEST_DAYS, len(values) - _FEWEST_DAYS + 1):
        before, since = values[:day], values[day:]
        spread = before.var(ddof=1) / len(before) + since.var(ddof=1) / len(since)
        # Counts of days spread at least as Poisson's do, however even a few of them happen to be.
        spread = max(spread, before.mean() / len(before) + since.mean() / len(since))
        apart = abs(since.mean() - before.mean())
        if spread <= 0 or apart < _WORTH * before.mean():
            continue
        sure = apart / math.sqrt(spread)
        if sure >= SURE and (best is None or sure > best[0]):
            best = sure, Turn(day=day, before=float(before.mean()), since=float(since.mean()))
    return None if best is None else best[1]
