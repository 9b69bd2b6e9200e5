"""What the agents of a queue have lately done."""

from __future__ import annotations

from math import exp, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.estimate.pool import (
    ARRIVALS_S,
    LONG_S,
    SHORT_S,
    Flow,
    Idle,
    Pool,
    Press,
    Recent,
    answered,
    pass_time,
)


def test_time_counts_as_pressed_only_while_somebody_waits() -> None:
    press = Press()
    pass_time([press], 100.0, pressed=True)  # nothing is known of the time before
    pass_time([press], 110.0, pressed=False)
    pass_time([press], 130.0, pressed=True)
    pass_time([press], 130.0, pressed=True)
    assert press.looked_at == 130.0
    # A moment that is t seconds past weighs exp(-t / fade): 20 seconds of them, summed.
    assert press.lately_s(130.0, short=True) == pytest.approx(SHORT_S * (1.0 - exp(-20.0 / SHORT_S)))
    assert press.lately_s(130.0, short=False) == pytest.approx(LONG_S * (1.0 - exp(-20.0 / LONG_S)))


@given(st.lists(st.floats(1.0, 500.0), min_size=1, max_size=6), st.floats(0.0, 600.0))
def test_a_stretch_of_time_weighs_the_same_in_one_piece_and_in_many(
    pieces: list[float], idle_s: float
) -> None:
    whole, parts = Press(looked_at=0.0), Press(looked_at=0.0)
    now = 0.0
    for piece in pieces:
        now += piece
        pass_time([parts], now, pressed=True)
    pass_time([whole], now, pressed=True)
    pass_time([whole, parts], now + idle_s, pressed=False)
    pass_time([whole, parts], now + idle_s + 50.0, pressed=True)
    assert whole.pressed_s == pytest.approx(parts.pressed_s)
    assert whole.pressed_long_s == pytest.approx(parts.pressed_long_s)


def test_what_was_counted_fades_over_many_hours_as_in_one() -> None:
    press = Press(looked_at=0.0)
    pass_time([press], 3000.0, pressed=True)
    pass_time([press], 10_000.0, pressed=False)
    pass_time([press], 10_800.0, pressed=True)  # on the hour
    pass_time([press], 10_900.0, pressed=True)
    # Each stretch: what its end weighs at the end of all, less what its beginning does.
    for fade_s, short in ((SHORT_S, True), (LONG_S, False)):
        weights = [exp((at - 10_900.0) / fade_s) for at in (0.0, 3000.0, 10_000.0)]
        lasted_s = fade_s * (weights[1] - weights[0] + 1.0 - weights[2])
        assert press.lately_s(10_900.0, short=short) == pytest.approx(lasted_s)


def test_time_that_is_not_accounted_for_yet_counts_while_somebody_waits() -> None:
    press = Press(looked_at=0.0)
    now = 60.0
    counted = Press(looked_at=0.0)
    pass_time([counted], now, pressed=True)
    for short in (True, False):
        waits = Pool(press, (), pressed=True).pace_s(now, 30.0, 1.0, short=short)
        assert waits == pytest.approx(Pool(counted, ()).pace_s(now, 30.0, 1.0, short=short))
    assert Pool(press, (), pressed=False).pace_s(now, 30.0, 1.0) == 30.0
    assert Pool(Press(), (), pressed=True).pace_s(now, 30.0, 1.0) == 30.0  # nothing was ever seen


def test_releases_fade_and_waits_are_kept_apart_by_urgency() -> None:
    flow, press = Flow(), Press()
    assert Pool(press, (flow,)).released_at == Pool().released_at == -inf
    flow.let_go(0.0)
    flow.let_go(0.0)
    answered([press], 60.0, urgent=False)
    assert press.waits_of(urgent=False) == press.waits
    assert press.waits_of(urgent=True) == Recent()
    answered([press], 130.0, urgent=True)
    answered([press], 140.0, urgent=False)
    pool = Pool(press, (flow, Flow()))
    assert flow.released.read(SHORT_S, SHORT_S) == pytest.approx(2.0 * exp(-1.0))
    assert pool.released_at == 0.0
    assert pool.waits.last_s == press.waits_of(urgent=False).last_s == 140.0
    assert press.waits_of(urgent=True).last_s == 130.0
    # From 30 s on, three tenths of each difference: 39, 69.3; without the one of priority 69.3 is 39 still.
    assert press.waits_of(urgent=False).few_s == pytest.approx(39.0 + 0.3 * 101.0)
    assert press.waits_of(urgent=True).few_s == pytest.approx(30.0 + 0.3 * 100.0)


def test_those_looked_at_at_different_moments_are_each_accounted_for_by_their_own() -> None:
    early, late, before = Press(looked_at=0.0), Press(looked_at=40.0), Press(looked_at=90.0)
    pass_time([early, late, before], 60.0, pressed=True)
    assert early.lately_s(60.0, short=True) == pytest.approx(SHORT_S * (1.0 - exp(-60.0 / SHORT_S)))
    assert late.lately_s(60.0, short=True) == pytest.approx(SHORT_S * (1.0 - exp(-20.0 / SHORT_S)))
    assert (before.lately_s(60.0, short=True), before.looked_at) == (0.0, 90.0)


def test_a_running_mean_takes_three_tenths_of_a_new_wait() -> None:
    recent = Recent(few_s=100.0, dozen_s=100.0)
    recent.add(200.0)
    assert (recent.last_s, recent.few_s, recent.dozen_s) == (200.0, 130.0, 108.0)


def test_those_who_join_are_counted_the_urgent_ones_twice_and_of_all_kin() -> None:
    flow, other = Flow(), Flow()
    flow.joined(0.0, urgent=False)
    flow.joined(0.0, urgent=True)
    other.joined(0.0, urgent=False)
    pool = Pool(Press(), (flow, other))
    assert pool.arrival_rate(0.0) == 3.0 / ARRIVALS_S
    assert pool.arrival_rate(0.0, 1) == 4.0 / ARRIVALS_S
    assert pool.urgent_rate(0.0) == 1.0 / ARRIVALS_S


def test_hang_ups_of_all_kin_are_counted() -> None:
    flow, other = Flow(), Flow()
    flow.lost_patience(0.0)
    other.lost_patience(0.0)
    assert Pool(Press(), (flow, other)).gave_up(0.0) == 2.0


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
