"""Tests of the quick way for ordinary stays: it does what the slow way does, or nothing at all."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from queuewatch.core.facts.events import Answered, Completed, Enqueued, Event, Left, MessageSent, Offered
from queuewatch.core.freeze import freeze
from queuewatch.core.mind import Core
from queuewatch.core.state.course import STEPS, begin, go_on
from queuewatch.core.state.site import Contact, Queue, Site
from tests.core.examples import SALES, SUPPORT, at, event
from tests.core.histories import picture, told

JOINED = event(0, Enqueued(**SALES, priority=2), ident="joined")
ANSWERED = event(10, Answered(**SALES, agent="x"), ident="answered")
FORGET_AT = at(1000)


def begun() -> tuple[Site, Contact]:
    site = Site("default")
    queue = site.queue("sales", "phone", at(0))
    assert isinstance(JOINED.data, Enqueued)
    contact = site.contacts["ada"] = begin(site, queue, JOINED, JOINED.data, at(0))
    return site, contact


def went_on(site: Site, contact: Contact, one: Event) -> bool:
    name = one.data.queue  # type: ignore[union-attr]  # a contact's fact has one
    queue = site.queues.get(name) or Queue(name, "phone", at(0))
    return go_on(site, queue, contact, one, STEPS[type(one.data)], FORGET_AT)


def test_an_ordinary_stay_is_told_like_one_told_backwards() -> None:
    completed = event(110, Completed(**SALES, wrap_up_s=9.0))
    site, contact = begun()
    assert went_on(site, contact, ANSWERED)
    assert went_on(site, contact, completed)
    slow = told([completed, ANSWERED, JOINED])
    assert picture(site)["visits"] == picture(slow)["visits"]
    assert picture(site)["queues"] == picture(slow)["queues"]
    assert contact.facts == slow.contacts["ada"].facts
    assert [(change.was, change.now) for change in site.changes] == [
        (None, "waiting"),
        ("waiting", "answered"),
        ("answered", "completed"),
    ]
    assert site.ended.next_at() == FORGET_AT
    assert site.ended.take(FORGET_AT) == ["ada"]


@pytest.mark.parametrize(
    "extraordinary",
    [
        event(0, Answered(**SALES)),  # not later than what is known
        event(5, Enqueued(**SALES)),
        event(5, MessageSent(**SALES)),
        event(5, Answered(**SUPPORT)),
        event(5, Answered(**SALES, visit=2)),
        replace(JOINED, at=at(5), data=Left(**SALES)),  # a correction
    ],
)
def test_what_is_not_ordinary_is_left_alone(extraordinary: Event) -> None:
    site, contact = begun()
    before = freeze(Core({"default": site}))
    assert not went_on(site, contact, extraordinary)
    assert freeze(Core({"default": site})) == before


def test_a_stay_that_ended_takes_no_ordinary_step() -> None:
    site, contact = begun()
    assert contact.ordinary
    assert went_on(site, contact, event(20, Left(**SALES, reason="key")))
    assert not went_on(site, contact, event(30, Answered(**SALES)))


@pytest.mark.parametrize(
    ("facts", "ordinary"),
    [
        ([JOINED, ANSWERED], True),
        ([ANSWERED, JOINED], True),  # told late, but whole by now
        ([event(0, Answered(**SALES))], False),  # nobody told that it joined
        ([JOINED, ANSWERED, event(50, Enqueued(**SALES))], False),  # a second stay beside the first
        ([JOINED, event(50, Offered(**SUPPORT))], False),  # the last fact moved nothing
    ],
)
def test_a_contact_is_ordinary_with_one_stay_told_from_its_beginning(
    facts: list[Event], ordinary: bool
) -> None:
    assert told(facts).contacts["ada"].ordinary is ordinary
