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
from scipy.linalg import solve_banded
from scipy.special import betainc, gammaincc

from queuewatch.queueing.numbers import BoolArray, FloatArray
from queuewatch.queueing.staffing import IntArray, fewest_agents
from queuewatch.queueing.targets import Measure, Target

_SLACK = 1e-9
_FAR = 6.0  # deviations beyond which the number in the system is not followed
_SPARE = 12  # states
_STEP_S = 30.0
_FEWEST_STEPS = 30  # of an interval
_LONGEST_TAIL = 400  # contacts in line beyond what a fluid would leave there
_PATIENT_S = 1e7  # a mean patience above this is none that ends


@dataclass(frozen=True)
class Demand:
    """What arrives, a row a day, a column an interval.

    Attributes:
        arrivals_per_s: shape (days, intervals); 0 where closed.
        handling_s: shape (days, intervals); mean handling time, above 0.
        patience_s: mean patience; `inf` where nobody hangs up.
        length_s: of an interval.
        slots: contacts that an agent handles at a time.
    """

    arrivals_per_s: FloatArray
    handling_s: FloatArray
    patience_s: float
    length_s: float
    slots: int = 1


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
        past_fewer: contacts that wait longer than the last threshold with an agent fewer in this interval.
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


@dataclass(frozen=True)
class _Passage:
    """What one interval was like, a value a row, and the chances of the numbers in the system at its end."""

    over: FloatArray
    late: FloatArray
    past: FloatArray
    abandon_share: FloatArray
    mean_wait_s: FloatArray
    occupancy: FloatArray
    left_over: FloatArray
    end: FloatArray


class _Interval:
    """One interval of all rows: passes it with this or that number of agents."""

    def __init__(self, demand: Demand, column: int, thresholds_s: Sequence[float]) -> None:
        self.arrivals = demand.arrivals_per_s[:, column]
        self.service = 1.0 / demand.handling_s[:, column]
        self.leaving = 0.0 if demand.patience_s > _PATIENT_S else 1.0 / demand.patience_s
        self.length_s = demand.length_s
        self.slots = demand.slots
        self.thresholds_s = thresholds_s

    def passed(self, rows: BoolArray, before: FloatArray, agents: IntArray) -> _Passage:
        """Pass it.

        Args:
            rows: which rows.
            before: shape (rows, states); chances of the numbers in the system at its beginning.
            agents: shape (rows,).
        """
        arrivals, service = self.arrivals[rows], self.service[rows]
        servers = agents * self.slots
        states = np.arange(before.shape[1])
        waiting = np.maximum(states - servers[:, None], 0)
        death = np.minimum(states, servers[:, None]) * service[:, None] + waiting * self.leaving
        mean, end = _transient(before, arrivals, death, self.length_s)
        return self._judged(arrivals, service, servers, mean, end)

    def _judged(
        self, arrivals: FloatArray, service: FloatArray, servers: IntArray, mean: FloatArray, end: FloatArray
    ) -> _Passage:
        """What contacts meet that find the mean chances of the numbers in the system (PASTA)."""
        states = np.arange(mean.shape[1])
        ahead = states - servers[:, None]
        queued = np.where(ahead >= 0, mean, 0.0)
        speed = np.maximum(servers * service, 1e-12)[:, None]
        place = np.maximum(ahead, 0) + 1.0
        over, late, past = [], [], []
        for t in self.thresholds_s:
            longer = _longer(t, place, speed, self.leaving)
            over.append(np.sum(queued * longer, axis=1))
            served = _served_within(t, place, speed, self.leaving, longer)
            late.append(np.sum(queued * (1.0 - served), axis=1))
            past.append(over[-1] * np.exp(-self.leaving * t) * arrivals * self.length_s)
        abandon = np.sum(queued * place * self.leaving / (speed + place * self.leaving), axis=1)
        endless_s = np.sum(queued * place / speed, axis=1)
        wait_s = abandon / self.leaving if self.leaving else endless_s
        busy = np.sum(mean * np.minimum(states, servers[:, None]), axis=1) / np.maximum(servers, 1)
        left_over = np.sum(end * np.maximum(ahead, 0), axis=1)
        return _Passage(np.array(over), np.array(late), np.array(past), abandon, wait_s, busy, left_over, end)


def _longer(t: float, place: FloatArray, speed: FloatArray, leaving: float) -> FloatArray:
    """P(wait > t) of one who does not hang up and is the `place`-th in line; Erlang, or see `position.py`."""
    if leaving:
        return np.asarray(betainc(speed / leaving, place, np.exp(-leaving * t)))
    return np.asarray(gammaincc(place, speed * t))


def _served_within(
    t: float, place: FloatArray, speed: FloatArray, leaving: float, longer: FloatArray
) -> FloatArray:
    """Chance to be answered within t without having hung up."""
    if not leaving:
        return np.asarray(1.0 - longer)
    x = speed / leaving
    return np.asarray(x / (x + place) * (1.0 - betainc(x + 1.0, place, np.exp(-leaving * t))))


def _transient(
    before: FloatArray, arrivals: FloatArray, death: FloatArray, length_s: float
) -> tuple[FloatArray, FloatArray]:
    """Chances of the numbers in the system: their mean over the interval, and at its end.

    All rows are one tridiagonal system whose blocks do not touch.

    Args:
        before: shape (rows, states); at the beginning.
        arrivals: shape (rows,); a second.
        death: shape (rows, states); contacts that leave the system a second, by number in it.
        length_s: of the interval.
    """
    steps = max(_FEWEST_STEPS, int(np.ceil(length_s / _STEP_S)))
    step_s = length_s / steps
    up = np.repeat(arrivals[:, None] * step_s, before.shape[1], axis=1)
    up[:, -1] = 0.0  # the last state takes in nobody: it lies beyond what is likely
    down = death * step_s
    down[:, 0] = 0.0
    bands = np.zeros((3, before.size))
    bands[0, 1:], bands[1], bands[2] = -down.ravel()[1:], 1.0 + (up + down).ravel(), -up.ravel()
    now, mean = before.ravel(), np.zeros(before.size)
    for _ in range(steps):
        now = solve_banded((1, 1), bands, now, check_finite=False)
        mean += now / steps
    return mean.reshape(before.shape), now.reshape(before.shape)


def follow(demand: Demand, agents: IntArray, thresholds_s: Sequence[float]) -> Course:
    """What comes of a plan, interval by interval.

    Args:
        demand: what arrives.
        agents: shape (days, intervals); agents at work.
        thresholds_s: the t of P(wait > t); at least one.
    """
    return _walk(demand, thresholds_s, lambda _interval, column, _before: agents[:, column], agents)


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

    def choose(interval: _Interval, column: int, before: FloatArray) -> IntArray:
        return _fewest(interval, before, alone[:, column], targets, fewest)

    return _walk(demand, thresholds_s, choose, alone)


def _alone(demand: Demand, targets: Sequence[Target], fewest: int) -> IntArray:
    """Agents as if each interval were a world of its own."""
    servers = fewest_agents(
        demand.arrivals_per_s,
        demand.handling_s,
        targets,
        np.inf if demand.patience_s > _PATIENT_S else demand.patience_s,
    ).agents
    agents = -(-servers // demand.slots)
    return np.where(demand.arrivals_per_s > 0.0, np.maximum(agents, fewest), 0)


def _fewest(
    interval: _Interval, before: FloatArray, start: IntArray, targets: Sequence[Target], fewest: int
) -> IntArray:
    """Each row's fewest agents that keep the targets, sought from `start` up or down."""
    agents, rows = start.copy(), interval.arrivals > 0.0
    if not rows.any():
        return agents
    kept = np.zeros(len(agents), dtype=bool)
    kept[rows] = _kept(interval.passed(rows, before[rows], agents[rows]), targets, interval.thresholds_s)
    stride = np.ones(len(agents), dtype=np.int64)
    rising = rows & ~kept
    while rising.any():
        agents[rising] += stride[rising]
        stride[rising] *= 2
        good = _kept(interval.passed(rising, before[rising], agents[rising]), targets, interval.thresholds_s)
        rising[np.flatnonzero(rising)[good]] = False
    falling = rows & (agents > fewest)
    while falling.any():
        fewer = agents[falling] - 1
        good = _kept(interval.passed(falling, before[falling], fewer), targets, interval.thresholds_s)
        here = np.flatnonzero(falling)
        agents[here[good]] -= 1
        falling[here[~good]] = False
        falling &= agents > fewest
    return agents


def _kept(passage: _Passage, targets: Sequence[Target], thresholds_s: Sequence[float]) -> BoolArray:
    """Whether each row keeps every target."""
    good = np.ones(len(passage.occupancy), dtype=bool)
    for target in targets:
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
        good &= value <= target.bound * (1.0 + _SLACK)
    return good


def _walk(
    demand: Demand,
    thresholds_s: Sequence[float],
    choose: Callable[[_Interval, int, FloatArray], IntArray],
    about: IntArray,
) -> Course:
    """Go through the intervals; `choose` says how many agents there are, `about` roughly how many."""
    state = _begin(demand, about)
    agents = np.zeros_like(about)
    empty = np.zeros(state.shape[1])
    empty[0] = 1.0
    passages, fewer, more = [], [], []
    for column in range(demand.arrivals_per_s.shape[1]):
        interval = _Interval(demand, column, thresholds_s)
        agents[:, column] = choose(interval, column, state)
        # Where nothing arrives and nobody is there the queue is closed: who still waited then, waits in vain.
        shut = (interval.arrivals == 0.0) & (agents[:, column] == 0)
        state[shut] = empty
        if shut.all():
            passages.append(_shut(state, len(thresholds_s)))
            fewer.append(passages[-1].occupancy)
            more.append(passages[-1].occupancy)
            continue
        every = np.ones(len(state), dtype=bool)
        here = agents[:, column]
        passages.append(interval.passed(every, state, here))
        fewer.append(interval.passed(every, state, np.maximum(here - 1, 0)).past[-1])
        more.append(interval.passed(every, state, np.where(shut, 0, here + 1)).past[-1])
        state = passages[-1].end
    return Course(
        agents,
        np.stack([one.over for one in passages], axis=2),
        np.stack([one.late for one in passages], axis=2),
        np.stack([one.past for one in passages], axis=2),
        np.stack([one.abandon_share for one in passages], axis=1),
        np.stack([one.mean_wait_s for one in passages], axis=1),
        np.stack([one.occupancy for one in passages], axis=1),
        np.stack([one.left_over for one in passages], axis=1),
        np.stack(fewer, axis=1),
        np.stack(more, axis=1),
    )


def _shut(state: FloatArray, thresholds: int) -> _Passage:
    """An interval in which all days are closed."""
    rows = np.zeros(len(state))
    many = np.zeros((thresholds, len(state)))
    return _Passage(many, many, many, rows, rows, rows, rows, state)


def _begin(demand: Demand, about: IntArray) -> FloatArray:
    """Shape (days, states): chances of the numbers in the system when the days begin."""
    servers = about * demand.slots
    load = demand.arrivals_per_s * demand.handling_s
    most = float(max(_fluid(demand, servers).max(initial=0.0), servers.max(initial=0), load.max(initial=0.0)))
    spare = np.maximum(1.0 - load / np.maximum(servers, 1), 1e-3)
    tail = (
        0.0
        if demand.patience_s < _PATIENT_S
        else float(np.max(-np.log(1e-6) / spare, where=load > 0, initial=0.0))
    )
    states = int(most + _FAR * np.sqrt(most) + min(tail, _LONGEST_TAIL)) + _SPARE
    begin = np.zeros((len(load), states))
    # A queue that is open around the clock is as full at midnight as it usually is then.
    mean = np.where(demand.arrivals_per_s[:, -1] > 0.0, load[:, 0], 0.0)
    number = np.arange(states)
    logs = number * np.log(np.maximum(mean, 1e-9))[:, None] - np.cumsum(np.log(np.maximum(number, 1)))
    begin[:] = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(begin / begin.sum(axis=1, keepdims=True))


def _fluid(demand: Demand, servers: IntArray) -> FloatArray:
    """Shape (days,): the most contacts in the system if contacts were a fluid."""
    leaving = 0.0 if demand.patience_s > _PATIENT_S else 1.0 / demand.patience_s
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
