"""Tests of the order of facts and of which version of a fact counts."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.events import (
    RANK,
    Abandoned,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    Left,
    Offered,
    Sighting,
    order,
    supersedes,
)

JOINED = Enqueued(queue="sales", channel="phone")
TAKEN = Answered(queue="sales", channel="phone", agent="ada")
times = st.none() | st.floats(min_value=0, max_value=4e9)


def fact(
    data: ContactData | Sighting = JOINED,
    *,
    at: float = 100.0,
    sequence: str = "",
    version_at: float | None = None,
) -> Event:
    return Event("e1", "pbx", at, data, "c1", sequence=sequence, version_at=version_at)


def test_every_fact_about_a_contact_has_a_rank() -> None:
    assert set(get_args(ContactData)) < set(RANK)


def test_time_goes_before_rank() -> None:
    assert order(fact(TAKEN, at=100.0)) < order(fact(JOINED, at=100.000001))


def test_facts_of_one_moment_stand_in_the_order_in_which_a_stay_unfolds() -> None:
    stay: list[ContactData | Sighting] = [
        Sighting(queue="sales", channel="phone"),
        JOINED,
        Offered(queue="sales", channel="phone"),
        TAKEN,
        Abandoned(queue="sales", channel="phone"),
        Left(queue="sales", channel="phone"),
        Completed(queue="sales", channel="phone"),
    ]
    facts = [fact(data) for data in stay]
    assert sorted(facts[3:] + facts[:3], key=order) == facts


def test_facts_of_one_moment_and_kind_stand_in_the_order_of_the_source() -> None:
    assert order(fact(sequence="000002")) < order(fact(sequence="000010"))


def test_the_same_event_again_is_no_correction() -> None:
    assert not supersedes(fact(), fact())


def test_without_versions_the_one_that_came_later_wins() -> None:
    assert supersedes(fact(at=2.0), fact(at=1.0))
    assert supersedes(fact(at=1.0), fact(at=2.0))


@pytest.mark.parametrize(
    ("new", "old", "wins"),
    [
        (2.0, 1.0, True),
        (1.0, 2.0, False),
        (1.0, 1.0, False),
        (1.0, None, True),
        (None, 1.0, False),
    ],
)
def test_the_later_version_wins_however_late_the_other_comes(
    new: float | None, old: float | None, wins: bool
) -> None:
    assert supersedes(fact(at=2.0, version_at=new), fact(at=1.0, version_at=old)) is wins


@given(times, times)
def test_of_two_versions_that_are_told_apart_exactly_one_wins(one: float | None, other: float | None) -> None:
    first, second = fact(at=1.0, version_at=one), fact(at=2.0, version_at=other)
    both = supersedes(first, second), supersedes(second, first)
    assert both == (one is None, one is None) if one == other else sorted(both) == [False, True]
