"""Agents per interval for an outlook: for calls and chats by their queue, for e-mail by its deadline."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from queuewatch.core.facts.terms import Channel
from queuewatch.core.plan.outlook import Outlook, scaled
from queuewatch.core.rules import QueueRules
from queuewatch.queueing.carryover import Course, follow, staff
from queuewatch.queueing.deadline import steadiest, whole_agents
from queuewatch.queueing.forecasting.days import Bools, Floats
from queuewatch.queueing.passage import Demand
from queuewatch.queueing.staffing import IntArray
from queuewatch.queueing.targets import Measure, Target

SAFE = 0.9
"""How often a plan "to be safe" is enough."""


class Needs(Struct, frozen=True, kw_only=True):
    """What a plan must keep.

    Attributes:
        channel: Decides the model: a queue (phone, chat), or work until a deadline (e-mail).
        targets: All must be kept.
        thresholds_s: Waits that are told of, seconds.
        occupancy: Largest share of their time that agents spend on contacts.
        shrinkage: Share of the rostered time that agents are not at work.
        slots: Contacts that an agent handles at a time (chat).
        deadline_s: E-mail: open seconds within which a contact must be done.
        handling_s: Mean handling time where the planner knows better than the past; None: as it was.
        patience_s: Likewise, mean patience.
        fewest: Agents at least there while open.
    """

    channel: Channel = "phone"
    targets: tuple[Target, ...]
    thresholds_s: tuple[float, ...] = (60.0, 180.0)
    occupancy: float = 0.85
    shrinkage: float = 0.0
    slots: int = 1
    deadline_s: float = 4 * 3600.0
    handling_s: float | None = None
    patience_s: float | None = None
    fewest: int = 1


def needs_of(rules: QueueRules, channel: Channel) -> Needs:
    """What the queue's rules want of a plan."""
    bounds = (rules.targets.past_first, rules.targets.past_second)
    targets = [
        Target(Measure.OVER, bound, threshold_s)
        for threshold_s, bound in zip(rules.thresholds_s, bounds, strict=False)
    ]
    targets.append(Target(Measure.OCCUPANCY, rules.targets.occupancy))
    return Needs(
        channel=channel,
        targets=tuple(targets),
        thresholds_s=rules.thresholds_s,
        occupancy=rules.targets.occupancy,
        deadline_s=rules.thresholds_s[-1] if channel == "email" else 4 * 3600.0,
    )


class WhatIf(Struct, frozen=True, kw_only=True):
    """What a planner tries: factors on contacts and handling time, another shrinkage, other targets.

    `past_first` is the largest share that may wait past the first threshold; the shares that may wait past
    later ones change alike.
    """

    volume: float = 1.0
    handling: float = 1.0
    shrinkage: float | None = None
    past_first: float | None = None


@dataclass(frozen=True, eq=False)
class Staffed:
    """Agents for an outlook; shape (days, intervals) unless said otherwise.

    Attributes:
        outlook: What it stands on.
        needs: What it keeps.
        agents: Agents at work if the days come as expected.
        agents_safe: Enough 9 times in 10.
        over: Shape (thresholds, days, intervals); P(wait > threshold) with `agents`; NaN for e-mail.
        past: Contacts past the last threshold with `agents`; NaN for e-mail, as the next two.
        past_fewer: The same with an agent fewer in that interval, whom it makes wait later added.
        past_more: The same with an agent more.
        occupancy: Share of their time that agents spend on contacts.
        left_over: Contacts that wait when the interval ends.
        kinds: Names of the kinds of agents, where there are several who share queues; else none.
        crews, crews_safe: Shape (kinds, days, intervals); `agents` and `agents_safe` by kind.
        short: Where all agents that there are do not keep the targets.
        members: With kinds, of each queue its own days ahead and what it needs.
        serves: Shape (kinds, queues); whether agents of a kind serve a queue.
    """

    outlook: Outlook
    needs: Needs
    agents: IntArray
    agents_safe: IntArray
    over: Floats
    past: Floats
    past_fewer: Floats
    past_more: Floats
    occupancy: Floats
    left_over: Floats
    kinds: tuple[str, ...] = ()
    crews: IntArray = field(default_factory=lambda: np.zeros((0, 0, 0), dtype=np.int64))
    crews_safe: IntArray = field(default_factory=lambda: np.zeros((0, 0, 0), dtype=np.int64))
    short: Bools = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    members: tuple[tuple[Outlook, Needs], ...] = ()
    serves: Bools = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))

    def rostered(self, agents: IntArray) -> IntArray:
        """Agents to roster so that so many are at work."""
        return np.asarray(np.ceil(np.round(agents / (1.0 - self.needs.shrinkage), 9)), dtype=np.int64)


def handling_s(outlook: Outlook, needs: Needs) -> Floats:
    """Shape (days, intervals): mean handling time of a contact, seconds."""
    if needs.handling_s is not None:
        return np.full(outlook.mean.shape, needs.handling_s)
    return np.asarray(outlook.service.handling_s[outlook.said.days.weekday])


def patience_s(outlook: Outlook, needs: Needs) -> float:
    """Mean time until a waiting customer hangs up, seconds; infinite where nobody knows."""
    return outlook.service.patience_s if needs.patience_s is None else needs.patience_s


def staffed(outlook: Outlook, needs: Needs, change: WhatIf | None = None, *, backlog: float = 0.0) -> Staffed:
    """The agents that an outlook calls for.

    Args:
        outlook: The days ahead.
        needs: What must be kept.
        change: What the planner tries.
        backlog: E-mail: contacts that wait already.

    Raises:
        ValueError: No number of agents keeps a target.
    """
    if change is not None:
        outlook, needs = changed(outlook, needs, change)
    if needs.channel == "email":
        return _by_deadline(outlook, needs, backlog)
    course = staff(
        _demand(outlook, needs, outlook.mean), needs.targets, needs.thresholds_s, fewest=needs.fewest
    )
    # Of the many agents that a busy day needs as many are needed as that day's own course takes.
    busy = staff(
        _demand(outlook, needs, np.maximum(outlook.rate_quantile(SAFE), outlook.mean)),
        needs.targets,
        needs.thresholds_s,
        fewest=needs.fewest,
    )
    return _told(outlook, needs, course, np.maximum(busy.agents, course.agents))


def changed(outlook: Outlook, needs: Needs, change: WhatIf) -> tuple[Outlook, Needs]:
    """Outlook and needs as the planner tries them."""
    if needs.handling_s is not None:
        needs = replace(needs, handling_s=needs.handling_s * change.handling)
    if change.shrinkage is not None:
        needs = replace(needs, shrinkage=change.shrinkage)
    if change.past_first is not None:
        needs = replace(needs, targets=_looser(needs.targets, change.past_first))
    return scaled(outlook, change.volume, change.handling), needs


def followed(outlook: Outlook, needs: Needs, agents: IntArray) -> Course:
    """What comes of a given plan if the days come as expected; not for e-mail."""
    return follow(_demand(outlook, needs, outlook.mean), agents, needs.thresholds_s)


def _looser(targets: tuple[Target, ...], past_first: float) -> tuple[Target, ...]:
    """The targets with another share for the first threshold, and the others' in proportion."""
    timed = [target for target in targets if target.measure is Measure.OVER]
    if not timed:
        return targets
    factor = past_first / timed[0].bound
    return tuple(
        Target(one.measure, min(one.bound * factor, 0.99), one.threshold_s) if one in timed else one
        for one in targets
    )


def _demand(outlook: Outlook, needs: Needs, contacts: Floats) -> Demand:
    return Demand(
        arrivals_per_s=contacts / outlook.length_s,
        handling_s=handling_s(outlook, needs),
        patience_s=patience_s(outlook, needs),
        length_s=float(outlook.length_s),
        slots=needs.slots,
        handling_cv2=outlook.service.handling_cv2,
    )


def _told(outlook: Outlook, needs: Needs, course: Course, safe: IntArray) -> Staffed:
    return Staffed(
        outlook=outlook,
        needs=needs,
        agents=course.agents,
        agents_safe=safe,
        over=course.over,
        past=course.past[-1],
        past_fewer=course.past_fewer,
        past_more=course.past_more,
        occupancy=course.occupancy,
        left_over=course.left_over,
    )


def _by_deadline(outlook: Outlook, needs: Needs, backlog: float) -> Staffed:
    """E-mail: work comes at all hours, agents work in the opening hours, each contact has a deadline."""
    mean, high = outlook.mean, outlook.rate_quantile(SAFE)
    agents, worked = _steadily(outlook, needs, mean, backlog)
    safe, _ = _steadily(outlook, needs, np.maximum(high, mean), backlog)
    nobody = np.full(mean.shape, np.nan)
    each = handling_s(outlook, needs)
    came = np.cumsum((mean * each).ravel()) + backlog * float(each[0, 0])
    waits = np.maximum(came - np.cumsum(worked), 0.0).reshape(mean.shape) / each
    time_s = np.maximum(agents, 1) * float(outlook.length_s)
    return Staffed(
        outlook=outlook,
        needs=needs,
        agents=agents,
        agents_safe=np.maximum(safe, agents),
        over=np.full((len(needs.thresholds_s), *mean.shape), np.nan),
        past=nobody,
        past_fewer=nobody,
        past_more=nobody,
        occupancy=np.where(agents > 0, np.minimum(worked.reshape(mean.shape) / time_s, 1.0), 0.0),
        left_over=waits,
    )


def open_cells(outlook: Outlook) -> Bools:
    """Shape (days, intervals): when there is somebody to do work that may wait."""
    hours = outlook.calendar.open_cells
    return np.array([hours(outlook.day(index), outlook.length_s) for index in range(len(outlook))])


def _steadily(outlook: Outlook, needs: Needs, contacts: Floats, backlog: float) -> tuple[IntArray, Floats]:
    """Agents per interval, shape (days, intervals), and the work they do in each, flat, seconds."""
    opened = open_cells(outlook).ravel()
    work = (contacts * handling_s(outlook, needs)).ravel()
    came = np.cumsum(work) + backlog * float(handling_s(outlook, needs)[0, 0])
    done = np.zeros(len(work))
    agents = np.zeros(len(work), dtype=np.int64)
    if opened.any():
        # In open time: work that comes while closed is there when it opens, and due so much open time later.
        at = np.flatnonzero(opened)
        until_open = came[at]
        later = math.ceil(needs.deadline_s / outlook.length_s)
        due = np.concatenate([np.zeros(later), until_open])[: len(at)]
        done[at] = steadiest(until_open, due)
        agents[at] = whole_agents(done[at], float(outlook.length_s), needs.occupancy)
    return agents.reshape(contacts.shape), done
