"""Tests of forgetting a customer: nothing in the state leads to them, and all else is as it was."""

from __future__ import annotations

import pytest

from queuewatch.core.facts.acts import CustomerForgotten
from queuewatch.core.facts.events import Abandoned, Enqueued, Event
from queuewatch.core.freeze import freeze, thaw
from queuewatch.core.mind import Core
from queuewatch.core.rules import Rules
from queuewatch.core.state.forgetting import PREFIX
from queuewatch.core.turn import turn
from queuewatch.core.views import Drawn
from tests.core.examples import SALES, at, event

ADA = f"p1:{'a' * 64}"
BOB = f"p1:{'b' * 64}"
FORGET = event(100, CustomerForgotten(customer=ADA, stand_in=f"{PREFIX}x"), "", source="/people")


def told(*events: Event) -> Core:
    core = Core()
    for one in events:
        turn(core, Rules(), one.at, [one])
    return core


HISTORY = (
    event(0, Enqueued(**SALES, customer=ADA), "a1"),
    event(5, Enqueued(**SALES, customer=BOB), "b1"),
    event(30, Abandoned(**SALES), "a1"),
    event(60, Enqueued(**SALES, customer=ADA), "a2"),
)


def test_nothing_leads_to_the_customer_any_more_and_everybody_waits_on() -> None:
    core = told(*HISTORY)
    before = Drawn().queues(core, Rules(), at(100))
    turn(core, Rules(), at(100), [FORGET])
    assert ADA.encode() not in freeze(core)
    assert BOB.encode() in freeze(core)
    (view,) = Drawn().queues(core, Rules(), at(100))
    assert (view.waiting, view.counts) == (before[0].waiting, before[0].counts)


def test_what_comes_after_goes_on_from_there() -> None:
    core = told(*HISTORY, FORGET, event(120, Abandoned(**SALES), "a2"))
    (view,) = Drawn().queues(core, Rules(), at(120))
    assert (view.waiting, view.counts.abandoned) == (1, 2)


def test_what_is_recorded_at_the_same_moment_is_taken_in_before_and_after_it() -> None:
    core = told(*HISTORY)
    turn(
        core,
        Rules(),
        at(120),
        [event(119, Abandoned(**SALES), "a2"), FORGET, event(120, Abandoned(**SALES), "b1")],
    )
    (view,) = Drawn().queues(core, Rules(), at(120))
    assert (view.waiting, view.counts.abandoned) == (0, 3)


def test_who_comes_back_after_that_is_somebody_new() -> None:
    core = told(*HISTORY, FORGET, event(130, Enqueued(**SALES, customer=ADA), "a3"))
    (view,) = Drawn().queues(core, Rules(), at(130))
    assert view.counts.repeated == {"abandoned": 1}  # of before


@pytest.mark.parametrize("restart_after", range(5))
def test_a_restart_anywhere_leads_to_the_same_state(restart_after: int) -> None:
    events = [*HISTORY, FORGET]
    core = told(*events[:restart_after])
    core = thaw(freeze(core))
    for one in events[restart_after:]:
        turn(core, Rules(), one.at, [one])
    assert core == told(*events)
