"""Many points in time at once: to the bit what `datetime.timestamp` gives, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.moments import instants

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROS_TO_2200 = 7_258_118_400 * 10**6
TEN = 1_795_255_200.0  # 2026-11-21T10:00:00Z
micros = st.integers(0, MICROS_TO_2200 - 1)


@given(
    st.lists(micros, min_size=1, max_size=5),
    st.sampled_from([1, 10, 100, 10**3, 10**4, 10**5, 10**6]),
    st.booleans(),
)
def test_each_time_becomes_what_datetime_makes_of_it(told: list[int], grain: int, is_utc: bool) -> None:
    """However fine the times are written, and with either name of the zone."""
    moments = [EPOCH + timedelta(microseconds=one - one % grain) for one in told]
    zone = "Z" if is_utc else "+00:00"
    places = 7 - len(str(grain))
    texts = [
        f"{one:%Y-%m-%dT%H:%M:%S}" + f".{one:%f}"[: places + 1 if places else 0] + zone for one in moments
    ]
    assert instants(texts) == [one.timestamp() for one in moments]


def test_times_may_lie_in_many_minutes_in_any_order() -> None:
    texts = [f"2026-11-21T10:0{minute}:01Z" for minute in (0, 0, 5, 1, 0)]
    assert instants(texts) == [TEN + 1, TEN + 1, TEN + 301, TEN + 61, TEN + 1]


def test_times_may_lie_in_many_hours_in_any_order() -> None:
    texts = [f"2026-11-21T{hour}:00:01Z" for hour in (10, 10, 15, 11, 10)]
    assert instants(texts) == [TEN + 1, TEN + 1, TEN + 18_001, TEN + 3_601, TEN + 1]


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("2026-11-21T10:29:59.999999Z", "2026-11-21T10:30:00.000000Z"),
        ("2026-11-21T09:59:59.999999Z", "2026-11-21T10:00:00.000000Z"),
        ("2027-12-31T23:59:59.999999Z", "2028-01-01T00:00:00.000000Z"),
        ("2028-02-29T23:59:59.999999Z", "2028-03-01T00:00:00.000000Z"),
    ],
)
def test_the_end_of_a_minute_an_hour_and_a_day_and_what_follows_are_read(last: str, first: str) -> None:
    told = [datetime.fromisoformat(one).timestamp() for one in (last, first)]
    assert instants([last, first]) == told
    assert instants([first, last, first]) == [told[1], *told]
    assert instants([last]) == told[:1]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "2026-11-21T10:00:60Z",
        "2026-11-21T10:00:99.5Z",
        "2026-11-21T10:60:00Z",
        "2026-11-21T24:00:00Z",
        "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "0000-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "2026-11-21T10:00:00",
        "2026-11-21T10:00Z",
        "2026-11-21T10:00:0Z",
        "2026-11-21T10:00:00.Z",
        "2026-11-21T10:00:00.1234567Z",
        "2026-11-21T10:00:00,5Z",
        "2026-11-21T10:00:00.5 Z",
        "2026-11-21T10:00:1e0Z",
        "2026-11-21t10:00:00z",
        "2026-11-21 10:00:00Z",
        "2026-11-21T10:00:00+01:00",
        "2026-11-21T10:00:00-00:00",
        "२०२६-11-21T10:00:00Z",
        "\ud800",
    ],
)
def test_what_is_wrong_or_written_in_a_way_of_its_own_is_left_to_a_closer_look(text: str | None) -> None:
    good = "2026-11-21T10:00:00Z"
    assert instants([text]) is None
    assert instants([good, text]) is None
    assert instants([text, good]) is None


def test_a_line_feed_within_a_time_does_not_make_two_of_it() -> None:
    good = "2026-11-21T10:00:00Z"
    assert instants([f"{good}\n{good}"]) is None
    assert instants([f"{good}\n{good}", ""]) is None
    assert instants([f"{good}\n", good[1:]]) is None
    assert instants([good[:-1], f"Z\n{good}"]) is None


def test_times_with_more_and_with_fewer_digits_are_not_read_together() -> None:
    assert instants(["2026-11-21T10:00:00.5Z", "2026-11-21T10:00:00.25Z"]) is None
