"""The call-back list, function by function: who gets onto it and off it, and what people do with it."""

from __future__ import annotations

from typing import Any

import pytest

from queuewatch.core.customers.callbacks import (
    PREFIX,
    SERVED_S,
    SWEEP_EVERY_S,
    CallbackAct,
    Callbacks,
    Caller,
    Deed,
    Miss,
    act,
)
from queuewatch.core.facts.acts import CallbackClaimed, CallbackDone, CallbackFailed, CallbackQueued
from queuewatch.core.facts.events import Abandoned, Answered, Completed, Enqueued, Left
from queuewatch.core.facts.terms import LeftReason
from queuewatch.core.rules import DAY_S, CallbackRule, Rules
from queuewatch.core.state.site import Change, Site
from queuewatch.core.state.visit import Stage, Visit
from tests.core.examples import SALES, at, event, one_visit

RULE = CallbackRule(after_s=10.0, keep_s=2 * DAY_S)
ADA = "p1:ada"


def missed(contact: str, since_s: float, until_s: float) -> Miss:
    return Miss("sales", "phone", contact, at(since_s), at(until_s), "abandoned")


def joined(contact: str, since_s: float = 0.0, **who: Any) -> Visit:
    return one_visit(event(since_s, Enqueued(**SALES, **who), contact))


def lost(contact: str, since_s: float, until_s: float, **who: Any) -> Visit:
    """A contact gave up."""
    return one_visit(
        event(since_s, Enqueued(**SALES, **who), contact), event(until_s, Abandoned(**SALES), contact)
    )


def served(contact: str, since_s: float, answered_s: float, **who: Any) -> Visit:
    return one_visit(
        event(since_s, Enqueued(**SALES, **who), contact),
        event(answered_s, Answered(**SALES, agent="x"), contact),
    )


def heed(
    callbacks: Callbacks, visit: Visit, now_s: float, was: Stage | None = "waiting", **more: Any
) -> None:
    callbacks.heed_all([Change(visit, was, visit.stage, at(now_s), **more)], RULE, at(now_s))


def a_list(*visits: Visit) -> Callbacks:
    """The list after these visits, each told when it ended."""
    callbacks = Callbacks()
    for visit in visits:
        heed(callbacks, visit, (visit.ended_at or visit.enqueued_at) - at(0))
    return callbacks


def do(callbacks: Callbacks, site: Site, data: CallbackAct, now_s: float) -> None:
    told = event(now_s, data, "", ident=f"act at {now_s}")
    act(callbacks, data, Deed(site, told, Rules(), at(now_s)))


def caller_of(callbacks: Callbacks, contact: str) -> Caller:
    found = callbacks.find(contact)
    assert found is not None
    return found


# ── a person and their waits ──────────────────────────────────────────────────────────────────────────────


def test_a_wait_lasted_from_joining_to_its_loss_and_never_less_than_nothing() -> None:
    assert missed("a", 0, 75).waited_s == 75.0
    assert missed("a", 10, 9).waited_s == 0.0, "two clocks may differ"


def test_the_first_wait_is_the_one_that_began_first_and_the_last_the_one_lost_last() -> None:
    waits = {one.contact: one for one in (missed("b", 5, 20), missed("a", 0, 100), missed("c", 0, 100))}
    one = Caller(customer=ADA, tier=None, language=None, misses=waits)
    assert (one.first.contact, one.last.contact, one.waited_s) == ("a", "c", 100.0)


# ── who is on the list ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("wait_s", "there"), [(9.999, False), (10.0, True)])
def test_who_gave_up_after_ten_seconds_is_on_the_list(wait_s: float, there: bool) -> None:
    assert (a_list(lost("ada", 0, wait_s)).find("ada") is not None) is there


@pytest.mark.parametrize(("reason", "there"), [("callback", True), ("timed_out", False), ("key", False)])
def test_who_left_at_once_is_on_the_list_only_if_they_asked_for_it(reason: LeftReason, there: bool) -> None:
    visit = one_visit(event(0, Enqueued(**SALES)), event(1, Left(**SALES, reason=reason)))
    assert (a_list(visit).find("ada") is not None) is there


def test_one_customer_is_one_entry_and_contacts_of_nobody_are_one_each() -> None:
    callbacks = a_list(
        lost("a1", 0, 60, customer=ADA, tier="existing", language="de"),
        lost("a2", 100, 190, customer=ADA),
        lost("b", 0, 60),
    )
    assert set(callbacks.callers) == {ADA, "contact/b"}
    ada = caller_of(callbacks, "a2")
    assert (ada.tier, ada.language, len(ada.misses), ada.waited_s) == ("existing", "de", 2, 90.0)
    assert callbacks.find("nobody") is None


def test_who_waits_again_need_not_be_called_until_that_wait_is_over() -> None:
    callbacks = a_list(lost("a1", 0, 60, customer=ADA))
    heed(callbacks, joined("a2", 100, customer=ADA), 100, None)
    assert callbacks.listed() == []
    heed(callbacks, lost("a2", 100, 105, customer=ADA), 105)
    assert len(callbacks.listed()) == 1


def test_our_own_call_back_in_the_line_is_nobody_to_be_called() -> None:
    callbacks = a_list(lost("ada", 0, 60, callback=True))
    assert (callbacks.callers, callbacks.waiting) == ({}, {})


def test_who_is_served_after_the_loss_is_off_the_list_and_counted() -> None:
    callbacks = a_list(lost("a1", 0, 60, customer=ADA))
    heed(callbacks, served("a2", 100, 120, customer=ADA), 120)
    assert (callbacks.callers, callbacks.persons) == ({}, {})
    assert callbacks.counts == {"sales": {"served": 1}}


def test_who_comes_back_after_the_call_back_was_done_is_forgotten_and_not_counted_again() -> None:
    callbacks = a_list(lost("a1", 0, 60, customer=ADA))
    do(callbacks, Site("default"), CallbackDone(contact="a1", by="Grace"), 70)
    heed(callbacks, served("a2", 100, 120, customer=ADA), 120)
    assert callbacks.callers == {}
    assert callbacks.counts == {"sales": {"done": 1}}


@pytest.mark.parametrize(("answered_s", "left"), [(59.999, ["a1"]), (60.0, [])])
def test_an_answer_clears_only_the_losses_up_to_it(answered_s: float, left: list[str]) -> None:
    callbacks = a_list(lost("a0", 0, 30, customer=ADA), lost("a1", 0, 60, customer=ADA))
    heed(callbacks, served("a2", 10, answered_s, customer=ADA), 100)
    assert [miss.contact for one in callbacks.listed() for miss in one.misses.values()] == left


@pytest.mark.parametrize(("lost_s", "there"), [(120.0, False), (120.001, True)])
def test_a_loss_told_after_the_answer_counts_only_if_it_came_after_it(lost_s: float, there: bool) -> None:
    callbacks = a_list(served("a1", 100, 120, customer=ADA), lost("a2", 100, lost_s, customer=ADA))
    assert (callbacks.find("a2") is not None) is there


def test_a_loss_that_turns_out_to_be_none_is_off_the_list_and_others_of_the_customer_stay() -> None:
    callbacks = a_list(lost("a1", 0, 60, customer=ADA), lost("a2", 0, 70, customer=ADA))
    heed(callbacks, served("a1", 0, 55, customer=ADA), 80, "abandoned", revised=True)
    assert list(caller_of(callbacks, "a2").misses) == ["sales/a2/1"]
    gone = lost("a2", 0, 70, customer=ADA)
    callbacks.heed_all([Change(gone, "abandoned", None, at(90))], RULE, at(90))
    assert callbacks.callers == {}


def test_who_gives_up_after_they_were_called_is_a_new_entry_and_before_it_the_old_one() -> None:
    callbacks = a_list(lost("a1", 0, 60, customer=ADA))
    do(callbacks, Site("default"), CallbackDone(contact="a1", by="Grace"), 100)
    heed(callbacks, lost("a2", 50, 100, customer=ADA), 110)
    assert (caller_of(callbacks, "a2").state, len(caller_of(callbacks, "a2").misses)) == ("done", 2)
    heed(callbacks, lost("a3", 50, 100.001, customer=ADA), 111)
    assert (caller_of(callbacks, "a3").state, len(caller_of(callbacks, "a3").misses)) == ("open", 1)


def test_entries_are_forgotten_after_their_time_and_done_ones_after_a_day() -> None:
    callbacks = a_list(lost("old", 0, 60), lost("done", 100, 160), lost("young", 0, DAY_S))
    do(callbacks, Site("default"), CallbackDone(contact="done", by="Grace"), 60 + DAY_S)
    heed(callbacks, joined("x"), 60 + 2 * DAY_S - 0.001, None)
    assert set(callbacks.persons) == {"old", "done", "young"}
    heed(callbacks, joined("y"), 60 + 2 * DAY_S + SWEEP_EVERY_S, None)
    assert set(callbacks.persons) == {"young"}


@pytest.mark.parametrize(("now_s", "kept"), [(60 + 2 * DAY_S - 0.001, True), (60 + 2 * DAY_S, False)])
def test_nobody_is_on_the_list_for_longer_than_the_rule_keeps_them(now_s: float, kept: bool) -> None:
    callbacks = a_list(lost("ada", 0, 60))
    heed(callbacks, joined("x"), now_s, None)
    assert ("ada" in callbacks.persons) is kept


def test_who_was_served_is_remembered_for_an_hour() -> None:
    callbacks = a_list(served("a1", 0, 60, customer=ADA))
    callbacks.swept_at = float("-inf")
    heed(callbacks, joined("x"), 60 + SERVED_S - 0.001, None)
    assert ADA in callbacks.served
    callbacks.swept_at = float("-inf")
    heed(callbacks, joined("x"), 60 + SERVED_S, None)
    assert callbacks.served == {}


# ── what people do ────────────────────────────────────────────────────────────────────────────────────────


def test_one_person_claims_an_entry_and_another_cannot() -> None:
    callbacks, site = a_list(lost("ada", 0, 60)), Site("default")
    do(callbacks, site, CallbackClaimed(contact="ada", by="Grace", note="now"), 100)
    do(callbacks, site, CallbackClaimed(contact="ada", by="Hugo"), 101)
    ada = caller_of(callbacks, "ada")
    assert (ada.state, ada.by, ada.note, ada.moved_at, ada.act) == (
        "claimed",
        "Grace",
        "now",
        at(100),
        "act at 100",
    )
    do(callbacks, site, CallbackClaimed(contact="ada", by="Grace"), 102)
    assert callbacks.counts == {"sales": {"claimed": 2}}


def test_an_entry_that_is_done_or_unknown_is_left_as_it_is() -> None:
    callbacks, site = a_list(lost("ada", 0, 60)), Site("default")
    do(callbacks, site, CallbackDone(contact="ada", by="Grace"), 100)
    do(callbacks, site, CallbackFailed(contact="ada", by="Hugo"), 101)
    do(callbacks, site, CallbackDone(contact="nobody", by="Hugo"), 101)
    assert (caller_of(callbacks, "ada").by, callbacks.counts) == ("Grace", {"sales": {"done": 1}})


def test_a_call_back_in_the_line_keeps_the_place_of_the_first_wait_and_stands_there_once() -> None:
    callbacks, site = (
        a_list(lost("a1", 0, 60, customer=ADA), lost("a2", 70, 90, customer=ADA)),
        Site("default"),
    )
    for now_s in (100, 101):
        do(callbacks, site, CallbackQueued(contact="a2", by="Grace"), now_s)
    (visit,) = site.contacts[f"{PREFIX}a1"].visits
    assert (visit.enqueued_at, visit.customer, visit.callback, visit.stage) == (at(0), ADA, True, "waiting")
    assert list(site.contacts) == [f"{PREFIX}a1"]
    assert callbacks.counts == {"sales": {"queued": 1}}


def test_a_claimed_entry_is_not_put_into_the_line() -> None:
    callbacks, site = a_list(lost("ada", 0, 60)), Site("default")
    do(callbacks, site, CallbackClaimed(contact="ada", by="Grace"), 100)
    do(callbacks, site, CallbackQueued(contact="ada", by="Hugo"), 101)
    assert (site.contacts, caller_of(callbacks, "ada").by) == ({}, "Grace")


def test_claiming_answers_the_place_in_line_and_the_call_completes_it() -> None:
    callbacks, site = a_list(lost("ada", 0, 60)), Site("default")
    do(callbacks, site, CallbackQueued(contact="ada", by="Grace"), 100)
    do(callbacks, site, CallbackClaimed(contact="ada", by="Grace"), 110)
    (visit,) = site.contacts[f"{PREFIX}ada"].visits
    assert (visit.stage, visit.answered_at, visit.agent) == ("answered", at(110), "Grace")
    do(callbacks, site, CallbackDone(contact="ada", by="Grace"), 200)
    (visit,) = site.contacts[f"{PREFIX}ada"].visits
    assert (visit.stage, visit.ended_at, visit.resolved) == ("completed", at(200), True)
    assert caller_of(callbacks, "ada").in_line is None


def test_who_is_reached_without_a_claim_is_answered_and_completed_at_once() -> None:
    callbacks, site = a_list(lost("ada", 0, 60)), Site("default")
    do(callbacks, site, CallbackQueued(contact="ada", by="Grace"), 100)
    do(callbacks, site, CallbackDone(contact="ada", by="Grace"), 200)
    (visit,) = site.contacts[f"{PREFIX}ada"].visits
    assert (visit.stage, visit.answered_at, visit.resolved) == ("completed", at(200), True)


def test_who_is_not_reached_leaves_the_line_and_the_next_try_has_another_name() -> None:
    callbacks, site = a_list(lost("ada", 0, 60)), Site("default")
    do(callbacks, site, CallbackQueued(contact="ada", by="Grace"), 100)
    do(callbacks, site, CallbackFailed(contact="ada", by="Grace"), 200)
    (visit,) = site.contacts[f"{PREFIX}ada"].visits
    assert (visit.stage, visit.reason) == ("left", "withdrawn")
    ada = caller_of(callbacks, "ada")
    assert (ada.state, ada.failed, ada.in_line) == ("open", 1, None)
    do(callbacks, site, CallbackQueued(contact="ada", by="Grace"), 300)
    assert set(site.contacts) == {f"{PREFIX}ada", f"{PREFIX}ada:2"}


def test_a_claimed_place_whose_customer_is_not_reached_is_completed_unresolved() -> None:
    callbacks, site = a_list(lost("ada", 0, 60)), Site("default")
    do(callbacks, site, CallbackQueued(contact="ada", by="Grace"), 100)
    do(callbacks, site, CallbackClaimed(contact="ada", by="Grace"), 110)
    do(callbacks, site, CallbackFailed(contact="ada", by="Grace"), 120)
    (visit,) = site.contacts[f"{PREFIX}ada"].visits
    assert (visit.stage, visit.resolved) == ("completed", False)


def test_a_place_that_was_lost_or_completed_meanwhile_is_left_as_it_is() -> None:
    callbacks, site = a_list(lost("a", 0, 60), lost("b", 0, 60)), Site("default")
    for contact in ("a", "b"):
        do(callbacks, site, CallbackQueued(contact=contact, by="Grace"), 100)
    del site.contacts[f"{PREFIX}a"]
    site.contacts[f"{PREFIX}b"].stay = None
    site.contacts[f"{PREFIX}b"].stays = (
        one_visit(
            event(0, Enqueued(**SALES), "b"),
            event(5, Answered(**SALES, agent="x"), "b"),
            event(9, Completed(**SALES), "b"),
        ),
    )
    for contact in ("a", "b"):
        do(callbacks, site, CallbackDone(contact=contact, by="Grace"), 200)
        assert caller_of(callbacks, contact).state == "done"
    assert site.contacts[f"{PREFIX}b"].visits[-1].ended_at == at(9)
