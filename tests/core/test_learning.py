"""Who learns of a move, and which queues are to be looked at for it."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.acts import CustomerForgotten
from queuewatch.core.facts.events import Abandoned, Answered, Completed, Enqueued, Event, Offered, OfferFailed
from queuewatch.core.freeze import freeze
from queuewatch.core.learning import Learning
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.state.apply import apply
from queuewatch.core.state.site import Change
from queuewatch.core.turn import turn
from tests.core.examples import SALES, event

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
