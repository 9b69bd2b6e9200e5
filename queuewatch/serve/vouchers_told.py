"""Vouchers and refusals as they are told: why, who decided, what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal, get_args

import msgspec
from msgspec import Struct

from queuewatch.core.decisions import Audited, FollowUpDue, IncentiveIssued, IncentiveMoved, IncentiveRefused
from queuewatch.core.facts.terms import Channel, Tier
from queuewatch.core.facts.wire import Time
from queuewatch.outgoing import OutboxState
from queuewatch.serve import answers

State = Literal["open", "redeemed", "expired", "revoked", "refused"]
STATES: tuple[State, ...] = get_args(State)
IssuerState = Literal["own", "pending", "issued", "failed"]
FollowUp = Literal["none", "due", "done"]
FOLLOW_UPS: tuple[FollowUp, ...] = get_args(FollowUp)
ISSUERS: dict[OutboxState | None, IssuerState] = {
    None: "own",
    "pending": "pending",
    "claimed": "pending",
    "sent": "issued",
    "merged": "failed",
    "dead": "failed",
    "dropped": "failed",
}
"""How far an issuer outside is, by how far its delivery is."""


class Incentive(Struct, kw_only=True):
    """One voucher, or one that was refused.

    Attributes:
        key: Its name for good.
        code: What the customer shows; only for those who may act, and once it is issued.
        issuer: `own`, or how far the issuer outside is: `pending`, `issued`, `failed` (given up, see
            `queuewatch deliveries`); null for what was refused.
        issuer_why: Why the issuer outside has not issued it.
        state: What became of it.
        why: The reason it was issued, or refused.
        decided_by: The rule's name, or who granted it by hand.
        note: What that person said why.
        customer: The keyed hash of the customer.
        wait_s: How long the contact had waited by then, seconds.
        value: What it counts as in the budget.
        moved_at, moved_by, moved_note: When and by whom it was redeemed or revoked, or when it expired.
        follow_up: Whether somebody should ask the customer how it went, or did.
    """

    key: str
    code: str | None = None
    issuer: IssuerState | None = None
    issuer_why: str = ""
    state: State
    why: str
    decided_by: str
    note: str = ""
    rule: str
    at: Time
    site: str
    queue: str
    channel: Channel | None = None
    contact: str
    customer: str | None = None
    tier: Tier | None = None
    language: str | None = None
    wait_s: float | None = None
    amount: Decimal | None = None
    currency: str | None = None
    percent: Decimal | None = None
    text: dict[str, str] = {}
    value: Decimal | None = None
    expires_at: Time | None = None
    moved_at: Time | None = None
    moved_by: str | None = None
    moved_note: str = ""
    follow_up: FollowUp = "none"
    follow_up_by: str | None = None
    follow_up_note: str = ""


class Incentives(Struct, frozen=True, kw_only=True):
    """Vouchers and refusals, the newest first; `outstanding` is what open ones among them amount to."""

    at: Time
    incentives: tuple[Incentive, ...]
    outstanding: dict[str, Decimal]


def entries(decisions: Iterable[Audited]) -> Iterator[Incentive]:
    """One entry per voucher or refusal, the newest first, with what became of it."""
    found: dict[str, Incentive] = {}
    later: list[IncentiveMoved | FollowUpDue] = []
    for one in decisions:
        if isinstance(one, IncentiveIssued):
            found[one.key] = _issued(one)
        elif isinstance(one, IncentiveRefused):
            found[one.key] = _refused(one)
        else:
            later.append(one)
    for one in sorted(later, key=lambda each: each.at):
        entry = found.get(one.incentive)
        if entry is not None:
            _go_on(entry, one)
    return iter(sorted(found.values(), key=lambda entry: entry.at, reverse=True))


def _issued(one: IncentiveIssued) -> Incentive:
    told = msgspec.structs.asdict(one)
    same = {name: told[name] for name in _SAME}
    return Incentive(
        state="open",
        why=one.reason,
        decided_by=one.by or f"rule {one.rule}",
        at=answers.time(one.at),
        expires_at=answers.time(one.expires_at),
        amount=one.benefit.amount,
        currency=one.benefit.currency,
        percent=one.benefit.percent,
        text=one.benefit.text,
        **same,
    )


_SAME = (
    "key",
    "note",
    "rule",
    "site",
    "queue",
    "channel",
    "contact",
    "customer",
    "tier",
    "language",
    "wait_s",
    "value",
)


def _refused(one: IncentiveRefused) -> Incentive:
    return Incentive(
        key=one.key,
        state="refused",
        why=one.reason,
        decided_by=f"refused to {one.by}" if one.by else f"rule {one.rule}",
        rule=one.rule,
        at=answers.time(one.at),
        site=one.site,
        queue=one.queue,
        contact=one.contact,
        customer=one.customer,
    )


def _go_on(entry: Incentive, one: IncentiveMoved | FollowUpDue) -> None:
    if isinstance(one, FollowUpDue):
        entry.follow_up = "due"
    elif one.to == "followed_up":
        entry.follow_up, entry.follow_up_by, entry.follow_up_note = "done", one.by, one.note
    else:
        entry.state = one.to
        entry.moved_at, entry.moved_by, entry.moved_note = answers.time(one.at), one.by, one.note


def outstanding(incentives: Iterable[Incentive]) -> dict[str, Decimal]:
    """What the open ones amount to, by currency."""
    total: dict[str, Decimal] = {}
    for one in incentives:
        if one.state == "open" and one.amount is not None and one.currency is not None:
            total[one.currency] = total.get(one.currency, Decimal(0)) + one.amount
    return total
