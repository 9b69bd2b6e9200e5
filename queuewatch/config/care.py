"""One struct per section about what customers are owed, and who is told of what."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from queuewatch.config.kinds import (
    Count,
    Currency,
    Language,
    Money,
    Names,
    OpenTimes,
    Text,
    WallTime,
)
from queuewatch.config.secret import Secret
from queuewatch.core.facts.terms import Channel, Tier
from queuewatch.core.rules import (
    DAY_S,
    AlertRule,
    Budget,
    CallbackRule,
    Chance,
    NotNegative,
    Occasion,
    Positive,
)

_ALERTS = AlertRule()
_BUDGET = Budget()
_CALLBACKS = CallbackRule()


class IncentiveSection(Struct, frozen=True, kw_only=True):
    """`[incentives."NAME"]`: one rule by which customers are owed vouchers.

    `value` None: what `amount` says. `follow_up_days` 0: nobody need ask.
    """

    when: Occasion = "waiting"
    after_s: NotNegative = 180.0
    queues: tuple[Text, ...] = ()
    channels: tuple[Channel, ...] = ()
    tiers: tuple[Tier, ...] = ()
    languages: tuple[Language, ...] = ()
    unknown_customers: bool = False
    amount: Money | None = None
    percent: Money | None = None
    text: Names = {}
    value: Money | None = None
    per_customer: Count = 1
    period_days: Positive = 30.0
    valid_days: Positive = 90.0
    follow_up_days: NotNegative = 3.0


class BudgetSection(Struct, frozen=True, kw_only=True):
    """`[budget]`: how much may be given away; without a limit, as much as the rules say.

    `by_hand_follow_up_days` 0: nobody need ask.
    """

    zone: Text = "UTC"
    currency: Currency = _BUDGET.currency
    day: Money | None = None
    month: Money | None = None
    queue_day: Money | None = None
    queues_day: Annotated[
        dict[str, Money], Meta(description='a table such as { "sales" = 50, "support" = "20.00" }')
    ] = {}
    evening_from: WallTime = "17:00"
    evening_share: Chance = _BUDGET.evening_share
    existing_share: Chance = _BUDGET.existing_share
    by_hand_day: Money = _BUDGET.by_hand_day
    by_hand_valid_days: Positive = _BUDGET.by_hand_valid_s / DAY_S
    by_hand_follow_up_days: NotNegative = 3.0
    low_share: Chance = _BUDGET.low_share
    code_key: Secret | None = None


class AlertsSection(Struct, frozen=True, kw_only=True):
    """`[alerts]`: when a team is told, and in which language; `language` None: `notice.default_language`."""

    language: Language | None = None
    level: Literal["busy", "very_busy"] = "very_busy"
    together: Literal["site", "queue"] = "site"
    hold_s: NotNegative = _ALERTS.hold_s
    end_hold_s: NotNegative = _ALERTS.end_hold_s
    reopen_s: NotNegative = _ALERTS.reopen_s
    critical_after_s: Positive | Literal["never"] = _ALERTS.critical_after_s or "never"
    past: Count = _ALERTS.past
    past_hold_s: NotNegative = _ALERTS.past_hold_s
    stale_s: NotNegative = _ALERTS.stale_s
    stale_critical_s: Positive = _ALERTS.stale_critical_s
    promises: Count = _ALERTS.promises
    promises_kept: Chance = _ALERTS.promises_kept
    failed_again_s: Positive = _ALERTS.failed_again_s
    quiet: OpenTimes | None = None
    quiet_zone: Text | None = None


class CallbacksSection(Struct, frozen=True, kw_only=True):
    """`[callbacks]`: who is on the call-back list."""

    after_s: NotNegative = _CALLBACKS.after_s
    keep_days: Positive = _CALLBACKS.keep_s / DAY_S
