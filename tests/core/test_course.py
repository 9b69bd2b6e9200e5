"""Tests of the quick way for ordinary stays: it does what the slow way does, or nothing at all."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from queuewatch.core.course import begin, go_on
from queuewatch.core.events import Answered, Completed, ContactFact, Enqueued, Event, Left, MessageSent
from queuewatch.core.freeze import freeze
from queuewatch.core.mind import Core
from queuewatch.core.rules import Ages
from queuewatch.core.state import Contact, Site
from tests.core.facts import SALES, SUPPORT, at, event
from tests.core.histories import picture, told

JOINED = event(0, Enqueued(**SALES, priority=2), ident="joined")
ANSWERED = event(10, Answered(**SALES, agent="x"), ident="answered")


def begun() -> tuple[Site, Contact]:
    site = Site("default")
    queue = site.queue("sales", "phone", at(0))
    assert isinstance(JOINED.data, Enqueued)
    contact = site.contacts["ada"] = begin(site, queue, JOINED, JOINED.data, at(0))
    return site, contact


def went_on(site: Site, contact: Contact, one: Event) -> bool:
    assert isinstance(one.data, ContactFact)
    return go_on(site, site.queues["sales"], contact, one, one.data, Ages())


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
    assert site.ended.next_at() == at(110 + Ages().late_s)
    assert site.ended.take(at(110 + Ages().late_s)) == ["ada"]


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


def test_a_stay_that_ended_or_was_never_begun_is_not_ordinary() -> None:
    site, contact = begun()
    assert went_on(site, contact, event(20, Left(**SALES, reason="key")))
    assert not went_on(site, contact, event(30, Answered(**SALES)))
    implied = told([event(0, Answered(**SALES))])
    assert not went_on(implied, implied.contacts["ada"], event(30, Completed(**SALES)))


def test_a_stay_with_another_beside_it_is_not_ordinary() -> None:
    site = told([JOINED, ANSWERED, event(50, Enqueued(**SALES))])
    assert not went_on(site, site.contacts["ada"], event(60, Completed(**SALES)))
