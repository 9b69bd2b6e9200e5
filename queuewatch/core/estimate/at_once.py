"""The chance to be answered at once, for somebody before whom nobody waits: learned from all who came so.

Logistic regression on what is seen (`traits.py`), learned by an extended Kalman filter as in `hazard.py`: a
Newton step per contact, the old fading slowly. It begins with what the floor looks like: nine in ten where
an agent seems free, one in a hundred where none does.
"""

from __future__ import annotations

from math import exp, log

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from queuewatch.core.estimate.hazard import less
from queuewatch.core.estimate.traits import COUNT

Floats = NDArray[np.float64]

SIZE = COUNT + 1
FIRST_BUSY, FIRST_IDLE = 0.01, 0.9
PRIOR = 0.05
PRIOR_LEVEL = 2.0
FORGET = 0.9995
LEAST_INFORMATION = 0.01
FURTHEST = 12.0


def _logit(chance: float) -> float:
    return log(chance / (1.0 - chance))


def _weights() -> bytearray:
    weights = np.zeros(SIZE)
    weights[0] = _logit(FIRST_BUSY)
    weights[COUNT] = _logit(FIRST_IDLE) - _logit(FIRST_BUSY)
    return bytearray(weights.tobytes())


def _doubt() -> bytearray:
    spreads = np.full(SIZE, PRIOR)
    spreads[0] = spreads[COUNT] = PRIOR_LEVEL
    return bytearray(np.diag(spreads).tobytes())


class AtOnce(Struct):
    """The weights, and how sure they are: numbers as bytes, shapes (SIZE,) and (SIZE, SIZE)."""

    weights: bytearray = field(default_factory=_weights)
    doubt: bytearray = field(default_factory=_doubt)

    def chance(self, traits: Floats, *, idle: bool) -> float:
        """The chance, in (0, 1).

        Args:
            traits: What is seen, shape (COUNT,).
            idle: An agent seems free.
        """
        weights = np.frombuffer(self.weights)
        told = float(weights[:COUNT].dot(traits)) + (float(weights[COUNT]) if idle else 0.0)
        return 1.0 / (1.0 + exp(-min(FURTHEST, max(-FURTHEST, told))))

    def learn(self, traits: Floats, *, idle: bool, at_once: bool) -> None:
        """Somebody who saw this was answered at once, or was not."""
        weights = np.frombuffer(self.weights)
        doubt = np.frombuffer(self.doubt).reshape(SIZE, SIZE)
        row = np.empty(SIZE)
        row[:COUNT], row[COUNT] = traits, idle
        chance = self.chance(traits, idle=idle)
        information = max(LEAST_INFORMATION, chance * (1.0 - chance))
        spread = doubt.dot(row)
        gain = 1.0 / (1.0 / information + float(row.dot(spread)))
        weights += (gain * (float(at_once) - chance) / information) * spread
        less(doubt, gain, spread)
        doubt /= FORGET
        most = float(doubt.diagonal().max())
        if most > 3.0 * PRIOR_LEVEL:
            doubt *= 3.0 * PRIOR_LEVEL / most
