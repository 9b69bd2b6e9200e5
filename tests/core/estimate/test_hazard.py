"""How fast a wait comes to its end."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from queuewatch.core.estimate.hazard import EDGES, PATIENCE, SIZE, STRETCHES, answering, giving_up
from queuewatch.core.estimate.traits import BASE, BASE_CENTRE, BENDING, COUNT
from queuewatch.queueing.numbers import FloatArray


def traits(base: float = 60.0, urgent: float = 0.0) -> FloatArray:
    made = np.zeros(COUNT)
    made[0], made[BASE], made[BASE + 1] = 1.0, log(base) - BASE_CENTRE, urgent
    return made


@pytest.mark.parametrize("base", [10.0, 60.0, 900.0])
def test_before_the_first_wait_it_says_what_the_closed_form_says(base: float) -> None:
    lasting = answering().lasting(traits(base))
    assert lasting.tolist() == pytest.approx([exp(-t / base) for t in EDGES])


def test_before_the_first_has_given_up_patience_is_as_assumed() -> None:
    assert giving_up().lasting(traits()).tolist() == pytest.approx([exp(-t / PATIENCE) for t in EDGES])


def test_it_learns_how_long_waits_are_and_that_some_are_served_first() -> None:
    rng = np.random.default_rng(1)
    hazard = answering()
    for number in range(1500):
        urgent = number % 2
        hazard.learn(traits(urgent=urgent), float(rng.exponential(30.0 if urgent else 120.0)), ended=True)
    assert hazard.ended == 1500
    for urgent, mean in ((1, 30.0), (0, 120.0)):
        lasting = hazard.lasting(traits(urgent=urgent))
        assert lasting[EDGES.index(60.0)] == pytest.approx(exp(-60.0 / mean), abs=0.06)


def test_who_gives_up_tells_only_that_the_wait_would_have_been_longer() -> None:
    rng = np.random.default_rng(2)
    hazard, patience = answering(), giving_up()
    for _ in range(1500):
        wait, stays = float(rng.exponential(120.0)), float(rng.exponential(100.0))
        answered = wait <= stays
        hazard.learn(traits(), min(wait, stays), ended=answered)
        patience.learn(traits(), min(wait, stays), ended=not answered)
    at = EDGES.index(100.0)
    assert hazard.lasting(traits())[at] == pytest.approx(exp(-100.0 / 120.0), abs=0.06)
    assert patience.lasting(traits())[at] == pytest.approx(exp(-1.0), abs=0.06)


@pytest.mark.parametrize("wait", [0.0, EDGES[-1], 10.0 * EDGES[-1]])
def test_no_wait_is_too_short_or_too_long_to_be_learned_from(wait: float) -> None:
    hazard = answering()
    for _ in range(200):
        hazard.learn(traits(), wait, ended=True)
    lasting = hazard.lasting(traits())
    assert np.isfinite(lasting).all()
    assert (np.diff(lasting) <= 0.0).all()


def test_doubt_about_what_was_not_seen_for_long_stays_within_bounds() -> None:
    hazard = answering()
    for _ in range(6400):
        hazard.learn(traits(), 1.0, ended=True)
    assert np.frombuffer(hazard.doubt).max() < 3.2


def test_what_was_learned_long_ago_gives_way() -> None:
    hazard = answering()
    for wait in (300.0, 20.0):
        for _ in range(2000):
            hazard.learn(traits(), wait, ended=True)
    assert hazard.lasting(traits())[EDGES.index(60.0)] < 0.3


def test_its_doubt_is_the_leverage_of_what_is_seen() -> None:
    hazard = answering()
    rng = np.random.default_rng(3)
    for _ in range(50):
        hazard.learn(traits(base=float(rng.uniform(20.0, 90.0))), float(rng.exponential(60.0)), ended=True)
    seen = traits(base=200.0)
    doubt = np.frombuffer(hazard.doubt).reshape(SIZE, SIZE)
    for k in (0, 6, STRETCHES - 1):
        row = np.zeros(SIZE)
        row[:COUNT], row[COUNT + k] = seen, 1.0
        row[COUNT + STRETCHES :] = seen[list(BENDING)] * 0.5 * log((EDGES[k] + EDGES[k + 1]) / 2.0 / 60.0)
        logs, doubts = hazard.outlook(seen)
        assert logs[k] == pytest.approx(row @ np.frombuffer(hazard.weights))
        assert doubts[k] == pytest.approx(row @ doubt @ row)


def test_it_is_sure_of_what_it_has_often_seen_and_in_doubt_of_what_lies_far_beyond() -> None:
    hazard = answering()
    rng = np.random.default_rng(3)
    for _ in range(400):
        hazard.learn(traits(base=float(rng.uniform(20.0, 90.0))), float(rng.exponential(60.0)), ended=True)
    early = EDGES.index(60.0)
    often, never = (hazard.outlook(traits(base=base))[1][early] for base in (50.0, 3000.0))
    assert often < 0.05
    assert never > 5.0 * often
