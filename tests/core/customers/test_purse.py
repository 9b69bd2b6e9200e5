"""What is remembered of vouchers: what was spent, who had one, what is due; and when it is forgotten."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from queuewatch.core.customers.purse import (
    MOST_REFUSALS,
    REMEMBERED_S,
    SPENT_DAYS,
    SWEEP_EVERY_S,
    Purse,
    add,
    count,
    day_of,
    grant_key,
    incentive_key,
    next_day_at,
    pop_due,
    seconds_of_day,
    stay,
)
from queuewatch.core.decisions import Benefit, FollowUpDue, IncentiveIssued, IncentiveMoved
from queuewatch.core.facts.events import Enqueued
from queuewatch.core.rules import DAY_S
from tests.core.examples import SALES, at, event, one_visit
from tests.decided import refusal, voucher

DAY = "2026-11-21"
BERLIN = ZoneInfo("Europe/Berlin")
SWEEP_DAYS_S = 400 * DAY_S


def owed(key: str, seconds: float = 0.0, customer: str | None = "p1:ada", **more: Any) -> IncentiveIssued:
    """A voucher of ten euros, good for a day."""
    known: dict[str, Any] = {"expires_at": at(seconds + DAY_S), "contact": key, "value": Decimal(10)}
    return voucher(at=at(seconds), **known | {"key": key, "customer": customer} | more)


def ended(incentive: str, to: str) -> IncentiveMoved:
    return IncentiveMoved(key=f"{incentive}/{to}", site="default", at=at(1), incentive=incentive, to=to)  # type: ignore[arg-type]


def asking(incentive: str) -> FollowUpDue:
    return FollowUpDue(
        key="f", site="default", at=at(2), incentive=incentive, queue="sales", contact="c", customer=None
    )


def held(*vouchers: IncentiveIssued, follow_up_s: float | None = None) -> Purse:
    """A purse with these vouchers."""
    purse = Purse()
    for one in vouchers:
        purse.put(one, DAY, follow_up_s)
    return purse


def test_a_voucher_counts_for_its_contact_its_customer_its_day_and_its_queue() -> None:
    purse = held(owed("v1"), owed("v2", 5.0, None, benefit=Benefit(percent=Decimal(5))))
    assert purse.had == {"v1": "v1", "v2": "v2"}
    assert purse.customers == {"p1:ada": {"v1": None}}
    assert purse.spent == {DAY: {"sales": Decimal(20)}}
    assert purse.counts == {"sales": {"wait_passed": 2}}
    assert purse.value == {"sales": {"EUR": Decimal(10)}}, "a percentage is no money"


def test_an_amount_without_a_currency_is_no_money_that_can_be_added_up() -> None:
    assert held(owed("v1", benefit=Benefit(amount=Decimal(3)))).value == {}


def test_the_expiry_and_the_follow_up_fall_due_each_in_its_time_and_not_before() -> None:
    purse = held(owed("v1"), follow_up_s=60.0)
    assert purse.next_at() == at(60)
    assert pop_due(purse.dues, at(59.999)) is None
    assert pop_due(purse.dues, at(60)) == (at(60), "follow_up", "v1")
    assert pop_due(purse.dues, at(DAY_S)) == (at(DAY_S), "expiry", "v1")
    assert pop_due(purse.dues, at(10 * DAY_S)) is None
    assert purse.next_at() is None


def test_a_wait_may_be_due_before_any_voucher_is() -> None:
    purse = held(owed("v1"))
    purse.waits.append((at(10), "sales", "ada", 1))
    assert purse.next_at() == at(10)


def test_of_very_many_refusals_the_latest_are_remembered_and_all_are_counted() -> None:
    purse = Purse()
    for number in range(MOST_REFUSALS + 1):
        purse.refuse(refusal(at=at(number), key=f"{number}"))
    assert (len(purse.refusals), purse.refusals[0].key) == (MOST_REFUSALS, "1")
    assert purse.refused == {"sales": {"customer_had_enough": MOST_REFUSALS + 1}}


def test_what_was_spent_can_be_asked_by_day_and_by_month() -> None:
    purse = Purse(
        spent={
            "2026-11-20": {"sales": Decimal("1.10")},
            DAY: {"sales": Decimal(2), "chat": Decimal("0.01")},
            "2026-12-01": {"sales": Decimal(7)},
        }
    )
    assert [purse.spent_on(on) for on in (DAY, "2026-11", "2026-12", "2027-01")] == [
        Decimal("2.01"),
        Decimal("3.11"),
        Decimal(7),
        Decimal(0),
    ]


def test_the_vouchers_of_a_customer_count_since_then_unless_they_were_taken_back() -> None:
    purse = held(owed("v1", 0), owed("v2", 10), owed("v3", 20), owed("other", 20, "p1:bob"))
    assert [purse.vouchers_of("p1:ada", at(since)) for since in (-0.001, 0, 10, 20)] == [3, 2, 1, 0]
    purse.vouchers["v3"].moved = ended("v3", "revoked")
    purse.vouchers["v2"].moved = ended("v2", "redeemed")
    assert purse.vouchers_of("p1:ada", at(0)) == 1
    assert purse.vouchers_of("p1:nobody", at(0)) == 0


def test_all_that_was_decided_of_a_voucher_is_remembered_with_the_refusals_last() -> None:
    purse = held(owed("v1"), owed("v2"))
    purse.refuse(refusal(at=at(1), key="1"))
    first = purse.vouchers["v1"]
    first.moved, first.follow_up, first.asked = (
        ended("v1", "expired"),
        asking("v1"),
        ended("v1", "followed_up"),
    )
    assert [one.fate for one in purse.vouchers.values()] == ["expired", "open"]
    assert [one.key for one in purse.remembered()] == ["v1", "v1/expired", "f", "v1/followed_up", "v2", "1"]


# ── forgetting ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_voucher_is_forgotten_a_month_after_it_expired_with_what_points_at_it() -> None:
    purse = held(owed("v1"))
    purse.sweep(at(DAY_S + REMEMBERED_S - 0.001), 0.0, ())
    assert list(purse.vouchers) == ["v1"]
    purse.swept_at = float("-inf")
    purse.sweep(at(DAY_S + REMEMBERED_S), 0.0, ())
    assert (purse.vouchers, purse.had, purse.customers) == ({}, {}, {})


@pytest.mark.parametrize(("period_s", "follow_up_s"), [(SWEEP_DAYS_S, None), (0.0, SWEEP_DAYS_S)])
def test_a_voucher_is_remembered_while_a_rule_counts_it_or_somebody_is_to_ask_how_it_went(
    period_s: float, follow_up_s: float | None
) -> None:
    purse = held(owed("v1"), follow_up_s=follow_up_s)
    purse.sweep(at(SWEEP_DAYS_S - 0.001), period_s, ())
    assert list(purse.vouchers) == ["v1"]
    purse.swept_at = float("-inf")
    purse.sweep(at(SWEEP_DAYS_S), period_s, ())
    assert purse.vouchers == {}


def test_forgetting_one_voucher_leaves_the_others_of_its_contact_and_customer() -> None:
    later = DAY_S + REMEMBERED_S
    purse = held(
        owed("old", contact="ada"),
        owed("new", later, contact="ada"),
        owed("nobody's", customer=None, contact="bob"),
    )
    purse.sweep(at(later), 0.0, ())
    assert list(purse.vouchers) == ["new"]
    assert (purse.had, purse.customers) == ({"ada": "new"}, {"p1:ada": {"new": None}})


def test_a_judged_case_is_forgotten_a_day_later_when_the_site_has_forgotten_its_contact() -> None:
    purse = Purse(judged={"ada": {"k": at(0)}, "bob": {"k": at(0), "l": at(0.001)}, "cyd": {"k": at(0)}})
    purse.sweep(at(DAY_S), 0.0, {"cyd"})
    assert set(purse.judged) == {"bob", "cyd"}


def test_a_failure_is_forgotten_when_it_is_a_period_ago_and_a_customer_with_the_last_of_them() -> None:
    purse = Purse(failures={"p1:ada": {"a": at(0), "b": at(0.001)}, "p1:bob": {"c": at(0)}})
    purse.sweep(at(DAY_S), DAY_S, ())
    assert purse.failures == {"p1:ada": {"b": at(0.001)}}


def test_of_what_was_spent_and_granted_the_latest_days_are_kept() -> None:
    days = [f"{2000 + number}-01-01" for number in range(SPENT_DAYS + 1)]
    purse = Purse(
        spent={day: {"sales": Decimal(1)} for day in reversed(days)},
        by_hand={day: {"Grace": Decimal(1)} for day in days},
    )
    purse.sweep(at(0), 0.0, ())
    assert set(purse.spent) == set(purse.by_hand) == set(days[1:])


def test_things_are_swept_once_an_hour() -> None:
    purse = Purse()
    purse.sweep(at(0), 0.0, ())
    purse.judged["ada"] = {"k": at(-2 * DAY_S)}
    purse.sweep(at(SWEEP_EVERY_S - 0.001), 0.0, ())
    assert "ada" in purse.judged
    purse.sweep(at(SWEEP_EVERY_S), 0.0, ())
    assert purse.judged == {}


# ── names, days and sums ──────────────────────────────────────────────────────────────────────────────────


def test_sums_and_counts_begin_at_nothing() -> None:
    totals: dict[str, Decimal] = {}
    counts: dict[str, dict[str, int]] = {}
    for _ in range(2):
        add(totals, "sales", Decimal("0.10"))
        count(counts, "sales", "granted")
    assert (totals, counts) == ({"sales": Decimal("0.20")}, {"sales": {"granted": 2}})


def test_a_day_begins_at_midnight_on_the_zones_clock() -> None:
    """Ten o'clock UTC is eleven in Berlin: midnight there is 13 hours into the story."""
    midnight = at(13 * 3600)
    assert [day_of(one, BERLIN) for one in (midnight - 0.001, midnight)] == [DAY, "2026-11-22"]
    assert next_day_at(midnight - 0.001, BERLIN) == midnight
    assert next_day_at(midnight, BERLIN) == midnight + DAY_S
    assert day_of(midnight, UTC) == DAY


def test_a_day_on_which_the_clock_is_set_back_has_25_hours() -> None:
    """In Berlin the summer of 2026 ends on 25 October; its midnight is 22:00 UTC of the day before."""
    begins_at = at(0) - 27 * DAY_S - 12 * 3600.0
    assert day_of(begins_at, BERLIN) == "2026-10-25"
    assert next_day_at(begins_at, BERLIN) - begins_at == 25 * 3600.0


def test_how_late_it_is_is_read_from_the_clock_on_the_wall() -> None:
    assert seconds_of_day(at(61.5), BERLIN) == 11 * 3600.0 + 61.5
    assert seconds_of_day(at(0), UTC) == 10 * 3600.0


def test_the_key_of_a_voucher_says_whose_it_is() -> None:
    assert incentive_key("s", "r", "q", "c", at(0)) == "incentive/s/r/q/c/2026-11-21T10:00:00.000000Z"
    assert grant_key("s", "q", "c", "e/1") == "incentive/s/by-hand/q/c/e%2F1"


def test_a_stay_is_named_by_queue_contact_and_number() -> None:
    assert stay(one_visit(event(0, Enqueued(**SALES), "ada/1"))) == "sales/ada%2F1/1"
