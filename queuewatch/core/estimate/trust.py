"""How far each of several ways to tell a wait is trusted, per queue.

Every wait that ends scores what each way said when it began: by the Brier score of still being in line, over
a row of times, a proper score that those who give up take part in as well. Trust falls exponentially with the
scores of the last few hundred waits (exponential weights; Vovk 1990). How ranges are put right: `levels.py`.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from queuewatch.core.estimate.levels import Calibration

Floats = NDArray[np.float64]

KEEP = 0.995
SHARPNESS = 4.0
# Until a queue has shown it: nobody is answered at once behind somebody who waits, as if seen of so many.
NEVER_YET = 20.0
# Behind one it happens; behind more, each of whom an agent would have to pass over, far less often.
LINES = 3


class Trust(Struct):
    """Memory of one queue.

    Attributes:
        scores: Sum of the Brier scores of each way, fading.
        calibration: How far its levels lie from those of all queues of the channel.
        behind, past: Contacts of priority 0 that came behind one, two, more others, fading; those of them
            that were answered at once all the same, by an agent who is not for those before them.
    """

    scores: list[float]
    calibration: Calibration = field(default_factory=Calibration)
    behind: list[float] = field(default_factory=lambda: [0.0] * LINES)
    past: list[float] = field(default_factory=lambda: [0.0] * LINES)

    def weights(self) -> Floats:
        """The trust in each way, shape (ways,); they add up to 1."""
        return _weights(tuple(self.scores))

    def score(self, said: Floats, there: Floats) -> None:
        """A wait ended.

        Args:
            said: What each way said of being still in line, shape (ways, times).
            there: 1.0 at the times at which it was, else 0.0; shape (times,).
        """
        losses = (np.add.reduce(np.square(said - there), axis=1) / len(there)).tolist()
        self.scores = [KEEP * score + loss for score, loss in zip(self.scores, losses, strict=True)]

    def passes(self, ahead: int) -> float:
        """The chance of one who comes behind so many, 1 or more, to be answered at once; in [0, 1)."""
        line = min(ahead, LINES) - 1
        return self.past[line] / (self.behind[line] + NEVER_YET)

    def came_behind(self, ahead: int, *, at_once: bool) -> None:
        """Somebody came behind so many, 1 or more, and was answered at once or was not."""
        line = min(ahead, LINES) - 1
        self.behind[line] = KEEP * self.behind[line] + 1.0
        self.past[line] = KEEP * self.past[line] + at_once


@lru_cache(maxsize=256)
def _weights(scores: tuple[float, ...]) -> Floats:
    """Never changed once made: it is asked for many times from one wait that ends to the next."""
    best = min(scores)
    trust = [exp(-SHARPNESS * (score - best)) for score in scores]
    total = sum(trust)
    weights = np.array([one / total for one in trust])
    weights.setflags(write=False)
    return weights
