"""Erlang B and C for many queues at once: the chance to be blocked, and the chance to wait.

Erlang (1917); formulas as in Cooper (1981), "Introduction to Queueing Theory". Arrays broadcast, plain
numbers give plain numbers. Waits, thresholds and patience are in ``steady.py``.
"""

from collections.abc import Callable
from typing import TypeVar, overload

import numpy as np

from queuewatch.queueing.numbers import FloatArray, Numbers, checked, checked_agents
from queuewatch.queueing.tails import upper_ratio

NumberT = TypeVar("NumberT", float, FloatArray)

BLOCK = 8192
"""Queues handled at a time: their intermediate arrays stay in the processor's cache."""
LEAST_LOAD = 1e-300
"""Stands in for a load of 0 inside the formulas; the results are put right afterwards."""


def wait_and_spare(agents: FloatArray, load: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Erlang C and the spare agents, ``max(c - a, 0)``.

    ``C = c / (a + (c - a) / B)``; at and above full load the second term is left out, and C is 1.

    Args:
        agents: Whole numbers from 1 on, one dimension.
        load: Erlangs, above 0, the same shape.
    """
    spare = np.maximum(agents - load, 0.0)
    ratio = upper_ratio(agents, load)
    with np.errstate(over="ignore"):
        ratio *= spare
    ratio += agents
    ratio -= spare
    return np.divide(agents, ratio, out=ratio), spare


def _blocked(agents: FloatArray, load: FloatArray) -> FloatArray:
    return 1.0 / upper_ratio(agents, load)


def _waiting(agents: FloatArray, load: FloatArray) -> FloatArray:
    return wait_and_spare(agents, load)[0]


def _by_block(
    formula: Callable[[FloatArray, FloatArray], FloatArray], agents: Numbers, load: Numbers
) -> float | FloatArray:
    c, a = np.broadcast_arrays(checked_agents(agents), checked("load", load))
    flat_c, flat_a = np.maximum(c, 1.0).astype(np.float64).ravel(), np.maximum(a, LEAST_LOAD).ravel()
    share = np.empty_like(flat_a)
    for start in range(0, len(share), BLOCK):
        block = slice(start, start + BLOCK)
        share[block] = formula(flat_c[block], flat_a[block])
    shaped = np.where(c == 0.0, 1.0, np.where(a == 0.0, 0.0, share.reshape(c.shape)))
    return shaped if shaped.ndim else float(shaped)


@overload
def erlang_b(agents: float, load: float) -> float: ...  # type: ignore[overload-overlap]
@overload
def erlang_b(agents: Numbers, load: Numbers) -> FloatArray: ...
def erlang_b(agents: Numbers, load: Numbers) -> float | FloatArray:
    """Return Erlang B: the share of arrivals that finds all agents busy when nobody can wait (M/M/c/c).

    No command asks for it. Each step of its recursion can be calculated by hand, and Erlang C, and A without
    patience, are held against it.

    Args:
        agents: Whole numbers from 0 on.
        load: Offered load in erlangs, 0 or more and finite.

    Returns:
        Shares in [0, 1]; 1 without agents. Relative error below 1e-12 down to 1e-290.

    Raises:
        ValueError: An argument is not a number or out of its range.
    """
    return _by_block(_blocked, agents, load)


@overload
def erlang_c(agents: float, load: float) -> float: ...  # type: ignore[overload-overlap]
@overload
def erlang_c(agents: Numbers, load: Numbers) -> FloatArray: ...
def erlang_c(agents: Numbers, load: Numbers) -> float | FloatArray:
    """Return Erlang C: the chance to wait when everybody waits for ever (M/M/c).

    Args:
        agents: Whole numbers from 0 on.
        load: Offered load in erlangs, 0 or more and finite.

    Returns:
        Chances in [0, 1]; 1 without agents and from full load on. Relative error below 1e-12 down to 1e-290.

    Raises:
        ValueError: An argument is not a number or out of its range.
    """
    return _by_block(_waiting, agents, load)
