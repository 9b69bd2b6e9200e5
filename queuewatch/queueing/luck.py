"""How often one interval of one day keeps its targets, staffed right or not: a plan played many times.

A target is kept on average; one half hour has few contacts, whose share that waits too long is more or less
by chance, and a day may be busier than expected. That is no formula's matter: contacts that come together
wait together. So the days are played, all of them side by side, contact by contact in the order in which
they come: each takes, of the agents who serve it, whoever is free, or is free first (with which agents take
whoever has waited longest). Handling times are lognormal, as call centres have them (Brown et al. 2005, JASA
100:36-50), patience is exponential. The numbers drawn are the same each time: the same plan has the same
answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from queuewatch.queueing.numbers import BoolArray, FloatArray
from queuewatch.queueing.staffing import IntArray
from queuewatch.queueing.targets import Measure, Target

_SEED = 60_180
_WORK = 6e7  # contacts times servers times plays: some tenths of a second
_OVERHEAD = 20  # servers' worth of work that a contact is beside
_FEWEST, _MOST = 40, 400  # times that a day is played
_SLACK = 1e-9


@dataclass(frozen=True)
class Played:
    """What is played.

    Attributes:
        contacts: shape (levels, queues, days, intervals); expected contacts on days that are more or less
            busy, each level as likely as any other.
        handling_s: shape (queues, days, intervals); mean handling time.
        agents: shape (kinds, days, intervals); at work.
        serves: shape (kinds, queues); whether agents of a kind serve a queue.
        length_s: of an interval.
        patience_s: mean patience; `inf` where nobody hangs up.
        slots: contacts that an agent handles at a time.
        handling_cv2: squared coefficient of variation of the handling time.
        alike: from 0 to 1; how much all queues are busy on the same days.
    """

    contacts: FloatArray
    handling_s: FloatArray
    agents: IntArray
    serves: BoolArray
    length_s: float
    patience_s: float = np.inf
    slots: int = 1
    handling_cv2: float = 1.0
    alike: float = 1.0


def kept_share(what: Played, targets: Sequence[Sequence[Target]]) -> FloatArray:
    """How often each queue keeps its targets in each interval.

    Args:
        what: the plan and what comes.
        targets: of each queue. Those of the contacts' waits count: shares past or not answered within a time,
            shares that hang up, the mean wait. How busy agents are does not.

    Returns:
        Shape (queues, days, intervals): share of the plays in which the contacts of the interval kept all of
        them; where none came they were kept.
    """
    what = _warm(what)
    _, queues, days, intervals = what.contacts.shape
    most = float(what.contacts.sum(axis=(1, 3)).max(initial=1.0))
    each = int(what.agents.max(axis=(1, 2)).sum()) * what.slots + _OVERHEAD
    plays = int(np.clip(_WORK / max(most * each * days, 1.0), _FEWEST, _MOST))
    rng = np.random.default_rng(_SEED)
    came = rng.poisson(_levels(what, plays, rng)).transpose(0, 2, 1, 3).reshape(-1, queues, intervals)
    one = _Play(what, len(came), rng)
    share = np.ones((queues, days, intervals))
    for place in range(intervals):
        waits = one.interval(place, came[:, :, place])
        for queue in range(queues):
            kept = np.ones(len(came), dtype=np.bool_)
            for target in targets[queue]:
                kept &= waits.keeps(queue, target)
            share[queue, :, place] = kept.reshape(plays, days).mean(axis=0)
    return share[:, :, 1:]


def _warm(what: Played) -> Played:
    """The same with another interval like the first before it: a queue that never closes is never empty."""
    return replace(
        what,
        contacts=np.concatenate([what.contacts[..., :1], what.contacts], axis=-1),
        handling_s=np.concatenate([what.handling_s[..., :1], what.handling_s], axis=-1),
        agents=np.concatenate([what.agents[..., :1], what.agents], axis=-1),
    )


def _levels(what: Played, plays: int, rng: np.random.Generator) -> FloatArray:
    """Shape (plays, queues, days, intervals): expected contacts of days as busy as chance has them."""
    levels, queues, days, _ = what.contacts.shape
    # All days of a play at the same level would make its share hang on few numbers: each has its own.
    common = np.array([rng.permutation(plays) for _ in range(days)]).T[:, None, :]
    own = np.array([[rng.permutation(plays) for _ in range(days)] for _ in range(queues)]).transpose(2, 0, 1)
    together = rng.random((plays, queues, days)) < what.alike
    level = np.where(together, common, own) * levels // plays
    return np.asarray(what.contacts[level, np.arange(queues)[:, None], np.arange(days)])


class _Play:
    """All plays of all days, as rows, interval by interval; their contacts one after the other.

    Who is first in the row of agents is asked first: who serves the fewest queues, then who has the fewest
    contacts at a time.
    """

    def __init__(self, what: Played, rows: int, rng: np.random.Generator) -> None:
        self._what, self._rng = what, rng
        self._day = np.tile(np.arange(what.agents.shape[1]), rows // what.agents.shape[1])
        most = what.agents.max(axis=(1, 2))
        narrow = np.argsort(what.serves.sum(axis=1), kind="stable")
        kind = np.repeat(narrow, most[narrow])
        number = np.concatenate([np.arange(most[one]) for one in narrow])
        self._kind, self._number = np.tile(kind, what.slots), np.tile(number, what.slots)
        self._on = self._duty()
        # Times that are long past are as good as exact in single precision.
        self._free_at = np.zeros((rows, len(self._kind)), dtype=np.float32)
        self._barred = np.where(what.serves.T[:, self._kind], 0.0, np.inf).astype(np.float32)
        self._sigma = float(np.sqrt(np.log1p(what.handling_cv2)))

    def _duty(self) -> FloatArray:
        """Shape (days, servers, intervals + 1): when each works next, from an interval on."""
        agents, length_s = self._what.agents, self._what.length_s
        _, days, intervals = agents.shape
        there = self._number[:, None, None] < agents[self._kind]
        following = np.full((days, len(self._kind), intervals + 1), np.inf)
        for place in reversed(range(intervals)):
            later = following[:, :, place + 1]
            following[:, :, place] = np.where(there[:, :, place].T, place * length_s, later)
        return following

    def interval(self, place: int, came: IntArray) -> _Waits:
        """The contacts of an interval, one after the other; `came` is their number, shape (rows, queues)."""
        total = came.sum(axis=1)
        most = int(total.max(initial=0))
        column = np.arange(most)
        at = (place + self._rng.random((len(came), most))) * self._what.length_s
        at[column >= total[:, None]] = np.inf
        order = np.argsort(at, axis=1)
        at = np.take_along_axis(at, order, axis=1)
        queue = np.minimum(
            (order[:, :, None] >= np.cumsum(came, axis=1)[:, None, :]).sum(axis=2), came.shape[1] - 1
        )
        patience_s = np.full(at.shape, np.inf)
        if np.isfinite(self._what.patience_s):
            patience_s = self._rng.exponential(self._what.patience_s, at.shape)
        spent_s = np.exp(self._sigma * self._rng.standard_normal(at.shape) - self._sigma**2 / 2.0)
        spent_s *= self._what.handling_s[queue, self._day[:, None], place]
        np.maximum(self._free_at, self._on[self._day, :, place], out=self._free_at, casting="same_kind")
        wait_s = np.zeros(at.shape)
        for number in column:
            wait_s[:, number] = self._take(
                at[:, number], queue[:, number], patience_s[:, number], spent_s[:, number]
            )
        return _Waits(came, queue, np.isfinite(at), wait_s, patience_s)

    def _take(
        self, at: FloatArray, queue: IntArray, patience_s: FloatArray, spent_s: FloatArray
    ) -> FloatArray:
        """The next contact of each row takes an agent, unless it hangs up; its wait if it does not."""
        rows = np.arange(len(at))
        start = np.maximum(self._free_at, at.astype(np.float32)[:, None])
        if len(self._what.serves) > 1:
            start += self._barred[queue]
        who = start.argmin(axis=1)
        begins = np.maximum(self._free_at[rows, who], at)
        if len(self._what.serves) > 1:
            begins = begins + self._barred[queue, who]
        coming = np.isfinite(at)
        wait_s = np.where(coming, np.subtract(begins, at, where=coming, out=np.zeros(len(at))), 0.0)
        stays = coming & np.isfinite(begins) & (wait_s < patience_s)
        ends = begins[stays] + spent_s[stays]
        rows, who = rows[stays], who[stays]
        length_s, last = self._what.length_s, self._on.shape[2] - 1
        place = np.minimum((ends / length_s).astype(np.int64), last)
        self._free_at[rows, who] = np.maximum(ends, self._on[self._day[rows], who, place])
        return wait_s


@dataclass(frozen=True)
class _Waits:
    """What the contacts of an interval met, shape (rows, contacts) but for `came`, (rows, queues)."""

    came: IntArray
    queue: IntArray
    there: BoolArray
    wait_s: FloatArray
    patience_s: FloatArray

    def keeps(self, queue: int, target: Target) -> BoolArray:
        """Shape (rows,): whether the contacts of a queue kept a target."""
        gone = self.patience_s < self.wait_s
        match target.measure:
            case Measure.OVER:
                value = (self.wait_s > target.threshold_s).astype(np.float64)
            case Measure.UNANSWERED:
                value = ((self.wait_s > target.threshold_s) | gone).astype(np.float64)
            case Measure.ABANDON:
                value = gone.astype(np.float64)
            case Measure.MEAN_WAIT:
                value = np.minimum(self.wait_s, self.patience_s)
            case _:
                return np.ones(len(self.came), dtype=np.bool_)
        mine = self.there & (self.queue == queue)
        total = np.sum(value, axis=1, where=mine)
        return np.asarray(total <= (target.bound + _SLACK) * self.came[:, queue])
