"""Vouchers issued and refused at noon, of which the desk's customers are told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from queuewatch.core.decisions import Benefit, IncentiveIssued, IncentiveRefused
from tests import decided
from tests.serve.desk import CUSTOMERS, NOON

ADA = CUSTOMERS.pseudonym("ada@example.org")
TEN = Benefit(amount=Decimal("10.00"), currency="EUR", text={"en": "Sorry, and thank you."})


def voucher(contact: str = "ada", seconds: float = -60.0, **more: Any) -> IncentiveIssued:
    """A voucher for Ada that a rule issued so many seconds from noon."""
    fields: dict[str, Any] = {
        "customer": ADA,
        "wait_s": 180.0,
        "benefit": TEN,
        "value": TEN.amount,
        "expires_at": NOON + 1000.0,
    }
    return decided.voucher(contact, at=NOON + seconds, **fields | more)


def refusal(seconds: float = -30.0) -> IncentiveRefused:
    """None for Bob: the queue had no money left."""
    return decided.refusal(at=NOON + seconds, customer=None, reason="queue_budget_spent")
