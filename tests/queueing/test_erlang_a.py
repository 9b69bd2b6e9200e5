"""Erlang A state by state, with 50 digits, over agents, loads and patience."""

import numpy as np
import pytest

from queuewatch.queueing.erlang_a import WithPatience, with_patience
from tests.queueing.reference import erlang, error

ACCURATE = 1e-12
THRESHOLDS = [0.0, 5.0, 60.0, 180.0]
HANDLING_S = 300.0
CASES = [
    (agents, load, patience)
    for agents in (1, 2, 10, 47, 49, 95, 96, 200)
    for load in (1e-6, 0.4, 0.9, 1.0 - 1e-9, 1.0, 1.0 + 1e-9, 1.2, 1.6, 20.0)
    for patience in (0.01, 2.0, 90.0, 3600.0)
    if (load - 1.0) * agents * patience / HANDLING_S < 3000
]
LARGE = [
    (10_000, 1e-6, 60.0), (10_000, 0.6, 60.0), (10_000, 0.99, 60.0), (10_000, 1.0, 60.0),
    (10_000, 1.01, 60.0), (10_000, 2.0, 60.0), (1000, 0.98, 1e6), (1000, 1.0 - 1e-12, 1e5),
    (3, 0.9, 1e8), (3000, 1.3, 0.5),
]  # fmt: skip


def one_queue(
    agents: int, load: float, handling_s: float, patience_s: float, thresholds_s: list[float]
) -> WithPatience:
    c, a, handling, patience = (np.array([value]) for value in (float(agents), load, handling_s, patience_s))
    return with_patience(c, a, handling, patience, np.array(thresholds_s))


def worst_error(agents: int, load: float, patience_s: float) -> float:
    exact = erlang(agents, load, HANDLING_S, patience_s, THRESHOLDS)
    found = one_queue(agents, load, HANDLING_S, patience_s, THRESHOLDS)
    errors = [
        error(found.wait_chance[0], exact.wait_chance),
        error(found.mean_wait_s[0], exact.mean_wait_s),
        error(found.abandon_share[0], exact.abandon_share),
        *(error(value, over) for value, over in zip(found.over[:, 0], exact.over, strict=True)),
        *(abs(1 - late - float(w)) for late, w in zip(found.late[:, 0], exact.answered_within, strict=True)),
    ]
    return float(max(errors))


def test_small_queues_to_fifty_digits() -> None:
    assert max(worst_error(agents, agents * load, patience) for agents, load, patience in CASES) < ACCURATE


@pytest.mark.parametrize(("agents", "load", "patience_s"), LARGE)
def test_large_queues_and_long_patience_to_fifty_digits(agents: int, load: float, patience_s: float) -> None:
    assert worst_error(agents, agents * load, patience_s) < ACCURATE


@pytest.mark.parametrize("elapsed", [1e-9, 0.5, 0.999999, 1.0, 1.000001, 30.0])
def test_the_share_of_time_not_waited_for_joins_smoothly(elapsed: float) -> None:
    """With one agent and one erlang that share is the whole exponent of P(V > t)."""

    assert worst_error(1, 1.0, HANDLING_S) < ACCURATE
    exact = erlang(1, 1.0, 1.0, 1.0, [elapsed])
    found = one_queue(1, 1.0, 1.0, 1.0, [elapsed])
    assert error(found.over[0, 0], exact.over[0]) < ACCURATE


@pytest.mark.parametrize(("agents", "patience_s"), [(8, 120.0), (12, 120.0), (10, 20.0)])
def test_pyworkforce_agrees_where_it_can_be_run(agents: int, patience_s: float) -> None:
    queuing = pytest.importorskip("pyworkforce.queuing")
    if not hasattr(queuing, "ErlangA"):
        pytest.skip("this pyworkforce has no Erlang A; the one that has it, 0.5.4, needs Python 3.12")
    peer = queuing.ErlangA(transactions=100, aht=3.0, interval=30, patience=patience_s / 60.0, asa=1.0)
    found = one_queue(agents, 10.0, 180.0, patience_s, [60.0])
    pairs = [
        (peer.waiting_probability(agents), found.wait_chance[0]),
        (peer.abandonment_probability(agents), found.abandon_share[0]),
        (peer.average_speed_of_answer(agents) * 60.0, found.mean_wait_s[0]),
        (1.0 - peer.service_level(agents), found.late[0, 0]),
    ]
    for theirs, ours in pairs:
        assert ours == pytest.approx(theirs, rel=1e-6)
