"""Vouchers, function by function: which rule, when a wait is looked at, verdicts, and what falls due."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from queuewatch.core.customers.incentives import (
    in_order,
)
from queuewatch.core.decisions import FollowUpDue, IncentiveIssued, IncentiveMoved
from queuewatch.core.facts.events import Abandoned, Answered
from queuewatch.core.hours import Hours
from queuewatch.core.rules import DAY_S, Ages, Budget, Rules
from tests.core.examples import SALES, at, event, one_visit
from tests.core.shop import ADA, LONG_WAIT, Shop, a_voucher, answered, waits, why

# ── which rule, and when ──────────────────────────────────────────────────────────────────────────────────


def test_rules_for_tiers_go_first_then_the_more_generous_one_and_then_by_name() -> None:
    cheap, dear = replace(LONG_WAIT, value=Decimal(1)), replace(LONG_WAIT, value=Decimal(50))
    loyal = replace(cheap, tiers=("existing",))
    rules = Rules(incentives={"b": cheap, "a": cheap, "dear": dear, "loyal": loyal})
    assert [name for name, _ in in_order(rules)] == ["loyal", "dear", "a", "b"]


def test_a_wait_that_begins_is_looked_at_when_the_first_rule_speaks_and_then_for_the_next() -> None:
    late = replace(LONG_WAIT, after_s=300.0, unknown_customers=True)
    shop = Shop(soon=LONG_WAIT, late=late, answer=replace(LONG_WAIT, when="answered", after_s=1.0))
    shop.knows(visit := waits())
    assert shop.heeds(0, visit, "waiting") == []
    assert shop.purse.next_at() == at(180)
    assert why(shop.wakes(180)) == ["wait_passed"]
    assert (at(300), "sales", "ada", 1) in shop.purse.waits
    assert why(shop.wakes(300)) == ["contact_had_one"]


def test_nobody_looks_for_vouchers_where_there_is_no_rule_or_no_visit_or_where_we_call() -> None:
    shop = Shop()
    assert shop.heeds(500, answered(400), None) == []
    assert shop.heeds(500, waits(callback=True), "waiting") == []
    assert shop.purse.waits == []
    shop.rules = Rules()
    assert shop.heeds(0, waits(), "waiting") == []
    assert shop.purse.waits == []


def test_a_wait_of_which_nobody_knows_how_long_it_was_is_owed_nothing() -> None:
    visit = one_visit(event(500, Answered(**SALES, agent="x"), "ada"))
    assert visit.endured_s is None
    assert Shop(r=replace(LONG_WAIT, after_s=0.0)).heeds(500, visit, "answered") == []


@pytest.mark.parametrize(("seconds", "reasons"), [(179.999, []), (180.0, ["wait_passed"])])
def test_an_answered_wait_is_owed_a_voucher_from_180_s_on(seconds: float, reasons: list[str]) -> None:
    shop = Shop(r=replace(LONG_WAIT, when="answered"))
    assert why(shop.heeds(seconds, answered(seconds), "answered")) == reasons


def test_who_gave_up_is_not_owed_what_those_are_who_were_answered() -> None:
    visit = waits("ada", event(200, Abandoned(**SALES)))
    assert Shop(r=replace(LONG_WAIT, when="answered")).heeds(200, visit, "abandoned") == []
    assert why(Shop(r=replace(LONG_WAIT, when="abandoned")).heeds(200, visit, "abandoned")) == ["abandoned"]


def test_a_wait_in_a_queue_that_never_opens_is_never_looked_at() -> None:
    shop = Shop(hours=Hours(zone=ZoneInfo("UTC"), week=((),) * 7))
    shop.heeds(0, waits(), "waiting")
    assert shop.purse.next_at() is None
    assert shop.heeds(900, answered(900), "answered") == []


def test_an_alarm_for_a_wait_that_is_over_or_forgotten_does_nothing() -> None:
    shop = Shop()
    shop.heeds(0, waits(), "waiting")
    shop.heeds(0, waits("gone"), "waiting")
    shop.knows(answered(100))
    assert shop.wakes(180) == []
    assert shop.purse.waits == []


# ── promises ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_promise_counts_and_only_rules_for_promises_look_at_it() -> None:
    shop = Shop(wait=LONG_WAIT, broken=replace(LONG_WAIT, when="promise_broken", after_s=30.0))
    shop.knows(waits())
    shop.is_promised(10, 60.0)
    shop.is_promised(20, 10.0)
    shop.is_promised(30, 900.0)
    assert shop.purse.promised == {"sales/ada/1": at(30)}
    assert shop.purse.next_at() == at(60)
    assert why(shop.wakes(59.999)) == []
    assert why(shop.wakes(60)) == ["promise_broken"]


def test_what_was_not_promised_or_not_for_this_wait_is_no_promise() -> None:
    shop = Shop(broken=replace(LONG_WAIT, when="promise_broken"))
    shop.is_promised(5, 60.0)
    shop.knows(waits())
    shop.is_promised(10, None)
    shop.is_promised(10, 60.0, visit=2)
    shop.knows(answered(20))
    shop.is_promised(30, 60.0)
    assert (shop.purse.promised, shop.purse.waits) == ({}, [])


def test_a_wait_with_a_promise_that_still_holds_is_owed_nothing_yet() -> None:
    shop = Shop(wait=LONG_WAIT, broken=replace(LONG_WAIT, when="promise_broken", value=Decimal(20)))
    shop.knows(visit := waits())
    shop.heeds(0, visit, "waiting")
    shop.is_promised(10, 600.0)
    (voucher,) = shop.wakes(180)
    assert isinstance(voucher, IncentiveIssued)
    assert (voucher.rule, voucher.value) == ("wait", Decimal(10))


# ── the verdict ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_is_judged_once_and_says_what_is_owed_and_until_when() -> None:
    shop = Shop()
    (voucher,) = shop.judges(200, waits(tier="existing", language="de"))
    assert isinstance(voucher, IncentiveIssued)
    assert (voucher.customer, voucher.tier, voucher.language, voucher.wait_s) == (
        ADA,
        "existing",
        "de",
        180.0,
    )
    assert (voucher.at, voucher.expires_at) == (at(200), at(200) + 90 * DAY_S)
    assert shop.judges(201, waits()) == []
    assert list(shop.purse.vouchers) == [voucher.key]


def test_a_case_whose_voucher_is_still_known_is_not_judged_again_when_the_verdict_is_forgotten() -> None:
    shop = Shop()
    shop.judges(200, waits())
    shop.purse.judged.clear()
    assert shop.judges(201, waits()) == []


def test_who_is_not_meant_and_what_is_told_too_late_are_counted_and_nothing_is_said() -> None:
    late_s = Ages().late_s
    shop = Shop(r=LONG_WAIT, chats=replace(LONG_WAIT, channels=("chat",)))
    assert shop.judges(200, waits(), name="chats") == []
    assert shop.judges(180 + late_s + 0.001, waits("late")) == []
    assert shop.purse.refused == {"sales": {"not_for_them": 1, "told_late": 1}}
    assert why(shop.judges(180 + late_s, waits("in time"))) == ["wait_passed"]


def test_the_second_failure_is_a_case_for_a_person_and_somebody_is_told() -> None:
    shop = Shop()
    assert why(shop.judges(200, waits("first"))) == ["wait_passed"]
    assert why(shop.judges(300, waits("second"))) == ["second_failure"]
    assert shop.cases == ["second"]


@pytest.mark.parametrize(
    ("unknown_customers", "reason"), [(False, "customer_unknown"), (True, "wait_passed")]
)
def test_whom_nobody_knows_gets_one_where_the_rule_says_so(unknown_customers: bool, reason: str) -> None:
    shop = Shop(r=replace(LONG_WAIT, unknown_customers=unknown_customers))
    assert why(shop.judges(200, waits(customer=None))) == [reason]
    assert shop.purse.failures == {}


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(queue_day=Decimal(10)), "wait_passed"),
        (Budget(queue_day=Decimal("9.99")), "queue_budget_spent"),
        (Budget(queue_day=Decimal(0), queues_day={"sales": Decimal(10)}), "wait_passed"),
        (Budget(day=Decimal(10)), "wait_passed"),
        (Budget(day=Decimal("9.99")), "overall_budget_spent"),
        (Budget(month=Decimal(10)), "wait_passed"),
        (Budget(month=Decimal("9.99")), "overall_budget_spent"),
        (Budget(day=Decimal(20), evening_share=0.5), "wait_passed"),
        (Budget(day=Decimal("19.98"), evening_share=0.5), "kept_for_the_evening"),
        (Budget(day=Decimal("19.98"), evening_share=0.5, evening_s=10 * 3600.0 + 200), "wait_passed"),
        (
            Budget(day=Decimal("19.98"), evening_share=0.5, evening_s=10 * 3600.0 + 201),
            "kept_for_the_evening",
        ),
        (Budget(day=Decimal(20), existing_share=0.5), "wait_passed"),
        (Budget(day=Decimal("19.98"), existing_share=0.5), "kept_for_existing"),
    ],
)
def test_a_budget_is_enough_to_the_cent(budget: Budget, reason: str) -> None:
    """It is 200 s after ten, and ten euros are owed."""
    assert why(Shop(budget).judges(200, waits(tier="new"))) == [reason]


def test_existing_customers_are_given_what_is_kept_for_them() -> None:
    shop = Shop(Budget(day=Decimal(10), existing_share=1.0))
    assert why(shop.judges(200, waits(tier="existing"))) == ["wait_passed"]


# ── what falls due ────────────────────────────────────────────────────────────────────


def test_a_follow_up_falls_due_also_when_the_voucher_expired_long_before() -> None:
    shop = Shop(r=replace(LONG_WAIT, valid_s=DAY_S, period_s=DAY_S, follow_up_s=60 * DAY_S))
    key = a_voucher(shop).key
    assert [type(one) for one in shop.wakes(DAY_S)] == [IncentiveMoved]
    assert shop.wakes(59 * DAY_S) == []
    (due,) = shop.wakes(60 * DAY_S)
    assert isinstance(due, FollowUpDue)
    assert (due.incentive, due.contact, due.customer) == (key, "ada", ADA)
    assert shop.purse.vouchers == {}, "now nobody needs it any more"
