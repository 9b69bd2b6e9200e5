"""How fast a wait comes to its end, learned wait by wait: a rate for each stretch of time.

Piecewise exponential regression (Holford 1980; Cox's model with the baseline in steps): in stretch k of the
wait the rate of being answered is exp(a_k + w.x + l_k v.x'), x what was seen when the wait began, l_k the
logarithm of how long it has lasted, x' the few of x whose effect may grow or wane meanwhile. The rate of
giving up is another of the same kind (competing risks). In which stretch a wait ended is what is observed, a
binary outcome for each lived through (Prentice and Gloeckler 1978); one who gives up has lived through
stretches without being answered and says nothing of what would have come after: that is all there is to
censoring. Weights are learned by an extended Kalman filter (a Newton step per observation), with the old
fading slowly. They begin where the closed form is: at a rate of one over the expected wait by place, handling
time and agents.

O(1) per wait, however many there were: a matrix of the size of x squared, for each stretch it lasted.
"""

from __future__ import annotations

from bisect import bisect_left
from math import exp, expm1

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.linalg.blas import dger

from queuewatch.core.estimate.traits import BASE, BASE_CENTRE, BENDING, COUNT

Floats = NDArray[np.float64]

EDGES = (
    0.0, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 80.0, 100.0, 120.0, 150.0, 180.0, 240.0, 300.0, 400.0, 550.0,
    750.0, 1100.0, 1600.0, 2500.0, 4000.0,
)  # fmt: skip
"""Borders of the stretches, in the channel's unit of time."""
STRETCHES = len(EDGES) - 1
SIZE = COUNT + STRETCHES + len(BENDING)

_BENDS = slice(BENDING[0], BENDING[-1] + 1)  # they stand side by side
_LEVELS = slice(COUNT, COUNT + STRETCHES)
_BENT = slice(COUNT + STRETCHES, SIZE)
_WIDTHS = np.diff(EDGES)
_AGES = 0.5 * np.log((np.array(EDGES[:-1]) + np.array(EDGES[1:])) / 2.0 / 60.0)
_LINE = np.vstack((np.ones(STRETCHES), _AGES))

# How far the weights may be from where they begin, as a variance: of being answered; of giving up, which far
# fewer waits tell of, and which hangs less on what there is to see; and of each stretch's own level.
PRIOR = 0.1
PRIOR_PATIENCE = 0.001
PRIOR_LEVEL = 1.0
# Of what is known each observed wait makes a little forgotten; never more than was unknown at first.
FORGET = 0.9998
# A rate is not told from less than this much of an observation: it keeps a Newton step in bounds.
LEAST_INFORMATION = 0.02
# At a rate of so many in a stretch an outcome tells most of its logarithm: x^2 / (e^x - 1) is greatest there.
# Beyond, nearly all end: that hardly tells how much higher the rate is, but no worse that it is not lower.
MOST_TELLING = 1.594
STEEPEST = 4.0
FLATTEST = -12.0

# Before anybody has given up: a mean patience of so many units.
PATIENCE = 600.0


class Hazard(Struct):
    """The weights of one way for a wait to end, and how sure they are.

    Attributes:
        weights, doubt: Numbers as bytes (float64): shape (SIZE,), and the covariance, shape (SIZE, SIZE).
        ended: Waits learned from.
    """

    weights: bytearray
    doubt: bytearray
    ended: int = 0

    def rates(self, traits: Floats) -> Floats:
        """The logarithm of the rate in each stretch, per stretch: shape (STRETCHES,)."""
        weights = np.frombuffer(self.weights)
        logs: Floats = weights[_LEVELS] + weights[:COUNT].dot(traits)
        logs += weights[_BENT].dot(traits[_BENDS]) * _AGES
        np.minimum(logs, STEEPEST, out=logs)
        return logs

    def outlook(self, traits: Floats) -> tuple[Floats, Floats]:
        """What `rates` says, and how far each may be off: a variance, shape (STRETCHES,) both.

        The variance is the leverage of what is seen: small where much of the kind has been learned from,
        large for what lies beyond. In stretch k the seen is a + b * age + e_k, with a the traits, b those of
        them that bend, and e_k the stretch itself; so both are worked out from what a and b alone come to.
        """
        weights, doubt = np.frombuffer(self.weights), np.frombuffer(self.doubt).reshape(SIZE, SIZE)
        seen = np.zeros((2, SIZE))
        seen[0, :COUNT] = traits
        seen[1, _BENT] = traits[_BENDS]
        logs: Floats = seen.dot(weights).dot(_LINE)
        logs += weights[_LEVELS]
        np.minimum(logs, STEEPEST, out=logs)
        spread = seen.dot(doubt)  # it is symmetric
        parts: Floats = spread.dot(seen.T).dot(_LINE)
        parts += 2.0 * spread[:, _LEVELS]
        parts *= _LINE
        doubts: Floats = parts[0] + parts[1]
        doubts += doubt.diagonal()[_LEVELS]
        np.maximum(doubts, 0.0, out=doubts)
        return logs, doubts

    def lasting(self, traits: Floats) -> Floats:
        """P(not ended in this way by each of EDGES), were there no other."""
        return lasting(self.rates(traits))

    def learn(self, traits: Floats, wait: float, *, ended: bool) -> None:
        """A wait ended after so many units of time, in this way or in another."""
        weights, doubt = np.frombuffer(self.weights), np.frombuffer(self.doubt).reshape(SIZE, SIZE)
        last = min(STRETCHES - 1, max(0, bisect_left(EDGES, wait) - 1))
        row = np.zeros(SIZE)
        row[:COUNT] = traits
        bending = traits[_BENDS]
        for k in range(last + 1):
            ends = ended and k == last
            part = 1.0 if ends or k < last else min(1.0, (wait - EDGES[k]) / float(_WIDTHS[k]))
            row[_LEVELS] = 0.0
            row[COUNT + k] = 1.0
            row[_BENT] = _AGES[k] * bending
            _step(weights, doubt, row, part, ends=ends)
        self._forget(doubt)

    def _forget(self, doubt: Floats) -> None:
        self.ended += 1
        doubt /= FORGET
        if self.ended % 64 == 0:
            most = float(doubt.diagonal().max())
            if most > 3.0 * PRIOR_LEVEL:
                doubt *= 3.0 * PRIOR_LEVEL / most


def lasting(rates: Floats) -> Floats:
    """P(not ended by each of EDGES) at these rates: the logarithms, per stretch, in one row or in several."""
    passed = np.zeros((*rates.shape[:-1], STRETCHES + 1))
    np.add.accumulate(np.exp(rates), axis=-1, out=passed[..., 1:])  # `cumsum` takes twice as long
    there: Floats = np.exp(-passed)
    return there


def answering() -> Hazard:
    """The rate of being answered, at first as the closed form has it: one over the expected wait."""
    weights = np.zeros(SIZE)
    weights[BASE] = -1.0
    weights[COUNT : COUNT + STRETCHES] = np.log(_WIDTHS) - BASE_CENTRE
    return Hazard(bytearray(weights.tobytes()), _doubt(PRIOR))


def giving_up() -> Hazard:
    """The rate of giving up, at first as where nothing is known."""
    weights = np.zeros(SIZE)
    weights[COUNT : COUNT + STRETCHES] = np.log(_WIDTHS / PATIENCE)
    return Hazard(bytearray(weights.tobytes()), _doubt(PRIOR_PATIENCE))


def _step(weights: Floats, doubt: Floats, row: Floats, part: float, *, ends: bool) -> None:
    """One observation: a stretch in which the wait ended, or this part of one in which it did not."""
    expected = exp(min(STEEPEST, max(FLATTEST, float(row.dot(weights)))))
    passing = exp(-expected)
    slope = expected * passing / (1.0 - passing)
    telling = min(expected, MOST_TELLING)
    information = max(telling * telling / expm1(telling) * part, LEAST_INFORMATION)
    spread = doubt.dot(row)
    gain = 1.0 / (1.0 / information + float(row.dot(spread)))
    weights += (gain * (slope if ends else -expected * part) / information) * spread
    less(doubt, gain, spread)


def less(doubt: Floats, gain: float, spread: Floats) -> None:
    """Take gain * spread * spread' off a covariance, in place; numpy's outer takes three times as long."""
    dger(-gain, spread, spread, a=doubt.T, overwrite_x=1, overwrite_y=1, overwrite_a=1)


def _doubt(prior: float) -> bytearray:
    spreads = np.full(SIZE, prior)
    spreads[COUNT : COUNT + STRETCHES] = PRIOR_LEVEL
    spreads[0] = PRIOR_LEVEL
    return bytearray(np.diag(spreads).tobytes())
