"""Agents of several kinds for queues that share some of them: each queue's own outlook, one plan for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from queuewatch.core.plan.agents import (
    SAFE,
    Needs,
    Staffed,
    WhatIf,
    changed,
    handling_s,
    patience_s,
)
from queuewatch.core.plan.outlook import Outlook
from queuewatch.queueing.crews import Common, Manned, man
from queuewatch.queueing.forecasting.days import Floats
from queuewatch.queueing.shared import Crew, bundles

Kinds = Mapping[str, Crew]
"""The kinds of agents by name; `serves` counts the queues in the order of the group."""


def staffed_by(
    kinds: Kinds,
    whole: Outlook,
    each: Sequence[tuple[Outlook, Needs]],
    change: WhatIf | None = None,
) -> Staffed:
    """The agents of each kind that the outlooks call for.

    Args:
        kinds: Who there is.
        whole: The days ahead of all queues as one, whose contacts and ranges are the surer ones.
        each: The days ahead of each queue, and what it needs; by telephone or chat.
        change: What the planner tries.

    Raises:
        ValueError: A queue is e-mail, is served by nobody, or has a target that no number of agents keeps.
    """
    for _, needs in each:
        if needs.channel == "email":
            raise ValueError(
                "e-mail is work until a deadline and cannot be planned with kinds of agents; plan its queue "
                "by itself, or take it out of the pool"
            )
    own_needs = each[0][1]
    if change is not None:
        each = [changed(outlook, needs, change) for outlook, needs in each]
        whole, own_needs = changed(whole, own_needs, change)
    crews = tuple(kinds.values())
    contacts = fitted(whole, each)
    expected = man(_common(crews, whole, each, contacts))
    sets = [sorted(one.queues) for one in bundles(len(each), crews)]
    ratio = _busier(whole, [outlook for outlook, _ in each], contacts, sets)
    busy = man(_common(crews, whole, each, contacts, ratio))
    serves = np.array([[queue in crew.serves for queue in range(len(each))] for crew in crews])
    told = _told(tuple(kinds), whole, own_needs, _thresholds(each), (expected, busy))
    return replace(told, members=tuple(each), serves=serves)


def fitted(whole: Outlook, each: Sequence[tuple[Outlook, Needs]]) -> Floats:
    """Shape (queues, days, intervals): contacts of each queue, together as many as `whole` has."""
    own = np.array([outlook.mean for outlook, _ in each])
    total = own.sum(axis=0)
    return np.asarray(own * np.where(total > 0.0, whole.mean / np.maximum(total, 1e-9), 0.0))


def _busier(
    whole: Outlook, each: Sequence[Outlook], contacts: Floats, sets: Sequence[Sequence[int]]
) -> Floats:
    """Shape (sets, days, intervals): contacts of a day as busy as one in ten, against those expected.

    That all queues are busy on the same day is neither certain nor chance: how much so is what makes the
    range of all together as wide as it is told to be.
    """
    own, same_days = alike(whole, each, contacts)
    found = []
    for one in sets:
        apart, same = np.square(own[one]).sum(axis=0), np.square(own[one].sum(axis=0))
        more = np.sqrt(apart + same_days * (same - apart))
        came = contacts[one].sum(axis=0)
        found.append(np.where(came > 0.0, 1.0 + more / np.maximum(came, 1e-9), 1.0))
    return np.array(found)


def alike(whole: Outlook, each: Sequence[Outlook], contacts: Floats) -> tuple[Floats, Floats]:
    """How far above the expected each queue is on a busy day, and how much they are busy on the same days.

    Args:
        whole: The days ahead of all queues as one.
        each: Those of each queue.
        contacts: Shape (queues, days, intervals); of each queue, together as many as `whole` has.

    Returns:
        Shape (queues, days, intervals): contacts more; shape (days, intervals): from 0, each by itself, to 1.
    """
    mean = np.array([one.mean for one in each])
    factor = np.where(mean > 0.0, contacts / np.maximum(mean, 1e-9), 0.0)
    own = np.maximum(np.array([one.rate_quantile(SAFE) for one in each]) - mean, 0.0) * factor
    together = np.maximum(whole.rate_quantile(SAFE) - whole.mean, 0.0)
    squares, cross = np.square(own).sum(axis=0), np.square(own.sum(axis=0))
    return own, np.clip((np.square(together) - squares) / np.maximum(cross - squares, 1e-9), 0.0, 1.0)


def _thresholds(each: Sequence[tuple[Outlook, Needs]]) -> tuple[float, ...]:
    return tuple(sorted({one for _, needs in each for one in needs.thresholds_s}))


def _common(
    crews: tuple[Crew, ...],
    whole: Outlook,
    each: Sequence[tuple[Outlook, Needs]],
    contacts: Floats,
    ratio: Floats | None = None,
) -> Common:
    # Who may have three chats or one call counts as one who is three times as quick with chats.
    slots = {needs.slots for _, needs in each}
    alike = slots.pop() if len(slots) == 1 else 1
    return Common(
        crews=crews,
        arrivals_per_s=contacts / whole.length_s,
        handling_s=np.array([handling_s(outlook, needs) * alike / needs.slots for outlook, needs in each]),
        slots=alike,
        patience_s=patience_s(whole, each[0][1]),
        length_s=float(whole.length_s),
        targets=tuple(needs.targets for _, needs in each),
        thresholds_s=_thresholds(each),
        ratio=ratio,
        handling_cv2=whole.service.handling_cv2,
    )


def _told(
    names: tuple[str, ...],
    whole: Outlook,
    needs: Needs,
    thresholds_s: tuple[float, ...],
    found: tuple[Manned, Manned],
) -> Staffed:
    expected, busy = found
    safe = busy.crews
    agents = expected.crews.sum(axis=0)
    which = [thresholds_s.index(one) for one in needs.thresholds_s]
    return Staffed(
        outlook=whole,
        needs=needs,
        agents=agents,
        agents_safe=np.maximum(safe.sum(axis=0), agents),
        over=expected.over.max(axis=0)[which],
        past=expected.past,
        past_fewer=expected.past_fewer,
        past_more=expected.past_more,
        occupancy=expected.occupancy,
        left_over=expected.left_over,
        kinds=names,
        crews=expected.crews,
        crews_safe=safe,
        short=expected.short,
    )
