"""Who is to be called back: who gave up, until they were served; and what people do about it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.customers.callbacks import Callbacks, Caller
from queuewatch.core.decisions import IncentiveIssued
from queuewatch.core.facts.acts import CallbackClaimed, CallbackDone, CallbackFailed, CallbackQueued
from queuewatch.core.facts.events import (
    Abandoned,
    AgentChanged,
    Answered,
    Completed,
    Enqueued,
    Event,
    Left,
    QueueSnapshot,
)
from queuewatch.core.facts.terms import LeftReason
from queuewatch.core.freeze import freeze
from queuewatch.core.rules import DAY_S, CallbackRule, IncentiveRule, Rules
from tests.core.examples import CHAT, SALES, at, event
from tests.core.histories import histories, laws
from tests.stories.timeline import Timeline

ADA = "p1:ada"


def the_list(story: Timeline) -> Callbacks:
    return story.core.attention["default"].care.callbacks


def to_call(story: Timeline) -> list[str]:
    """The contacts that waited first, of those to be called back."""
    return sorted(one.first.contact for one in the_list(story).listed() if one.state != "done")


def lost(story: Timeline, seconds: float, contact: str, wait_s: float = 100.0, **more: Any) -> None:
    """A contact waits so long in vain."""
    story.tell(seconds, Enqueued(**{**SALES, **more}), contact)
    where = {name: value for name, value in {**SALES, **more}.items() if name in {"queue", "channel"}}
    story.tell(seconds + wait_s, Abandoned(**where), contact)


def caller(story: Timeline, contact: str) -> Caller:
    found = the_list(story).find(contact)
    assert found is not None
    return found


def test_who_gave_up_is_on_the_list_with_how_long_they_waited_and_how_often_they_tried() -> None:
    story = Timeline()
    lost(story, 0, "a1", 100, customer=ADA, tier="existing")
    lost(story, 200, "a2", 60, customer=ADA)
    (ada,) = the_list(story).listed()
    assert (ada.customer, ada.tier, len(ada.misses), ada.waited_s) == (ADA, "existing", 2, 100.0)
    assert (ada.first.contact, ada.first.enqueued_at, ada.last.contact) == ("a1", at(0), "a2")


@pytest.mark.parametrize(("reason", "there"), [("timed_out", True), ("callback", True), ("key", False)])
def test_who_timed_out_or_asked_for_it_is_on_the_list_and_who_left_otherwise_is_not(
    reason: LeftReason, *, there: bool
) -> None:
    story = Timeline()
    story.tell(0, Enqueued(**SALES), "ada")
    story.tell(60, Left(**SALES, reason=reason), "ada")
    assert to_call(story) == (["ada"] if there else [])


def test_who_gave_up_at_once_is_not_unless_they_asked_to_be_called() -> None:
    story = Timeline(Rules(callbacks=CallbackRule(after_s=10.0)))
    lost(story, 0, "short", 9.999)
    lost(story, 20, "long", 10.0)
    story.tell(40, Enqueued(**SALES), "asked")
    story.tell(41, Left(**SALES, reason="callback"), "asked")
    assert to_call(story) == ["asked", "long"]


def test_who_was_served_since_on_any_channel_is_off_the_list() -> None:
    story = Timeline()
    lost(story, 0, "call", customer=ADA)
    lost(story, 0, "other")
    story.tell(500, Enqueued(**CHAT, customer=ADA), "chat")
    assert to_call(story) == ["other"], "who waits again need not be called"
    story.tell(520, Answered(**CHAT, agent="x"), "chat")
    assert to_call(story) == ["other"]
    story.tell(600, Enqueued(**SALES), "other")
    story.tell(620, Answered(**SALES, agent="x"), "other")
    assert to_call(story) == []
    assert the_list(story).counts == {"sales": {"served": 2}}


def test_who_gives_up_again_is_back_on_the_list() -> None:
    story = Timeline()
    lost(story, 0, "call", customer=ADA)
    lost(story, 500, "chat", customer=ADA, **CHAT)
    assert to_call(story) == ["call"]
    assert len(caller(story, "chat").misses) == 2


def test_who_was_served_before_giving_up_stays_on_the_list() -> None:
    story = Timeline()
    story.tell(0, Enqueued(**SALES, customer=ADA), "first")
    story.tell(10, Answered(**SALES, agent="x"), "first")
    story.tell(50, Completed(**SALES), "first")
    lost(story, 100, "second", customer=ADA)
    assert to_call(story) == ["second"]


def test_a_loss_told_after_the_service_that_followed_it_is_no_loss() -> None:
    story = Timeline()
    story.tell(300, Answered(**SALES, agent="x"), "ada")
    story.record(
        310, event(0, Enqueued(**CHAT), "ada", ident="e1"), event(200, Abandoned(**CHAT), "ada", ident="e2")
    )
    assert to_call(story) == []


def test_an_end_that_turns_out_to_have_been_an_answer_takes_them_off_the_list() -> None:
    story = Timeline()
    lost(story, 0, "ada")
    assert to_call(story) == ["ada"]
    story.record(110, event(99, Answered(**SALES, agent="x"), "ada"))
    assert to_call(story) == []


def test_a_stay_that_turns_out_never_to_have_been_is_off_the_list() -> None:
    story = Timeline()
    story.record(0, event(0, Enqueued(**SALES), "ada", ident="e1"))
    story.record(100, event(100, Abandoned(**SALES), "ada", ident="e2"))
    story.record(101, event(0, Enqueued(**CHAT), "ada", ident="e1", version_at=at(101)))
    story.record(102, event(100, Abandoned(**CHAT), "ada", ident="e2", version_at=at(102)))
    assert [one.last.queue for one in the_list(story).listed()] == ["chat"]


def test_who_could_not_be_reached_for_days_is_forgotten() -> None:
    story = Timeline(Rules(callbacks=CallbackRule(keep_s=DAY_S)))
    lost(story, 0, "ada")
    lost(story, DAY_S - 100, "bob")
    lost(story, DAY_S + 4000, "cyd")
    assert to_call(story) == ["bob", "cyd"]


def test_one_claims_it_and_nobody_else_and_then_it_is_done() -> None:
    story = Timeline()
    lost(story, 0, "ada")
    story.tell(200, CallbackClaimed(contact="ada", by="Grace"), "")
    story.tell(201, CallbackClaimed(contact="ada", by="Hugo"), "")
    assert (caller(story, "ada").state, caller(story, "ada").by) == ("claimed", "Grace")
    story.tell(202, CallbackQueued(contact="ada", by="Hugo"), "")
    assert caller(story, "ada").in_line is None
    story.tell(300, CallbackDone(contact="ada", by="Grace", note="all well"), "")
    story.tell(301, CallbackClaimed(contact="ada", by="Hugo"), "", ident="late")
    assert (caller(story, "ada").state, caller(story, "ada").note) == ("done", "all well")
    assert to_call(story) == []
    assert the_list(story).counts == {"sales": {"claimed": 1, "done": 1}}


def test_who_was_not_reached_may_be_tried_by_the_next() -> None:
    story = Timeline()
    lost(story, 0, "ada")
    story.tell(200, CallbackClaimed(contact="ada", by="Grace"), "")
    story.tell(260, CallbackFailed(contact="ada", by="Grace"), "")
    story.tell(300, CallbackClaimed(contact="ada", by="Hugo"), "", ident="second")
    ada = caller(story, "ada")
    assert (ada.state, ada.by, ada.failed) == ("claimed", "Hugo", 1)


def test_an_act_because_of_a_contact_that_is_not_on_the_list_does_nothing() -> None:
    story = Timeline()
    story.tell(0, CallbackClaimed(contact="ada", by="Grace"), "")
    assert the_list(story).callers == {}


def test_who_gives_up_after_they_were_called_back_is_on_the_list_anew() -> None:
    story = Timeline()
    lost(story, 0, "a1", customer=ADA)
    story.tell(200, CallbackDone(contact="a1", by="Grace"), "")
    lost(story, 300, "a2", customer=ADA)
    assert to_call(story) == ["a2"]
    assert caller(story, "a2").state == "open"


def test_what_is_done_is_forgotten_after_a_day() -> None:
    story = Timeline()
    lost(story, 0, "ada")
    story.tell(200, CallbackDone(contact="ada", by="Grace"), "")
    lost(story, DAY_S + 4000, "bob")
    assert the_list(story).find("ada") is None


# ── in line again ─────────────────────────────────────────────────────────────────────────────────────────


def put_back() -> Timeline:
    """Ada waited 100 s from 0 on in vain, Bob waits from 150 s on; at 200 s Ada is put into line again."""
    story = Timeline(Rules(incentives={"r": IncentiveRule(unknown_customers=True, after_s=5000.0)}))
    story.tell(-10, AgentChanged(state="busy", queues=("sales",)), "xena")
    lost(story, 0, "ada", 100, customer=ADA)
    story.tell(150, Enqueued(**SALES), "bob")
    story.tell(200, CallbackQueued(contact="ada", by="Grace"), "", source="/people")
    return story


def test_a_call_back_keeps_its_place() -> None:
    story = put_back()
    assert [(one.contact, one.enqueued_at) for one in story.line()] == [
        ("callback:ada", at(0)),
        ("bob", at(150)),
    ]
    assert caller(story, "ada").in_line == "callback:ada"
    assert set(story.core.sites["default"].sources) == {"/pbx"}, "people are no source"


def test_those_who_hold_the_line_are_told_apart_from_those_who_are_called_back() -> None:
    story = put_back()
    view = story.queue()
    assert (view.waiting, view.callbacks, view.oldest_wait_s) == (1, 1, 50.0)
    assert view.past_threshold == {"60": 0, "180": 0}
    story.until(20_000)
    assert story.queue().callbacks == 1, "nobody takes it for lost"
    assert [one.contact for one in story.decisions if isinstance(one, IncentiveIssued)] == ["bob"]


def test_a_call_back_is_counted_apart_and_teaches_nothing_of_waits() -> None:
    story, plain = put_back(), put_back()
    before = story.queue().counts
    story.tell(300, CallbackClaimed(contact="ada", by="xena"), "")
    assert story.queue().serving == 1
    story.tell(400, CallbackDone(contact="ada", by="xena"), "")
    assert (story.queue().serving, story.queue().callbacks) == (0, 0)
    assert story.queue().counts == before
    tally = story.core.sites["default"].queues["sales"].tally
    assert (tally.of("callback:offered"), tally.of("callback:answered")) == (1, 1)
    learned = (story.core.attention["default"].learned, plain.core.attention["default"].learned)
    assert msgspec.msgpack.encode(learned[0]) == msgspec.msgpack.encode(learned[1])


def test_who_is_done_without_being_claimed_was_answered_all_the_same() -> None:
    story = put_back()
    story.tell(400, CallbackDone(contact="ada", by="xena"), "")
    tally = story.core.sites["default"].queues["sales"].tally
    assert (tally.of("callback:answered"), story.queue().callbacks) == (1, 0)


@pytest.mark.parametrize("claimed", [False, True])
def test_who_is_not_reached_is_out_of_the_line_and_can_be_put_there_again(*, claimed: bool) -> None:
    story = put_back()
    if claimed:
        story.tell(250, CallbackClaimed(contact="ada", by="xena"), "")
    story.tell(260, CallbackFailed(contact="ada", by="xena"), "")
    assert [one.contact for one in story.line()] == ["bob"]
    story.tell(300, CallbackQueued(contact="ada", by="Grace"), "", ident="again")
    assert [one.contact for one in story.line()] == ["callback:ada:2", "bob"]
    story.tell(310, CallbackQueued(contact="ada", by="Hugo"), "", ident="a third time")
    assert len(story.line()) == 2


def test_a_list_of_the_source_does_not_lose_whom_we_call_back() -> None:
    story = put_back()
    story.tell(300, QueueSnapshot(queue="sales", channel="phone"), "")
    assert [one.contact for one in story.line()] == ["callback:ada"]


@pytest.mark.slow
def test_a_call_back_that_stands_in_line_for_a_week_is_lost_there_and_can_still_be_done() -> None:
    story = put_back()
    story.tell(300, Answered(**SALES, agent="xena"), "bob")
    story.until(9 * DAY_S)
    assert story.line() == []
    story.tell(9 * DAY_S + 1, CallbackDone(contact="ada", by="Grace"), "")
    assert caller(story, "ada").state == "done"


def a_long_story(*, restarts: bool) -> Timeline:
    story = Timeline(restarts=restarts)
    lost(story, 0, "ada", customer=ADA)
    lost(story, 200, "bob")
    story.tell(310, CallbackQueued(contact="ada", by="Grace"), "")
    story.tell(320, CallbackClaimed(contact="ada", by="Grace"), "")
    story.tell(330, CallbackFailed(contact="ada", by="Grace"), "")
    story.tell(340, CallbackDone(contact="bob", by="Grace"), "")
    story.until(8 * DAY_S)
    lost(story, 8 * DAY_S, "cyd")
    return story


def test_a_restart_after_every_single_turn_changes_nothing() -> None:
    straight, restarted = a_long_story(restarts=False), a_long_story(restarts=True)
    assert freeze(restarted.core) == freeze(straight.core)


@laws
@given(history=histories(), order=st.randoms(use_true_random=False))
def test_the_list_is_the_same_in_whatever_order_facts_come_in(history: list[Event], order: Any) -> None:
    shuffled = list(history)
    order.shuffle(shuffled)
    lists = []
    for events in (history, shuffled):
        story = Timeline(Rules(callbacks=CallbackRule(after_s=0.0)))
        story.until(100)
        for one in events:
            story.record(100, one)
        kept = story.core.attention.get("default")
        callers = {} if kept is None else kept.care.callbacks.callers
        lists.append({person: sorted(caller.misses) for person, caller in callers.items()})
    assert lists[0] == lists[1]
