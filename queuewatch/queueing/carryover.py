"""Agents interval by interval, each beginning with the line that the one before it left behind.

A steady-state formula pretends that each interval is a world of its own. Here the number of contacts in the
system is followed through the day as the Markov chain M(t)/M/c(t)+M that it is: Kolmogorov's forward
equations, solved by backward Euler in short steps, which keeps a steady state as it is and is stable however
large the rates. It is what the stationary backlog-carryover of Stolletz (2008, EJOR 190:478-493) and others
approximate, under the same assumptions as Erlang C and A. Days are calculated side by side, as rows; each
begins empty, or as full as it usually is at that hour where the queue never closes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from queuewatch.queueing.numbers import BoolArray, FloatArray
from queuewatch.queueing.passage import PATIENT_S, Demand, Interval, Passage, handed_back, handed_over
from queuewatch.queueing.staffing import IntArray, fewest_agents
from queuewatch.queueing.targets import Measure, Target

_SLACK = 1e-9
_FAR = 6.0  # deviations beyond which the number in the system is not followed
_SPARE = 12  # states
_LONGEST_TAIL = 400  # contacts in line beyond what a fluid would leave there


@dataclass(frozen=True)
class Course:
    """What comes of a number of agents, shape (days, intervals) unless said otherwise.

    Attributes:
        agents: agents at work.
        over: shape (thresholds, days, intervals); P(wait > t) of one who does not hang up.
        late: the same shape; share of all contacts not answered within t.
        past: the same shape; contacts that wait longer than t, hung up later or not.
        abandon_share: share that hangs up.
        mean_wait_s: over all contacts, seconds.
        occupancy: share of the agents' time spent on contacts.
        left_over: contacts waiting when the interval ends.
        past_fewer: contacts that wait longer than the last threshold with an agent fewer in this interval:
            those of the interval, and whom the line it leaves makes wait so long in later ones of the day.
        past_more: the same with an agent more.
    """

    agents: IntArray
    over: FloatArray
    late: FloatArray
    past: FloatArray
    abandon_share: FloatArray
    mean_wait_s: FloatArray
    occupancy: FloatArray
    left_over: FloatArray
    past_fewer: FloatArray
    past_more: FloatArray


def follow(demand: Demand, agents: IntArray, thresholds_s: Sequence[float]) -> Course:
    """What comes of a plan, interval by interval.

    Args:
        demand: what arrives.
        agents: shape (days, intervals); agents at work.
        thresholds_s: the t of P(wait > t); at least one.
    """
    return walk(demand, thresholds_s, lambda _interval, column, _before: agents[:, column], agents)


def staff(
    demand: Demand, targets: Sequence[Target], thresholds_s: Sequence[float], *, fewest: int = 1
) -> Course:
    """The fewest agents, interval by interval, that keep the targets with what each takes over.

    Args:
        demand: what arrives.
        targets: all must be kept; their thresholds must be among `thresholds_s`.
        thresholds_s: the t of P(wait > t).
        fewest: agents at least there while contacts arrive.

    Raises:
        ValueError: A target cannot be kept by any number of agents.
    """
    alone = _alone(demand, targets, fewest)

    def choose(interval: Interval, column: int, before: FloatArray) -> IntArray:
        return _fewest(interval, before, alone[:, column], targets, fewest)

    return walk(demand, thresholds_s, choose, alone)


def _alone(demand: Demand, targets: Sequence[Target], fewest: int) -> IntArray:
    """Agents as if each interval were a world of its own."""
    servers = fewest_agents(
        demand.arrivals_per_s,
        demand.handling_s,
        targets,
        np.inf if demand.patience_s > PATIENT_S else demand.patience_s,
    ).agents
    agents = -(-servers // demand.slots)
    return np.where(demand.arrivals_per_s > 0.0, np.maximum(agents, fewest), 0)


def _fewest(
    interval: Interval, before: FloatArray, start: IntArray, targets: Sequence[Target], fewest: int
) -> IntArray:
    """Each row's fewest agents that keep the targets, sought from `start` up or down."""
    agents, rows = start.copy(), interval.arrivals > 0.0
    if not rows.any():
        return agents

    def keeps(some: BoolArray, there: IntArray) -> BoolArray:
        passed = interval.passed(some, before[some], there, warily=True)
        return _keeps(passed, targets, interval.thresholds_s)

    kept = np.zeros(len(agents), dtype=bool)
    kept[rows] = keeps(rows, agents[rows])
    stride = np.ones(len(agents), dtype=np.int64)
    rising = rows & ~kept
    while rising.any():
        agents[rising] += stride[rising]
        stride[rising] *= 2
        good = keeps(rising, agents[rising])
        rising[np.flatnonzero(rising)[good]] = False
    falling = rows & (agents > fewest)
    while falling.any():
        good = keeps(falling, agents[falling] - 1)
        here = np.flatnonzero(falling)
        agents[here[good]] -= 1
        falling[here[~good]] = False
        falling &= agents > fewest
    return agents


def _keeps(passage: Passage, targets: Sequence[Target], thresholds_s: Sequence[float]) -> BoolArray:
    """Whether each row keeps every target."""
    good = np.ones(len(passage.occupancy), dtype=bool)
    for target in targets:
        good &= is_kept(target, passage, thresholds_s)
    return good


def is_kept(target: Target, passage: Passage, thresholds_s: Sequence[float]) -> BoolArray:
    """Whether each row keeps a target."""
    match target.measure:
        case Measure.OVER:
            value = passage.over[list(thresholds_s).index(target.threshold_s)]
        case Measure.UNANSWERED:
            value = passage.late[list(thresholds_s).index(target.threshold_s)]
        case Measure.MEAN_WAIT:
            value = passage.mean_wait_s
        case Measure.ABANDON:
            value = passage.abandon_share
        case _:
            value = passage.occupancy
    return np.asarray(value <= target.bound * (1.0 + _SLACK), dtype=np.bool_)


def walk(
    demand: Demand,
    thresholds_s: Sequence[float],
    choose: Callable[[Interval, int, FloatArray], IntArray],
    about: IntArray,
) -> Course:
    """Go through the intervals in order.

    Args:
        demand: what arrives.
        thresholds_s: the t of P(wait > t).
        choose: of an interval, its number, and the chances of the numbers in the system at its beginning
            (rows, states), says how many agents there are, shape (rows,).
        about: shape (rows, intervals); roughly how many that will be.
    """
    state = _begin(demand, about)
    agents = np.zeros_like(about)
    every = np.ones(len(state), dtype=bool)
    passages: list[Passage] = []
    fewer: list[Passage] = []
    more: list[Passage] = []
    for column in range(demand.arrivals_per_s.shape[1]):
        interval = Interval(demand, column, thresholds_s, agents[:, column - 1] if column else None)
        agents[:, column] = here = choose(interval, column, state)
        shut = interval.shut(here)
        state[shut] = np.arange(state.shape[1]) == 0
        if shut.all():
            for found in (passages, fewer, more):
                found.append(_shut(state, len(thresholds_s)))
            continue
        passages.append(interval.passed(every, state, here))
        fewer.append(interval.passed(every, state, np.maximum(here - 1, 0)))
        more.append(interval.passed(every, state, np.where(shut, 0, here + 1)))
        state = passages[-1].end
    later = _later(demand, thresholds_s, agents, state.shape)
    return Course(
        agents,
        np.stack([one.over for one in passages], axis=2),
        np.stack([one.late for one in passages], axis=2),
        np.stack([one.past for one in passages], axis=2),
        np.stack([one.abandon_share for one in passages], axis=1),
        np.stack([one.mean_wait_s for one in passages], axis=1),
        np.stack([one.occupancy for one in passages], axis=1),
        np.stack([one.left_over for one in passages], axis=1),
        _with_later((fewer, np.maximum(agents - 1, 0)), (passages, agents), later, demand.slots),
        _with_later((more, agents + 1), (passages, agents), later, demand.slots),
    )


def _later(
    demand: Demand, thresholds_s: Sequence[float], agents: IntArray, shape: tuple[int, int]
) -> list[FloatArray]:
    """After each interval, what each number in the system is worth in contacts past the last threshold.

    Shape (rows, states) each, once the agents of the next interval are there. The chances of the numbers in
    the system pass on linearly, so that one walk back through the day tells what any other state at the end
    of any interval would lead to.
    """
    worth = [np.zeros(shape)]
    for column in range(agents.shape[1] - 1, 0, -1):
        interval = Interval(demand, column, thresholds_s)
        shut = interval.shut(agents[:, column])
        # Who goes home at the end of it finishes what he is at.
        then = agents[:, min(column + 1, agents.shape[1] - 1)]
        after = handed_back(worth[-1], agents[:, column], then, demand.slots)
        before = np.zeros(shape) if shut.all() else interval.worth(after, agents[:, column])
        before[shut] = 0.0  # whoever still waits when it closes is gone
        worth.append(before)
    return worth[::-1]


def _with_later(
    other: tuple[list[Passage], IntArray],
    plan: tuple[list[Passage], IntArray],
    later: list[FloatArray],
    slots: int,
) -> FloatArray:
    """Shape (rows, intervals): contacts past the last threshold, those in later intervals added.

    Args:
        other: the intervals passed with other agents, each by itself; and these agents.
        plan: the intervals passed one after the other; and their agents.
        later: from `_later`.
        slots: contacts that an agent handles at a time.
    """
    found = []
    for column, (then, was) in enumerate(zip(other[0], plan[0], strict=True)):
        following = plan[1][:, min(column + 1, len(later) - 1)]
        ends = [
            handed_over(passage.end, agents[:, column], following, slots)
            for passage, agents in ((then, other[1]), (was, plan[1]))
        ]
        found.append(then.past[-1] + np.sum((ends[0] - ends[1]) * later[column], axis=1))
    return np.stack(found, axis=1)


def _shut(state: FloatArray, thresholds: int) -> Passage:
    """An interval in which all days are closed."""
    rows = np.zeros(len(state))
    many = np.zeros((thresholds, len(state)))
    return Passage(many, many, many, rows, rows, rows, rows, state)


def _begin(demand: Demand, about: IntArray) -> FloatArray:
    """Shape (days, states): chances of the numbers in the system when the days begin."""
    servers = about * demand.slots
    load = demand.arrivals_per_s * demand.handling_s
    most = float(max(_fluid(demand, servers).max(initial=0.0), servers.max(initial=0), load.max(initial=0.0)))
    spare = np.maximum(1.0 - load / np.maximum(servers, 1), 1e-3)
    tail = (
        0.0
        if demand.patience_s < PATIENT_S
        else float(np.max(-np.log(1e-6) / spare, where=load > 0, initial=0.0))
    )
    states = int(most + _FAR * np.sqrt(most) + min(tail, _LONGEST_TAIL)) + _SPARE
    chances = np.zeros((len(load), states))
    # A queue that is open around the clock is as full at midnight as it usually is then.
    mean = np.where(demand.arrivals_per_s[:, -1] > 0.0, load[:, 0], 0.0)
    number = np.arange(states)
    logs = number * np.log(np.maximum(mean, 1e-9))[:, None] - np.cumsum(np.log(np.maximum(number, 1)))
    chances[:] = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def _fluid(demand: Demand, servers: IntArray) -> FloatArray:
    """Shape (days,): the most contacts in the system if contacts were a fluid."""
    leaving = 0.0 if demand.patience_s > PATIENT_S else 1.0 / demand.patience_s
    number, most = np.zeros(len(servers)), np.zeros(len(servers))
    pieces = 20
    for column in range(servers.shape[1]):
        here = servers[:, column]
        for _ in range(pieces):
            out = (
                np.minimum(number, here) / demand.handling_s[:, column]
                + np.maximum(number - here, 0.0) * leaving
            )
            step_s = demand.length_s / pieces
            number = np.maximum(number + (demand.arrivals_per_s[:, column] - out) * step_s, 0.0)
            most = np.maximum(most, number)
    return most
