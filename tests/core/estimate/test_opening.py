"""The first waits of a queue."""

from __future__ import annotations

from itertools import pairwise
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.estimate.learned import FIRST_HANDLING_S, FIRST_HANDLINGS
from queuewatch.core.estimate.live import Live
from queuewatch.core.estimate.opening import Opening, first_handling_s, opening
from queuewatch.queueing import position
from tests.core.estimate.scenes import Play


def line(ahead: float = 4.0, worth: float = 6.0, own_rate: float = 0.0) -> Opening:
    return Opening(ahead, 0.05, 0.05, worth, own_rate)


def test_it_is_the_wait_at_a_rate_that_is_drawn_first() -> None:
    rng = np.random.default_rng(1)
    waits_s = rng.gamma(5.0, 1.0, 200_000) / rng.gamma(6.0, 0.05 / 6.0, 200_000)
    told = line()
    assert told.mean_s == pytest.approx(waits_s.mean(), rel=0.02)
    for share in (0.1, 0.5, 0.9):
        assert told.quantile_s(share) == pytest.approx(np.quantile(waits_s, share), rel=0.02)
    for t_s in (30.0, 60.0, 180.0):
        assert told.chance_over(t_s) == pytest.approx((waits_s > t_s).mean(), abs=0.005)


def test_where_the_rate_is_known_it_is_the_closed_form() -> None:
    told = line(worth=1e7)
    assert told.chance_over(60.0) == pytest.approx(position.chance_over(60.0, 4.0, 0.05), rel=1e-4)
    assert told.mean_s == pytest.approx(100.0, rel=1e-4)
    assert told.quantile_s(0.9) == pytest.approx(position.quantile_s(0.9, 4.0, 0.05, 0.0), rel=1e-4)


def test_who_may_give_up_is_there_less_often() -> None:
    told = line(own_rate=0.01)
    assert told.chance_there(60.0) == pytest.approx(exp(-0.6) * told.chance_over(60.0))
    assert (told.chance_over(-1.0), told.chance_over(0.0), told.chance_there(0.0)) == (1.0, 1.0, 1.0)


@given(st.floats(0.0, 200.0), st.floats(3.0, 1000.0), st.floats(0.01, 0.99))
def test_a_quantile_is_where_the_chance_says(ahead: float, worth: float, share: float) -> None:
    told = line(ahead, worth)
    assert told.chance_over(told.quantile_s(share)) == pytest.approx(1.0 - share, abs=1e-6)


def test_the_less_is_known_the_wider_is_what_is_told() -> None:
    widths = [line(worth=worth).quantile_s(0.9) - line(worth=worth).quantile_s(0.1) for worth in (3, 10, 100)]
    assert all(wide > narrow for wide, narrow in pairwise(widths))


def test_the_ends_are_never_infinite() -> None:
    assert line().quantile_s(0.0) == pytest.approx(0.0, abs=1e-9)
    assert np.isfinite(line().quantile_s(1.0))


def test_talks_under_way_are_counted_with_those_that_have_ended() -> None:
    play = Play(Live())
    for name in ("a", "b", "c"):
        play.joins(name)
        play.answers(name, f"agent {name}")
    play.now += 60.0
    play.ends("a")
    play.now += 240.0
    handling_s, worth = first_handling_s(play.scene(), FIRST_HANDLING_S)
    # One has ended after 60 s; two have lasted 300 s each; three are as usual, nearly.
    assert handling_s == pytest.approx((60.0 + 2 * 300.0 + FIRST_HANDLINGS * 240.0) / 4.0, rel=0.02)
    assert worth == pytest.approx(1.0 + FIRST_HANDLINGS, rel=0.02)


def test_without_names_of_agents_only_the_ended_are_counted() -> None:
    play = Play(Live())
    for name in ("a", "b"):
        play.joins(name)
        play.answers(name, None)
    play.now += 60.0
    play.ends("a")
    play.now += 600.0
    assert first_handling_s(play.scene(), 60.0)[0] == pytest.approx(60.0)


def test_after_some_hundreds_it_is_their_mean_whatever_is_under_way() -> None:
    play = Play(Live())
    for number in range(400):
        play.joins(f"c{number}")
        play.answers(f"c{number}")
        play.now += 100.0
        play.ends(f"c{number}")
    play.joins("long")
    play.answers("long")
    play.now += 3600.0
    assert first_handling_s(play.scene(), FIRST_HANDLING_S)[0] == pytest.approx(100.0, rel=0.01)


def test_before_anything_ended_and_without_anybody_on_duty_it_says_nothing() -> None:
    play = Play(Live())
    play.joins("a")
    play.answers("a")
    assert opening(play.scene(), 0.0) is None
    play.ends("a")
    assert opening(play.scene(), 0.0) is not None
    play.agent("ann", state="offline")
    assert opening(play.scene(), 0.0) is None
