"""The weeks before a centre goes live: as many as the profile has it, at the hours of its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from queuewatch.simulate.centre import QueuePlan
from queuewatch.simulate.laws import Duration, Profile
from queuewatch.simulate.past import past_rows, zone_offset_s

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC).timestamp()
OFFICE = Profile(
    per_hour=tuple(60.0 if 9 <= hour < 17 else 0.0 for hour in range(24)), days=(1,) * 5 + (0.5, 0)
)


def queue(*, patience_s: float | None = 250.0) -> QueuePlan:
    patience = None if patience_s is None else Duration(mean_s=patience_s)
    return QueuePlan(
        name="sales",
        channel="phone" if patience else "email",
        profile=OFFICE,
        handling=Duration(mean_s=300.0, cv=0.9),
        patience=patience,
    )


@pytest.mark.parametrize(
    ("hour", "minute", "expected_h"), [(2, 30, 7.5), (10, 0, 0.0), (22, 0, -12.0), (23, 0, 11.0)]
)
def test_the_zone_is_the_one_in_which_it_is_ten(hour: int, minute: int, expected_h: float) -> None:
    at = datetime(2026, 11, 22, hour, minute, 20, tzinfo=UTC).timestamp()
    assert zone_offset_s(at, 10 * 3600.0) == expected_h * 3600


def test_contacts_come_by_the_weekdays_and_hours_of_the_clock() -> None:
    """60 an hour for 8 hours on five days and half as many on the sixth: 8 weeks have 21,120."""
    rows = past_rows(queue(), (60.0,), NOW, utc_offset_s=27_000, rng=np.random.default_rng(1))
    zone = timezone(timedelta(hours=7.5))
    at = [datetime.fromtimestamp(one.key[0], zone) for one in rows]
    assert {one.hour for one in at} == set(range(9, 17))
    assert {one.weekday() for one in at} == set(range(6))
    assert rows[-1].key[0] < NOW
    assert sum(one.row.offered for one in rows) == pytest.approx(21_120, rel=0.05)


def test_rows_hang_together() -> None:
    rows = [one.row for one in past_rows(queue(), (60.0,), NOW, utc_offset_s=0, rng=np.random.default_rng(1))]
    assert all(row.answered + row.abandoned == row.offered and row.repeated <= row.offered for row in rows)
    assert all((row.handling_s > 0.0) == (row.answered > 0) for row in rows)
    abandoned, answered = sum(row.abandoned for row in rows), sum(row.answered for row in rows)
    assert sum(row.waited_s for row in rows) / abandoned == pytest.approx(250.0, rel=0.1)
    assert sum(row.handling_s for row in rows) / answered == pytest.approx(300.0, rel=0.05)


def test_nobody_gives_up_a_mail() -> None:
    rows = past_rows(queue(patience_s=None), (), NOW, utc_offset_s=0, rng=np.random.default_rng(1), weeks=1)
    assert rows
    assert not any(one.row.abandoned for one in rows)
