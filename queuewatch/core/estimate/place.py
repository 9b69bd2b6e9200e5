"""The place in line against the capacity that the queue has shown, with abandonment.

With n ahead, release rate r (contacts per second while somebody waits) and abandonment rate a per waiting
contact, the wait V of somebody who does not give up has e^(-aV) ~ Beta(r/a, n + 1): the pure death process of
the line ahead (Garnett, Mandelbaum, Reiman 2002). What is not known of real agents, who is shared, absent or
slow, is in r, because r is learned from what the queue does.
"""

from __future__ import annotations

from math import exp
from typing import ClassVar

from msgspec import Struct

from queuewatch.core.estimate.learned import Learned
from queuewatch.core.estimate.wait import Remaining, Scene
from queuewatch.core.state.site import Change
from queuewatch.core.state.visit import Visit
from queuewatch.core.view import NoEstimateReason
from queuewatch.queueing import position

# A free agent still has to pick up: until the queue has shown how long that takes, seconds.
PICK_UP_S = 5.0
# Nobody picks up, or handles a contact, faster than this: sources with whole seconds tell of 0 s.
SHORTEST_S = 0.1


class InLine(Struct, frozen=True):
    """The time to wait with so many ahead; rates per second. `own_rate` is the one's who waits."""

    ahead: float
    release_rate: float
    abandon_rate: float
    own_rate: float = 0.0

    @property
    def mean_s(self) -> float:
        """Mean, seconds."""
        return position.mean_s(self.ahead, self.release_rate, self.abandon_rate)

    def chance_over(self, t_s: float) -> float:
        """P(remaining > t)."""
        return position.chance_over(t_s, self.ahead, self.release_rate, self.abandon_rate)

    def chance_there(self, t_s: float) -> float:
        """P(still in line after t)."""
        return self.chance_over(t_s) * exp(-self.own_rate * max(0.0, t_s))

    def quantile_s(self, share: float) -> float:
        """The time within which the wait is over with this probability, seconds."""
        return position.quantile_s(share, self.ahead, self.release_rate, self.abandon_rate)


def picked_up(learned: Learned) -> InLine:
    """The time until an agent who is free picks up."""
    pick_up_s = learned.pick_up.read()
    return InLine(0.0, 1.0 / max(SHORTEST_S, PICK_UP_S if pick_up_s is None else pick_up_s), 0.0)


def behind(scene: Scene, ahead: int, rate: float) -> InLine:
    """The time to wait behind so many, whom agents take at this rate, per second, while none is free."""
    abandon_rate = scene.learned.abandon_rate(scene.now)
    return InLine(float(ahead), rate, abandon_rate, abandon_rate)


class PlaceInLine(Struct):
    """Our estimator for a queue about which little needs to be known; all it needs is in the scene."""

    name: ClassVar[str] = "place"

    def learn(self, change: Change, now: float) -> None:
        """Nothing of its own: see `learned.py`."""

    def joined(self, scene: Scene, ahead: int, who: Visit) -> None:
        """Nothing to remember."""

    def remaining(self, scene: Scene, ahead: int, who: Visit | None) -> Remaining | NoEstimateReason:  # noqa: ARG002  # all wait alike
        """See the module's docstring; with an agent free and nobody ahead, only the picking up is left."""
        if scene.stale:
            return "source_stale"
        if scene.agents is not None and not scene.share:
            return "no_agents"
        learned = scene.learned
        if scene.free > ahead:
            return picked_up(learned)
        handling_s = learned.handling.read()
        expected = None if handling_s is None else scene.share / max(SHORTEST_S, handling_s)
        rate = learned.release_rate(scene.now, expected)
        if rate is None:
            return "too_few_data"
        return behind(scene, ahead - scene.free, rate)
