"""The chance to be answered at once."""

from __future__ import annotations

import numpy as np
import pytest

from queuewatch.core.estimate.at_once import FIRST_BUSY, FIRST_IDLE, AtOnce
from queuewatch.core.estimate.traits import COUNT
from queuewatch.queueing.numbers import FloatArray


def traits(idle_agents: float = 0.0) -> FloatArray:
    made = np.zeros(COUNT)
    made[0], made[20] = 1.0, idle_agents
    return made


def test_before_anybody_came_it_is_what_the_floor_looks_like() -> None:
    assert AtOnce().chance(traits(), idle=True) == pytest.approx(FIRST_IDLE)
    assert AtOnce().chance(traits(), idle=False) == pytest.approx(FIRST_BUSY)


def test_it_learns_what_goes_with_being_answered_at_once() -> None:
    rng = np.random.default_rng(1)
    at_once = AtOnce()
    for _ in range(3000):
        agents = float(rng.integers(0, 3))
        at_once.learn(traits(agents), idle=True, at_once=bool(rng.random() < (0.2, 0.5, 0.8)[int(agents)]))
    for agents, share in ((0.0, 0.2), (1.0, 0.5), (2.0, 0.8)):
        assert at_once.chance(traits(agents), idle=True) == pytest.approx(share, abs=0.06)


def test_an_idle_look_that_always_deceives_is_seen_through() -> None:
    at_once = AtOnce()
    for _ in range(200):
        at_once.learn(traits(), idle=True, at_once=False)
    assert at_once.chance(traits(), idle=True) < 0.05


def test_it_is_never_quite_certain_and_its_doubt_stays_within_bounds() -> None:
    at_once = AtOnce()
    for _ in range(20_000):
        at_once.learn(traits(), idle=True, at_once=True)
    assert 0.95 < at_once.chance(traits(), idle=True) < 1.0
    assert at_once.chance(traits(1e6), idle=True) < 1.0
    assert np.frombuffer(at_once.doubt).max() < 6.1
