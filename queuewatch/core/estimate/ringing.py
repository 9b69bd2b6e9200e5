"""How long it takes until somebody answers whom an agent is free for: it mostly rings.

No formula of a line knows that. Somebody who is not answered at once though an agent is free either hears it
ring, for an exponential time, or waits in line after all: the agent is slow to pick up, has left the desk, or
is not for this caller. How often it is which, and how long it rings, is learned from the waits that began so,
each counted by the chance that it was the one or the other (a mixture of two; Dempster, Laird and Rubin 1977,
one step per wait, the old fading).
"""

from __future__ import annotations

from math import exp, log

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Before a queue has shown its own: eight of ten hear it ring, for two rings of 5 s (the cadence of ITU-T
# E.180), as if that had been seen of so many.
RINGS = 0.8
RINGING = 10.0
PRIOR = 10.0
# What each older wait counts beside the next.
KEEP = 0.995
# A source of whole seconds tells of waits that were none, in the channel's unit of time.
SHORTEST = 0.1
# Logarithm of odds beyond which the other is certain, and whose exponential is still a number.
CERTAIN = 500.0


class Ringing(Struct):
    """Memory of one queue: fading sums over those who were not answered at once while an agent was free.

    Attributes:
        rang, lined: How many heard it ring, how many waited in line.
        rang_for: How long it rang, all together, in the channel's unit of time.
    """

    rang: float = 0.0
    lined: float = 0.0
    rang_for: float = 0.0

    @property
    def share(self) -> float:
        """Of those for whom an agent is free, how many hear it ring; in (0, 1)."""
        return (self.rang + RINGS * PRIOR) / (self.rang + self.lined + PRIOR)

    @property
    def mean(self) -> float:
        """How long it rings, in the channel's unit of time."""
        return max(SHORTEST, (self.rang_for + RINGS * PRIOR * RINGING) / (self.rang + RINGS * PRIOR))

    def over(self, times: Floats, in_line: Floats) -> Floats:
        """P(not answered by each of these times), given the same of a wait in line."""
        share = self.share
        chances: Floats = share * np.exp(times / -self.mean) + (1.0 - share) * in_line
        return chances

    def learn(self, wait: float, mean_in_line: float) -> None:
        """Somebody was answered after this wait; in line it would have been so long on average."""
        mean, share = self.mean, self.share
        against = log((1.0 - share) * mean / (share * mean_in_line)) + wait / mean - wait / mean_in_line
        chance = 1.0 / (1.0 + exp(min(CERTAIN, against)))
        self.rang = KEEP * self.rang + chance
        self.lined = KEEP * self.lined + 1.0 - chance
        self.rang_for = KEEP * self.rang_for + chance * wait
