"""What rules would have done to a history: what vouchers cost, whom they reached, what each day was like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from decimal import Decimal

from msgspec import Struct, field

from queuewatch.core.customers.purse import day_of, next_day_at
from queuewatch.core.decisions import (
    AlertChanged,
    Decision,
    IncentiveIssued,
    IncentiveRefused,
    NoticeChanged,
    notices_among,
)

COST = "their cost"
"""What `spread` calls the cost of the vouchers."""


class RuleCost(Struct, kw_only=True):
    """What one rule would have cost, and whom it would have reached.

    Attributes:
        issued: Vouchers.
        value: What they count as in the budgets, in their currency.
        customers: Different customers among those reached; a contact without a known customer counts as one.
        reasons: Why they were issued.
        refused: Why there was none, where the rule held.
        tiers, queues: What it came to, by tier (`unknown` where no source said) and by queue.
    """

    rule: str
    issued: int = 0
    value: Decimal = Decimal(0)
    customers: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    tiers: dict[str, Decimal] = field(default_factory=dict)
    queues: dict[str, Decimal] = field(default_factory=dict)


class Day(Struct, kw_only=True):
    """One day of the history, on the budget's clock.

    Attributes:
        notices: How often a queue became busy or very busy.
        busy_s: How long customers were told so, all queues together, seconds.
        alerts: Alerts that were raised, by kind.
        messages: What the team would have been told: raised, critical, going on, over.
        incentives: Vouchers.
        value: What they count as.
    """

    day: str
    notices: int = 0
    busy_s: float = 0.0
    alerts: dict[str, int] = field(default_factory=dict)
    messages: int = 0
    incentives: int = 0
    value: Decimal = Decimal(0)


def costs(decisions: Iterable[Decision]) -> tuple[RuleCost, ...]:
    """What each rule came to, by name."""
    found: dict[str, RuleCost] = {}
    reached: dict[str, set[str]] = {}
    for one in decisions:
        if isinstance(one, IncentiveIssued):
            cost = found.setdefault(one.rule, RuleCost(rule=one.rule))
            tier = one.tier or "unknown"
            cost.issued += 1
            cost.value += one.value
            cost.tiers[tier] = cost.tiers.get(tier, Decimal(0)) + one.value
            cost.queues[one.queue] = cost.queues.get(one.queue, Decimal(0)) + one.value
            cost.reasons[one.reason] = cost.reasons.get(one.reason, 0) + 1
            customers = reached.setdefault(one.rule, set())
            customers.add(one.customer or f"contact/{one.contact}")
            cost.customers = len(customers)
        elif isinstance(one, IncentiveRefused):
            cost = found.setdefault(one.rule, RuleCost(rule=one.rule))
            cost.refused[one.reason] = cost.refused.get(one.reason, 0) + 1
    return tuple(found[name] for name in sorted(found))


def days(decisions: Iterable[Decision], begins_at: float, ends_at: float, zone: tzinfo) -> tuple[Day, ...]:
    """What each day of the history was like, also those on which nothing was decided."""
    found: dict[str, Day] = {}
    at = begins_at
    while at <= ends_at:
        name = day_of(at, zone)
        found[name] = Day(day=name)
        at = next_day_at(at, zone)
    decided = list(decisions)
    for one in decided:
        _count(found[day_of(one.at, zone)], one)
    for since_at, until_at in _busy(decided, ends_at):
        for name, lasted_s in _split(since_at, until_at, zone):
            found[name].busy_s += lasted_s
    return tuple(found.values())


def _count(day: Day, one: Decision) -> None:
    if isinstance(one, NoticeChanged):
        day.notices += one.level != "normal"
    elif isinstance(one, AlertChanged):
        day.messages += 1
        if one.phase == "raised":
            day.alerts[one.kind] = day.alerts.get(one.kind, 0) + 1
    elif isinstance(one, IncentiveIssued):
        day.incentives += 1
        day.value += one.value


def _busy(decisions: Iterable[Decision], ends_at: float) -> Iterator[tuple[float, float]]:
    """From when to when any queue told that it is busy, for each queue."""
    since: dict[tuple[str, str], float] = {}
    for one in notices_among(decisions):
        place = (one.site, one.queue)
        if one.level == "normal":
            if place in since:
                yield since.pop(place), one.at
        else:
            since.setdefault(place, one.at)
    yield from ((since_at, max(since_at, ends_at)) for since_at in since.values())


def _split(since_at: float, until_at: float, zone: tzinfo) -> Iterator[tuple[str, float]]:
    while since_at < until_at:
        ends_at = min(until_at, next_day_at(since_at, zone))
        yield day_of(since_at, zone), ends_at - since_at
        since_at = ends_at


def spread(found: Iterable[Day]) -> dict[str, tuple[float, float, float]]:
    """Of all days the least, middle and most: of notices, minutes busy, alerts, messages, vouchers, cost."""
    known = list(found)
    series: dict[str, list[float]] = {
        "notices": [day.notices for day in known],
        "minutes busy": [day.busy_s / 60.0 for day in known],
        "alerts": [sum(day.alerts.values()) for day in known],
        "messages": [day.messages for day in known],
        "vouchers": [day.incentives for day in known],
        COST: [float(day.value) for day in known],
    }
    return {name: _three(sorted(values)) for name, values in series.items() if values}


def _three(values: list[float]) -> tuple[float, float, float]:
    middle = len(values) // 2
    median = values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2.0
    return values[0], median, values[-1]


def kinds(found: Iterable[Day]) -> dict[str, int]:
    """How often each kind of alert was raised."""
    return dict(sum((Counter(day.alerts) for day in found), Counter()))
