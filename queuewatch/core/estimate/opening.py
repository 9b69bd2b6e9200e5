"""The first waits of a queue: the closed form for a place in line, and how little is known of its rate.

With n ahead and a known rate r at which the line moves, a wait is Gamma(n + 1, r) distributed. The rate of a
new queue is not known: it comes from a handful of conversations and releases, worth K observations. A rate
that is Gamma(K) distributed around r makes the wait beta prime distributed (the ratio of two gammas, as
Student's t is a normal over one): P(V > t) = I_{K / (K + r t)}(K, n + 1). Who may give up ahead is in r, such
that the mean is that of the exact formula (`queueing/position.py`).

The conversations that have ended are not like the others: the short ones end first. So the time of those
under way is counted with them (time at risk over ends: the maximum likelihood of an exponential time that is
censored), as long as few have ended.
"""

from __future__ import annotations

from math import exp

from msgspec import Struct
from scipy import special

from queuewatch.core.estimate.learned import (
    FIRST_HANDLING_S,
    FIRST_HANDLINGS,
    HANDLING_KEEP,
    PRIOR_RELEASES,
    RELEASE_FADE_S,
)
from queuewatch.core.estimate.place import SHORTEST_S
from queuewatch.core.estimate.wait import Scene
from queuewatch.queueing import position

# The time of those under way counts no more when this little of it is left to count.
LITTLE = 0.05
_LEAST = 1e-300


class Opening(Struct, frozen=True):
    """The time to wait behind so many, where the rate is not known well; rates per second.

    Attributes:
        ahead: Contacts before this place.
        rate: At which the line moves, of somebody who does not give up.
        answered_rate: The same of those who are answered before they do.
        worth: For how many observations the rate stands, over 1.
        own_rate: At which one gives up oneself.
    """

    ahead: float
    rate: float
    answered_rate: float
    worth: float
    own_rate: float

    @property
    def mean_s(self) -> float:
        """Mean wait of the answered, seconds."""
        return (self.ahead + 1.0) / self.answered_rate * self.worth / (self.worth - 1.0)

    def chance_over(self, t_s: float) -> float:
        """P(remaining > t) of somebody who does not give up."""
        if t_s < 0.0:
            return 1.0
        left = self.worth / (self.worth + self.rate * t_s)
        return float(special.betainc(self.worth, self.ahead + 1.0, left))

    def chance_there(self, t_s: float) -> float:
        """P(still in line after t)."""
        return self.chance_over(t_s) * exp(-self.own_rate * max(0.0, t_s))

    def quantile_s(self, share: float) -> float:
        """The time within which this share of the answered is answered, seconds."""
        left = max(_LEAST, float(special.betaincinv(self.worth, self.ahead + 1.0, 1.0 - share)))
        return self.worth * (1.0 - left) / (left * self.answered_rate)


def opening(scene: Scene, ahead: float) -> Opening | None:
    """The time to wait behind so many; None before any conversation has ended or nobody is on duty."""
    learned, now = scene.learned, scene.now
    if not learned.handling.weight or not scene.share:
        return None
    handling_s, worth = first_handling_s(scene, FIRST_HANDLING_S)
    expected = scene.share / max(SHORTEST_S, handling_s)
    rate = learned.release_rate(now, expected) or expected
    leave = learned.abandon_rate(now)
    released = learned.released.read(now, RELEASE_FADE_S)
    seen = (released + PRIOR_RELEASES) ** 2 / (released + PRIOR_RELEASES**2 / worth)
    stays, answered = (position.mean_s(ahead, each, leave) for each in (rate, rate + leave))
    return Opening(ahead, (ahead + 1.0) / stays, (ahead + 1.0) / answered, seen, leave)


def first_handling_s(scene: Scene, usual_s: float) -> tuple[float, float]:
    """The mean handling time of a queue, seconds, and for how many conversations it stands.

    Args:
        scene: The queue.
        usual_s: What is usual: FIRST_HANDLINGS such count as the first.
    """
    ended = scene.learned.handling
    kept = 1.0 - ended.weight * (1.0 - HANDLING_KEEP)
    left = FIRST_HANDLINGS * kept
    under_way_s = _under_way_s(scene, kept) if kept > LITTLE and scene.hours is None else 0.0
    worth = ended.weight + left
    return (ended.sum + left * usual_s + under_way_s) / worth, worth


def _under_way_s(scene: Scene, kept: float) -> float:
    """How long the conversations of a queue that are under way have lasted, as far as it counts, seconds.

    Agents may talk to other queues' contacts as well; nobody says whose is whose, so all are taken alike.
    """
    queue, now = scene.queue, scene.now
    talks = [
        max(0.0, now - at)
        for name in queue.agents
        for channel, at in scene.site.agents[name].handling.values()
        if channel == queue.channel
    ]
    if not talks:
        return 0.0
    # Once as many have ended as are under way, the ends are of long ones, too.
    return min(1.0, kept / HANDLING_KEEP**queue.serving) * queue.serving * sum(talks) / len(talks)
