"""How far each of several ways to tell a wait is trusted, and how their ranges are put right; per queue.

Every wait that ends scores what each way said when it began: by the Brier score of still being in line, over
a row of times, a proper score that those who give up take part in as well. Trust falls exponentially with the
scores of the last few hundred waits (exponential weights; Vovk 1990). The levels of the quantiles follow what
happened (Gibbs and Candes 2021, adaptive conformal inference): a 90 % promise kept too rarely is made later.
"""

from __future__ import annotations

from math import exp

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KEEP = 0.995
SHARPNESS = 4.0
LEVELS = (0.1, 0.5, 0.9)
# A level moves by this much of each surprise, by more while little has been seen.
STEP = 0.006
FIRST_STEPS = 0.5
LEAST_LEVEL = 0.004


class Trust(Struct):
    """Memory of one queue.

    Attributes:
        scores: Sum of the Brier scores of each way, fading.
        levels: Which quantile of the curve has lately been the one asked for.
        answered: Waits that ended with an answer.
    """

    scores: list[float]
    levels: dict[float, float] = field(default_factory=lambda: {level: level for level in LEVELS})
    answered: int = 0

    def weights(self) -> list[float]:
        """The trust in each way; they add up to 1."""
        best = min(self.scores)
        trust = [exp(-SHARPNESS * (score - best)) for score in self.scores]
        total = sum(trust)
        return [one / total for one in trust]

    def score(self, said: Floats, there: Floats) -> None:
        """A wait ended.

        Args:
            said: What each way said of being still in line, shape (ways, times).
            there: 1.0 at the times at which it was, else 0.0; shape (times,).
        """
        losses = np.square(said - there).mean(axis=1).tolist()
        self.scores = [KEEP * score + loss for score, loss in zip(self.scores, losses, strict=True)]

    def calibrate(self, reached: float) -> None:
        """A wait was answered that lay at this level, in [0, 1], of what was said of it."""
        self.answered += 1
        step = max(STEP, FIRST_STEPS / (10.0 + self.answered))
        for level, told in self.levels.items():
            moved = told + step * (level - (1.0 if reached <= told else 0.0))
            self.levels[level] = min(1.0 - LEAST_LEVEL, max(LEAST_LEVEL, moved))
