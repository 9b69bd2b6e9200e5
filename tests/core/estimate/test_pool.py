from __future__ import annotations

from math import exp, inf

import pytest

from queuewatch.core.estimate.pool import ARRIVALS_S, LONG_S, SHORT_S, Idle, Pool, Recent


def test_time_counts_as_pressed_only_while_somebody_waits() -> None:
    pool = Pool()
    pool.pass_time(100.0, pressed=True)  # nothing is known of the time before
    pool.pass_time(110.0, pressed=False)
    pool.pass_time(130.0, pressed=True)
    pool.pass_time(130.0, pressed=True)
    assert pool.looked_at == 130.0
    assert pool.pressed_s.read(130.0, SHORT_S) == 20.0
    assert pool.pressed_long_s.read(130.0, LONG_S) == 20.0


def test_releases_fade_and_waits_are_kept_apart_by_urgency() -> None:
    pool = Pool()
    assert pool.released_at == -inf
    pool.let_go(0.0, 130.0, urgent=True)
    pool.let_go(0.0, None, urgent=False)
    assert pool.released.read(SHORT_S, SHORT_S) == pytest.approx(2.0 * exp(-1.0))
    assert pool.waits_by[True].last_s == pool.waits.last_s == 130.0
    assert pool.waits_by[False] == Recent()


def test_a_running_mean_takes_three_tenths_of_a_new_wait() -> None:
    recent = Recent(few_s=100.0, dozen_s=100.0)
    recent.add(200.0)
    assert (recent.last_s, recent.few_s, recent.dozen_s) == (200.0, 130.0, 108.0)


def test_those_who_join_are_counted_the_urgent_ones_twice() -> None:
    pool = Pool()
    pool.joined(0.0, urgent=False)
    pool.joined(0.0, urgent=True)
    assert (pool.arrivals.read(0.0, ARRIVALS_S), pool.urgent.read(0.0, ARRIVALS_S)) == (2.0, 1.0)


def test_idle_agents_are_counted_by_how_long_they_have_been() -> None:
    idle = Idle()
    assert idle.within(0.0, (30.0, 120.0)) == [0, 0]
    for agent, at in (("ann", 0.0), ("bob", 80.0), ("cyd", 95.0), ("dan", 60.0)):
        idle.put(agent, at)
    assert idle.within(100.0, (30.0, 50.0, 200.0)) == [2, 1, 1]
    idle.take("bob")
    idle.take("nobody")
    idle.put("ann", 100.0)
    assert idle.within(100.0, (30.0, 50.0, 200.0)) == [2, 1, 0]
