"""Tests of counters that can be corrected and still never go down to those who read them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from queuewatch.core.state.tally import TOGETHER, Histogram, Tally
from queuewatch.core.view import BUCKETS_S
from tests.core.histories import laws


def test_what_is_taken_back_is_owed_and_the_next_ones_pay_it_off() -> None:
    tally = Tally()
    for _ in range(3):
        tally.add("left:key")
    tally.take("left:key")
    tally.take("left:key")
    assert (tally.of("left:key"), tally.published()) == (1, {"left:key": 3})
    tally.add("left:key")
    assert (tally.of("left:key"), tally.published()) == (2, {"left:key": 3})
    tally.add("left:key")
    tally.add("left:key")
    assert (tally.of("left:key"), tally.published()) == (4, {"left:key": 4})


def test_counts_are_published_by_the_beginning_of_their_key() -> None:
    tally = Tally()
    tally.add("offered")
    tally.add("left:key")
    assert tally.published("left:") == {"key": 1}
    assert tally.of("abandoned") == 0


def test_what_one_key_owes_no_other_key_pays() -> None:
    tally = Tally()
    tally.add("abandoned")
    tally.take("abandoned")
    tally.add("answered")
    assert tally.published() == {"abandoned": 1, "answered": 1}


def test_a_duration_exactly_on_a_border_is_in_the_bucket_below() -> None:
    histogram = Histogram()
    for duration_s in (60.0, 60.000001, 180.0, 0.0, 1e9):
        histogram.add(duration_s)
    counts = dict(zip([*BUCKETS_S, "more"], histogram.view().counts, strict=True))
    assert {border: count for border, count in counts.items() if count} == {
        5: 1,
        60: 1,
        90: 1,
        180: 1,
        "more": 1,
    }


def test_a_histogram_forgets_what_is_taken_back_only_inside() -> None:
    histogram = Histogram()
    histogram.add(30.0)
    histogram.take(30.0)
    assert (sum(histogram.now), histogram.sum_s) == (0, 0.0)
    assert (sum(histogram.view().counts), histogram.view().sum_s) == (1, 30.0)
    histogram.add(25.0)
    assert (sum(histogram.view().counts), histogram.view().sum_s) == (1, 30.0)
    histogram.add(45.0)
    assert (sum(histogram.view().counts), histogram.view().sum_s) == (2, 70.0)


durations = st.sampled_from((0.0, 0.1, 5.0, 5.000001, 60.0, 179.9, 1e9)) | st.floats(0.0, 4000.0)


@laws
@given(st.lists(durations, max_size=40), st.integers(1, 10))
def test_when_durations_are_put_into_their_buckets_makes_no_difference(
    some_s: list[float], every: int
) -> None:
    looked_at, untouched = Histogram(), Histogram()
    for number, duration_s in enumerate(some_s):
        looked_at.add(duration_s)
        untouched.add(duration_s)
        if number % every == 0:
            looked_at.settle()
    borders = [0.0, *map(float, BUCKETS_S), float("inf")]
    counted = [
        sum(low < duration_s <= high or (duration_s == 0.0 == low) for duration_s in some_s)
        for low, high in pairwise(borders)
    ]
    assert looked_at.now == untouched.now == counted
    assert looked_at.sum_s == untouched.sum_s


def test_a_histogram_keeps_no_more_single_durations_than_it_sorts_at_a_time() -> None:
    histogram = Histogram()
    for number in range(2 * TOGETHER + 1):
        histogram.add(float(number))
        assert len(histogram.fresh) < TOGETHER
    assert (sum(histogram.now), histogram.sum_s) == (2 * TOGETHER + 1, TOGETHER * (2 * TOGETHER + 1.0))


@laws
@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.booleans()), max_size=40))
def test_a_published_count_never_goes_down_and_is_never_below_the_true_one(
    moves: list[tuple[str, bool]],
) -> None:
    tally = Tally()
    for key, add in moves:
        before = tally.published()
        if add:
            tally.add(key)
        elif tally.of(key):
            tally.take(key)
        after = tally.published()
        assert all(after[one] >= count for one, count in before.items())
        assert all(after[one] >= tally.of(one) for one in after)
