"""What the core decides: each decision with its key, its moment and its reason; sending it is for others.

A key is made of names: rule / site / queue / contact / begin of the episode. The journal brings the same
decisions with the same keys after a restart, so whoever acts on one asks first whether its key is settled.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from queuewatch.core.facts.terms import Channel, Tier
from queuewatch.core.view import NoticeLevel, NoticeReason

GrantReason = Literal["wait_passed", "promise_broken", "abandoned", "granted"]
RefusalReason = Literal[
    "contact_had_one",
    "customer_had_enough",
    "second_failure",
    "queue_budget_spent",
    "overall_budget_spent",
    "kept_for_the_evening",
    "kept_for_existing",
    "over_own_limit",
    "customer_unknown",
]
AlertKind = Literal[
    "queue_busy",
    "threshold_passed",
    "source_stale",
    "promises_broken",
    "budget_low",
    "journal_trouble",
    "customer_failed_again",
    "shortage_ahead",
]
AlertPhase = Literal["raised", "escalated", "updated", "resolved"]
Severity = Literal["warning", "critical"]


class Decided(Struct, frozen=True, kw_only=True, tag_field="decision"):
    """What every decision says.

    Attributes:
        key: Names it for good: the same after a restart or a reordered config.
        site: Where.
        at: When it was decided, seconds since 1970 UTC.
    """

    key: str
    site: str
    at: float


class NoticeChanged(Decided, frozen=True, kw_only=True, tag="notice"):
    """A queue's notice level changed: customers are told something else from now on.

    Attributes:
        queue: Of which queue.
        level: The new level.
        was: The one before.
        reason: Why.
        chances: The next contact's chances that spoke for it, by threshold; empty when unknown.
    """

    queue: str
    level: NoticeLevel
    was: NoticeLevel
    reason: NoticeReason
    chances: dict[str, float]


class Benefit(Struct, frozen=True, kw_only=True):
    """What a voucher is good for: an amount of money, a percentage, or what its text says.

    Attributes:
        amount: Money in `currency`; None where it is no money.
        currency: ISO 4217, such as "EUR".
        percent: Off the next purchase, in (0, 100]; None where it is none.
        text: What it says beside that, by language (BCP 47).
    """

    amount: Decimal | None = None
    currency: str | None = None
    percent: Decimal | None = None
    text: dict[str, str] = {}


class IncentiveIssued(Decided, frozen=True, kw_only=True, tag="incentive_issued"):
    """A customer is owed a voucher. Whoever issues it claims the key first: never two under one key.

    Attributes:
        queue: Where the contact waited.
        channel: How it came.
        contact: Which contact.
        customer: Its keyed hash; None: unknown.
        tier: As the source said.
        language: Of the customer, BCP 47; None: unknown.
        rule: The name of the rule in the config; the person's rule for one granted by hand.
        reason: Why.
        wait_s: How long the contact had waited, seconds.
        benefit: What is owed.
        value: What it counts as in the budgets, in their currency.
        expires_at: When it is good no longer.
        by: Who granted it by hand; None: the rule did.
        note: What that person said why; empty for a rule.
    """

    queue: str
    channel: Channel
    contact: str
    customer: str | None
    tier: Tier | None
    language: str | None
    rule: str
    reason: GrantReason
    wait_s: float
    benefit: Benefit
    value: Decimal = Decimal(0)
    expires_at: float
    by: str | None = None
    note: str = ""


class IncentiveRefused(Decided, frozen=True, kw_only=True, tag="incentive_refused"):
    """A rule held, but no voucher is issued. Goes into the audit like one that is.

    Attributes:
        queue: Where the contact waited.
        contact: Which contact.
        customer: Its keyed hash; None: unknown.
        rule: The name of the rule that held.
        reason: Why there is none.
        by: Who had wanted to grant it by hand; None: nobody, the rule did.
    """

    queue: str
    contact: str
    customer: str | None
    rule: str
    reason: RefusalReason
    by: str | None = None


class IncentiveMoved(Decided, frozen=True, kw_only=True, tag="incentive_moved"):
    """What became of a voucher: it was redeemed, expired, taken back, or followed up.

    Attributes:
        incentive: The key of the voucher.
        to: What became of it.
        by: Who redeemed it, took it back, or asked the customer how it went; None: time did.
        note: What that person said.
    """

    incentive: str
    to: Literal["redeemed", "expired", "revoked", "followed_up"]
    by: str | None = None
    note: str = ""


class FollowUpDue(Decided, frozen=True, kw_only=True, tag="follow_up_due"):
    """Some days after a voucher somebody should ask the customer how it went.

    Attributes:
        incentive: The key of the voucher.
        queue: Where the contact had waited.
        contact: Which contact.
        customer: Its keyed hash; None: unknown.
    """

    incentive: str
    queue: str
    contact: str
    customer: str | None


class AlertChanged(Decided, frozen=True, kw_only=True, tag="alert"):
    """An alert was raised, got worse, has news, or is over. `key` is unique to this phase.

    Attributes:
        alert: Names the alert through all its phases: alert / kind / site / subject / begin of the episode.
        kind: What hurts.
        phase: What changed.
        severity: How much it hurts.
        subject: The queue, source or whatever else it is about, by name.
        since_at: When the episode began.
        reason: Why it was raised or resolved; a word of a closed list that its rule states.
        waiting: How many wait; None where it is not about a queue, as with all that follow.
        oldest_wait_s: The longest wait of those who wait, seconds.
        chances: The next contact's chance to pass each threshold.
        agents: How many agents are there.
        agents_missing: How many more would bring it under the target; None: unknown.
        chance_then: The chance to pass the first threshold with those agents; None: unknown.
        count: How many contacts, promises or customers it is about; None where it is about none.
        share: The share it is about (of the budget spent, of the promises kept); None where it is about none.
        begins_at: From when on agents will be missing; None where it is not about a shortage to come. Then
            `agents` is how many are planned at the worst, and `count` how many are missing.
        detail: What the machine said, in its own words; empty where it said nothing.
    """

    alert: str
    kind: AlertKind
    phase: AlertPhase
    severity: Severity
    subject: str
    since_at: float
    reason: str
    waiting: int | None = None
    oldest_wait_s: float | None = None
    chances: dict[str, float] = {}
    agents: int | None = None
    agents_missing: int | None = None
    chance_then: float | None = None
    count: int | None = None
    share: float | None = None
    begins_at: float | None = None
    detail: str = ""


Audited = IncentiveIssued | IncentiveRefused | IncentiveMoved | FollowUpDue
"""Decisions about money, which the audit keeps."""
Decision = NoticeChanged | IncentiveIssued | IncentiveRefused | IncentiveMoved | FollowUpDue | AlertChanged


def notices_among(decisions: Iterable[Decision]) -> list[NoticeChanged]:
    """Those of the decisions that change a notice, in order."""
    return [one for one in decisions if isinstance(one, NoticeChanged)]


def named(*parts: str) -> str:
    """A key made of names; a slash within a name is written so that no two keys are the same."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)
