"""The fast way for plain queues: first come, first served, by agents who serve nothing else.

Lindley's recursion for many servers (Kiefer and Wolfowitz 1955), with customers who give up: what a contact
would wait is the earliest moment one of the agents is free, whether or not it stays to see it; only who stays
occupies an agent. One heap of the moments at which agents are free; agents come and go by their stints.
"""

from __future__ import annotations

from heapq import heapify, heapreplace

import numpy as np

from queuewatch.simulate.centre import Centre, QueuePlan
from queuewatch.simulate.draws import Draws
from queuewatch.simulate.laws import Floats
from queuewatch.simulate.roster import Roster
from queuewatch.simulate.truth import NOBODY, Ints, Outcome, Visits

_NEVER_AT = 1e300  # finite, so that adding to it and comparing stay exact and cheap


def is_plain(centre: Centre) -> bool:
    """Whether `run` gives the truth of this centre: each agent in one plain queue, one contact at a time."""
    channels = {one.name: one.channel for one in centre.queues}
    return all(_plain_queue(one) for one in centre.queues) and all(
        len(one.skills) == 1
        and not one.languages
        and not one.no_answer
        and all(one.capacity.get(channels[name], 1) == 1 for name in one.skills)
        for one in centre.agents
    )


def _plain_queue(plan: QueuePlan) -> bool:
    alike = len({(one.priority, one.ahead_s) for one in plan.standings}) <= 1
    moves = plan.transfers or plan.repeat_abandoned or plan.repeat_answered or plan.time_out_s < np.inf
    return alike and plan.ring is None and not moves


def run(centre: Centre, draws: Draws, roster: Roster, until_at: float) -> Visits:
    """Serve the contacts of a plain centre."""
    agent = np.full(draws.queue.size, NOBODY)
    served_at = np.full(draws.queue.size, np.nan)
    pace = np.array([one.pace for one in centre.agents] or [1.0])
    for number, plan in enumerate(centre.queues):
        crew = [i for i, one in enumerate(centre.agents) if plan.name in one.skills]
        rows = np.flatnonzero(draws.queue == number)
        agent[rows], served_at[rows] = _serve(
            draws.enqueued_at[rows],
            draws.patience_s[rows],
            draws.handling_s[rows] + draws.wrap_up_s[rows],
            {i: [(one.from_at, one.to_at) for one in roster[i]] for i in crew},
            pace.tolist(),
        )
    return _told(draws, agent, served_at, pace, until_at)


def _serve(
    enqueued_at: Floats,
    patience_s: Floats,
    work_s: Floats,
    stints: dict[int, list[tuple[float, float]]],
    pace: list[float],
) -> tuple[Ints, Floats]:
    """Who serves each contact (-1: nobody), and when its turn comes, given up or not."""
    to_come = {i: iter([*times, (_NEVER_AT, np.inf)]) for i, times in stints.items()}
    off_at = {NOBODY: np.inf}
    free = [(_NEVER_AT, NOBODY)]
    for i, later in to_come.items():
        from_at, off_at[i] = next(later)
        free.append((from_at, i))
    heapify(free)
    agents: list[int] = []
    turns: list[float] = []
    for at, patience, work in zip(enqueued_at.tolist(), patience_s.tolist(), work_s.tolist(), strict=True):
        free_at, i = free[0]
        served_at = max(at, free_at)
        while served_at >= off_at[i]:
            from_at, off_at[i] = next(to_come[i])
            heapreplace(free, (max(from_at, free_at), i))
            free_at, i = free[0]
            served_at = max(at, free_at)
        turns.append(served_at)
        if served_at <= at + patience and served_at < _NEVER_AT:
            agents.append(i)
            heapreplace(free, (served_at + work * pace[i], i))
        else:
            agents.append(NOBODY)
    return np.array(agents, dtype=np.int64), np.array(turns)


def _told(draws: Draws, agent: Ints, served_at: Floats, pace: Floats, until_at: float) -> Visits:
    """The visits as they look at `until_at`."""
    reached = served_at < until_at
    answered = (agent != NOBODY) & reached
    left_at = np.where(answered, served_at, draws.enqueued_at + draws.patience_s)
    waiting = left_at >= until_at
    outcome = np.where(waiting, Outcome.WAITING, np.where(answered, Outcome.ANSWERED, Outcome.ABANDONED))
    agent = np.where(answered, agent, NOBODY)
    own_pace = np.where(answered, pace[agent], 1.0)
    return Visits(
        contact=np.arange(agent.size),
        number=np.ones(agent.size, dtype=np.int64),
        queue=draws.queue,
        customer=draws.customer,
        standing=draws.standing,
        language=draws.language,
        enqueued_at=draws.enqueued_at,
        patience_s=draws.patience_s,
        handling_s=draws.handling_s * own_pace,
        wrap_up_s=draws.wrap_up_s * own_pace,
        agent=agent,
        outcome=outcome.astype(np.int64),
        left_at=np.where(waiting, np.nan, left_at),
        offered_wait_s=np.where(reached, served_at - draws.enqueued_at, np.nan),
        transferred_to=np.full(agent.size, NOBODY),
    )
