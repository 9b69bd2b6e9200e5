"""Tests of the cheapest shifts that cover what is needed."""

from __future__ import annotations

import pytest

pytest.importorskip("ortools")

from queuewatch.shifts.cover import Gap, Pattern, cover

EARLY = Pattern(name="early", starts=0, lasts=4, cost=4)
LATE = Pattern(name="late", starts=4, lasts=4, cost=4)
LONG = Pattern(name="long", starts=0, lasts=8, breaks=(3,), cost=7)


def test_two_halves_cover_a_day() -> None:
    found = cover([[2, 2, 2, 2, 3, 3, 3, 3]], [EARLY, LATE])
    assert found.counts == ((2, 3),)
    assert (found.cost, found.people, found.gaps, found.why) == (20.0, 5, (), "")


def test_the_cheaper_way_is_taken_and_breaks_are_covered() -> None:
    """A long shift is cheaper than two halves, but nobody of it works in its fourth interval."""
    assert cover([[1, 1, 1, 0, 1, 1, 1, 1]], [EARLY, LATE, LONG]).counts == ((0, 0, 1),)
    assert cover([[1] * 8], [EARLY, LATE, LONG]).counts == ((1, 1, 0),)


def test_nobody_works_more_shifts_a_week_than_may_be() -> None:
    found = cover([[1, 1, 1, 1]] * 7, [EARLY], most_a_week=5)
    assert found.people == 2
    assert found.cost == 28.0


def test_too_few_people_are_said_with_the_first_gap() -> None:
    found = cover([[3, 3, 3, 3]], [EARLY], people=2)
    assert found.counts == ((2,),)
    assert found.gaps[0] == Gap(0, 0, 3, 2)
    assert found.why == (
        "2 people with at most 5 shifts a week are too few: on day 0 in interval 0 there can be 2 of 3, and "
        "in 3 more intervals it is alike; have more people, or more shifts a week."
    )


def test_an_interval_no_shift_works_in_is_said() -> None:
    found = cover([[1] * 8], [LONG])
    assert found.gaps == (Gap(0, 3, 1, 0),)
    # The break of the only shift: everybody has it at the same time.
    assert found.why == (
        "No shift works on day 0 in interval 3, when 1 are needed: let some have their break at another time."
    )


def test_all_that_stands_in_the_way_is_said_as_the_planner_knows_it() -> None:
    found = cover([[2, 2, 0, 0, 0, 0, 0, 0, 5]], [EARLY], people=1, when=lambda day, at: f"day {day} at {at}")
    assert found.why == (
        "No shift works on day 0 at 8, when 5 are needed: add a shift that works then. 1 people with at most "
        "5 shifts a week are too few: on day 0 at 0 there can be 1 of 2, and in 1 more intervals it is "
        "alike; have more people, or more shifts a week."
    )


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(ValueError, match="give at least one"):
        cover([[1]], [])
    with pytest.raises(ValueError, match="one week at a time"):
        cover([[1]] * 8, [EARLY])


def test_nothing_needed_needs_nobody() -> None:
    assert cover([[0, 0]], [EARLY]).people == 0


NIGHT = Pattern(name="night", starts=6, lasts=4, breaks=(2,), cost=5)


def test_who_works_past_midnight_covers_the_next_morning_and_comes_on_the_evening_before() -> None:
    """Days of eight intervals; a night covers the last two and the second of the next day, not the first."""
    found = cover([[0, 2, 0, 0, 0, 0, 1, 1], [0, 1, 0, 0, 0, 0, 0, 0]], [NIGHT])
    assert found.before == (2,)
    assert found.counts == ((1,), (0,))
    assert (found.cost, found.gaps, found.proven) == (15.0, (), True)


def test_nobody_comes_on_the_evening_before_for_nothing() -> None:
    found = cover([[0, 0, 0, 0, 0, 0, 1, 1]], [NIGHT])
    assert (found.before, found.counts) == ((), ((1,),))


def test_the_break_of_the_night_is_said_where_nobody_else_works() -> None:
    found = cover([[1, 1, 0, 0, 0, 0, 0, 0]], [NIGHT])
    assert found.gaps == (Gap(0, 0, 1, 0),)
    assert "let some have their break at another time" in found.why


def _many() -> tuple[list[list[int]], list[Pattern]]:
    """Many kinds of shifts for a restless week."""
    patterns = [
        Pattern(
            name=f"{start} {lasts}", starts=start, lasts=lasts, breaks=(lasts // 2,), cost=lasts + start % 3
        )
        for start in range(40)
        for lasts in (7, 8, 9, 11)
    ]
    needed = [[(7 * day + 5 * interval * interval) % 23 for interval in range(48)] for day in range(7)]
    return needed, patterns


@pytest.mark.slow
def test_a_search_that_ended_first_says_how_much_dearer_it_may_be_at_most() -> None:
    needed, patterns = _many()
    cheapest = cover(needed, patterns)
    assert (cheapest.proven, cheapest.dearer) == (True, 0.0)
    early = cover(needed, patterns, limit_s=0.03)
    assert not early.proven
    assert early.dearer is not None
    assert cheapest.cost <= early.cost <= cheapest.cost * (1.0 + early.dearer)


@pytest.mark.slow
def test_a_search_that_ended_first_with_gaps_says_that_there_may_be_fewer() -> None:
    needed, patterns = _many()
    found = cover(needed, patterns, people=40, limit_s=0.1)
    assert (found.proven, found.dearer) == (False, None)
    assert found.gaps


def test_what_is_not_found_in_no_time_at_all_is_said() -> None:
    needed, patterns = _many()
    with pytest.raises(ValueError, match="no shifts were found in 1e-09 s"):
        cover(needed, patterns, limit_s=1e-9)
