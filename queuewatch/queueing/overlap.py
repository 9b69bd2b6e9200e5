"""Agents with different skills who share queues: the fewest of each kind, not rounded up queue by queue."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from queuewatch.queueing.numbers import FloatArray
from queuewatch.queueing.staffing import IntArray

MOST_QUEUES = 8
"""So many queues may share agents: every set of them is looked at."""


def subsets(queues: int) -> list[tuple[int, ...]]:
    """Every set of queues that is not empty, small ones first."""
    return [some for size in range(1, queues + 1) for some in combinations(range(queues), size)]


def fewest_of_each(
    skills: Sequence[frozenset[int]],
    need: Callable[[tuple[int, ...]], float],
    queues: int,
    cost: FloatArray | None = None,
) -> IntArray:
    """The cheapest numbers of agents of each kind such that no set of queues is short of agents.

    For every set of queues, those who can serve at least one of them must be as many as the set would need
    as one queue. With a little overlap between skills that is nearly enough: Wallace, Whitt (2005), A
    staffing algorithm for call centers with skill-based routing, MSOM 7:276-294.

    Args:
        skills: for each kind of agent the queues it serves.
        need: agents that a set of queues needs as if it were one.
        queues: how many there are; at most `MOST_QUEUES`.
        cost: shape (kinds,); of an agent of each kind, 1 if not given.

    Raises:
        ValueError: A queue is served by no kind of agent, or there are too many queues.
    """
    if queues > MOST_QUEUES:
        raise ValueError(f"{queues} queues share agents; at most {MOST_QUEUES} can be planned as one")
    for queue in range(queues):
        if not any(queue in skill for skill in skills):
            raise ValueError(f"queue number {queue + 1} is served by no kind of agent; name one that does")
    sets = subsets(queues)
    matrix = np.array([[float(bool(skill & set(some))) for skill in skills] for some in sets])
    least = np.array([need(some) for some in sets])
    price: FloatArray = np.ones(len(skills)) if cost is None else cost
    # Of plans that cost the same, the one with more of those who can do more.
    price = np.asarray(price - 1e-4 * np.array([float(len(skill)) for skill in skills]))
    found = milp(
        price,
        constraints=LinearConstraint(matrix, least, np.inf),
        bounds=Bounds(0, np.inf),
        integrality=np.ones(len(skills), dtype=np.int64),
    )
    assert found.x is not None  # noqa: S101  # enough agents of every kind always will do
    return np.asarray(np.round(found.x), dtype=np.int64)
