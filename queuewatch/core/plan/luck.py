"""What a plan promises: how often the targets hold in a single interval, of few contacts and on any day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from queuewatch.core.plan.agents import Staffed, handling_s, open_cells, patience_s
from queuewatch.core.plan.crews import alike, fitted
from queuewatch.core.plan.outlook import Outlook
from queuewatch.queueing.deadline import Mailbox, done_in_time
from queuewatch.queueing.forecasting.days import Floats
from queuewatch.queueing.luck import Played, kept_share
from queuewatch.queueing.staffing import IntArray

_LEVELS = 20


@dataclass(frozen=True, eq=False)
class Luck:
    """How often the contacts of an interval keep all targets of their waits, on days as chance has them.

    Shape (queues, days, intervals); one row for all queues that share all their agents. NaN where the time to
    tell by lies beyond the days ahead.

    Attributes:
        held: With the agents that are needed as expected.
        held_safe: With those that are enough nine times in ten.
    """

    held: Floats
    held_safe: Floats


def luck_of(plan: Staffed) -> Luck:
    """Play the plan many times, on days as busy as the forecast's ranges have them."""
    if plan.needs.channel == "email":
        return Luck(_mailbox(plan, plan.agents), _mailbox(plan, plan.agents_safe))
    if plan.kinds:
        return Luck(_shared(plan, plan.crews), _shared(plan, plan.crews_safe))
    return Luck(_alone(plan, plan.agents), _alone(plan, plan.agents_safe))


def _busy(outlook: Outlook) -> Floats:
    """Shape (levels, days, intervals): contacts of days more or less busy, all as likely."""
    chances = (np.arange(_LEVELS) + 0.5) / _LEVELS
    return np.array([outlook.rate_quantile(chance) for chance in chances])


def _alone(plan: Staffed, agents: IntArray) -> Floats:
    outlook, needs = plan.outlook, plan.needs
    what = Played(
        contacts=_busy(outlook)[:, None],
        handling_s=handling_s(outlook, needs)[None],
        agents=agents[None],
        serves=np.ones((1, 1), dtype=np.bool_),
        length_s=float(outlook.length_s),
        patience_s=patience_s(outlook, needs),
        slots=needs.slots,
        handling_cv2=outlook.service.handling_cv2,
    )
    return kept_share(what, [needs.targets])


def _shared(plan: Staffed, crews: IntArray) -> Floats:
    whole, outlooks = plan.outlook, [outlook for outlook, _ in plan.members]
    contacts = fitted(whole, plan.members)
    mean = np.array([one.mean for one in outlooks])
    factor = np.where(mean > 0.0, contacts / np.maximum(mean, 1e-9), 0.0)
    _, same_days = alike(whole, outlooks, contacts)
    slots = {needs.slots for _, needs in plan.members}
    each = slots.pop() if len(slots) == 1 else 1
    what = Played(
        contacts=np.stack([_busy(one) for one in outlooks], axis=1) * factor,
        handling_s=np.array([handling_s(one, needs) * each / needs.slots for one, needs in plan.members]),
        agents=crews,
        serves=plan.serves,
        length_s=float(whole.length_s),
        patience_s=patience_s(whole, plan.members[0][1]),
        slots=each,
        handling_cv2=whole.service.handling_cv2,
        alike=float(np.mean(same_days[whole.mean > 0.0])) if (whole.mean > 0.0).any() else 1.0,
    )
    return kept_share(what, [needs.targets for _, needs in plan.members])


def _mailbox(plan: Staffed, agents: IntArray) -> Floats:
    outlook, needs = plan.outlook, plan.needs
    what = Mailbox(
        contacts=_busy(outlook).reshape(_LEVELS, -1),
        handling_s=handling_s(outlook, needs).ravel(),
        agents=agents.ravel(),
        opened=open_cells(outlook).ravel(),
        length_s=float(outlook.length_s),
        deadline_s=needs.deadline_s,
        handling_cv2=outlook.service.handling_cv2,
    )
    return done_in_time(what, outlook.mean.shape[1]).reshape(1, *outlook.mean.shape)
