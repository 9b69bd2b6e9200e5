"""What rules would have done: what vouchers cost, whom they reached, and what each day was like."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from queuewatch.core.decisions import Benefit, Decision, IncentiveIssued, IncentiveRefused, NoticeChanged
from queuewatch.core.past.dryrun import Day, RuleCost, costs, days, kinds, spread
from tests.core.examples import at
from tests.core.test_decisions import ALERT, NOTICE, VOUCHER

HOUR_S = 3600.0


def voucher(key: str, seconds: float, value: str, **more: Any) -> IncentiveIssued:
    return IncentiveIssued(
        **{name: getattr(VOUCHER, name) for name in VOUCHER.__struct_fields__}
        | {"key": key, "at": at(seconds), "value": Decimal(value), "benefit": Benefit()}
        | more
    )


def notice(seconds: float, level: str, queue: str = "sales") -> NoticeChanged:
    known = {name: getattr(NOTICE, name) for name in NOTICE.__struct_fields__}
    return NoticeChanged(**known | {"key": f"n{seconds}", "at": at(seconds), "level": level, "queue": queue})


def test_a_rule_costs_what_its_vouchers_count_and_reaches_customers_once_each() -> None:
    refused = IncentiveRefused(
        key="r",
        site="default",
        at=1.0,
        queue="sales",
        contact="x",
        customer=None,
        rule="long-wait",
        reason="customer_unknown",
    )
    never = IncentiveRefused(
        key="n",
        site="default",
        at=1.0,
        queue="sales",
        contact="x",
        customer=None,
        rule="a",
        reason="second_failure",
    )
    found = costs(
        [
            voucher("1", 0, "10", customer="p1:ada"),
            voucher("2", 1, "10", customer="p1:ada", queue="support", tier=None),
            voucher("3", 2, "2.50", contact="bob", reason="abandoned"),
            refused,
            never,
            NOTICE,
        ]
    )
    assert found == (
        RuleCost(rule="a", refused={"second_failure": 1}),
        RuleCost(
            rule="long-wait",
            issued=3,
            value=Decimal("22.50"),
            customers=2,
            reasons={"wait_passed": 2, "abandoned": 1},
            refused={"customer_unknown": 1},
            tiers={"existing": Decimal("12.50"), "unknown": Decimal(10)},
            queues={"sales": Decimal("12.50"), "support": Decimal(10)},
        ),
    )


def test_each_day_has_its_own_also_a_quiet_one_and_a_notice_may_last_over_midnight() -> None:
    """The story begins at ten UTC: busy from 22:00 to 02:00, and in support to the end at 03:00."""
    decided: list[Decision] = [
        notice(0, "normal"),
        notice(12 * HOUR_S, "busy"),
        notice(13 * HOUR_S, "very_busy"),
        notice(16 * HOUR_S, "normal"),
        notice(16.5 * HOUR_S, "busy", "support"),
        voucher("1", 15 * HOUR_S, "10"),
    ]
    first, second = days(decided, at(0), at(17 * HOUR_S), UTC)
    assert first == Day(day="2026-11-21", notices=2, busy_s=2 * HOUR_S)
    assert second == Day(day="2026-11-22", notices=1, busy_s=2.5 * HOUR_S, incentives=1, value=Decimal(10))
    assert [day.day for day in days([], at(0), at(72 * HOUR_S), UTC)][-1] == "2026-11-24"


def test_what_was_refused_is_no_voucher_and_no_message() -> None:
    refused = IncentiveRefused(
        key="r",
        site="default",
        at=at(0),
        queue="sales",
        contact="x",
        customer=None,
        rule="long-wait",
        reason="customer_unknown",
    )
    assert days([refused], at(0), at(0), UTC) == (Day(day="2026-11-21"),)


def test_days_are_those_of_the_budgets_clock() -> None:
    """14:00 UTC is midnight in Brisbane."""
    found = days([voucher("1", 4 * HOUR_S, "1")], at(0), at(4 * HOUR_S), ZoneInfo("Australia/Brisbane"))
    assert [(day.day, day.incentives) for day in found] == [("2026-11-21", 0), ("2026-11-22", 1)]


def test_alerts_are_counted_by_kind_and_all_that_is_told_as_messages() -> None:
    known = {name: getattr(ALERT, name) for name in ALERT.__struct_fields__}
    told = [
        type(ALERT)(**known | {"at": at(0), "phase": phase}) for phase in ("raised", "resolved", "raised")
    ]
    (day,) = days(told, at(0), at(1), UTC)
    assert (day.alerts, day.messages) == ({"queue_busy": 2}, 3)
    assert kinds([day, day]) == {"queue_busy": 4}


@pytest.mark.parametrize(
    ("notices", "three"), [([3, 1, 8], (1, 3, 8)), ([4, 1], (1, 2.5, 4)), ([5], (5, 5, 5))]
)
def test_days_are_summed_up_as_the_least_the_middle_and_the_most(
    notices: list[int], three: tuple[float, float, float]
) -> None:
    assert spread(Day(day=str(n), notices=n) for n in notices)["notices"] == three
    assert spread([]) == {}
