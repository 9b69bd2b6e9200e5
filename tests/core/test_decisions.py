"""Decisions: which is which, and that each can be written down and read again."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from queuewatch.core.decisions import (
    AlertChanged,
    Benefit,
    Decision,
    IncentiveIssued,
    NoticeChanged,
    notices_among,
)

NOTICE = NoticeChanged(
    key="notice/default/sales/busy/2026-11-21T10:01:30.000000Z",
    site="default",
    at=1.0,
    queue="sales",
    level="busy",
    was="normal",
    reason="above",
    chances={"60": 0.5},
)
VOUCHER = IncentiveIssued(
    key="incentive/default/long-wait/sales/ada/1",
    site="default",
    at=2.0,
    queue="sales",
    channel="phone",
    contact="ada",
    customer=None,
    tier="existing",
    language="de",
    rule="long-wait",
    reason="wait_passed",
    wait_s=181.0,
    benefit=Benefit(amount=Decimal("10.00"), currency="EUR"),
    expires_at=3.0,
)
ALERT = AlertChanged(
    key="alert/queue_busy/default/sales/1/raised",
    site="default",
    at=1.0,
    alert="alert/queue_busy/default/sales/1",
    kind="queue_busy",
    phase="raised",
    severity="warning",
    subject="sales",
    since_at=1.0,
    reason="above",
)


def test_notices_are_found_among_other_decisions_in_their_order() -> None:
    later = msgspec.structs.replace(NOTICE, key="notice/later", at=5.0)
    assert notices_among([VOUCHER, NOTICE, ALERT, later]) == [NOTICE, later]


@pytest.mark.parametrize("decision", [NOTICE, VOUCHER, ALERT])
def test_a_decision_that_was_written_down_reads_as_it_was(decision: Decision) -> None:
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == decision
