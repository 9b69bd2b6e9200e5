"""Vouchers as they are told: each with what became of it, and what is still outstanding."""

from __future__ import annotations

from decimal import Decimal

from queuewatch.core.decisions import FollowUpDue, IncentiveMoved
from queuewatch.serve.vouchers_told import entries, outstanding
from tests.serve.desk import NOON
from tests.serve.vouchers import refusal, voucher


def test_what_became_of_a_voucher_is_told_with_it_and_what_is_of_none_is_left_out() -> None:
    one = voucher()
    follow_up = FollowUpDue(
        key="f", site="default", at=NOON + 5, incentive=one.key, queue="sales", contact="ada", customer=None
    )
    asked = IncentiveMoved(
        key="a", site="default", at=NOON + 6, incentive=one.key, to="followed_up", by="Grace", note="all well"
    )
    stray = IncentiveMoved(key="s", site="default", at=NOON, incentive="another", to="expired")
    (due,) = entries([one, follow_up, stray])
    assert (due.state, due.follow_up) == ("open", "due")
    (done,) = entries([asked, one, follow_up])
    assert (done.follow_up, done.follow_up_by, done.follow_up_note) == ("done", "Grace", "all well")


def test_only_what_is_still_good_is_outstanding() -> None:
    used, still = voucher("ada"), voucher("bob")
    moved = IncentiveMoved(key="m", site="default", at=NOON, incentive=used.key, to="redeemed", by="till")
    told = list(entries([used, still, moved, refusal()]))
    assert outstanding(told) == {"EUR": Decimal("10.00")}
