"""Erlang B and C: hand calculations, laws, edges, 50 digits."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from queuewatch.queueing.erlang import erlang_b, erlang_c
from tests.queueing.reference import erlang, error

ACCURATE = 1e-12
loads = st.floats(1e-6, 2e4)
agents_from_one = st.integers(1, 10_000)


def test_by_hand_one_agent_blocks_a_over_one_plus_a_and_makes_a_wait() -> None:
    assert erlang_b(1, 0.25) == pytest.approx(0.2, rel=1e-15)
    assert erlang_c(1, 0.25) == pytest.approx(0.25, rel=1e-15)


def test_by_hand_two_agents_with_one_erlang() -> None:
    assert erlang_b(2, 1.0) == pytest.approx(0.5 / 2.5, rel=1e-15)
    assert erlang_c(2, 1.0) == pytest.approx(1.0 / 3.0, rel=1e-15)


def test_without_agents_everybody_is_blocked_or_waits() -> None:
    assert erlang_b(0, 3.0) == erlang_c(0, 3.0) == erlang_b(0, 0.0) == erlang_c(0, 0.0) == 1.0


def test_without_load_nobody_is_blocked_or_waits() -> None:
    assert erlang_b(1, 0.0) == erlang_c(1, 0.0) == erlang_b(10_000, 0.0) == 0.0


def test_from_full_load_on_everybody_waits_and_no_chance_leaves_its_range() -> None:
    assert np.all(erlang_c(np.array([5, 5, 5, 5000]), np.array([5.0, 5.0 + 1e-12, 1e6, 5001.0])) == 1.0)
    assert erlang_c(5, 5.0 * (1.0 - 1e-15)) <= 1.0


def test_chances_below_the_smallest_number_are_zero() -> None:
    assert erlang_c(10_000, 0.01) == 0.0


def test_numbers_give_numbers_and_arrays_broadcast() -> None:
    assert isinstance(erlang_b(5, 3.0), float)
    table = erlang_c(np.arange(1, 4)[:, None], np.array([0.5, 2.5]))
    assert table.shape == (3, 2)
    assert table[2, 1] == erlang_c(3, 2.5)


def test_more_queues_than_fit_a_block_come_out_one_by_one() -> None:
    load = np.linspace(0.1, 6.0, 20_000)
    assert erlang_c(5, load)[[0, 12_345, -1]].tolist() == [erlang_c(5, load[i]) for i in (0, 12_345, -1)]


@pytest.mark.parametrize(("agents", "load"), [(-1, 1.0), (1.5, 1.0), (1, -1.0), (1, float("inf"))])
def test_what_cannot_be_is_refused(agents: float, load: float) -> None:
    with pytest.raises(ValueError, match=r"^(agents|load) must be "):
        erlang_c(agents, load)


@given(agents_from_one, loads)
def test_erlang_b_obeys_its_recursion(agents: int, load: float) -> None:
    fewer = erlang_b(agents - 1, load)
    assert erlang_b(agents, load) == pytest.approx(
        load * fewer / (agents + load * fewer), rel=1e-11, abs=1e-290
    )


@given(agents_from_one, loads)
@example(1599, 527.0)  # on the border of the smallest numbers there are one is 6e-308, the other 0
def test_erlang_c_is_erlang_b_over_what_is_not_lost(agents: int, load: float) -> None:
    blocked = erlang_b(agents, load)
    expected = 1.0 if load >= agents else agents * blocked / (agents - load * (1.0 - blocked))
    assert erlang_c(agents, load) == pytest.approx(expected, rel=1e-9, abs=1e-290)
    assert 0.0 <= blocked <= erlang_c(agents, load) + 1e-290 <= 1.0 + 1e-290


@given(agents_from_one, loads, st.floats(1.0, 2.0))
def test_more_agents_help_and_more_load_hurts(agents: int, load: float, more: float) -> None:
    for formula in (erlang_b, erlang_c):
        assert formula(agents + 1, load) <= formula(agents, load)
        assert formula(agents, load) <= formula(agents, load * more) * (1.0 + ACCURATE)


@pytest.mark.parametrize("agents", [1, 2, 7, 95, 96, 97, 1000, 10_000])
@pytest.mark.parametrize("busy", [1e-6, 0.3, 0.4999, 0.5001, 0.9, 0.98])
def test_both_formulas_are_right_to_fifty_digits(agents: int, busy: float) -> None:
    load = agents * busy
    exact = erlang(agents, load, 1.0, np.inf, [])
    assert error(erlang_b(agents, load), exact.blocked) < ACCURATE
    assert error(erlang_c(agents, load), exact.wait_chance) < ACCURATE


@pytest.mark.parametrize("short", [1e-12, 1e-9, 1e-6, 1e-3])
@pytest.mark.parametrize("agents", [1, 50, 96, 10_000])
def test_to_fifty_digits_just_below_full_load(agents: int, short: float) -> None:
    load = agents * (1.0 - short)
    exact = erlang(agents, load, 1.0, 1e-3, [])
    spare = type(exact.blocked)(agents) - type(exact.blocked)(load)
    waiting = agents / (agents + spare * (1 / exact.blocked - 1))
    assert error(erlang_b(agents, load), exact.blocked) < ACCURATE
    assert error(erlang_c(agents, load), waiting) < ACCURATE
