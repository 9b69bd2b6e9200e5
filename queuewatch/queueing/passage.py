"""How a queue passes one interval: the chances of the numbers in the system, followed as a Markov chain.

Kolmogorov's forward equations of M(t)/M/c(t)+M, solved by backward Euler in short steps, which keeps a steady
state as it is and is stable however large the rates. Queues (or days) are calculated side by side, as rows.

Handling times that are more or less even than exponential ones are taken care of where there is a line:
births and deaths keep their difference, and their sum is that of the diffusion which a line of M/G/c is in
heavy traffic (Whitt 2004, A diffusion approximation for the G/GI/n/m queue, Operations Research 52:922-941).
As long as an agent is free the number in the system does not depend on it (M/G/infinity is insensitive).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dgttrf, dgttrs
from scipy.special import betainc, gammaincc, gammaln

from queuewatch.queueing.numbers import BoolArray, FloatArray
from queuewatch.queueing.staffing import IntArray

PATIENT_S = 1e7
"""A mean patience above this is none that ends, seconds."""

_STEP_S = 30.0
_FEWEST_STEPS = 30  # of an interval
_MOST_EVEN = 0.9  # of births or deaths, of which some must be left
_LEAST_CHANCE = 1e-13  # of a number in the system, below which nobody is asked how long he would wait


@dataclass(frozen=True)
class Demand:
    """What arrives, a row a day, a column an interval.

    Attributes:
        arrivals_per_s: shape (days, intervals); 0 where closed.
        handling_s: shape (days, intervals); mean handling time, above 0.
        patience_s: mean patience; `inf` where nobody hangs up.
        length_s: of an interval.
        slots: contacts that an agent handles at a time.
        handling_cv2: squared coefficient of variation of the handling time; 1: exponential.
    """

    arrivals_per_s: FloatArray
    handling_s: FloatArray
    patience_s: float
    length_s: float
    slots: int = 1
    handling_cv2: float = 1.0


@dataclass(frozen=True)
class Passage:
    """What one interval was like, a value a row, and the chances of the numbers in the system at its end."""

    over: FloatArray
    late: FloatArray
    past: FloatArray
    abandon_share: FloatArray
    mean_wait_s: FloatArray
    occupancy: FloatArray
    left_over: FloatArray
    end: FloatArray


class Interval:
    """One interval of all rows: passes it with this or that number of agents.

    Args:
        demand: what arrives.
        column: which of its intervals.
        thresholds_s: the t of P(wait > t).
        was: shape (rows,); agents of the interval before, who finish what they are at where they go home.
    """

    def __init__(
        self, demand: Demand, column: int, thresholds_s: Sequence[float], was: IntArray | None = None
    ) -> None:
        self.arrivals = demand.arrivals_per_s[:, column]
        self.service = 1.0 / demand.handling_s[:, column]
        self.leaving = 0.0 if demand.patience_s > PATIENT_S else 1.0 / demand.patience_s
        self.length_s = demand.length_s
        self.slots = demand.slots
        self.thresholds_s = thresholds_s
        self.was = was
        self.uneven = demand.handling_cv2 - 1.0

    def passed(
        self, rows: BoolArray, before: FloatArray, agents: IntArray, *, warily: bool = False
    ) -> Passage:
        """Pass it.

        Args:
            rows: which rows.
            before: shape (rows, states); chances of the numbers in the system at its beginning.
            agents: shape (rows,).
            warily: take it that who goes home was idle, or alone, so that no plan gains by sending agents
                home with a contact each and fetching them back.
        """
        arrivals, service = self.arrivals[rows], self.service[rows]
        servers = agents * self.slots
        chain = self._chain(rows, servers, before.shape[1])
        if self.was is not None:
            hand = handed_over_warily if warily else handed_over
            before = hand(before, self.was[rows], agents, self.slots)
        mean, end = chain.forward(before)
        return self._judged(arrivals, service, servers, mean, end)

    def worth(self, later: FloatArray, agents: IntArray) -> FloatArray:
        """What each number in the system is worth, in contacts past the last threshold, once its agents came.

        Args:
            later: shape (rows, states); what each number at its end is worth.
            agents: shape (rows,).

        Returns:
            Shape (rows, states): expected contacts that wait longer than the last threshold, from its
            beginning on.
        """
        every = np.ones(len(agents), dtype=bool)
        servers = agents * self.slots
        t = self.thresholds_s[-1]
        ahead = np.arange(later.shape[1]) - servers[:, None]
        speed = np.maximum(servers * self.service, 1e-12)[:, None]
        longer = _longer(t, np.maximum(ahead, 0) + 1.0, speed, self.leaving)
        came = self.arrivals[:, None] * self.length_s * np.exp(-self.leaving * t)
        return self._chain(every, servers, later.shape[1]).backward(
            np.where(ahead >= 0, longer, 0.0) * came, later
        )

    def shut(self, agents: IntArray) -> BoolArray:
        """Shape (rows,): nothing arrives and nobody is there. Who still waited then, waits in vain."""
        return np.asarray((self.arrivals == 0.0) & (agents == 0), dtype=np.bool_)

    def _chain(self, rows: BoolArray, servers: IntArray, count: int) -> "_Chain":
        states = np.arange(count)
        waiting = np.maximum(states - servers[:, None], 0)
        served = np.minimum(states, servers[:, None]) * self.service[rows, None]
        came = np.broadcast_to(self.arrivals[rows, None], served.shape)
        more = np.clip(served * self.uneven / 2.0, -_MOST_EVEN * np.minimum(came, served), came)
        born = came + np.where(states >= servers[:, None], more, 0.0)
        death = served + np.where(states > servers[:, None], more, 0.0) + waiting * self.leaving
        return _Chain(born, death, self.length_s)

    def _judged(
        self, arrivals: FloatArray, service: FloatArray, servers: IntArray, mean: FloatArray, end: FloatArray
    ) -> Passage:
        """What contacts meet that find the mean chances of the numbers in the system (PASTA)."""
        states = np.arange(mean.shape[1])
        ahead = states - servers[:, None]
        queued = np.where(ahead >= 0, mean, 0.0)
        speed = np.maximum(servers * service, 1e-12)[:, None]
        place = np.maximum(ahead, 0) + 1.0
        likely = queued > _LEAST_CHANCE
        each = (place[likely], np.broadcast_to(speed, place.shape)[likely])
        over, late, past = [], [], []
        for t in self.thresholds_s:
            longer, missed = np.zeros(queued.shape), np.zeros(queued.shape)
            longer[likely] = _longer(t, *each, self.leaving)
            missed[likely] = 1.0 - _served_within(t, *each, self.leaving, longer[likely])
            over.append(np.sum(queued * longer, axis=1))
            late.append(np.sum(queued * missed, axis=1))
            past.append(over[-1] * np.exp(-self.leaving * t) * arrivals * self.length_s)
        abandon = np.sum(queued * place * self.leaving / (speed + place * self.leaving), axis=1)
        endless_s = np.sum(queued * place / speed, axis=1)
        wait_s = abandon / self.leaving if self.leaving else endless_s
        busy = np.sum(mean * np.minimum(states, servers[:, None]), axis=1) / np.maximum(servers, 1)
        left_over = np.sum(end * np.maximum(ahead, 0), axis=1)
        return Passage(np.array(over), np.array(late), np.array(past), abandon, wait_s, busy, left_over, end)


def _after(states: int, was: IntArray, now: IntArray, slots: int) -> IntArray:
    """Shape (rows, states): the number in the system once some agents went home, idle ones first.

    Who goes home finishes what he is at: those contacts are in nobody's way. Those in line stay. Where a
    single agent goes that is not counted.
    """
    number = np.arange(states)
    fewer = np.minimum(number, now[:, None] * slots) + np.maximum(number - was[:, None] * slots, 0)
    return np.where((now < was - 1)[:, None], fewer, number)


def handed_over_warily(chances: FloatArray, was: IntArray, now: IntArray, slots: int) -> FloatArray:
    """As `handed_over`, if no more contacts go home with the agents than must."""
    if not (now < was - 1).any():
        return chances
    moved = np.zeros_like(chances)
    np.add.at(moved, (np.arange(len(was))[:, None], _after(chances.shape[1], was, now, slots)), chances)
    return moved


def handed_over(chances: FloatArray, was: IntArray, now: IntArray, slots: int) -> FloatArray:
    """Chances of the numbers in the system, shape (rows, states), when agents change from `was` to `now`.

    Who goes home finishes the contacts he is at, which are in nobody's way any more; who goes is whoever's
    shift ends, busy or not. Contacts are spread evenly over the agents.
    """
    if not (now < was).any():
        return chances
    moved = np.zeros_like(chances)
    rows = np.arange(len(was))[:, None]
    for number, likely in _left(chances.shape[1], was, now, slots):
        np.add.at(moved, (rows, number), chances * likely)
    return moved


def handed_back(worth: FloatArray, was: IntArray, now: IntArray, slots: int) -> FloatArray:
    """What the numbers in the system are worth before the agents change, from what they are worth after."""
    if not (now < was).any():
        return worth
    found = np.zeros_like(worth)
    for number, likely in _left(worth.shape[1], was, now, slots):
        found += np.take_along_axis(worth, number, axis=1) * likely
    return found


def _left(states: int, was: IntArray, now: IntArray, slots: int) -> Iterator[tuple[IntArray, FloatArray]]:
    """The numbers that may be left once agents went home, shape (rows, states), and how likely each is.

    Of m contacts in service each agent has as many as any other, or one more. How many of those with one more
    are among those who go is hypergeometric.
    """
    was, go = np.maximum(was, 1)[:, None], np.maximum(was - now, 0)[:, None]
    number = np.arange(states)[None, :]
    each, more = np.divmod(np.minimum(number, was * slots), was)
    every = _log_choose(was, go)
    for place in range(int(go.max()) + 1):
        possible = (place <= more) & (place <= go) & (go - place <= was - more)
        logs = _log_choose(more, place) + _log_choose(was - more, go - place) - every
        likely = np.where(possible, np.exp(np.where(possible, logs, 0.0)), 0.0)
        yield np.where(possible, number - go * each - place, 0), likely


def _log_choose(total: IntArray, some: IntArray | int) -> FloatArray:
    """Logarithm of the number of ways to take some of all; of no meaning where that cannot be."""
    return np.asarray(
        gammaln(total + 1.0)
        - gammaln(np.maximum(some, 0) + 1.0)
        - gammaln(np.maximum(total - np.asarray(some), 0) + 1.0)
    )


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


class _Chain:
    """The number in the system as a Markov chain over an interval, in short steps of backward Euler.

    All rows are one tridiagonal system whose blocks do not touch; it is factored once.

    Args:
        born: shape (rows, states); contacts that come a second, by number in the system.
        death: shape (rows, states); contacts that leave the system a second, by number in it.
        length_s: of the interval.
    """

    def __init__(self, born: FloatArray, death: FloatArray, length_s: float) -> None:
        self._steps = max(_FEWEST_STEPS, int(np.ceil(length_s / _STEP_S)))
        step_s = length_s / self._steps
        up = born * step_s
        up[:, -1] = 0.0  # the last state takes in nobody: it lies beyond what is likely
        down = death * step_s
        down[:, 0] = 0.0
        *self._factors, _ = dgttrf(-up.ravel()[:-1], 1.0 + (up + down).ravel(), -down.ravel()[1:])

    def forward(self, before: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Chances of the numbers in the system: their mean over the interval, and at its end.

        Args:
            before: shape (rows, states); at the beginning.
        """
        now, mean = before.ravel(), np.zeros(before.size)
        for _ in range(self._steps):
            now, _ = dgttrs(*self._factors, now)
            mean += now
        return mean.reshape(before.shape) / self._steps, now.reshape(before.shape)

    def backward(self, rate: FloatArray, later: FloatArray) -> FloatArray:
        """Shape (rows, states): what each state at the beginning is worth, `forward` read the other way.

        Args:
            rate: shape (rows, states); what it is worth to be in each state for the whole interval.
            later: the same shape; what it is worth to be there at the end.
        """
        worth, each = later.ravel(), rate.ravel() / self._steps
        for _ in range(self._steps):
            worth, _ = dgttrs(*self._factors, worth + each, trans="T")
        return np.asarray(worth.reshape(later.shape))
