"""Which queues share agents, and how closely: learned from who answers what.

The closeness of two queues is the cosine of the angle between their answers by agent: 1 where the same agents
answer both in the same proportion, 0 where nobody answers both. O(queues of the agent) per answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest
from math import sqrt

from msgspec import Struct, field

# So close to one another are two queues taken to be before anything is known of who answers them, as much
# as so many answers would count.
PRIOR = 0.5
PRIOR_ANSWERS = 4.0
# Less than this is taken for none: a stray transfer makes no team.
LEAST = 0.15
# No more than the closest ones are heeded: each costs time at every move.
MOST = 8
# At a site of more queues than this, only those that were seen to share agents are compared.
COMPARED = 200
# When an agent has so many answers, all that agent's are halved: what was long ago fades.
FULL = 400.0


class Kin(Struct):
    """How closely the queues of one channel of a site are related.

    Attributes:
        answers: Answers by agent and queue.
        products: Sum over the agents of the product of the answers to two queues, in two parts: what answers
            to the first have added to it, and at the other's place what answers to the second have. On the
            diagonal, squares.
        near: The closest queues of each, itself among them, as last worked out.
        heard: Answers by known agents since.
    """

    answers: dict[str, dict[str, float]] = field(default_factory=dict)
    products: dict[str, dict[str, float]] = field(default_factory=dict)
    near: dict[str, dict[str, float]] = field(default_factory=dict)
    heard: int = 0

    def meet(self, queue: str) -> None:
        """A queue is spoken of."""
        if queue not in self.products:
            self.products[queue] = {queue: 0.0}
            self.near.clear()

    def answered(self, queue: str, agent: str) -> None:
        """An agent answered a contact of a queue."""
        mine = self.answers.get(agent)
        if mine is None:
            mine = self.answers[agent] = {}
        elif sum(mine.values()) >= FULL:
            for other, count in list(mine.items()):
                self._add(mine, other, -0.5 * count)
        if queue in mine:  # what `_add` does; whoever answers many queues does this many times
            row = self.products[queue]
            for other, count in mine.items():
                row[other] += count
            mine[queue] = more = mine[queue] + 1.0
            row[queue] += more
        else:
            self._begin(mine, queue)
        self.heard += 1
        if self.heard % max(64, 2 * len(self.answers)) == 0 or self.heard in {8, 16, 32}:
            self.near.clear()

    def _begin(self, mine: dict[str, float], queue: str) -> None:
        """An agent answers a queue for the first time: from now on it shares with all others of the agent."""
        for other in mine:
            self.products[queue].setdefault(other, 0.0)
            self.products[other].setdefault(queue, 0.0)
        self._add(mine, queue, 1.0)

    def _add(self, mine: dict[str, float], queue: str, amount: float) -> None:
        row = self.products[queue]
        for other, count in mine.items():
            row[other] += amount * count
        had = mine.get(queue, 0.0)
        row[queue] += amount * (had + amount)
        mine[queue] = had + amount

    def of(self, queue: str) -> dict[str, float]:
        """The queues that share agents with this one, closest first, each with its closeness in [0, 1]."""
        near = self.near.get(queue)
        if near is None:
            known = self.products if len(self.products) <= COMPARED else self.products[queue]
            ranked = nsmallest(MOST - 1, self._closeness(queue, known))
            near = {queue: 1.0} | {other: -weight for weight, other in ranked if -weight >= LEAST}
            self.near[queue] = near
        return near

    def _closeness(self, queue: str, others: Iterable[str]) -> list[tuple[float, str]]:
        """How close others are, each less than 0 by its closeness: the closest is the smallest."""
        products, prior = self.products, PRIOR_ANSWERS**2
        row = products[queue]
        square, common = row[queue], PRIOR * prior
        return [
            (
                -(row.get(other, 0.0) + products[other].get(queue, 0.0) + common)
                / (sqrt(square * products[other][other]) + prior),
                other,
            )
            for other in others
            if other != queue
        ]
