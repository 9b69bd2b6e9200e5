"""Who learns of a move, and which queues are to be looked at for it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.estimate.wait import Lessons
from queuewatch.core.facts.acts import CustomerForgotten, PromiseTold
from queuewatch.core.facts.events import Abandoned, Answered, Completed, Enqueued, Event, Offered, OfferFailed
from queuewatch.core.freeze import freeze
from queuewatch.core.hours import Hours
from queuewatch.core.learning import Learning
from queuewatch.core.mind import Core
from queuewatch.core.rules import IncentiveRule, QueueRules, Rules
from queuewatch.core.state.apply import apply, take_in
from queuewatch.core.state.site import Change
from queuewatch.core.turn import turn
from tests.core.examples import MAIL, SALES, at, event
from tests.core.histories import corrected_histories, histories, laws

RULES = Rules()


def heeded(core: Core, fact: Event) -> tuple[list[Change], dict[str, bool]]:
    """Take in a fact and have it learned from; what was observed, and which queues are to be looked at."""
    site, attention = core.site("default")
    seen: list[Change] = []
    looks: dict[str, bool] = {}
    apply(site, fact, fact.at, RULES.ages)
    learning = Learning(site, attention, RULES, fact.at, looks, lambda _, change: seen.append(change))
    learning.heed()
    learning.note_down()
    assert not site.changes
    return seen, looks


def told(core: Core, *facts: Event) -> None:
    for fact in facts:
        heeded(core, fact)


def test_everybody_learns_of_a_wait_that_ends() -> None:
    core = Core()
    told(core, event(0, Enqueued(**SALES), "ada"), event(20, Answered(**SALES, agent="ann"), "ada"))
    told(core, event(80, Completed(**SALES), "ada"))
    attention = core.attention["default"]
    assert attention.learned["sales"].handling.read() == 60.0
    assert attention.estimator.lanes["phone"].recents["sales"].last_s == 20.0
    assert attention.books.of("sales").last_ten.waits_s == [20.0]
    (row,) = attention.diary.rows["sales"].values()
    assert (row.offered, row.answered, row.waited_s, row.handling_s) == (1, 1, 20.0, 60.0)


@pytest.mark.parametrize("fact", [Offered(**SALES, agent="ann"), OfferFailed(**SALES, agent="ann")])
def test_who_hears_it_ring_is_observed_and_looked_at_but_teaches_nothing(
    fact: Offered | OfferFailed,
) -> None:
    core = Core()
    told(core, event(0, Enqueued(**SALES), "ada"))
    if isinstance(fact, OfferFailed):
        told(core, event(5, Offered(**SALES, agent="ann"), "ada"))
    _, attention = core.site("default")
    before = freeze(Core(attention={"default": attention}))
    seen, looks = heeded(core, event(10, fact, "ada"))
    assert [change.visit.stage for change in seen] == ["ringing" if isinstance(fact, Offered) else "waiting"]
    assert looks == {"sales": True}
    assert freeze(Core(attention={"default": attention})) == before


def test_a_contact_that_is_completed_makes_nobody_wait_longer() -> None:
    core = Core()
    told(core, event(0, Enqueued(**SALES), "ada"), event(5, Answered(**SALES, agent="ann"), "ada"))
    _, looks = heeded(core, event(60, Completed(**SALES), "ada"))
    assert looks == {"sales": False}


def test_what_is_told_anew_of_who_stands_in_line_is_learned() -> None:
    core = Core()
    told(core, event(0, Enqueued(**SALES), "ada", ident="joined"))
    seen, _ = heeded(core, event(0, Enqueued(**SALES, customer="p1:ada"), "ada", ident="joined"))
    assert [(change.was, change.now) for change in seen] == [("waiting", "waiting")]
    assert list(core.attention["default"].care.callbacks.waiting.values()) == ["p1:ada"]


def test_a_visit_that_takes_all_its_steps_at_one_moment_is_counted_as_in_single_ones() -> None:
    facts = [
        event(0, Enqueued(**SALES, customer="p1:ada"), "ada"),
        event(1, Enqueued(**SALES), "bob"),
        event(70, Abandoned(**SALES), "bob"),
        event(90, Answered(**SALES, agent="ann"), "ada"),
        event(200, Completed(**SALES), "ada"),
    ]
    at_once, one_by_one = Core(), Core()
    turn(at_once, RULES, facts[-1].at, facts)
    for fact in facts:
        turn(one_by_one, RULES, facts[-1].at, [fact])
    rows = at_once.attention["default"].diary.rows
    assert rows == one_by_one.attention["default"].diary.rows
    (row,) = rows["sales"].values()
    assert (row.offered, row.answered, row.abandoned, row.past) == (2, 1, 1, {"60": 2})


def test_what_moved_before_a_customer_is_forgotten_is_counted_as_well() -> None:
    core = Core()
    forgotten = CustomerForgotten(customer="p1:ada", stand_in="p1:nobody")
    turn(core, RULES, 0.0, [event(0, Enqueued(**SALES, customer="p1:ada"), "ada"), event(1, forgotten, "")])
    (row,) = core.attention["default"].diary.rows["sales"].values()
    assert row.offered == 1


# ── a flood ───────────────────────────────────────────────────────────────────────────────────────────────

VOUCHERS = Rules(
    incentives={
        "long": IncentiveRule(when="waiting", after_s=5.0, unknown_customers=True),
        "gone": IncentiveRule(when="abandoned", after_s=3.0, unknown_customers=True),
    }
)
NOON = at(7200)


def flooded(rules: Rules, facts: list[Event], *, at_once: bool, now: float = at(60)) -> dict[str, Any]:
    """All that is known after a list of facts from a site at which nobody is looked at closely any more.

    One who is told of each move has everybody learn of it before the next fact is taken in.
    """
    core = Core()
    core.site("default")[1].lessons = Lessons(left=0.0, at=now)
    turn(core, rules, now, facts, None if at_once else lambda *_: None)
    frozen: dict[str, Any] = msgspec.msgpack.decode(freeze(core))
    return frozen


@laws
@given(histories(max_size=40), st.sampled_from((RULES, VOUCHERS)))
def test_what_a_flood_teaches_is_what_its_facts_teach_one_by_one(facts: list[Event], rules: Rules) -> None:
    assert flooded(rules, facts, at_once=True) == flooded(rules, facts, at_once=False)


@laws
@given(corrected_histories())
def test_corrections_in_a_flood_teach_as_they_do_one_by_one(facts: list[Event]) -> None:
    assert flooded(RULES, facts, at_once=True) == flooded(RULES, facts, at_once=False)


def test_a_flood_of_mail_passes_in_opening_time_as_single_mails_do() -> None:
    day = ((9 * 3600, 17 * 3600),)
    rules = Rules(queues={"mail": QueueRules(hours=Hours(zone=ZoneInfo("UTC"), week=(day,) * 7))})
    facts = [event(60.0 * number, Enqueued(**MAIL), f"m{number}") for number in range(4)]
    facts += [event(400.0 + number, Answered(**MAIL, agent="ann"), f"m{number}") for number in range(3)]
    facts.append(event(500.0, Enqueued(**SALES), "ada"))
    known = [flooded(rules, facts, at_once=at_once, now=NOON) for at_once in (True, False)]
    both = [one["attention"]["default"]["estimator"]["lanes"] for one in known]
    assert both[0] == both[1]
    assert [name.partition("/")[0] for name in both[0]] == ["email", "phone"]


def test_a_call_back_in_a_flood_teaches_nothing_of_the_line() -> None:
    facts = [event(0, Enqueued(**SALES, callback=True), "ada"), event(9, Answered(**SALES, agent="x"), "ada")]
    known = flooded(RULES, facts, at_once=True)
    assert known["attention"]["default"]["learned"]["sales"]["since_at"] == 0.0
    assert known == flooded(RULES, facts, at_once=False)


def test_a_promise_that_is_kept_in_a_flood_is_heard_of() -> None:
    soon = PromiseTold(
        **SALES,
        contact="ada",
        visit=1,
        language="de",
        text="soon",
        waited_s=1.0,
        told_s=30.0,
        no_estimate=None,
    )
    facts = [event(0, Enqueued(**SALES)), event(1, soon, ""), event(20, Answered(**SALES, agent="x"))]
    known = flooded(RULES, facts, at_once=True)
    assert known["attention"]["default"]["care"]["alerts"]["promises"] == [True]
    assert known == flooded(RULES, facts, at_once=False)


def test_a_clock_that_is_ahead_makes_no_time_pass_in_a_flood() -> None:
    facts = [event(0, Enqueued(**SALES), "ada"), event(90, Answered(**SALES, agent="x"), "ada")]
    known = flooded(RULES, facts, at_once=True)
    assert known["attention"]["default"]["learned"]["sales"]["looked_at"] == at(60)
    assert known == flooded(RULES, facts, at_once=False)


def test_a_flood_that_only_ends_conversations_makes_nobody_wait_longer() -> None:
    core = Core()
    names = [f"c{number}" for number in range(3)]
    joined = [event(0, Enqueued(**SALES), name) for name in names]
    told(core, *joined, *(event(5, Answered(**SALES, agent=name), name) for name in names))
    site, attention = core.site("default")
    ends = [event(60, Completed(**SALES), name) for name in names]
    looks: dict[str, bool] = {}
    learning = Learning(site, attention, RULES, at(60), looks)
    take_in(site, ends, at(60), RULES.ages)
    learning.catch_up(ends)
    assert looks == {"sales": False}
    # Of somebody who was never answered an end says that they left the line.
    told(core, event(61, Enqueued(**SALES), "late"))
    end = event(70, Completed(**SALES), "late")
    take_in(site, [end], at(70), RULES.ages)
    Learning(site, attention, RULES, at(70), looks).catch_up([end])
    assert looks == {"sales": True}


def test_who_is_told_anew_in_line_and_answered_in_one_flood_is_counted_as_answered() -> None:
    core = Core()
    joined = event(0, Enqueued(**SALES), "ada", "joined")
    turn(core, RULES, at(0), [joined])
    again = event(0, Enqueued(**SALES, customer="p1:ada"), "ada", "joined", version_at=at(1))
    turn(core, RULES, at(30), [again, event(20, Answered(**SALES, agent="x"), "ada")])
    (row,) = core.attention["default"].diary.rows["sales"].values()
    assert (row.offered, row.answered, row.waited_s) == (1, 1, 20.0)
