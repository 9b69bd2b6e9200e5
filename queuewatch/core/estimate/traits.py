"""What is seen when somebody joins a line, as the numbers that a wait is learned from.

Everything is a logarithm of a count or of a duration, centred and scaled by constants: what a number means
never changes, whatever the centre is like, so that what was learned stays true. Durations are in the unit of
time of the channel. Lines are read by bisection: O(queues x priorities x log waiting).
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from math import cos, log, pi, sin

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from queuewatch.core.estimate.pool import Pool, Recent
from queuewatch.core.estimate.ringing import Ringing
from queuewatch.core.state.site import LinePlace, Site

Floats = NDArray[np.float64]

IDLE_S = (30.0, 120.0, 600.0)
SLOTS = 6
"""Queues beyond so many have no trait of their own."""
DAY_S = 86400.0
CENTRED_S = 5.0


class Ahead(Struct):
    """Who waits in the lines of a queue and its kin, as one who joins sees it; kin count by their closeness.

    Attributes:
        all, before, higher, lower: Contacts; those to be served earlier; those of higher, of lower priority.
        own: Contacts to be served earlier in the queue's own line.
        oldest_s, oldest_equal_s, oldest_before_s: How long the first of all, of the same priority, of those
            to be served earlier has waited, seconds.
        serving: Conversations under way.
    """

    all: float = 0.0
    before: float = 0.0
    higher: float = 0.0
    lower: float = 0.0
    own: float = 0.0
    oldest_s: float = 0.0
    oldest_equal_s: float = 0.0
    oldest_before_s: float = 0.0
    serving: float = 0.0


class Seen(Struct):
    """What traits are made of; durations in seconds, rates per second.

    Attributes:
        clock_at: The present by the clock on the wall; `now` may be in opening time.
        slot: Which queue of its channel, in the order of becoming known.
        share, free: Agents on duty and free as declared; None where not known.
        coming: 1 where the one who is asked for has yet to arrive, and so is not among the arrivals.
        ringing: How those waited for whom an agent was free.
    """

    now: float
    unit_s: float
    priority: int
    slot: int
    line: Ahead
    pool: Pool
    own: Recent
    idle: list[float]
    serving_here: int
    handling_s: float
    abandon_rate: float
    share: float | None
    free: int
    clock_at: float = 0.0
    coming: int = 0
    ringing: Ringing = field(default_factory=Ringing)


def look_ahead(
    site: Site,
    kin: dict[str, float],
    place: LinePlace,
    head_start_s: float,
    since_s: Callable[[float], float],
) -> Ahead:
    """Read the lines for one who stands, or would stand, at `place` in the line of the first of `kin`.

    Args:
        site: Its site.
        kin: The queue and its kin, by closeness; the queue itself first.
        place: Its place.
        head_start_s: By how much later one of the next higher priority may join and still be served earlier.
        since_s: How long something has lasted that began at this time, seconds.
    """
    seen = Ahead()
    for number, (name, weight) in enumerate(kin.items()):
        other = site.queues[name]
        seen.serving += weight * other.serving
        if not other.line:
            continue
        for rank, count, before, oldest_at in _levels(other.line, place, head_start_s):
            _count(seen, weight, count, before, rank, since_s(oldest_at))
        if not number:
            seen.own = seen.before
    return seen


def _levels(
    line: list[LinePlace], place: LinePlace, head_start_s: float
) -> Iterator[tuple[int, int, int, float]]:
    """Who else matters in a line, by priority: rank over one's own, how many, how many before, since when.

    Who came later and will be served later does not: when one joined they were not there to be seen.
    """
    level, enqueued_at = place[:2]
    at, length = 0, len(line)
    while at < length:
        other = line[at][0]
        end = length if line[-1][0] == other else bisect_left(line, (other + 1,), at)
        if other == level:
            before = earlier = bisect_left(line, place, at, end) - at
        elif other < level:
            before = bisect_left(line, (other, enqueued_at + head_start_s * (level - other)), at, end) - at
            earlier = before
        else:
            before = bisect_left(line, (other, enqueued_at + head_start_s * (level - other)), at, end) - at
            earlier = bisect_left(line, (other, enqueued_at), at, end) - at
        if earlier:
            yield level - other, earlier, before, line[at][1]
        at = end


def _count(  # noqa: PLR0917  # one line of a table
    seen: Ahead, weight: float, count: int, before: int, rank: int, oldest_s: float
) -> None:
    seen.all += weight * count
    seen.before += weight * before
    if oldest_s > seen.oldest_s:  # noqa: PLR1730  # a call to max() costs ten times as much
        seen.oldest_s = oldest_s
    if rank > 0:
        seen.higher += weight * count
    elif rank < 0:
        seen.lower += weight * count
    elif oldest_s > seen.oldest_equal_s:
        seen.oldest_equal_s = oldest_s
    if before and oldest_s > seen.oldest_before_s:
        seen.oldest_before_s = oldest_s


def traits(seen: Seen) -> Floats:
    """The traits, shape (COUNT,). The second is the closed form's mean: a handling time for each before."""
    pace_s = seen.handling_s / max(1.0, seen.line.serving)
    base = _log((seen.line.before + 1.0) * pace_s / seen.unit_s, BASE_CENTRE)
    first = _first(seen, base)
    _, _, urgent, oldest, _, _, waiting, _, _, lower, _ = first
    packed = _PACK(
        *first,
        # Twice as much need not have twice the effect.
        base * base * 0.3,
        waiting * waiting * 0.5,
        oldest * oldest * 0.5,
        *_line_and_waits(seen, pace_s),
        *_crew_and_flow(seen, pace_s, urgent),
        # The line means something else to those of priority.
        urgent * base,
        urgent * waiting,
        urgent * lower,
        *_declared(seen),
        *_hour(seen),
        *_SLOTS[min(seen.slot, SLOTS)],
    )
    return np.frombuffer(packed)


def _first(seen: Seen, base: float) -> tuple[float, ...]:
    """A constant, BASE, and those whose effect may grow or wane during the wait (BENDING)."""
    line = seen.line
    oldest, few = _times((line.oldest_s, seen.pool.waits.few_s), seen.unit_s)
    return (
        1.0,
        base,
        1.0 if seen.priority > 0 else 0.0,
        oldest,
        log(max(1.0, line.serving)) - 2.0,
        few,
        *_numbers((line.all, line.before, line.higher, line.lower, line.own)),
    )


def _line_and_waits(seen: Seen, pace_s: float) -> tuple[float, ...]:
    """How fast the line moves by what was let go, how long others wait, and how long they have waited."""
    unit, line, pool, now = seen.unit_s, seen.line, seen.pool, seen.now
    quick_s, slow_s = pool.pace_s(now, pace_s, 1.0, short=True), pool.pace_s(now, pace_s, 1.0)
    waits, by = pool.waits, pool.press.waits_of(urgent=seen.priority > 0)
    durations_s = (
        line.oldest_equal_s,
        line.oldest_before_s,
        waits.last_s,
        waits.dozen_s,
        seen.own.few_s,
        by.last_s,
        by.few_s,
        min(now - pool.released_at, 3600.0 * unit),
    )
    return (
        _log((line.before + 1.0) * quick_s / unit, BASE_CENTRE),
        _log((line.before + 1.0) * slow_s / unit, BASE_CENTRE),
        *_times(durations_s, unit),
    )


def _crew_and_flow(seen: Seen, pace_s: float, urgent: float) -> tuple[float, ...]:
    """Who has become idle, who works, who comes (more urgent ones too), who leaves."""
    pool, now = seen.pool, seen.now
    *working, gave_up = _numbers((*seen.idle, seen.serving_here, pool.gave_up(now)))
    return (
        *working,
        log(0.05 + pool.arrival_rate(now, seen.coming) * pace_s),
        (1.0 - urgent) * log(0.05 + pool.urgent_rate(now) * pace_s),
        gave_up,
        log(seen.abandon_rate * seen.unit_s) + 6.4,
    )


def _declared(seen: Seen) -> tuple[float, float]:
    """Agents on duty and free, where somebody says so."""
    if seen.share is None:
        return 0.0, 0.0
    return log(max(0.3, seen.share)) - 2.0, log(1.0 + seen.free)


def _hour(seen: Seen) -> tuple[float, ...]:
    """Two waves over the day."""
    hour = 2.0 * pi * (seen.clock_at % DAY_S) / DAY_S
    return sin(hour), cos(hour), sin(2.0 * hour), cos(2.0 * hour)


BASE = 1
BENDING = (1, 2, 3, 4, 5, 6)
COUNT = 41 + SLOTS
BASE_CENTRE = 3.5
TIME_CENTRE = 3.2
TIME_SPREAD = 1.2
# The traits of each slot; the last are of all beyond.
_SLOTS = tuple(tuple(1.0 if slot == own else 0.0 for slot in range(SLOTS)) for own in range(SLOTS + 1))

_PACK = struct.Struct(f"{COUNT}d").pack  # packed and read is a third of what `np.array` takes


def _log(value: float, centre: float) -> float:
    return log(max(0.1, value)) - centre


def _numbers(counts: Iterable[float]) -> list[float]:
    return [log(1.0 + count) for count in counts]


def _times(durations_s: Iterable[float], unit_s: float) -> list[float]:
    return [
        (log(CENTRED_S + (lasted_s / unit_s if lasted_s > 0.0 else 0.0)) - TIME_CENTRE) / TIME_SPREAD
        for lasted_s in durations_s
    ]
