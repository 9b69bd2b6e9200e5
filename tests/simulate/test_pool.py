"""Agents shared between queues."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuewatch.simulate.centre import AgentPlan, Away, Centre, Shift, Standing
from queuewatch.simulate.pool import is_plain
from queuewatch.simulate.run import simulate
from queuewatch.simulate.truth import Truth, Visits
from tests.simulate.centres import (
    HOUR_S,
    a_centre,
    a_queue,
    agents,
    chance_past,
    estimate,
    exponential,
    settled,
    steady_state,
)


@pytest.mark.parametrize(
    "more",
    [
        {"ring": exponential(5.0)},
        {"time_out_s": 60.0},
        {"transfers": {"support": 0.1}},
        {"repeat_abandoned": 0.1},
        {"repeat_answered": 0.1},
        {"standings": (Standing(share=0.5), Standing(share=0.5, priority=1))},
        {"standings": (Standing(share=0.5), Standing(share=0.5, ahead_s=9.0))},
    ],
)
def test_a_queue_that_is_not_first_come_first_served_is_not_plain(more: dict[str, Any]) -> None:
    assert is_plain(a_centre())
    assert not is_plain(a_centre(**more))


@pytest.mark.parametrize("more", [{"capacity": {"phone": 2}}, {"no_answer": 0.1}, {"languages": ("de",)}])
def test_agents_with_peculiarities_are_not_plain(more: dict[str, Any]) -> None:
    assert not is_plain(Centre(queues=(a_queue(),), agents=agents(2, **more)))


def test_shared_agents_are_not_plain_and_classes_treated_alike_are() -> None:
    assert not is_plain(Centre(queues=(a_queue("a"), a_queue("b")), agents=agents(2, "a", "b")))
    assert is_plain(
        a_centre(standings=(Standing(share=0.5, tier="new"), Standing(share=0.5, tier="existing")))
    )


shift_hours = st.tuples(st.integers(0, 20), st.integers(1, 30), st.integers(0, 4))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    shifts=st.lists(shift_hours, min_size=1, max_size=5),
    per_hour=st.sampled_from([5.0, 30.0, 120.0]),
    patience_s=st.sampled_from([None, 30.0, 600.0]),
    drain_s=st.sampled_from([0.0, 7200.0]),
)
def test_the_fast_way_and_the_general_way_tell_the_same_truth(
    seed: int, shifts: list[tuple[int, int, int]], per_hour: float, patience_s: float | None, drain_s: float
) -> None:
    crew = tuple(
        AgentPlan(
            name=f"agent{i}",
            skills={"support": 1} if i % 3 else {"sales": 1},
            shifts=(
                Shift(
                    from_s=start * HOUR_S,
                    to_s=(start + length) * HOUR_S,
                    breaks=((start * HOUR_S + pause * 600, start * HOUR_S + pause * 600 + 300),)
                    if pause
                    else (),
                ),
            ),
            pace=1 + 0.2 * (i % 2),
        )
        for i, (start, length, pause) in enumerate(shifts)
    )
    patience = None if patience_s is None else exponential(patience_s)
    centre = Centre(
        queues=(
            a_queue("support", per_hour, patience=patience, wrap_up=exponential(30.0)),
            a_queue("sales", per_hour / 4),
        ),
        agents=crew,
        aways=(Away(agents=("agent1",), from_at=11.5 * HOUR_S, to_at=12.5 * HOUR_S),),
    )
    assert is_plain(centre)
    fast, general = (
        simulate(centre, 0, 30 * HOUR_S, np.random.default_rng(seed), drain_s=drain_s, engine=engine).visits
        for engine in ("auto", "general")
    )
    for name in Visits.__struct_fields__:
        one, other = getattr(fast, name), getattr(general, name)
        assert one.dtype == other.dtype, name
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-6, err_msg=name)


def test_it_obeys_erlang_c() -> None:
    per_s, served_per_s, crew = 60 / 3600, 1 / 240, 5
    (mean,), (error,) = estimate(
        a_centre(crew), lambda truth: [float(np.mean(truth.visits.wait_s[settled(truth)]))], hours=150
    )
    # Erlang C (M/M/c): mean wait = P(wait) / (agents / handling - arrivals), with 4 erlangs.
    powers = [1.0]
    for k in range(1, crew + 1):
        powers.append(powers[-1] * 4 / k)
    waits = powers[5] / (1 - 4 / 5)
    waits /= sum(powers[:5]) + waits
    assert mean == pytest.approx(waits / (crew * served_per_s - per_s), abs=4.5 * error)
    assert error < 0.1 * mean


def test_it_obeys_erlang_a_in_the_waits_of_those_who_hang_up_too() -> None:
    per_s, served_per_s, crew, leaves_per_s = 100 / 3600, 1 / 240, 5, 1 / 120
    chances = steady_state(per_s, served_per_s, crew, leaves_per_s)
    centre = a_centre(crew, per_hour=100.0, patience=exponential(120.0))
    in_line = float(chances[crew:] @ np.arange(chances.size - crew))

    def figures(truth: Truth) -> list[float]:
        visits, rows = truth.visits, settled(truth)
        offered = visits.offered_wait_s[rows]
        shares = [~visits.answered[rows], visits.wait_s[rows], offered > 60.0, offered > 180.0]
        return [float(np.mean(one)) for one in shares]

    expected = [
        in_line * leaves_per_s / per_s,
        in_line / per_s,  # Little
        chance_past(chances, 60.0, crew, served_per_s, leaves_per_s),
        chance_past(chances, 180.0, crew, served_per_s, leaves_per_s),
    ]
    means, errors = estimate(centre, figures, hours=60)
    for mean, error, theory in zip(means, errors, expected, strict=True):
        assert mean == pytest.approx(theory, abs=4.5 * error)
        assert error < 0.03 * theory


def test_without_agents_everybody_waits_until_patience_ends() -> None:
    centre = Centre(queues=(a_queue(patience=exponential(60.0)),), agents=())
    visits = simulate(centre, 0, HOUR_S, np.random.default_rng(1), drain_s=HOUR_S).visits
    assert not visits.answered.any()
    assert visits.wait_s == pytest.approx(visits.patience_s)
    assert np.isnan(visits.offered_wait_s).all()
