"""Who is on duty when: shifts, breaks, absences and outages as plain stretches of time."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from msgspec import Struct

from queuewatch.simulate.centre import AgentPlan, Away, Centre
from queuewatch.simulate.laws import DAY_S, WEEKDAY_OF_EPOCH

OFF_DUTY = ""


class Stint(Struct, frozen=True, gc=False):
    """A stretch in which an agent takes contacts. `then` says why it ends; empty: the shift is over."""

    from_at: float
    to_at: float
    then: str = OFF_DUTY


Roster = tuple[tuple[Stint, ...], ...]


def roster(centre: Centre, start_at: float, until_at: float, rng: np.random.Generator) -> Roster:
    """The stints of each agent in [start_at, until_at), in the order of `centre.agents`, ascending."""
    plans = []
    for agent in centre.agents:
        stints = [*_shifts(agent, start_at, until_at, centre.utc_offset_s, rng)]
        stints += [Stint(from_at, to_at) for from_at, to_at in agent.duty]
        stints = _joined(stints)
        for away in centre.aways:
            if agent.name in away.agents:
                stints = [part for stint in stints for part in _without(stint, away)]
        plans.append(tuple(_within(stints, start_at, until_at)))
    return tuple(plans)


def _shifts(
    agent: AgentPlan, start_at: float, until_at: float, utc_offset_s: float, rng: np.random.Generator
) -> Iterable[Stint]:
    first = math.floor((start_at + utc_offset_s) / DAY_S) - 1  # yesterday's shift may reach over midnight
    for day in range(first, math.ceil((until_at + utc_offset_s) / DAY_S) + 1):
        midnight = day * DAY_S - utc_offset_s
        for shift in agent.shifts:
            if (day + WEEKDAY_OF_EPOCH) % 7 not in shift.days or rng.random() < agent.absence:
                continue
            from_s = shift.from_s
            for pause_from, pause_to in shift.breaks:
                yield Stint(midnight + from_s, midnight + pause_from, "break")
                from_s = pause_to
            yield Stint(midnight + from_s, midnight + shift.to_s)


def _joined(stints: list[Stint]) -> list[Stint]:
    """Ascending, with those that touch or overlap made one."""
    joined: list[Stint] = []
    for stint in sorted(stints, key=lambda one: (one.from_at, one.to_at)):
        if joined and stint.from_at <= joined[-1].to_at:
            last = joined.pop()
            longer = stint if stint.to_at >= last.to_at else last
            joined.append(Stint(last.from_at, longer.to_at, longer.then))
        else:
            joined.append(stint)
    return joined


def _without(stint: Stint, away: Away) -> Iterable[Stint]:
    """The stint less the time away."""
    if away.to_at <= stint.from_at or stint.to_at <= away.from_at:
        yield stint
        return
    if stint.from_at < away.from_at:
        yield Stint(stint.from_at, away.from_at, away.reason if away.to_at < stint.to_at else stint.then)
    if away.to_at < stint.to_at:
        yield Stint(away.to_at, stint.to_at, stint.then)


def _within(stints: Iterable[Stint], start_at: float, until_at: float) -> Iterable[Stint]:
    for stint in stints:
        from_at, to_at = max(stint.from_at, start_at), min(stint.to_at, until_at)
        if from_at < to_at:
            yield Stint(from_at, to_at, stint.then)
