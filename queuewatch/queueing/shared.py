"""Agents of several kinds, each of whom serves some of several queues: whose are they, and how much?

No formula tells the waits of queues that share some of their agents. What is done here is to look at every
set of queues that hang together by shared agents: at least as many agents must serve the set as its contacts,
pooled, need (a bound: no routing does with fewer), and beside its own contacts those agents carry what the
other queues' own agents leave over, E[(X - n)+] for a Poisson number X of contacts that find n agents of
their own (overflow as in Koole and Talim 2000, Exponential approximation of multi-skill call centers
architecture). A queue waits as the worst of the sets that it is in. That holds for contacts that go to those
first who can serve the least else, and agents who take whoever has waited longest; routed otherwise, queues
wait longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from scipy.special import gammainc

from queuewatch.queueing.numbers import BoolArray, FloatArray
from queuewatch.queueing.staffing import IntArray

MOST_QUEUES = 6
"""Of one group: the sets of queues double with each."""

Queues = frozenset[int]


@dataclass(frozen=True)
class Crew:
    """Agents of one kind.

    Attributes:
        serves: numbers of the queues that each of them serves.
        most: how many there are; None: as many as it takes.
    """

    serves: Queues
    most: int | None = None


@dataclass(frozen=True)
class Bundle:
    """A set of queues that hang together by shared agents.

    Attributes:
        queues: which.
        crews: shape (crews,); 1 for crews that serve one of them.
        others: those other queues, in parts that hang together by crews that serve none of the set, whose
            contacts may come to the set's agents; with the crews that each has for itself, shape (crews,).
    """

    queues: Queues
    crews: IntArray
    others: tuple[tuple[Queues, IntArray], ...]


def bundles(queues: int, crews: Sequence[Crew]) -> list[Bundle]:
    """The sets of queues to look at, the single ones first.

    Args:
        queues: how many there are; numbered from 0.
        crews: who serves them.

    Raises:
        ValueError: there are more than `MOST_QUEUES`, or nobody serves one of them.
    """
    if queues > MOST_QUEUES:
        raise ValueError(
            f"{queues} queues share agents of several kinds; at most {MOST_QUEUES} can be planned so: "
            "make a pool of those that share most, and plan the rest apart"
        )
    every = range(queues)
    alone = [queue for queue in every if not any(queue in crew.serves for crew in crews)]
    if alone:
        raise ValueError(f"nobody serves queue {alone[0]}")
    sets = chain.from_iterable(combinations(every, size) for size in range(1, queues + 1))
    found = []
    for one in map(frozenset, sets):
        if len(parts(one, crews)) == 1:
            others = parts(frozenset(every) - one, [crew for crew in crews if not crew.serves & one])
            found.append(Bundle(one, _ones(crews, one), tuple(_beside(one, others, crews))))
    return [one for one in found if not any(_goes_before(other, one) for other in found)]


def _goes_before(larger: Bundle, one: Bundle) -> bool:
    """Whether a larger set has the same agents, so that it asks more of them than this one does."""
    return larger.queues > one.queues and bool((larger.crews == one.crews).all())


def parts(queues: Iterable[int], crews: Sequence[Crew]) -> list[Queues]:
    """The queues in parts that hang together by crews."""
    found = [frozenset({queue}) for queue in sorted(queues)]
    for crew in crews:
        touched = [part for part in found if part & crew.serves]
        if len(touched) > 1:
            found = [part for part in found if part not in touched]
            found.append(frozenset().union(*touched))
    return found


def _ones(crews: Sequence[Crew], queues: Queues) -> IntArray:
    return np.array([int(bool(crew.serves & queues)) for crew in crews], dtype=np.int64)


def _beside(queues: Queues, others: Sequence[Queues], crews: Sequence[Crew]) -> list[tuple[Queues, IntArray]]:
    """The other parts that share a crew with the set, each with the crews that it has for itself."""
    found = []
    for part in others:
        own = [int(bool(crew.serves & part) and not crew.serves & queues) for crew in crews]
        if any(crew.serves & part and crew.serves & queues for crew in crews):
            found.append((part, np.array(own, dtype=np.int64)))
    return found


def left_over(load: FloatArray, agents: IntArray) -> FloatArray:
    """Erlangs that find no agent free, E[(X - n)+] for X Poisson with mean `load`; no less than 0."""
    reach = np.where(agents > 0, gammainc(np.maximum(agents, 1), np.maximum(load, 1e-12)), 1.0)
    beyond = gammainc(agents + 1.0, np.maximum(load, 1e-12))
    return np.asarray(np.maximum(load * reach - agents * beyond, 0.0))


@dataclass(frozen=True)
class Loads:
    """What comes to the queues together, a row a set of queues (as `bundles` has them), a column a case.

    Attributes:
        arrivals_per_s: shape (bundles, cases).
        handling_s: shape (bundles, cases); mean of the set, by its contacts.
        others: of each set, its parts beside it: their load in erlangs and mean handling time, seconds;
            shape (cases,) each.
    """

    arrivals_per_s: FloatArray
    handling_s: FloatArray
    others: tuple[tuple[tuple[FloatArray, FloatArray], ...], ...]

    def at(self, chosen: BoolArray) -> Loads:
        """Of some of the cases."""
        others = tuple(tuple((load[chosen], each[chosen]) for load, each in one) for one in self.others)
        return Loads(self.arrivals_per_s[:, chosen], self.handling_s[:, chosen], others)


def loads(
    sets: Sequence[Bundle],
    arrivals_per_s: FloatArray,
    handling_s: FloatArray,
    ratio: FloatArray | None = None,
) -> Loads:
    """The loads of the sets from those of the queues.

    Args:
        sets: from `bundles`.
        arrivals_per_s: shape (queues, cases).
        handling_s: shape (queues, cases).
        ratio: shape (bundles, cases); contacts of each set for each that its queues have. None: 1.
    """

    def pooled(queues: Queues) -> tuple[FloatArray, FloatArray]:
        which = sorted(queues)
        came = arrivals_per_s[which].sum(axis=0)
        work = (arrivals_per_s[which] * handling_s[which]).sum(axis=0)
        return came, np.where(came > 0.0, work / np.maximum(came, 1e-12), handling_s[which].mean(axis=0))

    own = [pooled(one.queues) for one in sets]
    beside = [[pooled(part) for part, _ in one.others] for one in sets]
    came = np.array([one for one, _ in own])
    return Loads(
        came if ratio is None else came * ratio,
        np.array([each for _, each in own]),
        tuple(tuple((rate * each, each) for rate, each in one) for one in beside),
    )


def seen_by(sets: Sequence[Bundle], what: Loads, agents: IntArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """What the agents of each set see: shape (bundles, cases) each.

    Args:
        sets: from `bundles`.
        what: from `loads`.
        agents: shape (crews, cases).

    Returns:
        Arrivals a second and mean handling time, what comes over from other queues included; and agents.
    """
    came, work, there = [], [], []
    for row, one in enumerate(sets):
        arrivals = what.arrivals_per_s[row]
        load = arrivals * what.handling_s[row]
        for place, (_, own) in enumerate(one.others):
            # To a set of queues that are closed nobody comes over: its agents' time is another set's.
            theirs, each = what.others[row][place]
            over = np.where(what.arrivals_per_s[row] > 0.0, left_over(theirs, own @ agents), 0.0)
            arrivals = arrivals + over / each
            load = load + over
        came.append(arrivals)
        work.append(np.where(arrivals > 0.0, load / np.maximum(arrivals, 1e-12), what.handling_s[row]))
        there.append(one.crews @ agents)
    return np.array(came), np.array(work), np.array(there)
