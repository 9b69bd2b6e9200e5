"""What rules would have done: what vouchers cost, whom they reached, and what each day was like."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from queuewatch.core.decisions import Benefit, Decision, IncentiveIssued, NoticeChanged
from queuewatch.core.past.dryrun import Day, RuleCost, costs, days, kinds, spread
from queuewatch.core.view import NoticeLevel
from tests.core.examples import at
from tests.decided import alert, notice, refusal, voucher

HOUR_S = 3600.0


def worth(value: str, seconds: float, **more: Any) -> IncentiveIssued:
    """A voucher that counts as much; `seconds` from when the story begins, at ten UTC."""
    return voucher(at=at(seconds), **{"value": Decimal(value), "benefit": Benefit(), **more})


def turned(level: NoticeLevel, hours: float, queue: str = "sales") -> NoticeChanged:
    return notice(level, at=at(hours * HOUR_S), queue=queue)


def test_a_rule_costs_what_its_vouchers_count_and_reaches_customers_once_each() -> None:
    found = costs(
        [
            worth("10", 0),
            worth("10", 1, queue="support", tier=None),
            worth("2.50", 2, contact="bob", customer=None, reason="abandoned"),
            refusal(reason="customer_unknown"),
            refusal(rule="a", reason="second_failure"),
            notice(),
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
    """Busy from 22:00 to 02:00, and in support to the end at 03:00."""
    decided: list[Decision] = [
        turned("normal", 0),
        turned("busy", 12),
        turned("very_busy", 13),
        turned("normal", 16),
        turned("busy", 16.5, "support"),
        worth("10", 15 * HOUR_S),
    ]
    first, second = days(decided, at(0), at(17 * HOUR_S), UTC)
    assert first == Day(day="2026-11-21", notices=2, busy_s=2 * HOUR_S)
    assert second == Day(day="2026-11-22", notices=1, busy_s=2.5 * HOUR_S, incentives=1, value=Decimal(10))
    assert [day.day for day in days([], at(0), at(72 * HOUR_S), UTC)][-1] == "2026-11-24"


def test_what_was_refused_is_no_voucher_and_no_message() -> None:
    assert days([refusal(at=at(0))], at(0), at(0), UTC) == (Day(day="2026-11-21"),)


def test_days_are_those_of_the_budgets_clock() -> None:
    """14:00 UTC is midnight in Brisbane."""
    found = days([worth("1", 4 * HOUR_S)], at(0), at(4 * HOUR_S), ZoneInfo("Australia/Brisbane"))
    assert [(day.day, day.incentives) for day in found] == [("2026-11-21", 0), ("2026-11-22", 1)]


def test_alerts_are_counted_by_kind_and_all_that_is_told_as_messages() -> None:
    told = [alert(phase, at=at(0)) for phase in ("raised", "resolved", "raised")]
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
