"""The fewest agents of several kinds so that all queues that share them keep their targets.

First as if each interval were a steady state of its own, then through the day with the line that each
interval leaves to the next. The number of agents comes first; among equally many, those are taken who serve
the fewest queues. Agents are added where most sets of queues (see `shared.py`) are short, then taken away and
exchanged as long as all targets are kept: a local search, which need not find the very fewest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from queuewatch.queueing.carryover import Course, is_kept, walk
from queuewatch.queueing.numbers import BoolArray, FloatArray
from queuewatch.queueing.passage import PATIENT_S, Demand, Interval
from queuewatch.queueing.shared import Bundle, Crew, Loads, bundles, loads, parts, seen_by
from queuewatch.queueing.staffing import IntArray, fewest_agents, measured
from queuewatch.queueing.steady import steady
from queuewatch.queueing.targets import Target

_SLACK = 1e-9

Lacking = Callable[[BoolArray, IntArray], BoolArray]
"""Of the cases chosen, shape (cases,), and agents (crews, chosen): which sets are short, (sets, chosen)."""


@dataclass(frozen=True)
class Common:
    """What comes to queues that share agents.

    Attributes:
        crews: who serves them.
        arrivals_per_s: shape (queues, days, intervals); 0 where closed.
        handling_s: shape (queues, days, intervals); above 0.
        patience_s: mean patience; `inf` where nobody hangs up.
        length_s: of an interval.
        targets: of each queue; all must be kept.
        thresholds_s: the t of P(wait > t); those of the targets must be among them.
        slots: contacts that an agent handles at a time.
        ratio: shape (sets, days, intervals) as `shared.bundles` has the sets; contacts of each set on a busy
            day for each that `arrivals_per_s` tells. None: as told.
        handling_cv2: squared coefficient of variation of the handling time.
    """

    crews: tuple[Crew, ...]
    arrivals_per_s: FloatArray
    handling_s: FloatArray
    patience_s: float
    length_s: float
    targets: tuple[tuple[Target, ...], ...]
    thresholds_s: tuple[float, ...]
    slots: int = 1
    ratio: FloatArray | None = None
    handling_cv2: float = 1.0


@dataclass(frozen=True)
class Manned:
    """What comes of it, shape (days, intervals) unless said otherwise.

    Attributes:
        crews: shape (crews, days, intervals); agents at work of each kind.
        over: shape (queues, thresholds, days, intervals); P(wait > t) of one who does not hang up.
        past: contacts of all queues that wait longer than the last threshold.
        past_fewer: the same with an agent fewer of the kind that is missed least, later intervals added.
        past_more: the same with an agent more of the kind that helps most.
        occupancy: share of all agents' time spent on contacts.
        left_over: contacts waiting when the interval ends.
        short: where the agents that there are do not keep all targets.
    """

    crews: IntArray
    over: FloatArray
    past: FloatArray
    past_fewer: FloatArray
    past_more: FloatArray
    occupancy: FloatArray
    left_over: FloatArray
    short: BoolArray


def man(common: Common) -> Manned:
    """Find the agents.

    Raises:
        ValueError: a queue is served by nobody, there are too many, or a target cannot be kept by any number.
    """
    queues, days, intervals = common.arrivals_per_s.shape
    sets = bundles(queues, common.crews)
    ratio = None if common.ratio is None else common.ratio.reshape(len(sets), -1)
    what = loads(
        sets, common.arrivals_per_s.reshape(queues, -1), common.handling_s.reshape(queues, -1), ratio
    )
    wanted = _wanted(common, sets)
    steadily = _steadily(common, sets, what, wanted)
    came, work, _ = seen_by(sets, what, steadily * common.slots)
    rows = (len(sets) * days, intervals)
    demand = Demand(
        came.reshape(rows),
        work.reshape(rows),
        common.patience_s,
        common.length_s,
        common.slots,
        common.handling_cv2,
    )
    there = _servers(sets, steadily)
    crews = steadily.reshape(-1, days, intervals).copy()
    short = np.zeros((days, intervals), dtype=bool)
    search = _Search(common.crews, sets)

    def choose(interval: Interval, column: int, before: FloatArray) -> IntArray:
        def lacking(chosen: BoolArray, agents: IntArray) -> BoolArray:
            rows = np.tile(chosen, len(sets))
            passed = interval.passed(rows, before[rows], _servers(sets, agents).ravel(), warily=True)
            kept = {target: is_kept(target, passed, common.thresholds_s) for target, _ in wanted}
            return _short(wanted, kept, interval.arrivals[rows].reshape(len(sets), -1) > 0.0)

        found = search.find(lacking, crews[:, :, column], exchange=False)
        crews[:, :, column], short[:, column] = found
        return _servers(sets, crews[:, :, column]).ravel()

    course = walk(demand, common.thresholds_s, choose, there.reshape(rows))
    return _told(common, sets, (course, came), crews, short)


Wanted = list[tuple[Target, BoolArray]]
"""Each target, and which sets hold a queue that wants it, shape (sets,)."""


def _wanted(common: Common, sets: Sequence[Bundle]) -> Wanted:
    every = dict.fromkeys(target for targets in common.targets for target in targets)
    return [
        (target, np.array([any(target in common.targets[queue] for queue in one.queues) for one in sets]))
        for target in every
    ]


def _short(wanted: Wanted, kept: dict[Target, BoolArray], busy: BoolArray) -> BoolArray:
    """Shape (sets, cases): which sets miss a target while contacts arrive."""
    short = np.zeros(busy.shape, dtype=bool)
    for target, whose in wanted:
        short |= ~kept[target].reshape(busy.shape) & whose[:, None]
    return np.asarray(short & busy, dtype=np.bool_)


def _servers(sets: Sequence[Bundle], agents: IntArray) -> IntArray:
    """Shape (sets, cases): the agents who serve each set."""
    return np.array([one.crews @ agents for one in sets])


def _steadily(common: Common, sets: Sequence[Bundle], what: Loads, wanted: Wanted) -> IntArray:
    """Shape (crews, cases): agents as if each interval were a world of its own."""
    patience_s = np.inf if common.patience_s > PATIENT_S else common.patience_s
    # Refuses what no number of agents can keep, before anybody is sought for ever.
    fewest_agents(what.arrivals_per_s[0], what.handling_s[0], [target for target, _ in wanted], patience_s)

    def lacking(chosen: BoolArray, agents: IntArray) -> BoolArray:
        came, work, there = seen_by(sets, what.at(chosen), agents * common.slots)
        state = steady(came, work, there, patience_s, thresholds_s=common.thresholds_s)
        kept = {
            target: measured(target, state, common.thresholds_s) <= target.bound * (1.0 + _SLACK)
            for target, _ in wanted
        }
        return _short(wanted, kept, came > 0.0)

    found, _ = _Search(common.crews, sets).find(lacking, _split(common), exchange=True)
    return found


def _split(common: Common) -> IntArray:
    """Shape (crews, cases): whole agents of each queue's load, split evenly among those who serve it."""
    queues = len(common.arrivals_per_s)
    load = (common.arrivals_per_s * common.handling_s).reshape(queues, -1) / common.slots
    serve = [sum(queue in crew.serves for crew in common.crews) for queue in range(queues)]
    each = [sum(load[queue] / serve[queue] for queue in crew.serves) for crew in common.crews]
    return np.asarray(np.floor(np.array(each)), dtype=np.int64)


class _Search:
    """Seeks the fewest agents of each crew, case by case, all cases side by side."""

    def __init__(self, crews: Sequence[Crew], sets: Sequence[Bundle]) -> None:
        self._serves = np.array([one.crews for one in sets]).T
        self._width = np.array([len(crew.serves) for crew in crews])
        self._widest = sorted(range(len(crews)), key=lambda crew: -self._width[crew])
        endless = np.iinfo(np.int64).max
        self._most = np.array([endless if crew.most is None else crew.most for crew in crews])[:, None]

    def find(self, lacking: Lacking, start: IntArray, *, exchange: bool) -> tuple[IntArray, BoolArray]:
        """Seek.

        Args:
            lacking: tells what is short.
            start: shape (crews, cases); where to begin.
            exchange: take those who serve fewer queues where as many of them do.

        Returns:
            Shape (crews, cases): agents; shape (cases,): where all agents there are do not keep the targets.
        """
        agents = np.minimum(start, self._most)
        stuck = self._add(lacking, agents)
        if exchange:
            slim = [
                (wide, other)
                for wide in self._widest
                for other in reversed(self._widest)
                if self._width[other] < self._width[wide]
            ]
            self._move(lacking, agents, ~stuck, [(crew, None) for crew in self._widest])
            self._move(lacking, agents, ~stuck, slim)
        self._move(lacking, agents, ~stuck, [(crew, None) for crew in self._widest])
        return agents, stuck

    def _add(self, lacking: Lacking, agents: IntArray) -> BoolArray:
        """Add agents where targets are missed; returns where that does not help any more."""
        every = np.arange(agents.shape[1])
        stuck = np.zeros(len(every), dtype=bool)
        short = lacking(~stuck, agents)
        while (here := every[short.any(axis=0) & ~stuck]).size:
            helps = self._serves @ short[:, here]
            helps[agents[:, here] >= self._most] = 0
            # Of those who help equally many sets, whoever serves the fewest queues.
            best = np.argmax(helps * (self._width.max() + 1) - self._width[:, None], axis=0)
            useful = helps[best, np.arange(len(here))] > 0
            stuck[here[~useful]] = True
            agents[best[useful], here[useful]] += 1
            rows = np.isin(every, here[useful])
            if rows.any():
                short[:, rows] = lacking(rows, agents[:, rows])
        return stuck

    def _move(
        self, lacking: Lacking, agents: IntArray, rows: BoolArray, moves: Sequence[tuple[int, int | None]]
    ) -> None:
        """Take agents of a crew away, or put others in their place, as long as nothing is missed."""
        for source, target in moves:
            able = rows & (agents[source] > 0)
            room = np.iinfo(np.int64).max if target is None else self._most[target]
            while (able := able & (agents[source] > 0) & (target is None or agents[target] < room)).any():
                trial = agents[:, able].copy()
                trial[source] -= 1
                if target is not None:
                    trial[target] += 1
                good = ~lacking(able, trial).any(axis=0)
                able[np.flatnonzero(able)[~good]] = False
                agents[:, able] = trial[:, good]


def _told(
    common: Common,
    sets: Sequence[Bundle],
    seen: tuple[Course, FloatArray],
    crews: IntArray,
    short: BoolArray,
) -> Manned:
    """What the sets' courses say of the queues: each is as the worst set that it is in."""
    course, came = seen
    shape = (len(sets), *crews.shape[1:])
    over = course.over.reshape(len(common.thresholds_s), *shape)
    queues = range(len(common.targets))
    whose = [[row for row, one in enumerate(sets) if queue in one.queues] for queue in queues]
    busy = common.arrivals_per_s > 0.0
    part = common.arrivals_per_s[:, None] / np.maximum(came.reshape(shape), 1e-12)

    def past(values: FloatArray) -> FloatArray:
        """Contacts of all queues, by each queue's worst set; `values` are (sets, days, intervals)."""
        each = [(part[queue] * values)[rows].max(axis=0) for queue, rows in enumerate(whose)]
        return np.asarray(np.sum(np.where(busy, each, 0.0), axis=0))

    now, fewer, more = (one.reshape(shape) for one in (course.past[-1], course.past_fewer, course.past_more))
    serves = np.array([one.crews for one in sets]).T[:, :, None, None] > 0
    most = np.array([np.inf if crew.most is None else crew.most for crew in common.crews])[:, None, None]
    less = np.array([past(np.where(mask, fewer, now)) for mask in serves])
    added = np.array([past(np.where(mask, more, now)) for mask in serves])
    less, added = np.where(crews > 0, less, np.inf), np.where(crews < most, added, np.inf)
    here = past(now)
    whole = [row for row, one in enumerate(sets) if one.queues in parts(queues, common.crews)]
    total = np.maximum(crews.sum(axis=0), 1)
    work = course.occupancy.reshape(shape) * _servers(sets, crews.reshape(len(crews), -1)).reshape(shape)
    return Manned(
        crews=crews,
        over=np.array(
            [np.where(busy[queue], over[:, rows].max(axis=1), 0.0) for queue, rows in enumerate(whose)]
        ),
        past=here,
        past_fewer=_or_else(less.min(axis=0), here),
        past_more=_or_else(added.min(axis=0), here),
        occupancy=np.asarray(work[whole].sum(axis=0) / total),
        left_over=np.asarray(course.left_over.reshape(shape)[whole].sum(axis=0)),
        short=short,
    )


def _or_else(values: FloatArray, other: FloatArray) -> FloatArray:
    return np.where(np.isinf(values), other, values)
