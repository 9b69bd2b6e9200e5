"""The steady state of many queues at once: what waits and hang-ups come to when all stays as it is now.

Erlang C (M/M/c) where patience never ends, Erlang A (M/M/c+M) where customers hang up. Arrays broadcast,
plain numbers give plain numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar, cast, overload

import numpy as np

from queuewatch.queueing.erlang import BLOCK, LEAST_LOAD, wait_and_spare
from queuewatch.queueing.erlang_a import WithPatience, with_patience
from queuewatch.queueing.numbers import FloatArray, Numbers, checked, checked_agents

NumberT = TypeVar("NumberT", float, FloatArray)


@dataclass(frozen=True, slots=True)
class Steady(Generic[NumberT]):
    """The long-run behaviour of a queue, or of many.

    Attributes:
        agents: As asked for, integers if given as such.
        load: Offered load in erlangs: arrivals a second times handling seconds.
        wait_chance: Chance that all agents are busy on arrival, in [0, 1].
        mean_wait_s: Mean time in line over all contacts, those who hang up included, in seconds; infinite
            where the line grows without end.
        abandon_share: Share of the contacts that hang up, in [0, 1]; 0 where patience never ends.
        over: P(wait > t), one row a threshold, in their order: the chance that one who does not hang up waits
            longer than t. Hanging up does not count as a short wait.
        late: Share of all contacts that is not answered within t, one row a threshold: hung up, or waits on.
            Without an end to patience the same as ``over``.
    """

    agents: NumberT
    load: NumberT
    wait_chance: NumberT
    mean_wait_s: NumberT
    abandon_share: NumberT
    over: FloatArray
    late: FloatArray

    @property
    def answered_within(self) -> FloatArray:
        """Share of all contacts that is answered within t, one row a threshold: the service level."""
        return 1.0 - self.late

    @property
    def occupancy(self) -> NumberT:
        """Share of the agents' time spent on contacts, in [0, 1]; 1 with a load and nobody to serve it."""
        served = self.load * (1.0 - self.abandon_share)
        unstaffed = np.where(np.greater(self.load, 0.0), 1.0, 0.0)
        busy = np.minimum(served / np.maximum(self.agents, 1.0), 1.0)
        occupancy = np.where(np.equal(self.agents, 0.0), unstaffed, busy)
        return cast("NumberT", occupancy if occupancy.ndim else float(occupancy))


class _Queues(NamedTuple):
    """Queues side by side: arrays of one dimension."""

    agents: FloatArray
    load: FloatArray
    handling_s: FloatArray
    patience_s: FloatArray


def _endless(queues: _Queues, thresholds_s: FloatArray, into: WithPatience) -> None:
    """Evaluate Erlang C, whose wait beyond all agents busy is exponential with rate (c - a) / handling."""
    wait, rate = wait_and_spare(queues.agents, queues.load)
    rate /= queues.handling_s
    into.wait_chance[:] = wait
    np.multiply.outer(-thresholds_s, rate, out=into.over)
    np.exp(into.over, out=into.over)
    np.multiply(into.over, wait, out=into.over)
    with np.errstate(divide="ignore"):
        np.divide(wait, rate, out=into.mean_wait_s)


def _either(queues: _Queues, thresholds_s: FloatArray, into: WithPatience) -> None:
    """Evaluate queues with and without an end to patience, each by its formula."""
    endless = queues.patience_s == np.inf
    for kind, some in ((endless, endless.any()), (~endless, not endless.all())):
        if some:
            part = _Queues(*(column[kind] for column in queues))
            found = WithPatience(*(np.zeros_like(field[..., kind]) for field in into))
            if kind is endless:
                _endless(part, thresholds_s, found)
                found.late[:] = found.over
            else:
                found = with_patience(*part, thresholds_s)
            for field, piece in zip(into, found, strict=True):
                field[..., kind] = piece


def _put_edges_right(into: WithPatience, queues: _Queues) -> None:
    """Without agents everybody waits until they hang up; without arrivals nobody would wait."""
    patience = queues.patience_s
    idle: tuple[Numbers, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)
    unstaffed: tuple[Numbers, ...] = (1.0, patience, np.where(patience < np.inf, 1.0, 0.0), 1.0, 1.0)
    for where, values in ((queues.load == 0.0, idle), (queues.agents == 0.0, unstaffed)):
        for field, value in zip(into, values, strict=True):
            if field.flags.writeable:
                np.copyto(field, value, where=where)


def _block(queues: _Queues, thresholds_s: FloatArray, into: WithPatience, *, endless: bool) -> None:
    """Fill in the results of queues side by side: arrays of one dimension."""
    edged = queues.load.min() == 0.0 or queues.agents.min() == 0.0
    safe = queues
    if edged:
        safe = queues._replace(
            agents=np.maximum(queues.agents, 1.0), load=np.maximum(queues.load, LEAST_LOAD)
        )
    if endless:
        _endless(safe, thresholds_s, into)
    else:
        _either(safe, thresholds_s, into)
    if edged:
        _put_edges_right(into, queues)


def _table(rows: int, count: int, *, endless: bool) -> tuple[FloatArray, WithPatience]:
    """Return room for the load and the results: one allocation, for its memory is reused when many are not.

    If patience never ends nobody abandons, and to be late is to wait over t: neither takes room.
    """
    if endless:
        table = np.empty((3 + rows, count))
        nobody, over = np.broadcast_to(np.float64(0.0), count), table[3:]
        return table[0], WithPatience(table[1], table[2], nobody, over, over)
    table = np.empty((4 + 2 * rows, count))
    return table[0], WithPatience(table[1], table[2], table[3], table[4 : 4 + rows], table[4 + rows :])


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
    patience = checked("patience_s", patience_s, never=True)
    columns = np.broadcast_arrays(
        checked_agents(agents),
        checked("arrivals_per_s", arrivals_per_s),
        checked("handling_s", handling_s, above=0.0),
        patience,
    )
    shape = columns[0].shape
    crew, arrivals, handling, patience_ = (column.reshape(-1) for column in columns)
    endless = bool((patience == np.inf).all())
    load, results = _table(len(thresholds), len(crew), endless=endless)
    for start in range(0, len(crew), BLOCK):
        part = slice(start, start + BLOCK)
        np.multiply(arrivals[part], handling[part], out=load[part])
        queues = _Queues(crew[part].astype(np.float64), load[part], handling[part], patience_[part])
        _block(queues, thresholds, WithPatience(*(field[..., part] for field in results)), endless=endless)
    over, late = (field.reshape((len(thresholds), *shape)) for field in (results.over, results.late))
    if shape:
        fields = [field.reshape(shape) for field in (crew, load, *results[:3])]
        return Steady(fields[0], fields[1], fields[2], fields[3], fields[4], over, late)
    one = [float(field[0]) for field in (crew, load, *results[:3])]
    return Steady(one[0], one[1], one[2], one[3], one[4], over, late)
