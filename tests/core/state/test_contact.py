"""Tests of what is kept of a contact: little, and yet all that was told of it."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.events import (
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    MessageReceived,
    Offered,
)
from queuewatch.core.state.contact import Contact
from tests.core.examples import SALES, at, event
from tests.core.histories import told

JOINED = event(0, Enqueued(**SALES, customer="k", tier="new", language="de", priority=3))
ANSWERED = event(20, Answered(**SALES, agent="x"))
COMPLETED = event(80, Completed(**SALES, talk_s=55.0))


def ada(*facts: Event) -> Contact:
    return told(list(facts)).contacts["ada"]


@pytest.mark.parametrize(
    "facts",
    [
        (JOINED,),
        (JOINED, ANSWERED),
        (JOINED, ANSWERED, COMPLETED),
        (event(0, Enqueued(**SALES)), event(1, Answered(**SALES)), event(2, Completed(**SALES))),
    ],
)
def test_of_the_ordinary_course_only_ids_are_kept_and_all_that_was_told_can_be_told_again(
    facts: tuple[Event, ...],
) -> None:
    contact = ada(*facts)
    assert contact.facts == ()
    assert contact.told("default") == list(facts)
    assert contact.last_at == facts[-1].at


def test_what_no_visit_bears_is_kept_whole_and_told_in_its_place() -> None:
    facts = [
        JOINED,
        event(5, Offered(**SALES, agent="x")),
        event(20, Answered(**SALES, agent="x", wait_s=20.0)),
        event(30, MessageReceived(**SALES)),
        COMPLETED,
    ]
    contact = ada(*facts)
    assert contact.facts == tuple(facts[1:4])
    assert contact.told("default") == facts


@pytest.mark.parametrize("version", [{"sequence": "7"}, {"version_at": at(90)}])
@pytest.mark.parametrize("data", [Enqueued(**SALES), Answered(**SALES), Completed(**SALES)])
def test_what_its_source_numbers_or_may_correct_is_kept_whole(
    data: ContactData, version: dict[str, str | float]
) -> None:
    course: list[ContactData] = [Enqueued(**SALES), Answered(**SALES), Completed(**SALES)]
    facts = [
        event(number * 10, fact, **(version if fact == data else {}))  # type: ignore[arg-type]
        for number, fact in enumerate(course)
    ]
    contact = ada(*facts)
    assert [one.data for one in contact.facts] == [data]
    assert contact.told("default") == facts


def test_what_makes_no_difference_to_the_state_is_not_kept() -> None:
    told_more = [
        event(0, Enqueued(**SALES, position=4, skills=("dutch",), contact="ada"), ident="1"),
        event(20, Answered(**SALES, ring_s=3.0), ident="2"),
        event(80, Completed(**SALES, ended_by="customer"), ident="3"),
    ]
    told_less = [
        event(0, Enqueued(**SALES), ident="1"),
        event(20, Answered(**SALES), ident="2"),
        event(80, Completed(**SALES), ident="3"),
    ]
    assert ada(*told_more) == ada(*told_less)
    assert ada(*told_more, *told_more).stays == ada(*told_less).stays == ()


def test_a_contact_spelled_out_is_told_as_before() -> None:
    contact = ada(JOINED, ANSWERED)
    contact.spell_out("default")
    assert contact.facts == (JOINED, ANSWERED)
    assert (contact.joined, contact.answered) == ("", "")
    assert contact.told("default") == [JOINED, ANSWERED]
