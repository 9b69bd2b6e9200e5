"""Three ways to tell a wait: what was learned, the closed form for a place in line, what others just waited.

What was learned holds for what is like what was seen. In the first minutes of an overload after a calm week
the line is longer than any there has been, and a regression line drawn on from short lines says what it
likes. How far beyond it is, is known: it is the variance of the learned rate (its leverage). So in each
stretch of the wait the logarithm of the rate is the mean of the learned one and the closed form's, weighed
by how sure each is (a normal prior with the closed form as its mean): the closed form is known to be off by
some factor of its own, and what was learned by its doubt. As lines of that length end, the doubt shrinks,
and what was learned takes over.
"""

from __future__ import annotations

from functools import lru_cache
from math import log1p

import numpy as np
from numpy.typing import NDArray
from scipy import special

from queuewatch.core.estimate.hazard import EDGES, STRETCHES, lasting
from queuewatch.core.estimate.lane import Lane
from queuewatch.core.estimate.traits import Seen

Floats = NDArray[np.float64]

WAYS = ("learned", "place", "last_waits")
"""What each is called."""
# How far the closed form's rate may be off, as a variance of its logarithm: a factor of 1.4 either way.
CLOSED_FORM_DOUBT = 0.1
# What the agents who work now would manage counts as so many releases seen.
PRIOR_RELEASES = 5.0
# How much waits just before spread around their median: the standard deviation of the logarithm.
SPREAD = 0.9

_EDGES = np.array(EDGES)
_LOG_EDGES = np.log1p(_EDGES)
_LEAST_RATE = 1e-12
_LEAST_CHANCE = 1e-300


def ways(lane: Lane, queue: str, seen: Seen, handling_s: float, traits: Floats) -> Floats:
    """What each of WAYS says of being unanswered at each of EDGES, shape (ways, times).

    Args:
        lane: What was learned.
        queue: The queue asked about.
        seen: What is seen.
        handling_s: The queue's own mean handling time, seconds.
        traits: What is seen, as numbers.
    """
    told = np.empty((len(WAYS), len(EDGES)))
    told[1] = by_place(seen, handling_s)
    logs = np.empty((2, STRETCHES))
    logs[0], doubts = lane.answering.outlook(traits)
    logs[1] = _by_last_waits(lane.recents[queue].few_s / seen.unit_s)
    new = doubts / (doubts + CLOSED_FORM_DOUBT)
    told[::2] = lasting(logs + new * (_rates(told[1]) - logs))
    return told


def by_place(seen: Seen, handling_s: float) -> Floats:
    """The closed form: those before one against what the agents of the queue and its kin let go.

    With n before, release rate r and abandonment rate a: P(V > t) = I_{exp(-at)}(r/a, n + 1); `place.py`.
    Where an agent is free for each of them and one more, it mostly rings (`ringing.py`).
    """
    pace_s = _pace_s(seen, handling_s)
    leave = seen.abandon_rate * seen.unit_s
    over = special.betainc(
        1.0 / (pace_s * seen.abandon_rate), seen.line.before + 1.0, np.exp(-leave * _EDGES)
    )
    if rings(seen):
        over = seen.ringing.over(_EDGES, over)
    return np.asarray(over, dtype=np.float64)


def rings(seen: Seen) -> bool:
    """Whether an agent is free for each of those before one, and for oneself."""
    return seen.free > seen.line.before


def in_line(seen: Seen, handling_s: float) -> float:
    """The mean wait behind those before one if nobody gives up, in the channel's unit of time."""
    return (seen.line.before + 1.0) * _pace_s(seen, handling_s) / seen.unit_s


def _pace_s(seen: Seen, handling_s: float) -> float:
    crew = max(1.0, seen.line.serving, seen.share or 0.0)
    return seen.pool.pace_s(seen.now, handling_s / crew, PRIOR_RELEASES)


def _rates(over: Floats) -> Floats:
    """The logarithm of the rate in each stretch that leaves these chances."""
    left = np.log(np.maximum(over, _LEAST_CHANCE))
    rates: Floats = np.log(np.maximum(left[:-1] - left[1:], _LEAST_RATE))
    return rates


@lru_cache(maxsize=64)
def _by_last_waits(few: float) -> Floats:
    """As those who were answered last have waited (units of time), lognormal around that, as log rates.

    Never changed once made: it is asked for many times from one answer to the next.
    """
    just = special.ndtr((log1p(few) - _LOG_EDGES) / SPREAD)
    return _rates(np.asarray(just / just[0], dtype=np.float64))
