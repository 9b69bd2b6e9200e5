"""What rules have in common, and the answer of one that knows nothing but a number: no range, and no doubt.

Its caller understands "90 seconds" as "more than a minute, less than three": so the chance to wait longer
than t is 1 where the number is longer than t, else 0, and every quantile is the number itself.
"""

from __future__ import annotations

from msgspec import Struct

from queuewatch.core.estimate.wait import Scene
from queuewatch.core.state.visit import Visit


class Rule(Struct):
    """A rule that learns from what happens, and remembers nothing of those who join."""

    def joined(self, scene: Scene, ahead: int, who: Visit) -> None:
        """Nothing to remember."""


class Number(Struct, frozen=True):
    """A time still to wait, seconds, said without a range."""

    mean_s: float

    def chance_over(self, t_s: float) -> float:
        """1 where the number is longer than t, else 0; 1 for t < 0, which has passed already."""
        return 1.0 if self.mean_s > t_s or t_s < 0 else 0.0

    def chance_there(self, t_s: float) -> float:
        """The same: such a rule knows of no patience."""
        return self.chance_over(t_s)

    def quantile_s(self, share: float) -> float:  # noqa: ARG002  # no doubt, so all are the same
        """The number, whatever the share."""
        return self.mean_s


def still_to_come(whole_s: float, scene: Scene, who: Visit | None) -> Number:
    """What a rule that speaks of whole waits says of somebody who has waited a while: never less than 0."""
    return Number(max(0.0, whole_s - waited_s(scene, who)))


def waited_s(scene: Scene, who: Visit | None) -> float:
    """How long somebody has waited already, seconds; 0 for the next one to arrive."""
    return 0.0 if who is None else max(0.0, scene.now - who.enqueued_at)
