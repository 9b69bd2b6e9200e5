"""What customers are owed and who is told, unless the file says otherwise: as the core has it."""

from __future__ import annotations

from queuewatch.config.care import AlertsSection, BudgetSection, CallbacksSection, IncentiveSection
from queuewatch.core.rules import AlertRule, Budget, CallbackRule


def test_alerts_and_call_backs_are_as_the_core_has_them() -> None:
    alerts, rule = AlertsSection(), AlertRule()
    for name in ("hold_s", "end_hold_s", "reopen_s", "critical_after_s", "past", "past_hold_s", "stale_s"):
        assert getattr(alerts, name) == getattr(rule, name)
    assert CallbacksSection().after_s == CallbackRule().after_s
    assert CallbacksSection().keep_days * 86_400.0 == CallbackRule().keep_s


def test_nothing_is_given_away_by_hand_and_without_limit_unless_somebody_says_so() -> None:
    assert BudgetSection().by_hand_day == Budget().by_hand_day == 0
    assert BudgetSection().day is None


def test_a_rule_that_says_nothing_is_for_known_customers_who_waited_three_minutes_once() -> None:
    rule = IncentiveSection()
    assert (rule.when, rule.after_s, rule.per_customer, rule.unknown_customers) == (
        "waiting",
        180.0,
        1,
        False,
    )
