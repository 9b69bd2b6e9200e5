"""Who is owed a voucher, when, and why not: to the second, and to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from queuewatch.core.customers.purse import Purse
from queuewatch.core.decisions import (
    AlertChanged,
    Benefit,
    FollowUpDue,
    IncentiveIssued,
    IncentiveMoved,
    IncentiveRefused,
)
from queuewatch.core.facts.acts import (
    IncentiveFollowedUp,
    IncentiveGranted,
    IncentiveRedeemed,
    IncentiveRevoked,
    PromiseTold,
)
from queuewatch.core.facts.events import Abandoned, Answered, Completed, Enqueued
from queuewatch.core.freeze import freeze
from queuewatch.core.hours import Hours
from queuewatch.core.rules import DAY_S, Ages, AlertRule, Budget, IncentiveRule, QueueRules, Rules
from tests.core.examples import CHAT, MAIL, SALES, at, event
from tests.stories.rules import ADA, BOB, CYD, LONG_WAIT, TEN, of, ruled
from tests.stories.timeline import Timeline


def joins(story: Timeline, seconds: float, contact: str, customer: str | None = ADA, **more: Any) -> None:
    """A contact joins sales."""
    story.tell(seconds, Enqueued(**{**SALES, "customer": customer, **more}), contact)


def issued(story: Timeline) -> list[tuple[float, str, str]]:
    """What was issued: when, to which contact, by which rule."""
    return [
        (one.at - at(0), one.contact, one.rule) for one in story.decisions if isinstance(one, IncentiveIssued)
    ]


def refused(story: Timeline) -> list[tuple[float, str, str]]:
    """What was refused: when, to which contact, why."""
    return [
        (one.at - at(0), one.contact, one.reason)
        for one in story.decisions
        if isinstance(one, IncentiveRefused)
    ]


def purse(story: Timeline) -> Purse:
    return story.core.attention["default"].care.purse


def test_a_voucher_is_decided_when_the_wait_has_lasted_180_s_and_not_before_and_once() -> None:
    story = Timeline(ruled())
    joins(story, 0, "ada")
    story.until(179.999)
    assert issued(story) == []
    story.until(1000)
    story.tell(1001, Answered(**SALES, agent="x"), "ada")
    story.tell(1100, Completed(**SALES), "ada")
    assert issued(story) == [(180.0, "ada", "long-wait")]
    (voucher,) = of(story, IncentiveIssued)
    assert voucher.key == "incentive/default/long-wait/sales/ada/2026-11-21T10:00:00.000000Z"
    assert (voucher.reason, voucher.wait_s, voucher.benefit) == ("wait_passed", 180.0, TEN)
    assert voucher.expires_at == at(180 + 90 * DAY_S)
    assert (voucher.customer, voucher.by) == (ADA, None)


def test_without_a_rule_nothing_is_ever_issued() -> None:
    story = Timeline()
    joins(story, 0, "ada")
    story.until(5000)
    assert of(story, IncentiveIssued) == of(story, IncentiveRefused) == []


def test_who_is_answered_just_before_is_owed_nothing_and_at_the_border_is_owed_it() -> None:
    story = Timeline(ruled(unknown_customers=True))
    joins(story, 0, "ada", None)
    joins(story, 1, "bob", None)
    story.tell(179.999, Answered(**SALES, agent="x"), "ada")
    story.tell(181, Answered(**SALES, agent="x"), "bob")
    story.until(1000)
    assert issued(story) == [(181.0, "bob", "long-wait")]


def test_a_wait_told_late_is_judged_by_what_it_was_and_not_by_when_it_was_told() -> None:
    story = Timeline(ruled(unknown_customers=True))
    story.record(
        300,
        event(0, Enqueued(**SALES), "ada"),
        event(100, Answered(**SALES, agent="x"), "ada"),
        event(10, Enqueued(**SALES), "bob"),
        event(250, Answered(**SALES, agent="x"), "bob"),
    )
    story.until(1000)
    assert issued(story) == [(300.0, "bob", "long-wait")]
    (voucher,) = of(story, IncentiveIssued)
    assert voucher.wait_s == 180.0


def test_a_wait_told_of_when_it_is_long_past_is_owed_nothing_any_more() -> None:
    late_s = Ages().late_s
    story = Timeline(ruled(unknown_customers=True))
    story.record(0, event(-180 - late_s - 0.001, Enqueued(**SALES), "ada"))
    story.record(0, event(-180 - late_s, Enqueued(**SALES), "bob"))
    story.until(1)
    assert issued(story) == [(0.0, "bob", "long-wait")]
    assert purse(story).refused == {"sales": {"told_late": 1}}


def test_a_rule_may_wait_for_the_answer() -> None:
    story = Timeline(ruled(when="answered"))
    joins(story, 0, "ada")
    joins(story, 0, "bob", BOB)
    story.tell(200, Answered(**SALES, agent="x"), "ada")
    story.tell(300, Abandoned(**SALES), "bob")
    story.until(1000)
    assert issued(story) == [(200.0, "ada", "long-wait")]
    assert of(story, IncentiveIssued)[0].wait_s == 200.0


def test_a_rule_may_be_for_those_who_gave_up_after_so_long() -> None:
    story = Timeline(ruled(when="abandoned", after_s=60.0))
    joins(story, 0, "ada")
    joins(story, 0, "bob", BOB)
    story.tell(59.999, Abandoned(**SALES), "ada")
    story.tell(60, Abandoned(**SALES), "bob")
    assert issued(story) == [(60.0, "bob", "long-wait")]
    assert of(story, IncentiveIssued)[0].reason == "abandoned"


@pytest.mark.parametrize(
    ("rule", "contact"),
    [
        ({"queues": ("support",)}, {}),
        ({"channels": ("chat",)}, {}),
        ({"tiers": ("existing",)}, {"tier": "new"}),
        ({"tiers": ("existing",)}, {}),
        ({"languages": ("de",)}, {"language": "den"}),
        ({"languages": ("de",)}, {}),
    ],
)
def test_a_rule_is_silent_on_those_it_is_not_for_and_they_are_counted(
    rule: dict[str, Any], contact: dict[str, Any]
) -> None:
    story = Timeline(ruled(**rule))
    joins(story, 0, "ada", **contact)
    story.until(1000)
    assert of(story, IncentiveIssued) == of(story, IncentiveRefused) == []
    assert purse(story).refused == {"sales": {"not_for_them": 1}}


@pytest.mark.parametrize(
    ("rule", "contact"),
    [
        ({"tiers": ("existing", "new")}, {"tier": "new"}),
        ({"languages": ("de",)}, {"language": "de-AT"}),
        ({"languages": ("de",)}, {"language": "DE"}),
        ({"queues": ("sales",), "channels": ("phone",)}, {}),
    ],
)
def test_a_rule_speaks_for_those_it_is_for(rule: dict[str, Any], contact: dict[str, Any]) -> None:
    story = Timeline(ruled(**rule))
    joins(story, 0, "ada", **contact)
    story.until(1000)
    assert len(of(story, IncentiveIssued)) == 1


def test_of_two_rules_the_one_for_the_customers_tier_goes_first_whatever_their_order() -> None:
    loyal = IncentiveRule(tiers=("existing",), benefit=TEN, value=Decimal(5))
    for more in ({"a": loyal}, {"z": loyal}):
        story = Timeline(ruled(more=more))
        joins(story, 0, "ada", tier="existing")
        story.until(1000)
        assert issued(story) == [(180.0, "ada", next(iter(more)))]
        assert refused(story) == [(180.0, "ada", "contact_had_one")]


def test_a_contact_that_waits_a_second_time_has_had_its_voucher() -> None:
    story = Timeline(ruled(unknown_customers=True))
    joins(story, 0, "ada", None)
    story.tell(200, Abandoned(**SALES), "ada")
    story.tell(300, Enqueued(**CHAT), "ada")
    story.until(1000)
    assert issued(story) == [(180.0, "ada", "long-wait")]
    assert refused(story) == [(480.0, "ada", "contact_had_one")]


def test_whom_nobody_knows_is_given_nothing_unless_the_rule_says_so() -> None:
    story = Timeline(ruled())
    joins(story, 0, "ada", None)
    story.until(1000)
    assert refused(story) == [(180.0, "ada", "customer_unknown")]


def test_the_second_failure_of_a_customer_within_the_period_is_no_second_voucher() -> None:
    story = Timeline(ruled(period_s=DAY_S))
    joins(story, 0, "first")
    story.tell(200, Answered(**SALES, agent="x"), "first")
    joins(story, 1000, "second")
    story.tell(1300, Answered(**SALES, agent="x"), "second")
    joins(story, DAY_S + 1181, "third")
    story.until(2 * DAY_S)
    assert issued(story) == [(180.0, "first", "long-wait"), (DAY_S + 1361, "third", "long-wait")]
    assert refused(story) == [(1180.0, "second", "second_failure")]


def test_a_failure_exactly_a_period_ago_no_longer_counts_and_a_moment_less_does() -> None:
    story = Timeline(ruled(period_s=DAY_S))
    joins(story, 0, "first")
    joins(story, 1, "again", BOB)
    story.until(1000)
    joins(story, DAY_S, "second")
    joins(story, DAY_S + 0.999, "again too", BOB)
    story.until(2 * DAY_S - 1)
    assert [one for _, one, _ in issued(story)] == ["first", "again", "second"]
    ((at_s, *told),) = refused(story)
    assert at_s == pytest.approx(DAY_S + 180.999)
    assert told == ["again too", "second_failure"]


def test_a_rule_may_allow_more_than_one_a_period() -> None:
    story = Timeline(ruled(per_customer=2))
    for number in range(3):
        joins(story, 1000.0 * number, f"c{number}")
        story.tell(1000 * number + 300, Answered(**SALES, agent="x"), f"c{number}")
    assert [one for _, one, _ in issued(story)] == ["c0", "c1"]
    assert refused(story) == [(2180.0, "c2", "second_failure")]


def test_who_was_given_one_by_hand_has_had_enough() -> None:
    story = Timeline(ruled(Budget(by_hand_day=Decimal(50))))
    joins(story, 0, "ada")
    grant(story, 10, "before", "10")
    story.until(1000)
    assert refused(story) == [(180.0, "ada", "customer_had_enough")]


def grant(story: Timeline, seconds: float, contact: str, amount: str, by: str = "Grace", **more: Any) -> None:
    act = IncentiveGranted(
        queue="sales",
        channel="phone",
        contact=contact,
        customer=ADA,
        amount=Decimal(amount),
        by=by,
        holder=by,
        note="the line was cut",
        **more,
    )
    story.tell(seconds, act, "")


def wait_for_vouchers(story: Timeline, *times: float, **more: Any) -> None:
    """Customers who join at these times and all wait for long."""
    for number, seconds in enumerate(times):
        joins(story, seconds, f"c{number}", f"p1:{number}", **more)
    story.until(story.now_s + 1000)


def test_a_queues_budget_is_spent_to_the_cent_and_no_further() -> None:
    budget = Budget(queue_day=Decimal(20), queues_day={"chat": Decimal(10)})
    story = Timeline(ruled(budget))
    wait_for_vouchers(story, 0, 1, 2)
    for number in (7, 8):
        joins(story, 2000 + number, f"c{number}", f"p1:{number}", **CHAT)
    story.until(4000)
    assert [one for _, one, _ in issued(story)] == ["c0", "c1", "c7"]
    assert [(one, why) for _, one, why in refused(story)] == [
        ("c2", "queue_budget_spent"),
        ("c8", "queue_budget_spent"),
    ]


@pytest.mark.parametrize("budget", [Budget(day=Decimal(20)), Budget(month=Decimal("29.99"))])
def test_the_overall_budget_is_spent_to_the_cent_and_no_further(budget: Budget) -> None:
    story = Timeline(ruled(budget))
    wait_for_vouchers(story, 0, 1, 2)
    assert [one for _, one, _ in issued(story)] == ["c0", "c1"]
    assert refused(story) == [(182.0, "c2", "overall_budget_spent")]


def test_a_new_day_has_a_new_budget_from_midnight_on_the_sites_clock_on() -> None:
    """Ten o'clock UTC is eleven in Berlin, so that midnight there is 13 hours into the story."""
    midnight = 13 * 3600.0
    story = Timeline(ruled(Budget(zone=ZoneInfo("Europe/Berlin"), day=Decimal(10))))
    wait_for_vouchers(story, 0, midnight - 180.001, midnight - 180)
    assert issued(story) == [(180.0, "c0", "long-wait"), (midnight, "c2", "long-wait")]
    ((at_s, *told),) = refused(story)
    assert at_s == pytest.approx(midnight - 0.001)
    assert told == ["c1", "overall_budget_spent"]


def test_a_share_is_kept_for_the_evening_until_it_begins() -> None:
    """The story begins at ten; the evening at eleven."""
    story = Timeline(ruled(Budget(day=Decimal(30), evening_s=11 * 3600.0, evening_share=0.5)))
    wait_for_vouchers(story, 0, 1, 3600 - 180)
    assert issued(story) == [(180.0, "c0", "long-wait"), (3600.0, "c2", "long-wait")]
    assert refused(story) == [(181.0, "c1", "kept_for_the_evening")]


def test_a_share_is_kept_for_existing_customers() -> None:
    story = Timeline(ruled(Budget(day=Decimal(20), existing_share=0.5)))
    joins(story, 0, "new", BOB, tier="new")
    joins(story, 1, "unknown", CYD)
    joins(story, 2, "existing", ADA, tier="existing")
    story.until(1000)
    assert [one for _, one, _ in issued(story)] == ["new", "existing"]
    assert refused(story) == [(181.0, "unknown", "kept_for_existing")]


def test_time_counts_only_while_the_queue_is_open() -> None:
    """The queue closes 100 s into the story and opens again an hour later."""
    ten = 10 * 3600.0
    hours = Hours(zone=ZoneInfo("UTC"), week=(((ten - 3600, ten + 100), (ten + 3700, ten + 9000)),) * 7)
    rules = Rules(
        every=QueueRules(hours=hours),
        incentives={"long-wait": LONG_WAIT},
    )
    story = Timeline(rules)
    joins(story, 0, "ada", **MAIL)
    story.until(10_000)
    assert issued(story) == [(3780.0, "ada", "long-wait")]


def test_a_wait_that_will_never_be_worked_off_is_owed_nothing() -> None:
    hours = Hours(zone=ZoneInfo("UTC"), week=((),) * 7)
    rules = Rules(every=QueueRules(hours=hours), incentives={"long-wait": LONG_WAIT})
    story = Timeline(rules)
    joins(story, 0, "ada")
    story.tell(900, Answered(**SALES, agent="x"), "ada")
    assert of(story, IncentiveIssued) == []


def test_a_voucher_expires_and_its_follow_up_falls_due() -> None:
    story = Timeline(ruled(valid_s=2 * DAY_S, follow_up_s=DAY_S))
    joins(story, 0, "ada")
    story.until(180 + DAY_S - 0.001)
    assert of(story, FollowUpDue) == []
    story.until(180 + 2 * DAY_S)
    (follow_up,) = of(story, FollowUpDue)
    (expired,) = of(story, IncentiveMoved)
    (voucher,) = of(story, IncentiveIssued)
    assert (follow_up.at, follow_up.incentive, follow_up.contact) == (at(180 + DAY_S), voucher.key, "ada")
    assert (expired.at, expired.to, expired.by) == (at(180 + 2 * DAY_S), "expired", None)


def test_a_voucher_is_redeemed_once_and_then_neither_expires_nor_can_be_revoked() -> None:
    story = Timeline(ruled(valid_s=DAY_S, follow_up_s=None))
    joins(story, 0, "ada")
    story.until(200)
    (voucher,) = of(story, IncentiveIssued)
    story.tell(300, IncentiveRedeemed(incentive=voucher.key, by="till 3"), "")
    story.tell(301, IncentiveRedeemed(incentive=voucher.key, by="till 4"), "")
    story.tell(302, IncentiveRevoked(incentive=voucher.key, by="Grace"), "")
    story.until(3 * DAY_S)
    assert [(one.to, one.by) for one in of(story, IncentiveMoved)] == [("redeemed", "till 3")]
    assert purse(story).vouchers[voucher.key].fate == "redeemed"


def test_a_voucher_is_not_good_any_more_in_the_moment_it_expires() -> None:
    story = Timeline(ruled(valid_s=DAY_S))
    joins(story, 0, "ada")
    story.until(200)
    (voucher,) = of(story, IncentiveIssued)
    story.tell(180 + DAY_S, IncentiveRedeemed(incentive=voucher.key, by="till 3"), "")
    assert [one.to for one in of(story, IncentiveMoved)] == ["expired"]


def test_what_is_revoked_is_given_back_to_the_days_budget_and_nobody_asks_how_it_went() -> None:
    story = Timeline(ruled(Budget(day=Decimal(10))))
    joins(story, 0, "ada")
    story.until(200)
    (voucher,) = of(story, IncentiveIssued)
    story.tell(300, IncentiveRevoked(incentive=voucher.key, by="Grace", note="a mistake"), "")
    joins(story, 400, "bob", BOB)
    story.until(5 * DAY_S)
    assert [one for _, one, _ in issued(story)] == ["ada", "bob"]
    assert [one.contact for one in of(story, FollowUpDue)] == ["bob"]


def test_a_follow_up_that_somebody_made_before_it_was_due_does_not_fall_due() -> None:
    story = Timeline(ruled())
    joins(story, 0, "ada")
    story.until(200)
    (voucher,) = of(story, IncentiveIssued)
    for by in ("Grace", "Hugo"):
        story.tell(300, IncentiveFollowedUp(incentive=voucher.key, by=by, note="all well"), "", ident=by)
    story.until(5 * DAY_S)
    assert of(story, FollowUpDue) == []
    assert [(one.to, one.by, one.note) for one in of(story, IncentiveMoved)] == [
        ("followed_up", "Grace", "all well")
    ]
    assert purse(story).vouchers[voucher.key].fate == "open"


def test_an_act_on_a_voucher_nobody_knows_does_nothing() -> None:
    story = Timeline(ruled())
    story.tell(0, IncentiveRedeemed(incentive="incentive/x", by="till 3"), "")
    assert story.decisions == []


def test_a_person_grants_within_a_limit_of_their_own_a_day() -> None:
    story = Timeline(Rules(budget=Budget(by_hand_day=Decimal(25), currency="CHF")))
    grant(story, 0, "ada", "15")
    grant(story, 1, "bob", "10.01")
    grant(story, 2, "cyd", "10")
    grant(story, 3, "dan", "25", by="Hugo")
    grant(story, DAY_S, "eve", "25")
    assert [one for _, one, _ in issued(story)] == ["ada", "cyd", "dan", "eve"]
    assert refused(story) == [(1.0, "bob", "over_own_limit")]
    voucher = of(story, IncentiveIssued)[0]
    assert (voucher.reason, voucher.by, voucher.note) == ("granted", "Grace", "the line was cut")
    assert voucher.benefit == Benefit(amount=Decimal(15), currency="CHF")
    assert voucher.key == "incentive/default/by-hand/sales/ada/@0"


def test_nobody_may_grant_anything_by_default() -> None:
    story = Timeline()
    grant(story, 0, "ada", "0.01")
    assert refused(story) == [(0.0, "ada", "over_own_limit")]


def test_what_people_grant_counts_in_the_overall_budget() -> None:
    story = Timeline(ruled(Budget(day=Decimal(20), by_hand_day=Decimal(100))))
    grant(story, 0, "ada", "15")
    grant(story, 1, "bob", "6")
    joins(story, 10, "cyd", CYD)
    story.until(1000)
    assert [(one, why) for _, one, why in refused(story)] == [
        ("bob", "overall_budget_spent"),
        ("cyd", "overall_budget_spent"),
    ]


def test_a_grant_told_twice_is_one_voucher() -> None:
    story = Timeline(Rules(budget=Budget(by_hand_day=Decimal(100))))
    grant(story, 0, "ada", "15")
    grant(story, 0, "ada", "15")
    assert len(of(story, IncentiveIssued)) == 1


def test_a_name_with_a_slash_in_it_makes_no_key_of_another() -> None:
    story = Timeline(ruled(unknown_customers=True))
    story.tell(0, Enqueued(queue="a/b", channel="phone"), "c")
    story.tell(0, Enqueued(queue="a", channel="phone"), "b/c")
    story.until(200)
    assert len({one.key for one in of(story, IncentiveIssued)}) == 2


def a_long_story(*, restarts: bool) -> Timeline:
    story = Timeline(ruled(Budget(day=Decimal(20), by_hand_day=Decimal(5))), restarts=restarts)
    for number in range(5):
        joins(story, 100.0 * number, f"c{number}", (ADA, BOB, CYD, None)[number % 4])
    grant(story, 500, "c1", "5")
    story.tell(550, Answered(**SALES, agent="x"), "c0")
    (voucher, *_) = of(story, IncentiveIssued)
    story.tell(600, IncentiveRedeemed(incentive=voucher.key, by="till 3"), "")
    story.until(200 * DAY_S)
    return story


def test_a_restart_after_every_single_turn_changes_nothing() -> None:
    straight, restarted = a_long_story(restarts=False), a_long_story(restarts=True)
    assert restarted.decisions == straight.decisions
    assert freeze(restarted.core) == freeze(straight.core)


def test_what_is_past_is_forgotten() -> None:
    story = a_long_story(restarts=False)
    joins(story, 200 * DAY_S, "late", "p1:late")
    story.until(200 * DAY_S + 4000)
    kept = purse(story)
    assert list(kept.vouchers) == ["incentive/default/long-wait/sales/late/2027-06-09T10:00:00.000000Z"]
    assert (set(kept.had), set(kept.customers), set(kept.failures)) == ({"late"}, {"p1:late"}, {"p1:late"})
    assert "c0" not in kept.judged


# ── promises ──────────────────────────────────────────────────────────────────────────────────────────────


def promises(story: Timeline, seconds: float, contact: str, told_s: float | None, **more: Any) -> None:
    """Who waits is told how long it will still be."""
    told = PromiseTold(
        **{
            "queue": "sales",
            "channel": "phone",
            "contact": contact,
            "visit": 1,
            "language": "en",
            "text": "a minute",
            "waited_s": 0.0,
            "told_s": told_s,
            **more,
        }
    )
    story.tell(seconds, told, "", ident=f"promise of {contact} at {seconds}")


def test_a_broken_promise_is_owed_a_voucher_so_long_after_it_is_broken_and_not_before() -> None:
    story = Timeline(ruled(when="promise_broken", after_s=30.0))
    joins(story, 0, "ada")
    promises(story, 10, "ada", 60.0)
    story.until(99.999)
    assert issued(story) == []
    story.until(1000)
    assert issued(story) == [(100.0, "ada", "long-wait")]
    assert of(story, IncentiveIssued)[0].reason == "promise_broken"


def test_of_several_promises_the_first_counts_and_one_that_was_kept_is_owed_nothing() -> None:
    story = Timeline(ruled(when="promise_broken", after_s=0.0))
    joins(story, 0, "ada")
    joins(story, 0, "bob", BOB)
    for contact in ("ada", "bob"):
        promises(story, 10, contact, 60.0)
        promises(story, 20, contact, 600.0)
    story.tell(69.999, Answered(**SALES, agent="x"), "bob")
    story.until(1000)
    assert issued(story) == [(70.0, "ada", "long-wait")]
    story.tell(1000, Answered(**SALES, agent="x"), "ada")
    assert purse(story).promised == {}


def test_where_nothing_was_told_nothing_was_promised() -> None:
    story = Timeline(ruled(when="promise_broken", after_s=0.0))
    joins(story, 0, "ada")
    promises(story, 10, "ada", None)
    promises(story, 11, "nobody", 5.0)
    promises(story, 12, "ada", 5.0, visit=2)
    story.until(1000)
    story.tell(1001, Answered(**SALES, agent="x"), "ada")
    promises(story, 1002, "ada", 5.0)
    story.until(2000)
    assert issued(story) == []


def test_a_promise_that_was_broken_before_anybody_told_of_the_answer_is_seen_by_the_times() -> None:
    story = Timeline(ruled(when="promise_broken", after_s=60.0))
    joins(story, 0, "ada")
    promises(story, 0, "ada", 60.0)
    story.tell(119.999, Answered(**SALES, agent="x"), "ada")
    story.until(500)
    assert issued(story) == []


def test_what_people_were_promised_and_got_is_what_the_alert_speaks_of() -> None:
    rules = Rules(alerts=AlertRule(promises=2, promises_kept=0.5))
    story = Timeline(rules)
    for number, waits_s in enumerate((61.0, 60.0, 61.0, 62.0)):
        begin, contact = 1000.0 * number, f"c{number}"
        joins(story, begin, contact, f"p1:{number}")
        promises(story, begin, contact, 60.0)
        story.tell(begin + waits_s, Answered(**SALES, agent="x"), contact)
        story.tell(begin + 100, Completed(**SALES), contact)
    joins(story, 5000, "impatient", BOB)
    promises(story, 5000, "impatient", 60.0)
    story.tell(5030, Abandoned(**SALES), "impatient")
    told = [one for one in story.decisions if isinstance(one, AlertChanged)]
    assert [(one.at - at(0), one.kind, one.share) for one in told] == [(3062.0, "promises_broken", 0.0)]
