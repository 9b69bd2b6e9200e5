from __future__ import annotations

import pytest

from queuewatch.core.estimate.peers import (
    Asterisk,
    Climate,
    HeadOfLine,
    LastAnswered,
    PlaceTimesHandling,
    Point,
    peers,
)
from queuewatch.core.estimate.wait import Estimator, Remaining
from tests.core.estimate.scenes import Play


def said(estimator: Estimator, play: Play, ahead: int = 0, contact: str | None = None) -> Remaining:
    remaining = estimator.remaining(play.scene(), ahead, None if contact is None else play.visit(contact))
    assert not isinstance(remaining, str)
    return remaining


def test_a_single_number_has_no_doubts() -> None:
    point = Point(60.0)
    assert (point.chance_over(59.9), point.chance_over(60.0), point.chance_there(10.0)) == (1.0, 0.0, 1.0)
    assert point.quantile_s(0.1) == point.quantile_s(0.9) == 60.0


def test_asterisk_takes_three_parts_of_the_old_and_one_of_the_new() -> None:
    asterisk = Asterisk()
    play = Play(asterisk)
    play.joins("x")
    assert asterisk.remaining(play.scene(), 0, None) == "too_few_data"
    play.now += 40.0
    play.answers("x")
    assert said(asterisk, play).mean_s == 10.0
    play.waits("y", 30.0)
    assert said(asterisk, play).mean_s == 15.0
    play.joins("z")
    play.now += 5.0
    assert said(asterisk, play, 0, "z").mean_s == 10.0
    play.now += 60.0
    play.gives_up("z")
    assert said(asterisk, play, 0).mean_s == 15.0


def test_the_last_to_be_answered_who_had_to_wait_is_what_the_next_will_wait() -> None:
    last = LastAnswered()
    play = Play(last)
    play.waits("at once", 1.0)
    assert last.remaining(play.scene(), 0, None) == "too_few_data"
    play.waits("x", 50.0)
    play.waits("at once too", 0.0)
    assert said(last, play).mean_s == 50.0


def test_the_head_of_the_line_shows_how_long_one_has_to_wait() -> None:
    head = HeadOfLine()
    play = Play(head)
    play.joins("x")
    play.now += 70.0
    assert said(head, play, 1).mean_s == 70.0
    assert said(head, play, 0).mean_s == 0.0


def test_place_times_handling_over_agents() -> None:
    rule = PlaceTimesHandling()
    play = Play(rule)
    play.joins("x")
    assert rule.remaining(play.scene(), 0, None) == "too_few_data"
    play.answers("x")
    play.now += 100.0
    play.ends("x")
    assert said(rule, play, 3).mean_s == pytest.approx(400.0)
    play.agent("ann", state="offline")
    assert rule.remaining(play.scene(), 0, None) == "no_agents"


def test_climate_is_all_waits_there_were_and_nothing_else() -> None:
    climate = Climate()
    play = Play(climate)
    play.joins("x")
    assert climate.remaining(play.scene(), 0, None) == "too_few_data"
    play.now += 20.0
    play.gives_up("x")
    play.waits("at once", 0.0)
    for contact, wait_s in (("y", 40.0), ("z", 90.0)):
        play.waits(contact, wait_s)
    remaining = said(climate, play)
    assert remaining.mean_s == 50.0
    assert (remaining.chance_over(40.0), remaining.chance_there(20.0)) == (
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
    )
    assert [remaining.quantile_s(share) for share in (0.1, 0.5, 0.9, 1.0)] == [20.0, 40.0, 90.0, 90.0]
    play.joins("w")
    play.now += 30.0
    assert said(climate, play, 0, "w").mean_s == 35.0


def test_all_of_them_have_names_of_their_own() -> None:
    assert len({peer.name for peer in peers()}) == len(peers())
