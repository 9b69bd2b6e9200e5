"""Laws of arrivals, handling and patience."""

from __future__ import annotations

import math

import numpy as np
import pytest

from queuewatch.simulate.laws import DAY_S, Duration, Profile, Surge, arrivals, rates

MONDAY_AT = 4 * DAY_S  # 1970-01-05


@pytest.mark.parametrize("law", ["lognormal", "exponential"])
def test_durations_have_the_mean_and_the_spread_they_are_given(law: str) -> None:
    n = 400_000
    drawn = Duration(mean_s=300.0, cv=1.0, law=law).draw(np.random.default_rng(7), n)  # type: ignore[arg-type]
    assert drawn.mean() == pytest.approx(300.0, abs=4.5 * 300.0 / math.sqrt(n))
    assert drawn.std() == pytest.approx(300.0, rel=0.03)
    assert drawn.min() > 0


def test_a_duration_without_spread_is_constant_and_an_infinite_one_never_ends() -> None:
    rng = np.random.default_rng(1)
    assert Duration(mean_s=60.0, cv=0.0).draw(rng, 3) == pytest.approx([60.0] * 3)
    assert np.isinf(Duration(mean_s=math.inf).draw(rng, 3)).all()
    assert Duration(mean_s=60.0, cv=0.0).draw_one(rng) == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("mean_s", "cv"), [(0.0, 1.0), (-1.0, 1.0), (math.nan, 1.0), (1.0, -0.1), (1.0, math.inf)]
)
def test_impossible_durations_are_refused(mean_s: float, cv: float) -> None:
    with pytest.raises(ValueError, match="mean_s > 0"):
        Duration(mean_s=mean_s, cv=cv)


@pytest.mark.parametrize(("per_hour", "days"), [((), (1.0,) * 7), ((1.0,), (1.0,) * 6)])
def test_a_profile_needs_slices_and_a_week(per_hour: tuple[float, ...], days: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="seven weekday factors"):
        Profile(per_hour=per_hour, days=days)


def test_a_profile_has_no_negative_rates() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        Profile(per_hour=(1.0, -1.0))


def test_rates_follow_the_local_day_the_weekday_and_the_surges() -> None:
    profile = Profile(per_hour=(0.0, 36.0), days=(1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.0))
    surge = Surge(queue="q", from_at=MONDAY_AT + 3600, to_at=MONDAY_AT + 7200, per_hour=72.0)
    edges, per_s = rates(
        profile,
        [surge],
        MONDAY_AT - DAY_S,
        MONDAY_AT + DAY_S,
        utc_offset_s=3600.0,
        rng=np.random.default_rng(1),
    )

    # In local time, an hour ahead: Sunday closed; Monday's second half-day 36 an hour, from 11:00 UTC to
    # 23:00 UTC; then Tuesday's first half-day, closed. The surge adds 72 an hour from 1:00 to 2:00 UTC.
    def at(hours: float) -> float:
        return float(per_s[np.searchsorted(edges, MONDAY_AT + hours * 3600, side="right") - 1])

    assert at(-10) == 0.0
    assert at(1.5) == pytest.approx(72 / 3600)
    assert at(5) == 0.0
    assert at(11) == pytest.approx(36 / 3600)
    assert at(22.9) == pytest.approx(36 / 3600)
    assert at(23.1) == 0.0
    assert (edges[0], edges[-1]) == (MONDAY_AT - DAY_S, MONDAY_AT + DAY_S)


def test_arrivals_are_as_many_as_the_rate_says_and_lie_where_it_says() -> None:
    edges, per_s = np.array([0.0, 100.0, 200.0, 400.0]), np.array([50.0, 0.0, 200.0])
    times = arrivals(edges, per_s, np.random.default_rng(3))
    assert (np.diff(times) >= 0).all()
    counts = np.histogram(times, edges)[0]
    for count, expected in zip(counts.tolist(), [5000.0, 0.0, 40_000.0], strict=True):
        assert count == pytest.approx(expected, abs=4.5 * math.sqrt(expected))


def test_over_dispersed_days_spread_more_than_poisson() -> None:
    profile = Profile(per_hour=(100.0,), day_cv=0.3)
    rng = np.random.default_rng(5)
    days = 400
    edges, per_s = rates(profile, [], 0.0, days * DAY_S, utc_offset_s=0.0, rng=rng)
    counts = np.histogram(arrivals(edges, per_s, rng), np.arange(days + 1) * DAY_S)[0]
    # Of a Poisson count with a gamma factor: variance = mean + (mean · cv)².
    assert counts.mean() == pytest.approx(2400, rel=4.5 * 0.3 / math.sqrt(days))
    assert counts.std() == pytest.approx(math.sqrt(2400 + 720**2), rel=0.15)
