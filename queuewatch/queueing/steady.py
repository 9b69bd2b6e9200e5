"""The steady state of many queues at once: what waits and hang-ups come to when all stays as it is now.

Erlang C (M/M/c) where patience never ends, Erlang A (M/M/c+M) where customers hang up. Arrays broadcast,
plain numbers give plain numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar, overload

import numpy as np

from queuewatch.queueing.erlang import BLOCK, LEAST_LOAD, wait_and_spare
from queuewatch.queueing.erlang_a import WithPatience, with_patience
from queuewatch.queueing.numbers import BoolArray, FloatArray, Numbers, checked, checked_agents

NumberT = TypeVar("NumberT", float, FloatArray)


@dataclass(frozen=True, slots=True)
class Steady(Generic[NumberT]):
    """The long-run behaviour of a queue, or of many.

    Attributes:
        load: Offered load in erlangs: arrivals a second times handling seconds.
        occupancy: Share of the agents' time spent on contacts, in [0, 1]; 1 if there is load and nobody to
            serve it.
        wait_chance: Chance that all agents are busy on arrival, in [0, 1].
        over: P(wait > t), one row a threshold, in their order: the chance that one who does not hang up waits
            longer than t. Hanging up does not count as a short wait.
        answered_within: Share of all contacts that is answered within t, one row a threshold (the service
            level counted over all offered).
        mean_wait_s: Mean time in line over all contacts, those who hang up included, in seconds; infinite
            where the line grows without end.
        abandon_share: Share of the contacts that hang up, in [0, 1]; 0 where patience never ends.
    """

    load: NumberT
    occupancy: NumberT
    wait_chance: NumberT
    over: FloatArray
    answered_within: FloatArray
    mean_wait_s: NumberT
    abandon_share: NumberT


class _Queues(NamedTuple):
    """Queues side by side: arrays of one dimension."""

    agents: FloatArray
    load: FloatArray
    handling_s: FloatArray
    patience_s: FloatArray

    def at(self, chosen: slice | BoolArray) -> "_Queues":
        return _Queues(*(column[chosen] for column in self))


def _without_patience(queues: _Queues, thresholds_s: FloatArray) -> WithPatience:
    """Evaluate Erlang C, whose wait beyond all agents busy is exponential with rate (c - a) / handling."""
    wait, rate = wait_and_spare(queues.agents, queues.load)
    rate /= queues.handling_s
    over = np.multiply.outer(-thresholds_s, rate)
    np.exp(over, out=over)
    over *= wait
    with np.errstate(divide="ignore"):
        mean = wait / rate
    return WithPatience(wait, over, 1.0 - over, mean, np.zeros_like(wait))


def _fill(into: WithPatience, at: slice | BoolArray, queues: _Queues, thresholds_s: FloatArray) -> None:
    """Evaluate queues of either kind and write what comes out into their places."""
    endless = queues.patience_s == np.inf
    if endless.all():
        found = _without_patience(queues, thresholds_s)
    elif not endless.any():
        found = with_patience(*queues, thresholds_s)
    else:
        found = _empty(len(thresholds_s), len(endless))
        for kind in (endless, ~endless):
            _fill(found, kind, queues.at(kind), thresholds_s)
    for whole, part in zip(into, found, strict=True):
        whole[..., at] = part


def _empty(thresholds: int, queues: int) -> WithPatience:
    rows = (thresholds, queues)
    return WithPatience(np.empty(queues), np.empty(rows), np.empty(rows), np.empty(queues), np.empty(queues))


def _put_edges_right(results: WithPatience, queues: _Queues) -> None:
    """Without agents everybody waits until they hang up; without arrivals nobody would wait."""
    patience = queues.patience_s
    idle: tuple[Numbers, ...] = (0.0, 0.0, 1.0, 0.0, 0.0)
    unstaffed: tuple[Numbers, ...] = (1.0, 1.0, 0.0, patience, np.where(patience < np.inf, 1.0, 0.0))
    for where, values in ((queues.load == 0.0, idle), (queues.agents == 0.0, unstaffed)):
        for whole, value in zip(results, values, strict=True):
            whole[...] = np.where(where, value, whole)


def _evaluate(queues: _Queues, thresholds_s: FloatArray) -> tuple[WithPatience, FloatArray]:
    """Return the results and the occupancy of queues of any kind, edges included."""
    count = len(queues.load)
    results = _empty(len(thresholds_s), count)
    edged = bool(count) and min(queues.load.min(), queues.agents.min()) == 0.0
    safe = queues
    if edged:
        safe = queues._replace(
            agents=np.maximum(queues.agents, 1.0), load=np.maximum(queues.load, LEAST_LOAD)
        )
    for start in range(0, count, BLOCK):
        block = slice(start, start + BLOCK)
        _fill(results, block, safe.at(block), thresholds_s)
    if edged:
        _put_edges_right(results, queues)
    occupancy = queues.load * (1.0 - results.abandon_share)
    occupancy /= safe.agents
    np.minimum(occupancy, 1.0, out=occupancy)
    if edged:
        occupancy[queues.agents == 0.0] = queues.load[queues.agents == 0.0] > 0.0
    return results, occupancy


@overload
def steady(  # type: ignore[overload-overlap]  # plain numbers are the special case that gives plain numbers
    arrivals_per_s: float,
    handling_s: float,
    agents: float,
    patience_s: float = ...,
    *,
    thresholds_s: Sequence[float] = ...,
) -> Steady[float]: ...
@overload
def steady(
    arrivals_per_s: Numbers,
    handling_s: Numbers,
    agents: Numbers,
    patience_s: Numbers = ...,
    *,
    thresholds_s: Sequence[float] = ...,
) -> Steady[FloatArray]: ...
def steady(
    arrivals_per_s: Numbers,
    handling_s: Numbers,
    agents: Numbers,
    patience_s: Numbers = np.inf,
    *,
    thresholds_s: Sequence[float] = (60.0, 180.0),
) -> Steady[float] | Steady[FloatArray]:
    """Return the steady state of M/M/c+M queues: Erlang C where patience never ends, else Erlang A.

    Args:
        arrivals_per_s: Contacts offered a second, 0 or more.
        handling_s: Mean handling time in seconds, above 0.
        agents: Whole numbers from 0 on.
        patience_s: Mean time until a waiting contact hangs up, in seconds, 0 or more; ``inf`` is never.
        thresholds_s: The t of P(wait > t) in seconds, each 0 or more.

    Returns:
        One value a queue, or plain numbers if all arguments are; arguments broadcast against each other. From
        full load on, without abandonment, everybody waits, longer than any threshold, infinitely on average.
        Relative error below 1e-12 in chances and means.

    Raises:
        ValueError: An argument is not a number or out of its range.
    """
    thresholds = checked("thresholds_s", thresholds_s).ravel()
    columns = np.broadcast_arrays(
        checked_agents(agents),
        checked("arrivals_per_s", arrivals_per_s),
        checked("handling_s", handling_s, above=0.0),
        checked("patience_s", patience_s, never=True),
    )
    shape = columns[0].shape
    agents_, arrivals, handling, patience = (column.ravel() for column in columns)
    queues = _Queues(agents_, arrivals * handling, handling, patience)
    results, occupancy = _evaluate(queues, thresholds)
    wait, over, within, mean, abandon = results
    rows = (len(thresholds), *shape)
    columns_out = (queues.load, occupancy, wait, over, within, mean, abandon)
    if shape:
        return Steady(*(column.reshape(rows if column.ndim > 1 else shape) for column in columns_out))
    load, busy, waiting, mean_wait, hung_up = (
        float(c[0]) for c in (queues.load, occupancy, wait, mean, abandon)
    )
    return Steady(load, busy, waiting, over.reshape(rows), within.reshape(rows), mean_wait, hung_up)
