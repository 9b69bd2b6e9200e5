"""Erlang A (M/M/c+M): the steady state of a queue whose customers hang up when their patience ends.

Palm (1957); formulas after Mandelbaum & Zeltyn (2007), "Service engineering in action: the Palm/Erlang-A
queue, with applications to call centers", rearranged so that nothing is a difference of near-equal numbers.
With handling mean 1/mu, patience mean 1/theta, offered load a and c agents they rest on the Poisson tails of
``tails.py`` at ``x = c mu / theta``, ``y = a mu / theta``.
"""

from typing import NamedTuple

import numpy as np

from queuewatch.queueing.numbers import FloatArray
from queuewatch.queueing.tails import LowerTail, lower_tail, upper_ratio

_EXTREME = 1e250
"""Bounds of patience over handling and its inverse: beyond, no double tells the difference."""
_LAG_TERMS = 18


class WithPatience(NamedTuple):
    """What Erlang A says; arrays of one dimension, ``over`` and ``late`` one row a threshold.

    ``late`` is the share of all contacts not answered within the threshold.
    """

    wait_chance: FloatArray
    mean_wait_s: FloatArray
    abandon_share: FloatArray
    over: FloatArray
    late: FloatArray


def _lag(z: FloatArray) -> FloatArray:
    """Return ``1 - (1 - e^-z) / z``: the share of a time that abandonment has not waited for."""
    small = np.minimum(z, 1.0)
    series = np.zeros_like(z)
    for k in range(_LAG_TERMS, 0, -1):
        series = small / (k + 1) * (1.0 - series)
    with np.errstate(invalid="ignore"):
        far = 1.0 + np.expm1(-z) / np.maximum(z, 1.0)
    return np.where(z < 1.0, series, far)


class _Busy(NamedTuple):
    """A queue while all agents are busy: units of handling times, erlangs, and the tail at its full load."""

    agents: FloatArray
    load: FloatArray
    hurry: FloatArray
    tail: LowerTail


def _past(busy: _Busy, elapsed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return P(V > t | all busy) and the share of those still in line at t who abandon later.

    V is the wait of one who never hangs up. By time t the arrivals that matter have thinned to
    ``a e^(-theta t)``. ``elapsed`` is t in handling times.
    """
    c, a, hurry, now = busy
    z = hurry * elapsed
    full, excess = a / c, (a - c) / c
    then = lower_tail(c / hurry, np.log(full) - z, full * np.expm1(-z) + excess)
    exponent = (c - a) * elapsed + a * elapsed * _lag(z)
    calm, rushed = excess <= 0.0, excess > 0.0
    past = np.empty_like(a)
    past[calm] = now.inverse[calm] / then.inverse[calm] * np.exp(-exponent[calm])
    past[rushed] = np.minimum(then.mass[rushed] / now.mass[rushed], 1.0)
    return past, then.leak


def with_patience(
    agents: FloatArray,
    load: FloatArray,
    handling_s: FloatArray,
    patience_s: FloatArray,
    thresholds_s: FloatArray,
) -> WithPatience:
    """Evaluate Erlang A.

    Args:
        agents: Whole numbers from 1 on, one dimension.
        load: Erlangs, above 0, the same shape.
        handling_s: Mean handling time in seconds, above 0, the same shape.
        patience_s: Mean patience in seconds, 0 or more and finite, the same shape.
        thresholds_s: The t of ``P(wait > t)`` in seconds, any number of them.
    """
    with np.errstate(divide="ignore", over="ignore"):
        hurry = np.clip(handling_s / patience_s, 1.0 / _EXTREME, _EXTREME)
    tail = lower_tail(agents / hurry, np.log(load / agents), (load - agents) / agents)
    busy = _Busy(agents, load, hurry, tail)
    wait = 1.0 / (1.0 + tail.inverse * (upper_ratio(agents, load) - 1.0))
    shape = (len(thresholds_s), len(load))
    over, late = np.empty(shape), np.empty(shape)
    for row, t in enumerate(thresholds_s):
        elapsed = t / handling_s
        past, leak = _past(busy, elapsed)
        over[row] = wait * past
        served_later = past * np.exp(-hurry * elapsed) * (1.0 - leak)
        late[row] = np.minimum(wait * (tail.leak + served_later), 1.0)
    abandon = np.minimum(wait * tail.leak, wait)
    return WithPatience(wait, abandon * patience_s, abandon, over, late)
