"""What is owed and who is to be told, together: each act to its own part, and what follows in one turn."""

from __future__ import annotations

from decimal import Decimal

import pytest

from queuewatch.core.care import Care
from queuewatch.core.decisions import AlertChanged, Decision, IncentiveIssued
from queuewatch.core.estimate.learned import Learned
from queuewatch.core.estimate.wait import Scene
from queuewatch.core.facts.acts import (
    Act,
    CallbackClaimed,
    IncentiveGranted,
    IncentiveRevoked,
    NoticeOverridden,
    PromiseTold,
)
from queuewatch.core.facts.events import Abandoned, Answered, Data, Enqueued, Event
from queuewatch.core.facts.terms import AgentState
from queuewatch.core.notices.watch import Condition, Watch
from queuewatch.core.rules import AlertRule, Budget, IncentiveRule, Rules
from queuewatch.core.state.agents import ON_DUTY
from queuewatch.core.state.contact import Contact
from queuewatch.core.state.site import Change, Queue, Site, join_line
from queuewatch.core.state.visit import Stage, Visit
from tests.core.examples import SALES, at, event, one_visit

ADA = "p1:ada"
OWED = IncentiveRule(value=Decimal(10))


class House:
    """A site with what it cares for."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules(alerts=AlertRule(hold_s=0.0, promises=1, promises_kept=1.0))
        self.site = Site("default")
        self.care = Care()

    def heeds(self, seconds: float, visit: Visit, now: Stage | None = None) -> None:
        self.site.contacts[visit.contact] = Contact(visit.contact, at(0), stays=(visit,))
        self.care.heed(
            self.site, Change(visit, "waiting", now or visit.stage, at(seconds)), self.rules, at(seconds)
        )

    def acts(self, seconds: float, data: Act | PromiseTold | Data, ident: str = "act") -> None:
        self.care.act(self.site, event(seconds, data, "", ident), self.rules, at(seconds))

    def wakes(self, seconds: float) -> list[Decision]:
        return self.care.wake(self.site, self.rules, at(seconds))

    def alerts(self, seconds: float) -> list[tuple[str, str, float | None]]:
        told = self.wakes(seconds)
        return [(one.kind, one.phase, one.share) for one in told if isinstance(one, AlertChanged)]


def waits(*more: Event, contact: str = "ada") -> Visit:
    return one_visit(event(0, Enqueued(**SALES, customer=ADA), contact), *more)


def answered(seconds: float) -> Visit:
    return waits(event(seconds, Answered(**SALES, agent="x")))


def gave_up(seconds: float, contact: str = "ada") -> Visit:
    return waits(event(seconds, Abandoned(**SALES), contact), contact=contact)


def grants(amount: str) -> IncentiveGranted:
    return IncentiveGranted(
        **SALES, contact="ada", amount=Decimal(amount), by="Grace", holder="Grace", note="the line was cut"
    )


def is_promised(told_s: float | None) -> PromiseTold:
    return PromiseTold(**SALES, contact="ada", visit=1, language="en", text="…", waited_s=0.0, told_s=told_s)


def test_where_nothing_happens_nothing_is_ever_due() -> None:
    house = House()
    assert (house.care.next_at(), house.wakes(0)) == (None, [])


def test_a_wait_that_ends_is_seen_by_vouchers_and_by_the_call_back_list() -> None:
    house = House(Rules(incentives={"r": OWED}))
    house.heeds(0, waits())
    assert house.care.next_at() == at(180)
    assert house.wakes(179.999) == []
    (voucher,) = house.wakes(180)
    assert isinstance(voucher, IncentiveIssued)
    house.heeds(200, gave_up(200))
    assert house.care.callbacks.find("ada") is not None


def test_each_act_reaches_its_own_part_and_what_is_none_of_ours_is_left_alone() -> None:
    house = House(Rules(budget=Budget(by_hand_day=Decimal(50))))
    house.heeds(60, gave_up(60))
    house.acts(61, CallbackClaimed(contact="ada", by="Grace"))
    assert house.care.callbacks.counts == {"sales": {"claimed": 1}}
    house.acts(62, grants("5"))
    assert len(house.care.purse.vouchers) == 1
    before = (len(house.care.decided), house.care.next_at())
    house.acts(63, NoticeOverridden(queue="sales", level="busy", until_at=at(100), by="Grace"))
    assert (len(house.care.decided), house.care.next_at()) == before
    assert len(house.wakes(63)) == 1
    assert house.wakes(63) == [], "it is handed out once"


# ── promises ──────────────────────────────────────────────────────────────────────────────────────────────


def test_by_when_somebody_was_to_be_answered_is_remembered_while_they_wait() -> None:
    house = House()
    house.heeds(0, waits())
    house.acts(0, is_promised(60.0))
    assert list(house.care.purse.promised.values()) == [at(60)]
    house.heeds(70, answered(70))
    assert house.care.purse.promised == {}


# ── a queue as it is looked at ────────────────────────────────────────────────────────────────────────────


def scene(house: House, seconds: float, agents: dict[AgentState, int] | None, *since_s: float) -> Scene:
    """Sales with a line of those who joined then."""
    queue = Queue("sales", "phone", at(0))
    for number, begin in enumerate(since_s):
        join_line(queue, one_visit(event(begin, Enqueued(**SALES), f"c{number}")))
    return Scene(house.site, queue, Learned(), agents, 0, 0.0, 0, stale=False, now=at(seconds))


@pytest.mark.parametrize(
    ("busy", "very_busy", "level"),
    [(False, False, None), (True, False, 1), (True, True, 2), (False, True, 2)],
)
def test_a_queue_alarms_by_its_rules(busy: bool, very_busy: bool, level: int | None) -> None:
    house = House(Rules(alerts=AlertRule(level=1)))
    watch = Watch(busy=Condition(active=busy), very_busy=Condition(active=very_busy))
    house.care.look(scene(house, 0, None), watch, None, house.rules)
    found = house.care.alerts.signals.get("sales")
    assert (None if found is None else found.level) == level


def test_the_team_is_told_who_waits_how_long_and_how_many_agents_are_on_duty() -> None:
    house = House(Rules(alerts=AlertRule(level=1)))
    watch = Watch(busy=Condition(active=True))
    states: dict[AgentState, int] = dict.fromkeys(ON_DUTY, 1)
    states["not_ready"] = 7
    house.care.look(scene(house, 200, states, 19.999, 20, 100), watch, {"60": 0.9}, house.rules)
    found = house.care.alerts.signals["sales"]
    assert (found.waiting, found.past, found.agents) == (3, 1, len(ON_DUTY)), "180 s are not past 180 s"
    assert found.oldest_wait_s == pytest.approx(180.001)
    assert found.chances == {"60": 0.9}


def test_what_is_not_known_of_a_queue_is_not_told_as_nothing() -> None:
    house = House(Rules(alerts=AlertRule(level=1)))
    house.care.look(scene(house, 0, None), Watch(busy=Condition(active=True)), None, house.rules)
    found = house.care.alerts.signals["sales"]
    assert (found.oldest_wait_s, found.agents, found.chances) == (None, None, {})


# ── a turn ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_source_that_says_it_is_silent_alarms_after_its_time() -> None:
    house = House(Rules(alerts=AlertRule(stale_s=120.0)))
    house.site.source("/pbx").silent_at = at(0)
    assert house.alerts(0) == []
    assert house.care.next_at() == at(120)
    assert house.alerts(120) == [("source_stale", "raised", None)]


def test_a_budget_is_looked_into_when_something_is_given_or_taken_back_and_at_midnight() -> None:
    house = House(Rules(budget=Budget(by_hand_day=Decimal(50), day=Decimal(10), month=Decimal(100))))
    house.acts(0, grants("7.99"), "1")
    assert (house.alerts(0), house.care.day_at) == ([], None)
    house.acts(1, grants("0.01"), "2")
    assert house.alerts(1) == [("budget_low", "raised", 0.8)]
    midnight_s = 14 * 3600.0
    assert house.care.next_at() == house.care.day_at == at(midnight_s)
    assert house.alerts(midnight_s - 0.001) == []
    assert house.alerts(midnight_s) == [("budget_low", "resolved", 0.8)]
    assert house.care.day_at is None


def test_what_is_taken_back_ends_the_alert_about_the_budget() -> None:
    house = House(Rules(budget=Budget(by_hand_day=Decimal(50), day=Decimal(10))))
    house.acts(0, grants("10"))
    assert house.alerts(0) == [("budget_low", "raised", 1.0)]
    (key,) = house.care.purse.vouchers
    house.acts(5, IncentiveRevoked(incentive=key, by="Grace"))
    assert house.alerts(5) == [("budget_low", "resolved", 1.0)]


def test_a_site_without_a_budget_is_never_low_on_it() -> None:
    house = House(Rules(budget=Budget(by_hand_day=Decimal(50))))
    house.acts(0, grants("50"))
    assert (house.alerts(0), house.care.day_at) == ([], None)


def test_a_customer_failed_again_becomes_a_case_for_a_person_in_the_same_turn() -> None:
    house = House(Rules(incentives={"r": OWED}))
    for contact in ("a1", "a2"):
        house.heeds(0, waits(contact=contact))
    assert house.alerts(180) == [("customer_failed_again", "raised", None)]
    assert house.care.alerts.failed == {ADA: None}
