"""The audit holds every decision about money, once, for good."""

from __future__ import annotations

import sqlite3

import pytest

from queuewatch.outgoing import Issuing
from queuewatch.store.audit import Audit, read
from tests.decided import NOON, alert, follow_up, redeemed, refusal, voucher
from tests.service.fakes import Desktop

MONEY = voucher()


async def test_it_has_what_is_about_money_in_order_and_nothing_else() -> None:
    desk = Desktop()
    await desk.outbox.write([alert(), MONEY, refusal(at=NOON + 1)], {})
    await desk.outbox.write([redeemed(MONEY), follow_up(MONEY)], {})
    assert await Audit(desk).read() == (MONEY, refusal(at=NOON + 1), redeemed(MONEY), follow_up(MONEY))


async def test_what_is_decided_again_is_in_it_once() -> None:
    desk = Desktop()
    for _ in range(3):
        await desk.outbox.write([MONEY], {})
    assert await Audit(desk).read() == (MONEY,)


async def test_it_can_be_asked_for_a_time_a_site_and_the_life_of_one_voucher() -> None:
    desk = Desktop()
    await desk.outbox.write([MONEY, refusal(at=NOON + 1), redeemed(MONEY, at=NOON + 60)], {})
    audit = Audit(desk)
    assert await audit.read(since_at=NOON + 1, until_at=NOON + 60) == (refusal(at=NOON + 1),)
    assert await audit.read(incentive=MONEY.key) == (MONEY, redeemed(MONEY))
    assert await audit.read(site="north") == ()
    assert await audit.read(most=1) == (redeemed(MONEY),)


async def test_nobody_can_change_it_or_delete_from_it() -> None:
    desk = Desktop()
    await desk.outbox.write([MONEY], {})
    for wrong in ("UPDATE audit SET at = 0", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            desk.database.execute(wrong)
    assert read(desk.database) == (MONEY,)


async def test_how_far_an_issuer_outside_is_with_each_voucher() -> None:
    desk = Desktop()
    audit, ours = Audit(desk), voucher("bob")
    assert await audit.issuing([MONEY.key]) == {}, "it is not written down yet"
    await desk.outbox.write([ours], {})
    await desk.outbox.write([MONEY], {"till": frozenset(("voucher",))})
    assert await audit.issuing([MONEY.key, ours.key]) == {
        MONEY.key: Issuing(state="pending"),
        ours.key: Issuing(),
    }
    (row,) = await desk.outbox.waiting("till")
    await desk.outbox.claim([row.number], NOON)
    await desk.outbox.postpone([row.number], NOON + 1, "no answer", unsure=True)
    assert await audit.issuing([MONEY.key]) == {MONEY.key: Issuing(state="pending", why="no answer")}
    await desk.outbox.settle([row.number], NOON, "sent", receipt="ABCD-1234")
    assert await audit.issuing([MONEY.key]) == {MONEY.key: Issuing(state="sent", code="ABCD-1234")}


async def test_it_can_be_asked_for_all_of_one_customers_also_what_became_of_it() -> None:
    desk = Desktop()
    other = voucher("bob", customer="c0de")
    await desk.outbox.write([MONEY, other, redeemed(MONEY), redeemed(other, at=NOON + 90)], {})
    assert await Audit(desk).read(customer="c0de") == (other, redeemed(other, at=NOON + 90))
