"""What people do with vouchers: grant one within their limit, redeem it once, take it back, follow it up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from queuewatch.core.decisions import IncentiveIssued, IncentiveMoved, IncentiveRefused
from queuewatch.core.facts.acts import (
    IncentiveFollowedUp,
    IncentiveGranted,
    IncentiveRedeemed,
    IncentiveRevoked,
)
from queuewatch.core.facts.events import Enqueued
from queuewatch.core.rules import DAY_S, Budget
from tests.core.examples import SALES, at, event, one_visit
from tests.core.shop import ADA, Shop, a_voucher, answered, waits, why


def test_a_voucher_that_is_gone_does_not_expire_and_one_taken_back_needs_no_follow_up() -> None:
    shop = Shop()
    key = a_voucher(shop).key
    (moved,) = shop.acts(10, IncentiveRevoked(incentive=key, by="Grace", note="a mistake"))
    assert isinstance(moved, IncentiveMoved)
    assert (moved.key, moved.to, moved.by, moved.note) == (f"{key}/revoked", "revoked", "Grace", "a mistake")
    assert shop.purse.vouchers[key].act == "act"
    assert shop.purse.spent == {"2026-11-21": {"sales": Decimal(0)}}
    assert shop.wakes(91 * DAY_S) == []


@pytest.mark.parametrize(("seconds", "done"), [(90 * DAY_S - 0.001, 1), (90 * DAY_S, 0)])
def test_a_voucher_can_be_redeemed_until_it_expires(seconds: float, done: int) -> None:
    shop = Shop()
    key = a_voucher(shop).key
    assert len(shop.acts(seconds, IncentiveRedeemed(incentive=key, by="till"))) == done
    assert shop.acts(seconds, IncentiveRedeemed(incentive=key, by="till")) == []


def test_who_was_asked_how_it_went_is_not_to_be_asked_again() -> None:
    shop = Shop()
    key = a_voucher(shop).key
    assert len(shop.acts(1, IncentiveFollowedUp(incentive=key, by="Grace"))) == 1
    assert shop.acts(2, IncentiveFollowedUp(incentive=key, by="Hugo")) == []
    assert shop.wakes(4 * DAY_S) == []


def test_an_act_on_a_voucher_nobody_knows_does_nothing() -> None:
    assert Shop().acts(0, IncentiveRedeemed(incentive="incentive/x", by="till")) == []


def grants(amount: str, contact: str = "ada", **more: Any) -> IncentiveGranted:
    said = {"by": "Grace", "holder": "desk", "note": "the line was cut"}
    return IncentiveGranted(**SALES, contact=contact, amount=Decimal(amount), **said | more)


def test_a_person_grants_to_the_cent_within_the_limit_of_their_token_and_the_site() -> None:
    shop = Shop(Budget(by_hand_day=Decimal(25), day=Decimal(40)))
    assert why(shop.acts(0, grants("15"), "1")) == ["granted"]
    (refused,) = shop.acts(1, grants("10.01", by="Hugo"), "2")
    assert isinstance(refused, IncentiveRefused)
    assert (refused.reason, refused.rule, refused.by) == ("over_own_limit", "by-hand", "Hugo")
    assert why(shop.acts(2, grants("10"), "3")) == ["granted"]
    assert why(shop.acts(3, grants("15.01", holder="till"), "4")) == ["overall_budget_spent"]
    assert why(shop.acts(4, grants("15", holder="till"), "5")) == ["granted"]
    assert shop.purse.by_hand == {"2026-11-21": {"desk": Decimal(25), "till": Decimal(15)}}


def test_a_grant_told_twice_is_one_voucher() -> None:
    shop = Shop(Budget(by_hand_day=Decimal(25)))
    assert len(shop.acts(0, grants("10"))) == 1
    assert shop.acts(1, grants("10")) == []


def test_what_a_person_did_not_say_of_the_contact_is_what_its_visit_says() -> None:
    shop = Shop(Budget(by_hand_day=Decimal(25), currency="CHF"))
    shop.knows(answered(75, tier="existing", language="de"))
    (voucher,) = shop.acts(100, grants("10"))
    assert isinstance(voucher, IncentiveIssued)
    assert (voucher.customer, voucher.tier, voucher.language, voucher.wait_s) == (ADA, "existing", "de", 75.0)
    assert (voucher.benefit.amount, voucher.benefit.currency) == (Decimal(10), "CHF")
    assert voucher.expires_at == at(100) + 90 * DAY_S
    assert shop.purse.vouchers[voucher.key].follow_up_at == at(100) + 3 * DAY_S


def test_what_a_person_says_goes_before_what_the_visit_says() -> None:
    shop = Shop(Budget(by_hand_day=Decimal(25)))
    shop.knows(waits(tier="new", language="de"))
    (voucher,) = shop.acts(100, grants("10", customer="p1:bob", tier="existing", language="en"))
    assert isinstance(voucher, IncentiveIssued)
    assert (voucher.customer, voucher.tier, voucher.language) == ("p1:bob", "existing", "en")
    assert voucher.wait_s == 0.0, "it still lasts"


def test_who_was_granted_one_by_hand_has_had_enough() -> None:
    shop = Shop(Budget(by_hand_day=Decimal(25)))
    shop.acts(0, grants("10", "other", customer=ADA))
    assert why(shop.judges(200, waits())) == ["customer_had_enough"]
    assert shop.cases == []


def test_a_contact_that_is_not_known_or_not_of_this_queue_can_be_granted_one() -> None:
    shop = Shop(Budget(by_hand_day=Decimal(25)))
    shop.knows(one_visit(event(0, Enqueued(queue="support", channel="phone", customer=ADA), "ada")))
    for contact in ("ada", "nobody"):
        (voucher,) = shop.acts(100, grants("1", contact), contact)
        assert isinstance(voucher, IncentiveIssued)
        assert (voucher.customer, voucher.wait_s) == (None, 0.0)


def test_how_long_a_voucher_by_hand_is_good_and_whether_to_ask_afterwards_is_the_houses_choice() -> None:
    shop = Shop(Budget(by_hand_day=Decimal(25), by_hand_valid_s=DAY_S, by_hand_follow_up_s=None))
    (voucher,) = shop.acts(100, grants("10"))
    assert isinstance(voucher, IncentiveIssued)
    assert voucher.expires_at == at(100) + DAY_S
    assert shop.purse.vouchers[voucher.key].follow_up_at is None
    assert [one.to for one in shop.wakes(100 + DAY_S) if isinstance(one, IncentiveMoved)] == ["expired"]
