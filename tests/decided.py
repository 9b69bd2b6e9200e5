"""Decisions made up for tests: notices, alerts through their phases, vouchers owed and refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from queuewatch.core.decisions import (
    AlertChanged,
    AlertPhase,
    Benefit,
    FollowUpDue,
    IncentiveIssued,
    IncentiveMoved,
    IncentiveRefused,
    NoticeChanged,
)
from queuewatch.core.view import NoticeLevel

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z


def notice(
    level: NoticeLevel = "busy", *, queue: str = "sales", at: float = NOON, **more: Any
) -> NoticeChanged:
    """A queue whose customers are told something else from now on."""
    fields: dict[str, Any] = {
        "key": f"notice/default/{queue}/{level}/2026-11-21T12:00:00.000000Z",
        "site": "default",
        "at": at,
        "queue": queue,
        "level": level,
        "was": "normal",
        "reason": "above",
        "chances": {"60": 0.62},
    }
    return NoticeChanged(**(fields | more))


def alert(
    phase: AlertPhase = "raised", *, queue: str = "sales", at: float = NOON, **more: Any
) -> AlertChanged:
    """An alert about a queue that began at noon."""
    name = f"alert/queue_busy/default/{queue}/2026-11-21T12:00:00Z"
    fields: dict[str, Any] = {
        "key": f"{name}/{phase}/{at:.0f}",
        "site": "default",
        "at": at,
        "alert": name,
        "kind": "queue_busy",
        "phase": phase,
        "severity": "critical" if phase == "escalated" else "warning",
        "subject": queue,
        "since_at": NOON,
        "reason": "above",
        "waiting": 7,
        "oldest_wait_s": 245.0,
        "chances": {"60": 0.62, "180": 0.3},
        "agents": 4,
        "agents_missing": 2,
        "chance_then": 0.18,
    }
    return AlertChanged(**(fields | more))


def voucher(contact: str = "ada", *, at: float = NOON, **more: Any) -> IncentiveIssued:
    """Ten euros for somebody who waited too long."""
    fields: dict[str, Any] = {
        "key": f"incentive/default/long-wait/sales/{contact}/1",
        "site": "default",
        "at": at,
        "queue": "sales",
        "channel": "phone",
        "contact": contact,
        "customer": "c0ffee",
        "tier": "existing",
        "language": "de",
        "rule": "long-wait",
        "reason": "wait_passed",
        "wait_s": 200.0,
        "benefit": Benefit(amount=Decimal("10.00"), currency="EUR"),
        "expires_at": NOON + 90 * 86_400.0,
    }
    return IncentiveIssued(**(fields | more))


def refusal(contact: str = "bob", *, at: float = NOON, **more: Any) -> IncentiveRefused:
    """None for somebody who had one."""
    fields: dict[str, Any] = {
        "key": f"incentive/default/long-wait/sales/{contact}/1/refused",
        "site": "default",
        "at": at,
        "queue": "sales",
        "contact": contact,
        "customer": "c0ffee",
        "rule": "long-wait",
        "reason": "customer_had_enough",
    }
    return IncentiveRefused(**(fields | more))


def redeemed(one: IncentiveIssued, *, at: float = NOON + 60.0) -> IncentiveMoved:
    """It was used."""
    return IncentiveMoved(
        key=f"{one.key}/redeemed", site=one.site, at=at, incentive=one.key, to="redeemed", by="till"
    )


def follow_up(one: IncentiveIssued, *, at: float = NOON + 86_400.0) -> FollowUpDue:
    """Somebody should ask how it went."""
    return FollowUpDue(
        key=f"{one.key}/follow-up",
        site=one.site,
        at=at,
        incentive=one.key,
        queue=one.queue,
        contact=one.contact,
        customer=one.customer,
    )
