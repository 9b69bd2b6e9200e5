"""How right an estimator has lately been."""

from __future__ import annotations

import pytest

from queuewatch.core.estimate.others.number import Number
from queuewatch.core.estimate.place import InLine
from queuewatch.core.trust.track import KEEP, Said, Track, Wait, said

T = (60.0, 180.0)


def one(mean_s: float = 90.0, *, ranged: bool = True) -> Said:
    return Said(mean_s, 30.0, 150.0, (0.5, 0.1), (0.6, 0.2), ranged)


def ended(endured_s: float, *, answered: bool = True, stays: tuple[float, float] = (1.0, 1.0)) -> Wait:
    return Wait(endured_s, answered, T, stays)


def test_errors_are_of_the_answered_and_chances_of_all() -> None:
    track = Track()
    track.add(one(), ended(100.0))
    track.add(one(), ended(40.0, answered=False))
    assert (track.contacts, track.answered) == pytest.approx((1.0 + KEEP, KEEP))
    assert track.error_s / track.answered == pytest.approx(-10.0)
    # Past 60 s: said .5, it did and it did not; past 180 s: said .1, it did neither time.
    assert track.of_thresholds(track.brier) == pytest.approx({"60": 0.25, "180": 0.01})


def test_ranges_and_promises_count_their_ends() -> None:
    track = Track()
    for endured_s in (29.9, 30.0, 150.0, 150.1):
        track.add(one(), ended(endured_s))
    assert track.covered / track.ranged == pytest.approx(0.5, abs=0.01)
    assert track.kept / track.answered == pytest.approx(0.75, abs=0.01)


def test_a_rule_without_a_range_covers_nothing_and_is_asked_for_none() -> None:
    track = Track()
    track.add(one(ranged=False), ended(100.0))
    assert (track.ranged, track.answered) == (0.0, 1.0)


def test_who_gave_up_tells_nothing_of_later_times_and_the_others_count_the_more_for_it() -> None:
    track = Track()
    # Given up at 40 s: the offered wait is only known to be longer, so neither threshold is scored.
    track.add(one(), ended(40.0, answered=False))
    assert track.offered == {"60": 0.0, "180": 0.0}
    # Answered at 100 s, when one in two had given up, and one in five by 60 s.
    track.add(one(), ended(100.0, stays=(0.8, 0.5)))
    assert track.offered == pytest.approx({"60": (0.6 - 1.0) ** 2 / 0.8, "180": 0.2**2 / 0.5})
    # Given up at 100 s: it is known that the wait was longer than 60 s.
    before = dict(track.offered)
    track.add(one(), ended(100.0, answered=False, stays=(0.8, 0.5)))
    assert track.offered["60"] == pytest.approx(before["60"] * KEEP + 0.4**2 / 0.8)
    assert track.offered["180"] == pytest.approx(before["180"] * KEEP)


def test_what_was_long_ago_fades() -> None:
    track = Track()
    for _ in range(3000):
        track.add(one(190.0), ended(100.0))
    for _ in range(3000):
        track.add(one(100.0), ended(100.0))
    assert track.contacts == pytest.approx(500.0, rel=0.01)
    assert track.absolute_s / track.answered == pytest.approx(0.0, abs=0.5)


def test_what_is_still_to_come_is_told_as_a_whole_wait() -> None:
    line = InLine(2.0, 0.05, 0.0)
    told = said(line, 30.0, T)
    assert told.mean_s == pytest.approx(90.0)
    assert told.low_s == pytest.approx(30.0 + line.quantile_s(0.1))
    assert told.high_s == pytest.approx(30.0 + line.quantile_s(0.9))
    assert told.over == pytest.approx((line.chance_over(30.0), line.chance_over(150.0)))
    assert told.there == told.over


def test_a_threshold_that_has_passed_is_certain() -> None:
    told = said(Number(10.0), 61.0, T)
    assert (told.there, told.over) == ((1.0, 0.0), (1.0, 0.0))
