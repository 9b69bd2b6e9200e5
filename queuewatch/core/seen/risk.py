"""Customers at risk: how many of those who wait are past their tolerance, and how many will be soon.

Two tolerances: the wait that a customer puts up with gladly (past it, it is resented), and the wait after
which they give up. Both are distributions over customers. At first they are those of published surveys; the
second gives way to what the queue's own customers do (Kaplan and Meier 1958: who is answered tells only that
their patience was longer), with the survey's counting for so many customers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import ceil

from msgspec import Struct, field

from queuewatch.core.estimate.wait import UNIT_S
from queuewatch.core.facts.terms import Channel
from queuewatch.core.rules import Tolerance
from queuewatch.core.view import RiskView

SOON_S = 300.0
"""How far ahead is looked, seconds."""
PIECES = 5
"""Pieces of that time; in each, the chance to be still in line counts as it is in its middle."""
MOST = 40
"""In a longer line some stand for those behind them: so many are looked at."""
HEAVIEST = 1e6
"""When a wait counts so much, all are made less of: that is every 27,000 waits."""
KEEP = 0.9995
"""Each wait that ends makes those before count this much less: patience is that of the last 2,000."""

# Borders of the stretches in which giving up is counted, in the channel's unit of time.
EDGES = (
    0.0, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 240.0, 300.0, 420.0, 600.0, 900.0, 1800.0,
    3600.0,
)  # fmt: skip

Curve = Callable[[float], float]
"""The share of customers whose tolerance is over after so many seconds; not falling, in [0, 1]."""


class Patience(Struct):
    """How long the customers of one queue stay.

    Attributes:
        there: Customers who were in line at the beginning of each stretch, fading; halved for those who left
            it unserved within (the actuarial estimate).
        gave_up: Those of them who gave up within it.
        waits: Waits that ended, fading.
        weight: What the last wait counts in `there` and `gave_up`: each counts more than the one before, so
            that those before need not be made less of.
    """

    there: list[float] = field(default_factory=lambda: [0.0] * (len(EDGES) - 1))
    gave_up: list[float] = field(default_factory=lambda: [0.0] * (len(EDGES) - 1))
    waits: float = 0.0
    weight: float = 1.0

    def learn(self, endured: float, *, gave_up: bool) -> None:
        """A wait ended after so many units of time: the customer gave up, or was answered or taken out."""
        self.waits = self.waits * KEEP + 1.0
        self.weight = weight = self.weight / KEEP
        there = self.there
        last = min(len(EDGES) - 2, bisect_right(EDGES, endured) - 1)
        for i in range(last):
            there[i] += weight
        if gave_up:
            there[last] += weight
            self.gave_up[last] += weight
        else:
            there[last] += 0.5 * weight
        if weight > HEAVIEST:
            self.there = [count / weight for count in there]
            self.gave_up = [count / weight for count in self.gave_up]
            self.weight = 1.0

    def curve(self, survey: Sequence[tuple[float, float]], prior: float, unit_s: float) -> Curve:
        """The share that has given up by a time, with the survey counting as so many customers.

        Args:
            survey: What is assumed of them, as points (units of time, share), ascending.
            prior: For how many customers that counts.
            unit_s: The channel's unit of time, seconds.
        """
        stays = 1.0
        points = [(0.0, 0.0)]
        prior *= self.weight
        for i, edge in enumerate(EDGES[1:]):
            left, leaves = 1.0 - _at(survey, EDGES[i]), _at(survey, edge) - _at(survey, EDGES[i])
            there = self.there[i] + prior * left
            stays *= 1.0 - min(1.0, (self.gave_up[i] + prior * leaves) / there) if there else 1.0
            points.append((edge, 1.0 - stays))
        return lambda t_s: _at(points, t_s / unit_s)

    def own_share(self, prior: float) -> float:
        """How much of the curve is the queue's own, in [0, 1]."""
        return self.waits / (self.waits + prior) if self.waits else 0.0


def surveyed(survey: Sequence[tuple[float, float]], unit_s: float) -> Curve:
    """The curve of a survey."""
    return lambda t_s: _at(survey, t_s / unit_s)


def at_risk(
    waited_s: Sequence[float],
    over: Callable[[int, float], float],
    tolerance: Tolerance,
    patience: Patience,
    channel: Channel,
) -> RiskView:
    """How many of those who wait are past their tolerance, now and soon.

    Args:
        waited_s: How long each has waited, seconds, in line.
        over: P(the one at this place is still unanswered after so many seconds).
        tolerance: The surveys' curves.
        patience: What the queue's own customers do.
        channel: The queue's channel.
    """
    unit_s = UNIT_S[channel]
    resents = surveyed(tolerance.resents, unit_s)
    gives_up = patience.curve(tolerance.gives_up, tolerance.survey_counts, unit_s)
    resenting = giving_up = resenting_soon = giving_up_soon = leaving = 0.0
    step = max(1, ceil(len(waited_s) / MOST))
    for ahead in range(0, len(waited_s), step):
        waited, counts = waited_s[ahead], min(step, len(waited_s) - ahead)
        still = [over(ahead, SOON_S * (piece + 0.5) / PIECES) for piece in range(PIECES)]
        past, passing = resents(waited), _passing(resents, waited, still)
        resenting += counts * past
        resenting_soon += counts * (past + passing)
        past, passing = gives_up(waited), _passing(gives_up, waited, still)
        giving_up += counts * past
        giving_up_soon += counts * (past + passing)
        leaving += counts * (passing / (1.0 - past) if past < 1.0 else still[0])
    return RiskView(
        resenting=resenting,
        resenting_soon=resenting_soon,
        giving_up=giving_up,
        giving_up_soon=giving_up_soon,
        leaving_soon=leaving,
        own_share=patience.own_share(tolerance.survey_counts),
    )


def _passing(curve: Curve, waited_s: float, still: list[float]) -> float:
    """The chance to pass one's tolerance within SOON_S, while still in line."""
    shares = [curve(waited_s + SOON_S * piece / PIECES) for piece in range(PIECES + 1)]
    return sum(there * (shares[i + 1] - shares[i]) for i, there in enumerate(still))


def _at(points: Sequence[tuple[float, float]], t: float) -> float:
    """The share at a time: a straight line between points, 0 before the first, the last one's ever after."""
    i = bisect_right(points, (t, 2.0))
    if i == 0:
        return 0.0
    if i == len(points):
        return points[-1][1]
    (before, low), (after, high) = points[i - 1], points[i]
    return low + (t - before) / (after - before) * (high - low)
