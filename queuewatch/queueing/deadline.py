"""Agents for work that may wait until a deadline (e-mail): the steadiest plan that keeps every deadline."""

import numpy as np

from queuewatch.queueing.numbers import FloatArray
from queuewatch.queueing.staffing import IntArray

_SLACK = 1e-9


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
