"""Tests of what a translator tells: ids, order, and that each is told once."""

from __future__ import annotations

from queuewatch.core.facts.events import Abandoned, Event, SourceGap
from queuewatch.sources.teller import Teller
from tests.sources.ami import READING

FACT = Abandoned(queue="desk", channel="phone")


def test_an_event_is_told_in_the_sources_and_sites_name_and_once() -> None:
    teller = Teller(READING)
    teller.tell("abandoned", 12.5, FACT, "c1", "c1b")
    assert teller.taken() == [
        Event("12.500000/abandoned/desk/c1b", "pbx", 12.5, FACT, "c1", "north", "000000000001")
    ]
    assert teller.taken() == []


def test_what_is_about_no_queue_names_none() -> None:
    teller = Teller(READING)
    teller.tell("gap", 12.5, SourceGap(), "", "")
    assert [event.id for event in teller.taken()] == ["12.500000/gap//"]


def test_events_are_in_the_order_they_were_told_in() -> None:
    teller = Teller(READING)
    for _ in range(11):
        teller.tell("abandoned", 12.5, FACT, "c1", "c1")
    told = [event.sequence for event in teller.taken()]
    assert told == sorted(told)


def test_a_name_too_long_for_an_id_is_shortened() -> None:
    teller = Teller(READING)
    teller.tell("abandoned", 12.5, FACT, "c1", "c" * 300)
    assert len(teller.taken()[0].id) <= 256
