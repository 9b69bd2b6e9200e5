"""The fewest agents that keep every target, for many queues at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from queuewatch.queueing.numbers import BoolArray, FloatArray, Numbers, checked
from queuewatch.queueing.steady import Steady, steady
from queuewatch.queueing.targets import Measure, Target, parse_target

IntArray: TypeAlias = NDArray[np.int64]
CountT = TypeVar("CountT", int, IntArray)
NumberT = TypeVar("NumberT", float, FloatArray)

_SLACK = 1e-9
"""A bound counts as kept within this part of itself: rounding must not cost an agent."""


@dataclass(frozen=True, slots=True)
class Staffing(Generic[CountT, NumberT]):
    """Agents needed by a queue, or by many.

    Attributes:
        agents: Fewest agents at work that keep every target.
        rostered: Agents to roster so that as many are at work after shrinkage.
        steady: What the queue does with ``agents``; its rows are the targets' thresholds, in their order.
        thresholds_s: Those thresholds, in seconds, each once.
    """

    agents: CountT
    rostered: CountT
    steady: Steady[NumberT]
    thresholds_s: tuple[float, ...]


class _Demand(NamedTuple):
    """What arrives at queues side by side: arrays of one dimension."""

    arrivals_per_s: FloatArray
    handling_s: FloatArray
    patience_s: FloatArray

    def at(self, chosen: BoolArray) -> "_Demand":
        return _Demand(*(column[chosen] for column in self))


def _thresholds(targets: Sequence[Target]) -> tuple[float, ...]:
    timed = (Measure.OVER, Measure.UNANSWERED)
    return tuple(dict.fromkeys(target.threshold_s for target in targets if target.measure in timed))


def measured(target: Target, state: Steady[FloatArray], thresholds_s: Sequence[float]) -> FloatArray:
    """What a target bounds, in a steady state whose rows are these thresholds."""
    match target.measure:
        case Measure.OVER:
            value: FloatArray = state.over[thresholds_s.index(target.threshold_s)]
        case Measure.UNANSWERED:
            value = state.late[thresholds_s.index(target.threshold_s)]
        case Measure.MEAN_WAIT:
            value = state.mean_wait_s
        case Measure.ABANDON:
            value = state.abandon_share
        case _:
            value = state.occupancy
    return value


def _excess(targets: Sequence[Target], demand: _Demand, agents: FloatArray) -> FloatArray:
    """Return by how much, as a logarithm, the target kept worst is missed; 0 or less is kept."""
    thresholds_s = _thresholds(targets)
    arrivals, handling, patience = demand
    state = steady(arrivals, handling, agents, patience, thresholds_s=thresholds_s)
    worst = np.full(agents.shape, -np.inf)
    for target in targets:
        with np.errstate(divide="ignore", invalid="ignore"):
            missed = np.log(measured(target, state, thresholds_s) / (target.bound * (1.0 + _SLACK)))
        np.fmax(worst, missed, out=worst)
    return worst


def _refuse_impossible(targets: Sequence[Target], load: FloatArray, patience_s: FloatArray) -> None:
    for target in targets:
        untroubled = (load == 0.0) | ((patience_s == np.inf) & (target.measure is Measure.ABANDON))
        if target.bound == 0.0 and not untroubled.all():
            raise ValueError(
                f"no number of agents keeps {target} while contacts arrive; allow a little, for example 0.001"
            )


def _bracket(targets: Sequence[Target], demand: _Demand) -> tuple[FloatArray, FloatArray]:
    """Find too few and enough agents by strides that double, from the load plus its square root up."""
    load = demand.arrivals_per_s * demand.handling_s
    stride = np.ceil(np.sqrt(load)) + 1.0
    few, enough = np.full_like(load, -1.0), np.ceil(load) + stride
    short = _excess(targets, demand, enough) > 0.0
    while short.any():
        few[short] = enough[short]
        enough[short] += stride[short]
        stride *= 2.0
        short[short] = _excess(targets, demand.at(short), enough[short]) > 0.0
    return few, enough


def _fewest(targets: Sequence[Target], demand: _Demand) -> FloatArray:
    """Close the bracket, each queue its own, by bisection."""
    few, enough = _bracket(targets, demand)
    while (open_ := enough - few > 1.0).any():
        middle = np.floor(0.5 * (few[open_] + enough[open_]))
        kept = _excess(targets, demand.at(open_), middle) <= 0.0
        enough[open_] = np.where(kept, middle, enough[open_])
        few[open_] = np.where(kept, few[open_], middle)
    return enough


@overload
def fewest_agents(  # type: ignore[overload-overlap]  # plain numbers are the special case that gives plain numbers
    arrivals_per_s: float,
    handling_s: float,
    targets: Iterable[Target | str],
    patience_s: float = ...,
    *,
    shrinkage: float = ...,
) -> Staffing[int, float]: ...
@overload
def fewest_agents(
    arrivals_per_s: Numbers,
    handling_s: Numbers,
    targets: Iterable[Target | str],
    patience_s: Numbers = ...,
    *,
    shrinkage: float = ...,
) -> Staffing[IntArray, FloatArray]: ...
def fewest_agents(
    arrivals_per_s: Numbers,
    handling_s: Numbers,
    targets: Iterable[Target | str],
    patience_s: Numbers = np.inf,
    *,
    shrinkage: float = 0.0,
) -> Staffing[int, float] | Staffing[IntArray, FloatArray]:
    """Return the fewest agents with which every target is kept in the steady state.

    Each measure only falls as agents are added, so the fewest that keep all are found by bisection.

    Args:
        arrivals_per_s: Contacts offered a second, 0 or more.
        handling_s: Mean handling time in seconds, above 0.
        targets: One target or more, parsed or as text (see ``targets.parse_target``).
        patience_s: Mean patience in seconds; ``inf`` is "nobody hangs up".
        shrinkage: Share of the rostered time that agents are not at work, from 0 to below 1.

    Returns:
        Whole numbers of agents, one a queue, or plain numbers if all arguments are.

    Raises:
        ValueError: There is no target, no number of agents can keep one, or an argument is out of its range.
    """
    wanted = [parse_target(target) if isinstance(target, str) else target for target in targets]
    if not wanted:
        raise ValueError("name at least one target, for example P(wait>60)<=0.2")
    if not 0.0 <= shrinkage < 1.0:
        raise ValueError(f"shrinkage must be 0 or more and below 1, got {shrinkage!r}")
    columns = np.broadcast_arrays(
        checked("arrivals_per_s", arrivals_per_s),
        checked("handling_s", handling_s, above=0.0),
        checked("patience_s", patience_s, never=True),
    )
    shape = columns[0].shape
    demand = _Demand(*(column.ravel() for column in columns))
    _refuse_impossible(wanted, demand.arrivals_per_s, demand.patience_s)
    agents = _fewest(wanted, demand)
    rostered = np.ceil(np.round(agents / (1.0 - shrinkage), 9))
    thresholds_s = _thresholds(wanted)
    arrivals, handling, patience = (column.reshape(shape) for column in demand)
    if shape:
        state = steady(arrivals, handling, agents.reshape(shape), patience, thresholds_s=thresholds_s)
        working, hired = (column.reshape(shape).astype(np.int64) for column in (agents, rostered))
        return Staffing(working, hired, state, thresholds_s)
    one = steady(
        float(arrivals), float(handling), float(agents[0]), float(patience), thresholds_s=thresholds_s
    )
    return Staffing(int(agents[0]), int(rostered[0]), one, thresholds_s)
