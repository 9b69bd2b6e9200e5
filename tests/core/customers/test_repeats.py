"""Tests of customers who come again: within exactly the period, once a contact, by how the last ended."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.events import (
    Abandoned,
    Answered,
    Completed,
    ContactData,
    Enqueued,
    Event,
    Left,
    Transferred,
)
from queuewatch.core.mind import Core
from queuewatch.core.rules import Ages, Rules
from queuewatch.core.turn import turn
from tests.core.examples import SALES, SUPPORT, at, event

RULES = Rules(ages=Ages(repeat_s=3600.0))
ADA = "p1:ada"


def told(*events: Event) -> Core:
    core = Core()
    for one in events:
        turn(core, RULES, one.at, [one])
    return core


def repeated(core: Core, queue: str = "sales") -> dict[str, int]:
    return core.sites["default"].queues[queue].tally.published("repeated:")


def first(*ends: ContactData, customer: str | None = ADA) -> list[Event]:
    """A first contact of the customer, that ended at 60 s."""
    joined = event(0, Enqueued(**SALES, customer=customer), "c1")
    return [joined, *(event(60 + number / 10, end, "c1") for number, end in enumerate(ends))]


def second(seconds: float, where: dict[str, str], customer: str | None = ADA) -> Event:
    return event(seconds, Enqueued(**where, customer=customer), "c2")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ends", "how"),
    [
        ((Abandoned(**SALES),), "abandoned"),
        ((Answered(**SALES, agent="x"), Completed(**SALES)), "answered"),
        ((Left(**SALES, reason="timed_out"),), "left"),
    ],
)
def test_who_comes_again_is_counted_where_they_come_to_by_how_the_last_time_ended(
    ends: tuple[ContactData, ...], how: str
) -> None:
    core = told(*first(*ends), second(1000, SUPPORT))
    assert repeated(core, "support") == {how: 1}
    assert repeated(core) == {}


@pytest.mark.parametrize(("seconds", "counted"), [(3660.0, {"abandoned": 1}), (3660.001, {})])
def test_the_period_ends_exactly(seconds: float, counted: dict[str, int]) -> None:
    assert repeated(told(*first(Abandoned(**SALES)), second(seconds, SALES))) == counted


def test_neither_a_stranger_nor_an_unknown_customer_comes_again() -> None:
    ended = first(Abandoned(**SALES))
    assert repeated(told(*ended, second(100, SALES, "p1:bob"))) == {}
    assert repeated(told(*ended, second(100, SALES, None))) == {}


def test_a_second_contact_beside_one_that_still_waits_is_no_repetition() -> None:
    assert repeated(told(*first(), second(100, SALES))) == {}


def test_a_transfer_is_no_repetition() -> None:
    core = told(
        *first(Answered(**SALES, agent="x"), Transferred(**SALES, to_queue="support")),
        event(70, Enqueued(**SUPPORT, customer=ADA), "c1"),
    )
    assert repeated(core, "support") == {}


def test_each_time_counts_from_the_last_one() -> None:
    core = told(
        *first(Abandoned(**SALES)),
        second(100, SALES),
        event(200, Answered(**SALES, agent="x"), "c2"),
        event(300, Completed(**SALES), "c2"),
        event(400, Enqueued(**SALES, customer=ADA), "c3"),
    )
    assert repeated(core) == {"abandoned": 1, "answered": 1}


def test_an_end_that_is_told_late_is_not_the_last() -> None:
    core = told(
        event(0, Enqueued(**SALES, customer=ADA), "c0"),
        *first(Abandoned(**SALES)),
    )
    turn(core, RULES, at(90), [event(30, Left(**SALES, reason="key"), "c0")])
    turn(core, RULES, at(100), [second(100, SALES)])
    assert repeated(core) == {"abandoned": 1}


def test_who_has_not_come_for_the_period_is_forgotten() -> None:
    core = told(*first(Abandoned(**SALES)), second(100, SALES), event(200, Abandoned(**SALES), "c2"))
    memory = core.attention["default"].repeats
    turn(core, RULES, at(3661))
    assert list(memory.last) == [ADA]
    turn(core, RULES, at(3801))
    assert memory.last == {}
    turn(core, RULES, at(9000))
