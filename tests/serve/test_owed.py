"""Metrics of what customers are owed: per site and queue, and unknown amounts are absent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from queuewatch.core.care import Care
from queuewatch.core.customers.callbacks import Callbacks, Caller
from queuewatch.core.decisions import Benefit, FollowUpDue, IncentiveMoved
from queuewatch.serve.owed import (
    ALERTS,
    CALLBACKS,
    ISSUED,
    OPEN,
    OUTSTANDING,
    REFUSED,
    TO_ASK,
    TO_CALL,
    VALUE,
    owed,
)
from tests.serve.desk import NOON
from tests.serve.vouchers import refusal, voucher

FRANCS = Benefit(amount=Decimal("2.50"), currency="CHF")


@pytest.fixture
def care() -> Care:
    """Ten euros and 2.50 francs are open, ten euros redeemed, a tenth off is no money; one was refused."""
    care = Care(callbacks=Callbacks(counts={"sales": {"claimed": 2}}))
    benefits: dict[str, dict[str, Any]] = {
        "ada": {},
        "bob": {"benefit": FRANCS},
        "cyd": {},
        "dan": {"benefit": Benefit(percent=Decimal(10)), "queue": "support", "reason": "abandoned"},
    }
    for contact, more in benefits.items():
        care.purse.put(voucher(contact, **more), "2026-07-20", None)
    used = care.purse.vouchers["incentive/default/long-wait/sales/cyd/1"]
    used.moved = IncentiveMoved(
        key="m", site="default", at=NOON, incentive=used.issued.key, to="redeemed", by="till 3"
    )
    care.purse.refuse(refusal())
    for state in ("open", "claimed", "done"):
        care.callbacks.callers[state] = Caller(customer=None, tier=None, language=None, state=state)
    return care


def read(care: Care) -> dict[str, dict[str, float]]:
    """Each metric's samples by their labels."""
    return {family.name: dict(samples) for family, samples in owed({"berlin": care})}


def test_vouchers_are_counted_by_why_and_refusals_too(care: Care) -> None:
    found = read(care)
    assert found[ISSUED.name] == {
        'site="berlin",queue="sales",reason="wait_passed"': 3.0,
        'site="berlin",queue="support",reason="abandoned"': 1.0,
    }
    assert found[REFUSED.name] == {'site="berlin",queue="sales",reason="queue_budget_spent"': 1.0}


def test_money_given_and_money_outstanding_are_kept_apart_by_currency(care: Care) -> None:
    found = read(care)
    assert found[VALUE.name] == {
        'site="berlin",queue="sales",currency="EUR"': 20.0,
        'site="berlin",queue="sales",currency="CHF"': 2.5,
    }
    assert found[OPEN.name] == {'site="berlin"': 3.0}
    assert found[OUTSTANDING.name] == {
        'site="berlin",currency="EUR"': 10.0,
        'site="berlin",currency="CHF"': 2.5,
    }


def test_who_was_called_back_is_no_longer_to_be_called(care: Care) -> None:
    found = read(care)
    assert found[TO_CALL.name] == {'site="berlin"': 2.0}
    assert found[CALLBACKS.name] == {'site="berlin",queue="sales",outcome="claimed"': 2.0}


def test_an_amount_without_a_currency_is_not_added_to_any() -> None:
    care = Care()
    care.purse.put(voucher(benefit=Benefit(amount=Decimal(10))), "2026-07-20", None)
    assert (read(care)[OPEN.name], read(care)[OUTSTANDING.name]) == ({'site="berlin"': 1.0}, {})


def test_a_site_that_owes_nothing_says_nothing_but_noughts() -> None:
    found = read(Care())
    told = {name: samples for name, samples in found.items() if samples}
    assert told == {one.name: {'site="berlin"': 0.0} for one in (OPEN, TO_CALL, TO_ASK)}
    assert all(not samples for _, samples in owed({}))


def test_no_metric_names_a_customer_a_contact_or_a_voucher(care: Care) -> None:
    text = repr(owed({"berlin": care}))
    assert not [name for name in ("p1:", "ada", "cyd", "incentive/") if name in text]


def test_who_was_asked_how_it_went_is_no_longer_to_be_asked(care: Care) -> None:
    for contact in ("ada", "bob"):
        one = care.purse.vouchers[f"incentive/default/long-wait/sales/{contact}/1"]
        one.follow_up = FollowUpDue(
            key=contact,
            site="berlin",
            at=NOON,
            incentive=one.issued.key,
            queue="sales",
            contact=contact,
            customer=None,
        )
    one.asked = IncentiveMoved(
        key="a", site="berlin", at=NOON, incentive=one.issued.key, to="followed_up", by="Ines"
    )
    assert read(care)[TO_ASK.name] == {'site="berlin"': 1.0}


def test_alerts_are_counted_by_what_they_are_about(care: Care) -> None:
    care.alerts.counts["queue_busy"] = 2
    assert read(care)[ALERTS.name] == {'site="berlin",reason="queue_busy"': 2.0}
