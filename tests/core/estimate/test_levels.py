"""Which quantile is told, so that what is told holds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from queuewatch.core.estimate.levels import (
    BEHIND,
    FIRST,
    LEAST,
    MOST,
    NEXT_BEHIND,
    NEXT_FIRST,
    NEXT_MAYBE,
    SHARES,
    Calibration,
    Told,
    follow,
    kind_of,
    next_kind,
    tell,
)

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


def held(reached: Floats, in_flight: int = 0) -> dict[float, float]:
    """How often each share held, of the second half of waits each told `in_flight` answers before its own."""
    every, own = Calibration(), Calibration()
    told: list[Told] = []
    counts = dict.fromkeys(SHARES, 0)
    half = len(reached) // 2
    for number in range(len(reached) + in_flight):
        if number < len(reached):
            told.append(tell(every, own, BEHIND))
        ends = number - in_flight
        if ends >= 0:
            if ends >= half:
                for share, level in zip(SHARES, told[ends].levels, strict=True):
                    counts[share] += bool(reached[ends] <= level)
            follow(every, own, told[ends], (reached[ends], reached[ends]), in_flight)
    return {share: count / half for share, count in counts.items()}


def test_at_first_what_is_asked_for_is_told() -> None:
    assert tell(Calibration(), Calibration(), FIRST) == Told(FIRST, SHARES, 0)


@pytest.mark.parametrize("wrong", [lambda u: u**0.4, lambda u: u**1.5, lambda u: 0.3 + 0.4 * u])
def test_what_is_told_comes_to_hold_however_wrong_the_curve_is(wrong: Callable[[Floats], Floats]) -> None:
    shares = held(wrong(np.random.default_rng(3).random(4000)))
    assert shares == pytest.approx({share: share for share in SHARES}, abs=0.02)


def test_it_holds_where_neighbours_wait_alike_and_each_is_told_long_before_the_answer() -> None:
    rng = np.random.default_rng(5)
    alike = np.repeat(rng.random(800), 15)
    shares = held(alike, in_flight=15)
    assert shares == pytest.approx({share: share for share in SHARES}, abs=0.03)


def test_hundreds_who_are_told_the_same_move_a_level_little() -> None:
    every, own = Calibration(), Calibration()
    for _ in range(200):
        follow(every, own, tell(every, own, BEHIND), (0.5, 0.5), 0)
    before = tell(every, own, BEHIND)
    for number in range(500):
        follow(every, own, before, (1.0, 1.0), 500 - number)
    moved = np.subtract(tell(every, own, BEHIND).levels, before.levels)
    assert np.all((moved > 0.0) & (moved < 0.05))


def test_a_level_never_leaves_the_curve() -> None:
    every, own = Calibration(), Calibration()
    for reached, border in ((1.0, MOST), (0.0, LEAST)):
        for _ in range(5000):
            follow(every, own, tell(every, own, FIRST), (reached, reached), 0)
        assert tell(every, own, FIRST).levels == (border,) * len(SHARES)


def test_each_kind_is_put_right_on_its_own() -> None:
    every, own = Calibration(), Calibration()
    for _ in range(100):
        follow(every, own, tell(every, own, BEHIND), (1.0, 1.0), 0)
    assert tell(every, own, FIRST).levels == SHARES
    assert tell(every, own, BEHIND).levels > SHARES


def test_a_new_queue_begins_with_what_the_others_have_shown_and_goes_on_by_itself() -> None:
    every, old, new = Calibration(), Calibration(), Calibration()
    for _ in range(100):
        follow(every, old, tell(every, old, BEHIND), (1.0, 1.0), 0)
    first = tell(every, new, BEHIND)
    assert SHARES < first.levels < tell(every, old, BEHIND).levels
    follow(every, new, first, (0.0, 0.0), 0)
    assert tell(every, new, BEHIND).levels < first.levels


def test_equal_waits_are_spread_over_what_they_cover() -> None:
    every, own = Calibration(), Calibration()
    # Half are answered at once, and that is what was said of them: no level has a reason to move.
    for _ in range(50):
        told = tell(every, own, NEXT_MAYBE)
        follow(every, own, told, (0.0, 1.0), 0)
    assert tell(every, own, NEXT_MAYBE).levels == pytest.approx(SHARES)


def test_no_wait_at_all_where_none_was_said_to_be_possible_is_below_every_level() -> None:
    every, own = Calibration(), Calibration()
    follow(every, own, tell(every, own, NEXT_BEHIND), (0.0, 0.0), 0)
    assert tell(every, own, NEXT_BEHIND).levels < SHARES


@pytest.mark.parametrize(
    ("chance", "ahead", "kind"),
    [
        (0.0, 0, NEXT_FIRST),
        (0.0, 1, NEXT_BEHIND),
        (0.0999, 3, NEXT_BEHIND),
        (0.1, 3, NEXT_MAYBE),
        (0.1, 0, NEXT_MAYBE),
        (0.8999, 0, NEXT_MAYBE),
        (0.9, 0, None),
    ],
)
def test_the_next_to_arrive_is_first_behind_or_may_not_wait_at_all(
    chance: float, ahead: int, kind: str | None
) -> None:
    assert next_kind(chance, ahead) == kind


def test_who_waits_is_first_or_behind_others() -> None:
    assert (kind_of(0), kind_of(1), kind_of(7)) == (FIRST, BEHIND, BEHIND)
