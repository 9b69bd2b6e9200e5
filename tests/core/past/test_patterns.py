"""Patterns: what is worse or different beyond chance is found, and what is not is not."""

from __future__ import annotations

import random

import pytest

from queuewatch.core.past.patterns import FEWEST, Hour, turning_day, worst_hours

MONDAY_9 = (0, 9)
QUIET = {(day, hour): (50, 5) for day in range(5) for hour in range(8, 18)}


def test_the_hour_that_is_worse_is_named_with_what_is_usual_otherwise() -> None:
    (found,) = worst_hours({**QUIET, MONDAY_9: (60, 24)})
    assert found == Hour(weekday=0, hour=9, contacts=60, past=0.4, otherwise=0.1)


def test_where_all_hours_are_alike_none_is_named() -> None:
    assert worst_hours(QUIET) == ()
    assert worst_hours({}) == ()
    assert worst_hours(dict.fromkeys(QUIET, (50, 0))) == ()


def test_twice_as_bad_is_the_least_and_chance_is_not_enough() -> None:
    assert worst_hours({**QUIET, MONDAY_9: (60, 11)}) == ()  # 18 %: not twice
    assert worst_hours({**QUIET, MONDAY_9: (20, 5)}) == ()  # 25 %, but of 20: less than 3.5 standard errors


def test_an_hour_with_few_contacts_says_nothing() -> None:
    assert worst_hours({**QUIET, MONDAY_9: (FEWEST - 1, FEWEST - 1)}) == ()
    assert worst_hours({MONDAY_9: (60, 24), (1, 9): (5, 0)}) == ()


def test_the_worst_by_how_many_it_hurts_comes_first_and_there_are_no_more_than_asked() -> None:
    found = worst_hours({**QUIET, MONDAY_9: (60, 24), (4, 16): (200, 80)})
    assert [(one.weekday, one.hour) for one in found] == [(4, 16), (0, 9)]
    assert len(worst_hours({**QUIET, MONDAY_9: (60, 24), (4, 16): (200, 80)}, most=1)) == 1


def test_the_day_since_when_there_is_more_is_found() -> None:
    days = [100, 104, 98, 101, 97, 102, 99, 141, 138, 143, 139, 142]
    found = turning_day(days)
    assert found is not None
    assert found.day == 7
    assert found.before == pytest.approx(701 / 7)
    assert found.since == pytest.approx(703 / 5)


@pytest.mark.parametrize(
    "days",
    [
        [],
        [100] * 9,
        [100] * 30,
        [0] * 30,
        [100, 104, 98, 101, 97, 112, 116, 111, 113, 115],  # a tenth more is not worth a word
        [4, 5, 3, 6, 4, 6, 5, 7, 6, 5],  # as much as chance brings to so few
    ],
)
def test_where_nothing_changed_or_too_little_no_day_is_named(days: list[float]) -> None:
    assert turning_day(days) is None


def test_days_drawn_by_chance_alone_hardly_ever_have_a_turning_day() -> None:
    chance = random.Random(5)  # noqa: S311
    found = sum(
        turning_day([sum(chance.random() < 0.1 for _ in range(600)) for _ in range(20)]) is not None
        for _ in range(100)
    )
    assert found <= 2
