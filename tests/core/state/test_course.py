"""Tests of the quick way for ordinary stays: it ends where the careful way does, or is not taken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    ContactData,
    ContactFact,
    Enqueued,
    Event,
    Left,
    MessageReceived,
    MessageSent,
    Offered,
    OfferFailed,
    Transferred,
)
from queuewatch.core.rules import Ages
from queuewatch.core.state.amend import tell
from queuewatch.core.state.apply import apply, take_in
from queuewatch.core.state.site import Site
from queuewatch.core.state.tally import TOGETHER
from tests.core.examples import SALES, SUPPORT, at, event
from tests.core.histories import histories, laws, picture, told

AGES = Ages()


def told_carefully(events: list[Event]) -> Site:
    """The site after these events, none of which is taken for ordinary."""
    site = Site("default")
    for number, one in enumerate(events):
        if not isinstance(one.data, ContactFact):
            apply(site, one, at(1000 + number), AGES)
            continue
        site.source(one.source)
        queue = site.queue(one.data.queue, one.data.channel, at(1000 + number))
        queue.latest_at = max(queue.latest_at, one.at)
        queue.sources[one.source] = None
        tell(site, one, at(1000 + number), AGES)
    return site


def outcome(site: Site) -> dict[str, Any]:
    """The state, each contact's facts, and what moved; not when sources spoke, which `tell` leaves alone."""
    moved = [
        (change.visit.contact, change.was, change.now, change.at, change.revised)
        for change in site.changes
        if change.was != change.now
    ]
    facts = {
        name: (contact.told(site.name), contact.stay is not None) for name, contact in site.contacts.items()
    }
    return {**picture(site), "sources": sorted(site.sources), "moved": moved, "facts": facts}


@laws
@given(histories(), st.booleans())
def test_the_quick_way_and_the_careful_way_lead_to_one_state(events: list[Event], in_time: bool) -> None:
    if in_time:
        events = sorted(events, key=lambda one: one.at)
    assert outcome(told(events)) == outcome(told_carefully(events))


SHORT: tuple[ContactData, ...] = (
    Offered(**SALES, agent="y"),
    OfferFailed(**SALES, agent="y"),
    MessageReceived(**SALES),
    Answered(**SALES, agent="x"),
    Answered(**SALES),
    MessageReceived(**SALES),
    MessageSent(**SALES),
    Left(**SALES),
    Left(**SALES, reason="key"),
    Abandoned(**SALES),
    Transferred(**SALES, kind="blind"),
    Completed(**SALES, talk_s=5.0, hold_s=1.0, wrap_up_s=9.0, resolved=True),
    Completed(**SALES, talk_s=0.5),
    Completed(**SALES, talk_s=300.0),
    Completed(**SALES),
)


@laws
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(SHORT), st.sampled_from((0, 1))), max_size=14)
)
def test_of_stays_told_in_order_nothing_is_lost_by_being_quick(
    steps: list[tuple[str, ContactData, int]],
) -> None:
    joins = [event(second, Enqueued(**SALES, priority=second % 2), name) for second, name in enumerate("abc")]
    told_in_order = [
        event(10 + number, fact, name, source=("/pbx", "/other")[other])
        for number, (name, fact, other) in enumerate(steps)
    ]
    assert outcome(told(joins + told_in_order)) == outcome(told_carefully(joins + told_in_order))


@laws
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(SHORT),
            st.integers(0, 12),
            st.sampled_from(("", "s")),
            st.sampled_from((None, at(1), at(2))),
        ),
        max_size=14,
    )
)
def test_a_fact_of_which_only_the_id_was_kept_is_known_again_and_corrected_like_any_other(
    steps: list[tuple[str, ContactData, int, str, float | None]],
) -> None:
    joins = [
        event(second, Enqueued(**SALES, priority=second % 2, language="de"), name, ident=f"i{second}")
        for second, name in enumerate("abc")
    ]
    told_in_order = [
        event(10 + number, fact, name, ident=f"i{ident}", sequence=sequence, version_at=version_at)
        for number, (name, fact, ident, sequence, version_at) in enumerate(steps)
    ]
    assert outcome(told(joins + told_in_order)) == outcome(told_carefully(joins + told_in_order))


def test_an_ordinary_stay_is_told_like_one_told_backwards() -> None:
    stay = [
        event(0, Enqueued(**SALES, priority=2)),
        event(10, Answered(**SALES, agent="x")),
        event(110, Completed(**SALES, wrap_up_s=9.0)),
    ]
    site = told(stay)
    assert picture(site) == picture(told(stay[::-1]))
    assert [(change.was, change.now) for change in site.changes] == [
        (None, "waiting"),
        ("waiting", "answered"),
        ("answered", "completed"),
    ]


def test_when_a_stay_ends_the_contact_is_to_be_forgotten_after_the_time_that_facts_may_be_late() -> None:
    site = Site("default")
    stays = [
        fact
        for name in ("ada", "bob")
        for fact in (event(0, Enqueued(**SALES), name), event(1, Left(**SALES, reason="key"), name))
    ]
    take_in(site, stays, at(1000), AGES)
    assert site.ended.next_at() == at(1000) + AGES.late_s
    assert site.ended.take(at(1000) + AGES.late_s) == ["ada", "bob"]


def test_who_yields_to_all_others_stays_last_in_line_whoever_joins_later() -> None:
    joins = [("ada", 0), ("bob", -1), ("cyd", 0), ("dan", 1), ("eve", 0)]
    site = told([event(at_s, Enqueued(**SALES, priority=p), name) for at_s, (name, p) in enumerate(joins)])
    assert [name for _, _, name, _ in site.queues["sales"].line] == ["dan", "ada", "cyd", "eve", "bob"]


def test_many_stays_are_counted_like_one_by_one() -> None:
    names = [f"c{number}" for number in range(TOGETHER)]
    site = told(
        [event(number, Enqueued(**SALES), name) for number, name in enumerate(names)]
        + [event(200 + number, Answered(**SALES), name) for number, name in enumerate(names)]
        + [event(300 + 2 * number, Completed(**SALES), name) for number, name in enumerate(names)]
    )
    queue = site.queues["sales"]
    assert (len(queue.wait.fresh), len(queue.handling.fresh)) == (0, 0)
    assert (sum(queue.wait.now), queue.wait.sum_s) == (TOGETHER, 200.0 * TOGETHER)
    assert (sum(queue.handling.now), queue.handling.sum_s) == (TOGETHER, sum(range(100, 100 + TOGETHER)))


def test_when_an_agent_last_worked_is_the_latest_time_whoever_is_told_of_first() -> None:
    site = told(
        [
            event(0, Enqueued(**SALES), "ada"),
            event(1, Enqueued(**SALES), "bob"),
            event(20, Answered(**SALES, agent="x"), "bob"),
            event(15, Answered(**SALES, agent="x"), "ada"),
        ]
    )
    agent = site.agents["x"]
    assert (agent.served, agent.last_at) == ({"sales": at(20)}, at(20))
    for end, name in ((60, "bob"), (50, "ada")):
        apply(site, event(end, Completed(**SALES), name), at(1000), AGES)
    assert (agent.handling, agent.last_at) == ({}, at(60))


@pytest.mark.parametrize(("talk_s", "handling_s"), [(None, 40.0), (30.0, 30.0), (40.0, 40.0), (50.0, 40.0)])
def test_a_conversation_lasted_as_long_as_its_source_says_but_no_longer_than_it_was_open(
    talk_s: float | None, handling_s: float
) -> None:
    stay = [
        event(0, Enqueued(**SALES)),
        event(10, Answered(**SALES)),
        event(50, Completed(**SALES, talk_s=talk_s)),
    ]
    site = told(stay)
    assert site.queues["sales"].handling.sum_s == handling_s
    assert site.contacts["ada"].visits[0].handling_s == handling_s


@pytest.mark.parametrize(
    ("facts", "ordinary"),
    [
        ([event(0, Enqueued(**SALES)), event(10, Answered(**SALES))], True),
        ([event(10, Answered(**SALES)), event(0, Enqueued(**SALES))], True),  # told late, but whole by now
        ([event(0, Answered(**SALES))], False),  # nobody told that it joined
        ([event(0, Enqueued(**SALES)), event(10, Answered(**SALES)), event(50, Enqueued(**SALES))], False),
        ([event(0, Enqueued(**SALES)), event(50, Offered(**SUPPORT))], False),  # the last moved nothing
        ([event(0, Enqueued(**SALES, callback=True))], False),  # whom we call back does not hold the line
    ],
)
def test_a_contact_is_ordinary_with_one_stay_told_from_its_beginning(
    facts: list[Event], ordinary: bool
) -> None:
    assert (told(facts).contacts["ada"].stay is not None) is ordinary
