"""Tests of the rules: the contract's numbers by default, and single queues with rules of their own."""

from __future__ import annotations

import msgspec
import pytest

from queuewatch.core.rules import Ages, NoticeRule, QueueRules, Rules


def test_without_a_word_the_rules_are_those_of_the_contract() -> None:
    rules = Rules().of("sales")
    assert rules.thresholds_s == (60.0, 180.0)
    assert rules.notice == NoticeRule(
        busy_threshold_s=60.0,
        very_busy_threshold_s=180.0,
        enter_chance=0.5,
        enter_hold_s=30.0,
        end_chance=0.3,
        end_hold_s=120.0,
    )


def test_a_queue_may_have_rules_of_its_own() -> None:
    own = QueueRules(thresholds_s=(3600.0, 14400.0))
    rules = Rules(queues={"mail": own})
    assert rules.of("mail") is own
    assert rules.of("sales") is rules.every


def test_an_email_may_wait_for_ever_and_others_may_not() -> None:
    ages = Ages()
    assert [ages.waiting_s(channel) for channel in ("phone", "chat", "email")] == [7200.0, 86400.0, None]


def test_the_thresholds_of_a_notice_are_named_like_the_chances() -> None:
    assert NoticeRule(busy_threshold_s=90.0, very_busy_threshold_s=0.5).thresholds == ("90", "0.5")


@pytest.mark.parametrize(
    "bad", [{"enter_chance": 1.1}, {"end_hold_s": -1}, {"busy_threshold_s": 0}, {"enter": 1}]
)
def test_impossible_rules_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, NoticeRule)
