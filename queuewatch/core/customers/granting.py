"""What people do with vouchers: grant one by hand, redeem it, take it back, ask how it went."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from queuewatch.core.customers.incentives import Moment
from queuewatch.core.customers.purse import BY_HAND, Purse, add, day_of, grant_key
from queuewatch.core.decisions import (
    Benefit,
    Decision,
    IncentiveIssued,
    IncentiveMoved,
    IncentiveRefused,
    RefusalReason,
)
from queuewatch.core.facts.acts import (
    IncentiveFollowedUp,
    IncentiveGranted,
    IncentiveRedeemed,
    IncentiveRevoked,
)
from queuewatch.core.facts.events import Event
from queuewatch.core.rules import Budget

VoucherAct = IncentiveGranted | IncentiveRedeemed | IncentiveRevoked | IncentiveFollowedUp
_Touch = IncentiveRedeemed | IncentiveRevoked | IncentiveFollowedUp
_FATES: dict[type[_Touch], Literal["redeemed", "revoked", "followed_up"]] = {
    IncentiveRedeemed: "redeemed",
    IncentiveRevoked: "revoked",
    IncentiveFollowedUp: "followed_up",
}


def act(purse: Purse, event: Event, data: VoucherAct, at: Moment) -> Iterator[Decision]:
    """Take in what a person did with vouchers; what cannot be is left as it is, and its teller sees that."""
    now = at.now
    if isinstance(data, IncentiveGranted):
        yield from _grant(purse, event, data, at)
        return
    voucher = purse.vouchers.get(data.incentive)
    if voucher is None:
        return
    if isinstance(data, IncentiveFollowedUp):
        if voucher.asked is None:
            voucher.asked = _moved(event.site, data, now)
            yield voucher.asked
    elif voucher.fate == "open" and now < voucher.issued.expires_at:
        voucher.moved = _moved(event.site, data, now)
        voucher.act = event.id
        if isinstance(data, IncentiveRevoked):
            day = day_of(voucher.issued.at, at.rules.budget.zone)
            add(purse.spent.setdefault(day, {}), voucher.issued.queue, -voucher.issued.value)
        yield voucher.moved


def _moved(site: str, data: _Touch, now: float) -> IncentiveMoved:
    key, to = data.incentive, _FATES[type(data)]
    return IncentiveMoved(
        key=f"{key}/{to}", site=site, at=now, incentive=key, to=to, by=data.by, note=data.note
    )


def _grant(purse: Purse, event: Event, data: IncentiveGranted, at: Moment) -> Iterator[Decision]:
    """A voucher by hand: within the limit of who grants it, and what the site has to give at all."""
    key = grant_key(event.site, data.queue, data.contact, event.id)
    if key in purse.vouchers:
        return
    day = day_of(at.now, at.rules.budget.zone)
    reason = _why_not_by_hand(purse, data, at.rules.budget, day)
    if reason is not None:
        refusal = IncentiveRefused(
            key=f"{key}/refused",
            site=event.site,
            at=at.now,
            queue=data.queue,
            contact=data.contact,
            customer=data.customer,
            rule=BY_HAND,
            reason=reason,
            by=data.by,
        )
        purse.refuse(refusal)
        yield refusal
        return
    issued = _voucher_by_hand(key, event.site, data, at)
    add(purse.by_hand.setdefault(day, {}), data.holder, data.amount)
    purse.put(issued, day, at.rules.budget.by_hand_follow_up_s)
    yield issued


def _why_not_by_hand(purse: Purse, data: IncentiveGranted, budget: Budget, day: str) -> RefusalReason | None:
    """Why nobody may grant this today; None where they may."""
    own = purse.by_hand.get(day, {}).get(data.holder, Decimal(0))
    if own + data.amount > budget.by_hand_day:
        return "over_own_limit"
    return "overall_budget_spent" if purse.over(budget, day, data.amount) else None


def _voucher_by_hand(key: str, site: str, data: IncentiveGranted, at: Moment) -> IncentiveIssued:
    """The voucher that was granted; what the person did not say of the contact is what its visit says."""
    known = at.site.contacts.get(data.contact)
    visit = next((one for one in known.visits if one.queue == data.queue), None) if known else None
    return IncentiveIssued(
        key=key,
        site=site,
        at=at.now,
        queue=data.queue,
        channel=data.channel,
        contact=data.contact,
        customer=data.customer or (visit.customer if visit else None),
        tier=data.tier or (visit.tier if visit else None),
        language=data.language or (visit.language if visit else None),
        rule=BY_HAND,
        reason="granted",
        wait_s=(visit.endured_s or 0.0) if visit else 0.0,
        benefit=Benefit(amount=data.amount, currency=at.rules.budget.currency),
        value=data.amount,
        expires_at=at.now + at.rules.budget.by_hand_valid_s,
        by=data.by,
        note=data.note,
    )
