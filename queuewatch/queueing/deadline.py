"""Agents for work that may wait until a deadline (e-mail): the steadiest plan that keeps every deadline."""

from dataclasses import dataclass

import numpy as np

from queuewatch.queueing.numbers import BoolArray, FloatArray
from queuewatch.queueing.staffing import IntArray

_SLACK = 1e-9
_SEED = 60_180
_PLAYS = 400


def steadiest(came: FloatArray, due: FloatArray) -> FloatArray:
    """Work done in each interval: as even as can be between what has come and what is due.

    The taut string between the two cumulated curves: of all plans that do no work before it came and none
    after it is due, it has the lowest peak, and the least ups and downs. Source: Barlow, Bartholomew,
    Bremner, Brunk (1972), Statistical inference under order restrictions, chapter 1 (as the greatest convex
    minorant with an upper bound).

    Args:
        came: shape (intervals,); work that came up to the end of each interval, cumulated.
        due: shape (intervals,); work due by the end of each, cumulated; at most `came`.

    Returns:
        Shape (intervals,): work to be done in each.
    """
    count = len(came)
    done = np.zeros(count)
    at, reached = 0, 0.0
    while at < count:
        ahead = np.arange(1, count - at + 1)
        need = (due[at:] - reached) / ahead
        most = (came[at:] - reached) / ahead
        lowest, highest = np.maximum.accumulate(need), np.minimum.accumulate(most)
        crossed = np.flatnonzero(lowest > highest + _SLACK)
        if len(crossed):
            end = int(crossed[0])
            by_need = need[end] > highest[max(end - 1, 0)] + _SLACK and end > 0
            span = int(np.argmin(most[:end])) if by_need else int(np.argmax(need[:end])) if end else 0
            slope = most[span] if by_need else need[span]
        else:
            span = int(np.argmax(need))
            slope = need[span]
        slope = max(float(slope), 0.0)
        done[at : at + span + 1] = slope
        reached += slope * (span + 1)
        at += span + 1
    return done


def whole_agents(work_s: FloatArray, length_s: float, occupancy: float) -> IntArray:
    """Whole agents per interval that together do the work in time, not rounded up one interval at a time.

    What an agent has time for beyond one interval's work is work of the next ones.

    Args:
        work_s: shape (intervals,); agent seconds to be done in each.
        length_s: of an interval.
        occupancy: share of their time that agents work, above 0.
    """
    agents = np.zeros(len(work_s), dtype=np.int64)
    ahead = 0.0
    each = length_s * occupancy
    for index, work in enumerate(work_s):
        agents[index] = max(0, int(np.ceil((work - ahead) / each - _SLACK)))
        ahead += agents[index] * each - work
    return agents


@dataclass(frozen=True)
class Mailbox:
    """Work that comes at all hours and is done in open ones, interval by interval.

    Attributes:
        contacts: shape (levels, intervals); expected on days more or less busy, all as likely.
        handling_s: shape (intervals,); mean handling time.
        agents: shape (intervals,); at work.
        opened: shape (intervals,); open for work.
        length_s: of an interval.
        deadline_s: open time within which a contact must be done.
        handling_cv2: squared coefficient of variation of the handling time.
    """

    contacts: FloatArray
    handling_s: FloatArray
    agents: IntArray
    opened: BoolArray
    length_s: float
    deadline_s: float
    handling_cv2: float = 1.0


def done_in_time(what: Mailbox, a_day: int) -> FloatArray:
    """How often all contacts of an interval are done by their deadline; played many times, first come first.

    Args:
        what: the work and who does it.
        a_day: intervals of a day, each of which is busy on a level of its own.

    Returns:
        Shape (intervals,): share of the plays; NaN where the deadline lies beyond the last interval.
    """
    levels, count = what.contacts.shape
    rng = np.random.default_rng(_SEED)
    days = -(-count // a_day)
    level = np.array([rng.permutation(_PLAYS) for _ in range(days)]).T * levels // _PLAYS
    came = rng.poisson(what.contacts[np.repeat(level, a_day, axis=1)[:, :count], np.arange(count)])
    # The sum of so many handling times, as if each were gamma with this mean and variation.
    work_s = rng.gamma(came / what.handling_cv2 + _SLACK, what.handling_s * what.handling_cv2)
    able_s = what.agents * what.length_s * what.opened
    waits_s, left = np.zeros(work_s.shape), np.zeros(_PLAYS)
    for place in range(count):
        left = np.maximum(left + work_s[:, place] - able_s[place], 0.0)
        waits_s[:, place] = left
    until = _due(what, count)
    known = until < count
    together = np.cumsum(able_s)
    ahead_s = together[np.minimum(until, count - 1)] - together
    return np.where(known, (waits_s <= ahead_s * (1.0 + _SLACK) + _SLACK).mean(axis=0), np.nan)


def _due(what: Mailbox, count: int) -> IntArray:
    """Shape (intervals,): the interval by whose end what came in each must be done; `count`: beyond all."""
    at = np.flatnonzero(what.opened)
    later = int(np.ceil(what.deadline_s / what.length_s))
    # What comes while closed has its time from the next opening on.
    begins = np.searchsorted(at, np.arange(count), side="left")
    begins = begins - ~what.opened + later
    beyond = begins >= len(at)
    return np.where(beyond, count, at[np.minimum(begins, len(at) - 1)]) if len(at) else np.full(count, count)
