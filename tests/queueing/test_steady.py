"""The steady state: edges, laws, limits, and a queue simulated."""

import heapq
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.queueing.erlang import erlang_b, erlang_c
from queuewatch.queueing.numbers import FloatArray
from queuewatch.queueing.steady import Steady, steady

HANDLING_S = 300.0
THRESHOLDS = (60.0, 180.0)
crews = st.integers(1, 500)
busyness = st.floats(0.01, 3.0)
patience = st.floats(1.0, 1e5)


def by_load(agents: int, load: float, patience_s: float = math.inf) -> Steady[float]:
    return steady(load / HANDLING_S, HANDLING_S, agents, patience_s, thresholds_s=THRESHOLDS)


def test_by_hand_one_agent_half_busy() -> None:
    found = by_load(1, 0.5)
    assert found.load == found.wait_chance == found.occupancy == 0.5
    assert found.mean_wait_s == pytest.approx(HANDLING_S)
    assert found.over.tolist() == pytest.approx([0.5 * math.exp(-0.1), 0.5 * math.exp(-0.3)])
    assert found.answered_within.tolist() == pytest.approx(
        [1 - 0.5 * math.exp(-0.1), 1 - 0.5 * math.exp(-0.3)]
    )
    assert found.abandon_share == 0.0


def test_by_hand_patience_as_long_as_handling_makes_a_poisson_number_of_contacts() -> None:
    """With theta = mu the number present is that of M/M/infinity: Poisson with mean a."""
    load, agents = 4.0, 3
    pmf = [math.exp(-load) * load**n / math.factorial(n) for n in range(80)]
    found = by_load(agents, load, HANDLING_S)
    assert found.wait_chance == pytest.approx(sum(pmf[agents:]), rel=1e-14)
    line = sum((n - agents) * p for n, p in enumerate(pmf) if n > agents)
    assert found.abandon_share == pytest.approx(line / load, rel=1e-13)
    assert found.mean_wait_s == pytest.approx(line / load * HANDLING_S, rel=1e-13)


@pytest.mark.parametrize("load", [5.0, 5.0 + 1e-9, 7.5, 1e6])
def test_overload_without_end_to_patience_is_said_as_it_is(load: float) -> None:
    found = steady(load, 1.0, 5)
    assert (found.wait_chance, found.mean_wait_s, found.occupancy) == (1.0, math.inf, 1.0)
    assert found.over.tolist() == [1.0, 1.0]
    assert found.answered_within.tolist() == [0.0, 0.0]


def test_without_agents_customers_wait_until_they_hang_up() -> None:
    patient, endless = by_load(0, 2.0, 90.0), by_load(0, 2.0)
    assert (patient.wait_chance, patient.mean_wait_s, patient.abandon_share, patient.occupancy) == (
        1.0,
        90.0,
        1.0,
        1.0,
    )
    assert (endless.wait_chance, endless.mean_wait_s, endless.abandon_share, endless.occupancy) == (
        1.0,
        math.inf,
        0.0,
        1.0,
    )
    assert patient.over.tolist() == endless.over.tolist() == [1.0, 1.0]
    assert patient.answered_within.tolist() == endless.answered_within.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("patience_s", [90.0, math.inf])
def test_without_arrivals_nobody_would_wait_if_there_is_an_agent(patience_s: float) -> None:
    found = by_load(1, 0.0, patience_s)
    assert (found.wait_chance, found.mean_wait_s, found.abandon_share, found.occupancy) == (
        0.0,
        0.0,
        0.0,
        0.0,
    )
    assert found.over.tolist() == [0.0, 0.0]
    assert by_load(0, 0.0, patience_s).occupancy == 0.0
    assert by_load(0, 0.0, patience_s).wait_chance == 1.0


def test_queues_with_and_without_patience_may_stand_side_by_side() -> None:
    limits = np.array([60.0, math.inf, 0.0, math.inf, 1e7])
    agents = np.array([10, 10, 10, 0, 10])
    many = steady(9.0 / HANDLING_S, HANDLING_S, agents, limits)
    for i, (crew, limit) in enumerate(zip(agents.tolist(), limits.tolist(), strict=True)):
        one = by_load(crew, 9.0, limit)
        assert many.wait_chance[i] == pytest.approx(one.wait_chance, rel=1e-13)
        assert many.mean_wait_s[i] == pytest.approx(one.mean_wait_s, rel=1e-13)
        assert many.abandon_share[i] == pytest.approx(one.abandon_share, rel=1e-13)
        assert many.occupancy[i] == pytest.approx(one.occupancy, rel=1e-13)
        assert many.over[:, i].tolist() == pytest.approx(one.over.tolist(), rel=1e-13)
        assert many.late[:, i].tolist() == pytest.approx(one.late.tolist(), rel=1e-13)


def test_arguments_broadcast_and_blocks_join() -> None:
    arrivals, agents = np.linspace(0.001, 0.2, 9000)[:, None], np.array([5, 40])
    found = steady(arrivals, HANDLING_S, agents, thresholds_s=[20.0])
    assert found.wait_chance.shape == (9000, 2)
    assert found.over.shape == (1, 9000, 2)
    assert found.wait_chance[8999, 1] == pytest.approx(erlang_c(40, 0.2 * HANDLING_S), rel=1e-13)
    assert found.load[0, 0] == 0.001 * HANDLING_S


def test_no_queues_and_no_thresholds_are_no_trouble() -> None:
    assert steady(np.array([]), HANDLING_S, 5).wait_chance.shape == (0,)
    assert by_load(5, 3.0).over.shape == (2,)
    assert steady(0.01, HANDLING_S, 5, thresholds_s=()).over.shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((-0.1, 300.0, 5, 60.0), "arrivals_per_s"), ((0.1, 0.0, 5, 60.0), "handling_s"),
        ((0.1, 300.0, 5.5, 60.0), "agents"), ((0.1, 300.0, 5, -1.0), "patience_s"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(arguments: tuple[float, float, float, float], named: str) -> None:
    with pytest.raises(ValueError, match=rf"^{named} must be "):
        steady(*arguments)


def test_a_threshold_in_the_past_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^thresholds_s must be "):
        steady(0.1, 300.0, 5, thresholds_s=[-1.0])


@given(crews, busyness, patience)
def test_in_balance_arrivals_equal_those_served_and_those_who_hang_up(
    crew: int, busy: float, limit: float
) -> None:
    """Little: busy agents = load of those served; line = arrivals x mean wait, abandoning at rate theta."""
    load = crew * busy
    found = by_load(crew, load, limit)
    line = load / HANDLING_S * found.mean_wait_s
    assert line / limit == pytest.approx(load / HANDLING_S * found.abandon_share, rel=1e-12)
    assert found.occupancy == pytest.approx(load * (1.0 - found.abandon_share) / crew, rel=1e-12)


@given(crews, busyness, patience)
def test_chances_are_chances_and_in_order(crew: int, busy: float, limit: float) -> None:
    found = by_load(crew, crew * busy, limit)
    assert 0.0 <= found.over[1] <= found.over[0] * (1 + 1e-12)
    assert found.over[0] * (1 - 1e-12) <= found.wait_chance <= 1.0
    assert 0.0 <= found.abandon_share <= found.wait_chance
    assert found.abandon_share * (1 - 1e-12) <= found.late[1] <= found.late[0] * (1 + 1e-12)
    assert found.late[0] <= min(found.wait_chance * (1 + 1e-12), 1.0)
    assert found.occupancy <= 1.0


@given(crews, busyness, patience)
def test_more_agents_help_in_every_way(crew: int, busy: float, limit: float) -> None:
    fewer, more = by_load(crew, crew * busy, limit), by_load(crew + 1, crew * busy, limit)
    for better, worse in (
        (more.wait_chance, fewer.wait_chance), (more.mean_wait_s, fewer.mean_wait_s),
        (more.abandon_share, fewer.abandon_share), (more.over[1], fewer.over[1]),
        (more.late[0], fewer.late[0]), (more.occupancy, fewer.occupancy),
    ):  # fmt: skip
        assert better <= worse * (1.0 + 1e-11)


@given(crews, busyness, patience, st.floats(1.0, 3.0))
def test_more_load_hurts_and_longer_patience_makes_more_wait(
    crew: int, busy: float, limit: float, more: float
) -> None:
    base = by_load(crew, crew * busy, limit)
    loaded, patient = by_load(crew, crew * busy * more, limit), by_load(crew, crew * busy, limit * more)
    for hurt in (loaded, patient):
        assert hurt.wait_chance >= base.wait_chance * (1.0 - 1e-11)
        assert hurt.over[0] >= base.over[0] * (1.0 - 1e-9)
    assert patient.abandon_share <= base.abandon_share * (1.0 + 1e-11)


@given(crews, st.floats(0.01, 0.95))
def test_patience_that_hardly_ever_ends_is_erlang_c(crew: int, busy: float) -> None:
    endless, long = by_load(crew, crew * busy), by_load(crew, crew * busy, 1e14)
    assert long.wait_chance == pytest.approx(endless.wait_chance, rel=1e-8, abs=1e-290)
    assert long.mean_wait_s == pytest.approx(endless.mean_wait_s, rel=1e-8, abs=1e-290)
    assert long.over.tolist() == pytest.approx(endless.over.tolist(), rel=1e-8, abs=1e-290)


@given(crews, busyness)
def test_no_patience_at_all_is_erlang_b(crew: int, busy: float) -> None:
    hasty = by_load(crew, crew * busy, 0.0)
    blocked = erlang_b(crew, crew * busy / HANDLING_S * HANDLING_S)
    assert hasty.wait_chance == pytest.approx(blocked, rel=1e-11)
    assert hasty.abandon_share == pytest.approx(blocked, rel=1e-11)
    assert hasty.mean_wait_s == 0.0


def simulated(crew: int, load: float, limit: float, seed: int) -> FloatArray:
    """Return waited over 60 s (if patient), late after 60 s, abandoned and wait of 20,000 simulated contacts.

    First come, first served: one who arrives would be answered when the agent first to be free is; whoever
    would hang up before takes no agent.
    """
    random = np.random.default_rng(seed)
    count = 20_000
    arrivals = np.cumsum(random.exponential(HANDLING_S / load, count))
    handling, limits = random.exponential(HANDLING_S, count), random.exponential(limit, count)
    free_at = [0.0] * crew
    rows = np.empty((count, 4))
    for i, (now, work, patient) in enumerate(
        zip(arrivals.tolist(), handling.tolist(), limits.tolist(), strict=True)
    ):
        offered = max(free_at[0] - now, 0.0)
        abandoned = offered > patient
        rows[i] = offered > 60.0, abandoned or offered > 60.0, abandoned, min(offered, patient)
        if not abandoned:
            heapq.heapreplace(free_at, now + offered + work)
    means: FloatArray = rows[2000:].mean(axis=0)
    return means


@pytest.mark.parametrize(("crew", "load", "limit"), [(10, 9.0, 120.0), (3, 4.5, 300.0)])
def test_a_simulated_queue_does_the_same_within_its_own_spread(crew: int, load: float, limit: float) -> None:
    runs = np.array([simulated(crew, load, limit, seed) for seed in range(12)])
    found = by_load(crew, load, limit)
    spread = runs.std(axis=0, ddof=1) / math.sqrt(len(runs))
    expected = [found.over[0], found.late[0], found.abandon_share, found.mean_wait_s]
    assert np.all(np.abs(runs.mean(axis=0) - expected) < 4.0 * spread)
