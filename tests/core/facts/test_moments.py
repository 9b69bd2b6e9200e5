"""Many points in time at once: to the bit what `datetime.timestamp` gives, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.facts.moments import instants
from queuewatch.core.facts.wire import Time

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = 3600 * 10**6
HOURS_TO_2200 = 7_258_118_400 // 3600
TEN = 1_795_255_200.0  # 2026-11-21T10:00:00Z
hours = st.integers(0, HOURS_TO_2200 - 1)
within = st.integers(0, HOUR - 1)
grains = st.sampled_from([1, 10, 100, 10**3, 10**4, 10**5, 10**6])
zones = st.sampled_from(["Z", "+00:00"])


def written(micros: int, grain: int, zone: str) -> tuple[str, float]:
    """So many microseconds since 1970, told as fine as the grain, and what `datetime` makes of them."""
    moment = EPOCH + timedelta(microseconds=micros - micros % grain)
    places = 7 - len(str(grain))
    fraction = f".{moment:%f}"[: places + 1] if places else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}{zone}", moment.timestamp()


@given(hours, st.lists(within, min_size=1, max_size=9), grains, zones)
def test_each_time_of_an_hour_becomes_what_datetime_makes_of_it(
    hour: int, told: list[int], grain: int, zone: str
) -> None:
    """However fine the times are written, and with either name of the zone."""
    texts, ats = zip(*(written(hour * HOUR + one, grain, zone) for one in told), strict=True)
    assert instants(texts) == list(ats)


@given(st.lists(st.tuples(hours, within, grains, zones), min_size=1, max_size=5))
def test_each_time_of_any_hour_becomes_what_datetime_makes_of_it(
    told: list[tuple[int, int, int, str]],
) -> None:
    """However each of them is written."""
    texts, ats = zip(
        *(written(hour * HOUR + one, grain, zone) for hour, one, grain, zone in told), strict=True
    )
    assert instants(texts) == list(ats)


@given(st.lists(within, min_size=1, max_size=3), st.integers(0, 80), st.characters(codec="utf-8"))
def test_no_octet_is_taken_for_another(told: list[int], place: int, sign: str) -> None:
    """With one sign changed, the times are what the decoder of single times makes of them, or nothing."""
    lines = "\n".join(written(int(TEN) * 10**6 + one, 1, "Z")[0] for one in told)
    texts = f"{lines[:place]}{sign}{lines[place + 1 :]}".split("\n")
    try:
        expected = [one.timestamp() for one in msgspec.convert(texts, list[Time])]
    except msgspec.ValidationError:
        assert instants(texts) is None
    else:
        assert instants(texts) in (None, expected)


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
        "2026-11-21T10:00:00,5Z",
        "2026-11-21T10:00:00.5 Z",
        "2026-11-21T10:00:1e0Z",
        "२०२६-11-21T10:00:00Z",
        "\ud800",
    ],
)
def test_what_is_no_time_of_ours_is_left_to_a_closer_look(text: str | None) -> None:
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


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-21T10:00:00.1234567Z", TEN + 0.123457),
        ("2026-11-21t10:00:00z", TEN),
        ("2026-11-21 10:00:00Z", TEN),
        ("2026-11-21T10:00:00-00:00", TEN),
        ("2026-11-21T10:00:00+01:00", TEN - 3600),
        ("2026-11-21T04:30:00-05:30", TEN),
        ("2026-11-21T10:00:00.5Z", TEN + 0.5),
    ],
)
def test_times_that_are_written_each_in_its_own_way_are_read(text: str, at: float) -> None:
    good = "2026-11-21T10:00:00Z"
    assert instants([text]) == [at]
    assert instants([good, text]) == [TEN, at]
    assert instants([text, good]) == [at, TEN]
