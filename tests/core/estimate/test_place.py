"""Tests of the place in line against the capacity shown: laws, hand values, and each reason to have none."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.estimate.learned import PRIOR_PATIENCE_S, Learned
from queuewatch.core.estimate.place import PICK_UP_S, SHORTEST_S, InLine, PlaceInLine
from queuewatch.core.estimate.wait import Scene
from queuewatch.core.state.site import Queue, Site
from tests.core.examples import at
from tests.core.histories import laws

rates = st.floats(1e-4, 2.0)
patience = st.floats(0.0, 0.1, allow_subnormal=False)


def scene(learned: Learned | None = None, **more: Any) -> Scene:
    known: dict[str, Any] = {"agents": {"available": 1}, "free": 0, "share": 1.0, "slots": 1, "stale": False}
    return Scene(
        site=Site("default"),
        queue=Queue("sales", "phone", at(0)),
        learned=learned or Learned(),
        now=at(0),
        **(known | more),
    )


def handled(*durations_s: float, picked_up_s: tuple[float, ...] = ()) -> Learned:
    learned = Learned()
    for duration_s in durations_s:
        learned.handling.add(duration_s)
    for wait_s in picked_up_s:
        learned.pick_up.add(wait_s)
    return learned


def test_next_in_line_without_hang_ups_waits_an_exponential_time() -> None:
    wait = InLine(0, 0.02, 0.0)
    assert wait.mean_s == pytest.approx(50.0)
    assert wait.chance_over(60.0) == pytest.approx(exp(-1.2))
    assert wait.quantile_s(0.9) == pytest.approx(50.0 * log(10))


def test_third_in_line_waits_for_three_releases() -> None:
    """Erlang's distribution: P(fewer than three releases of a Poisson process by t)."""
    wait = InLine(2, 0.05, 0.0)
    assert wait.mean_s == pytest.approx(60.0)
    assert wait.chance_over(60.0) == pytest.approx(exp(-3.0) * (1 + 3 + 4.5))


def test_those_ahead_who_hang_up_shorten_the_wait() -> None:
    """One ahead: the first step at rate r + a, the second at r (a pure death process)."""
    wait = InLine(1, 0.02, 0.01)
    assert wait.mean_s == pytest.approx(1 / 0.03 + 1 / 0.02)
    # The sum of two exponentials with rates 0.03 and 0.02: (0.03 e^-0.02t - 0.02 e^-0.03t) / 0.01.
    assert wait.chance_over(60.0) == pytest.approx((0.03 * exp(-1.2) - 0.02 * exp(-1.8)) / 0.01)


@laws
@given(st.integers(0, 60), rates, patience)
def test_chances_are_chances_and_fall_with_time_and_rise_with_the_place(
    ahead: int, rate: float, leaving: float
) -> None:
    wait, behind = InLine(ahead, rate, leaving), InLine(ahead + 1, rate, leaving)
    chances = [wait.chance_over(t) for t in (-1.0, 0.0, 30.0, 60.0, 180.0, 3600.0)]
    assert chances[:2] == [1.0, 1.0]
    assert all(0.0 <= later <= earlier + 1e-12 for earlier, later in pairwise(chances))
    assert behind.chance_over(60.0) >= wait.chance_over(60.0) - 1e-12
    assert behind.mean_s > wait.mean_s


@laws
@given(st.integers(0, 40), rates, patience, st.sampled_from([0.1, 0.5, 0.9]))
def test_a_quantile_is_where_the_chance_says(ahead: int, rate: float, leaving: float, share: float) -> None:
    wait = InLine(ahead, rate, leaving)
    assert wait.chance_over(wait.quantile_s(share)) == pytest.approx(1.0 - share, abs=1e-6)


def test_a_silent_source_goes_before_everything_else() -> None:
    assert PlaceInLine().remaining(scene(stale=True, agents={}, share=0.0), 0, None) == "source_stale"


@pytest.mark.parametrize("states", [{}, {"offline": 3}, {"not_ready": 1}])
def test_where_agents_are_known_and_none_is_on_duty_there_is_no_estimate(states: dict[str, int]) -> None:
    assert PlaceInLine().remaining(scene(handled(100.0), agents=states, share=0.0), 0, None) == "no_agents"


def test_where_nothing_is_known_there_is_too_little_to_say() -> None:
    assert PlaceInLine().remaining(scene(agents=None, share=0.0), 0, None) == "too_few_data"
    assert PlaceInLine().remaining(scene(), 0, None) == "too_few_data"
    assert PlaceInLine().remaining(scene(handled(100.0), agents=None, share=0.0), 0, None) == "too_few_data"


def test_with_an_agent_free_only_the_picking_up_is_left() -> None:
    at_first = PlaceInLine().remaining(scene(free=1), 0, None)
    learned = PlaceInLine().remaining(scene(handled(picked_up_s=(8.0,)), free=1), 0, None)
    assert at_first == InLine(0.0, 1 / PICK_UP_S, 0.0)
    assert learned == InLine(0.0, 1 / 8.0, 0.0)


def test_who_finds_as_many_ahead_as_agents_are_free_waits_for_the_next_release() -> None:
    remaining = PlaceInLine().remaining(scene(handled(100.0), free=2, share=2.0), 2, None)
    assert remaining == InLine(0.0, 2 / 100.0, 1 / PRIOR_PATIENCE_S, 1 / PRIOR_PATIENCE_S)


def test_before_anything_was_released_the_agents_are_expected_to_handle_as_they_do() -> None:
    remaining = PlaceInLine().remaining(scene(handled(100.0), share=2.0), 4, None)
    assert remaining == InLine(4.0, 0.02, 1 / PRIOR_PATIENCE_S, 1 / PRIOR_PATIENCE_S)


@pytest.mark.parametrize("shortest", [0.0, 5e-324, 1e-310])
def test_durations_of_no_time_at_all_give_a_great_but_finite_rate(shortest: float) -> None:
    picked_up = PlaceInLine().remaining(scene(handled(picked_up_s=(shortest,)), free=1), 0, None)
    in_line = PlaceInLine().remaining(scene(handled(shortest)), 0, None)
    for remaining in (picked_up, in_line):
        assert isinstance(remaining, InLine)
        assert remaining.release_rate == pytest.approx(1 / SHORTEST_S)
        assert remaining.chance_over(60.0) == pytest.approx(0.0, abs=1e-9)
