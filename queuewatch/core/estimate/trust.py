"""How far each of several ways to tell a wait is trusted, per queue.

Every wait that ends scores what each way said when it began: by the Brier score of still being in line, over
a row of times, a proper score that those who give up take part in as well. Trust falls exponentially with the
scores of the last few hundred waits (exponential weights; Vovk 1990). How ranges are put right: `levels.py`.
"""

from __future__ import annotations

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


class Trust(Struct):
    """Memory of one queue.

    Attributes:
        scores: Sum of the Brier scores of each way, fading.
        calibration: How far its levels lie from those of all queues of the channel.
        behind, past: Contacts of priority 0 that came behind others, fading; those of them that were answered
            at once all the same, by an agent who is not for those before them.
    """

    scores: list[float]
    calibration: Calibration = field(default_factory=Calibration)
    behind: float = 0.0
    past: float = 0.0

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

    @property
    def passes(self) -> float:
        """The chance of one who comes behind others to be answered at once, in [0, 1)."""
        return self.past / (self.behind + NEVER_YET)

    def came_behind(self, *, at_once: bool) -> None:
        """Somebody came behind others, and was answered at once or was not."""
        self.behind = KEEP * self.behind + 1.0
        self.past = KEEP * self.past + at_once
