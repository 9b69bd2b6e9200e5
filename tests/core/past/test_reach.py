"""How far back a history goes, by the clock of the wall, and on which days nobody told anything."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from queuewatch.core.past.reach import Reach, earlier, reach

BERLIN = ZoneInfo("Europe/Berlin")
WEEK_S = 7 * 86_400.0
DAY_S = 86_400.0
NOW = datetime(2026, 11, 16, tzinfo=UTC).timestamp()
"""A Monday."""


def reached(*joined: float, told_at: float | None = None) -> Reach:
    return reach(joined, told_at, (NOW - WEEK_S, NOW, NOW + WEEK_S), UTC)


@pytest.mark.parametrize(
    ("begins_at", "reaches"),
    [
        (NOW - 3 * WEEK_S, (True, True, True)),
        (NOW - 2 * WEEK_S, (True, True, True)),
        (NOW - 2 * WEEK_S + DAY_S / 2, (True, True, True)),  # exactly a fourteenth of the week
        (NOW - 2 * WEEK_S + DAY_S / 2 + 1, (True, True, False)),
        (NOW - WEEK_S + DAY_S / 2, (True, True, False)),
        (NOW - WEEK_S + DAY_S / 2 + 1, (False, False, False)),
        (NOW + DAY_S, (False, False, False)),
    ],
)
def test_a_history_reaches_as_far_back_as_it_has_facts(
    begins_at: float, reaches: tuple[bool, bool, bool]
) -> None:
    found = reached(begins_at, NOW)
    assert (found.before, found.week, found.week_before) == reaches
    assert found.begins_at == min(begins_at, NOW)


def test_a_fact_before_the_first_contact_counts_too() -> None:
    assert reached(NOW, told_at=NOW - WEEK_S).before
    assert not reached(NOW, told_at=NOW).before


def test_a_week_before_that_begins_as_quietly_as_this_one_is_whole() -> None:
    assert reached(*(at + 2 * DAY_S for at in (NOW - WEEK_S, NOW))).before  # closed on the first two days


def test_nothing_at_all_reaches_nowhere() -> None:
    found = reached()
    assert (found.begins_at, found.before, found.week, found.week_before) == (None, False, False, False)


@pytest.mark.parametrize(
    ("begins", "ends", "before"),
    [
        ("2026-10-19T00:00+02:00", "2026-10-26T00:00+01:00", "2026-10-12T00:00+02:00"),  # 169 hours
        ("2026-03-23T08:00+01:00", "2026-03-30T08:00+02:00", "2026-03-16T08:00+01:00"),  # 167 hours
        ("2026-11-02T00:00+01:00", "2026-11-09T00:00+01:00", "2026-10-26T00:00+01:00"),
    ],
)
def test_a_week_in_which_the_clock_is_set_is_held_against_a_week(begins: str, ends: str, before: str) -> None:
    begins_at, ends_at, before_at = (
        datetime.fromisoformat(one).timestamp() for one in (begins, ends, before)
    )
    assert earlier(begins_at, ends_at, BERLIN) == before_at


def test_a_day_on_which_nobody_came_though_many_come_on_such_a_day_is_silent() -> None:
    monday, tuesday = ([NOW + day * DAY_S + number for number in range(10)] for day in (0, 1))
    other_wednesday = [NOW - WEEK_S + 2 * DAY_S + number for number in range(10)]
    few_on_thursday = [NOW + 3 * DAY_S + number for number in range(9)]
    found = reached(*monday, *tuesday, *other_wednesday, *few_on_thursday)
    assert found.silent_days == (1, 2)


def test_a_day_that_is_not_whole_is_never_silent() -> None:
    monday = [NOW - WEEK_S + 13 * 3600.0 + number for number in range(10)]
    noon = (NOW - WEEK_S + DAY_S / 2, NOW + DAY_S / 2, NOW + WEEK_S + DAY_S / 2)
    assert reach([*monday, NOW + DAY_S], None, noon, UTC).silent_days == (0, 0)
