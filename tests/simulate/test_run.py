"""A whole run."""

from __future__ import annotations

import numpy as np
import pytest

from queuewatch.simulate.run import simulate
from queuewatch.simulate.truth import Outcome, Truth, Visits
from tests.simulate.centres import HOUR_S, a_centre, busy_corner, exponential


def same(one: Truth, other: Truth) -> bool:
    return all(
        np.array_equal(getattr(one.visits, name), getattr(other.visits, name), equal_nan=True)
        for name in Visits.__struct_fields__
    )


@pytest.mark.parametrize("centre", [a_centre(), busy_corner(ring=exponential(5.0))], ids=["plain", "corner"])
def test_a_seed_gives_one_truth_and_another_seed_another(centre: object) -> None:
    def run(seed: int) -> Truth:
        return simulate(centre, 0, 3 * HOUR_S, np.random.default_rng(seed))  # type: ignore[arg-type]

    assert same(run(1), run(1))
    assert not same(run(1), run(2))


def test_a_simulation_must_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="must be after start_at"):
        simulate(a_centre(), 10.0, 10.0, np.random.default_rng(1))


@pytest.mark.parametrize("engine", ["auto", "general"])
def test_what_happens_at_the_end_or_later_is_not_known(engine: str) -> None:
    centre = a_centre(2, per_hour=100.0, patience=exponential(600.0))
    truth = simulate(centre, 0, HOUR_S, np.random.default_rng(1), engine=engine)  # type: ignore[arg-type]
    visits = truth.visits
    waiting = visits.outcome == Outcome.WAITING
    assert waiting.any()
    assert np.isnan(visits.left_at[waiting]).all()
    assert np.isnan(visits.offered_wait_s[waiting]).all()
    assert (visits.agent[waiting] == -1).all()
    assert (visits.left_at[~waiting] < truth.until_at).all()


def test_draining_lets_waits_end_without_letting_anyone_in() -> None:
    centre = a_centre(2, per_hour=100.0)
    truth = simulate(centre, 0, HOUR_S, np.random.default_rng(1), drain_s=10 * HOUR_S)
    assert truth.visits.answered.all()
    assert truth.visits.enqueued_at.max() < HOUR_S
    assert truth.until_at == 11 * HOUR_S


def test_a_centre_nobody_calls_has_an_empty_truth() -> None:
    for centre in (a_centre(per_hour=0.0), a_centre(per_hour=0.0, ring=exponential(5.0))):
        assert len(simulate(centre, 0, HOUR_S, np.random.default_rng(1)).visits) == 0
