"""The wait of one in line: hand calculations, laws, 50 digits."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from queuewatch.queueing.position import (
    chance_over,
    mean_s,
    quantile_s,
    release_rate,
)
from tests.queueing.reference import error

ACCURATE = 1e-12
aheads = st.integers(0, 300)
releases = st.floats(1e-3, 30.0)
abandons = st.sampled_from([0.0]) | st.floats(1e-9, 1.0)
shares = st.floats(1e-6, 1.0 - 1e-6)


def departures(ahead: int, t: float, release: float, abandon: float) -> tuple[Decimal, Decimal]:
    """Return the chances of at most ``ahead`` departures within t, and of more, with 50 digits.

    Departures while all agents are busy are a death process: a negative binomial, or Poisson, count.
    """
    with localcontext() as context:
        context.prec = 50
        r, theta, seconds = Decimal(release), Decimal(abandon), Decimal(t)
        phi = (1 - (-theta * seconds).exp()) / theta if theta else seconds
        term = few = (-r * seconds).exp()
        for k in range(1, ahead + 1):
            term *= (r + (k - 1) * theta) * phi / k
            few += term
        if theta * seconds > 4:
            return few, 1 - few
        k, many = ahead, Decimal(0)
        while k < ahead + 5 or term > many * Decimal("1e-40"):
            k += 1
            term *= (r + (k - 1) * theta) * phi / k
            many += term
        return few, many


def test_by_hand_the_head_of_the_line_waits_for_one_release() -> None:
    assert chance_over(60.0, 0, 0.05) == pytest.approx(math.exp(-3.0), rel=1e-15)
    assert chance_over(60.0, 0, 0.05, 0.01) == pytest.approx(math.exp(-3.0), rel=1e-15)
    assert mean_s(0, 0.05, 0.01) == 20.0
    assert quantile_s(0.5, 0, 0.05) == pytest.approx(20.0 * math.log(2.0))


def test_by_hand_the_second_in_line_waits_for_two() -> None:
    """Rates r + theta = 0.03, then r = 0.02: P(V > t) = 3 e^(-0.02 t) - 2 e^(-0.03 t)."""
    expected = 3.0 * math.exp(-1.2) - 2.0 * math.exp(-1.8)
    assert chance_over(60.0, 1, 0.02, 0.01) == pytest.approx(expected, rel=1e-14)
    assert mean_s(1, 0.02, 0.01) == pytest.approx(50.0 + 100.0 / 3.0)


def test_agents_release_a_contact_each_handling_time() -> None:
    assert release_rate(5, 300.0) == pytest.approx(1.0 / 60.0)
    assert release_rate(0, 300.0) == 0.0
    for agents, handling_s in ((-1, 300.0), (5, 0.0), (5, float("nan"))):
        with pytest.raises(ValueError, match=r"^agents must be 0 or more and handling_s above 0"):
            release_rate(agents, handling_s)


@pytest.mark.parametrize("t", [0.0, -5.0])
def test_a_threshold_already_passed_is_certain_to_be_passed(t: float) -> None:
    assert chance_over(t, 3, 0.1, 0.01) == 1.0
    assert chance_over(np.array([t]), 3, 0.1).tolist() == [1.0]


@pytest.mark.parametrize("abandon", [0.0, 0.01])
def test_if_nobody_works_the_wait_never_ends(abandon: float) -> None:
    assert chance_over(1e9, 3, 0.0, abandon) == 1.0
    assert mean_s(3, 0.0, abandon) == quantile_s(0.5, 3, 0.0, abandon) == math.inf
    assert quantile_s(0.0, 3, 0.0, abandon) == 0.0
    assert mean_s(np.array([3.0]), 0.0, abandon).tolist() == [math.inf]
    assert quantile_s(np.array([0.0, 0.5]), 3, 0.0, abandon).tolist() == [0.0, math.inf]


def test_the_ends_of_the_distribution_are_its_outermost_quantiles() -> None:
    assert quantile_s(0.0, 3, 0.1, 0.01) == 0.0
    assert quantile_s(1.0, 3, 0.1, 0.01) == math.inf
    assert quantile_s(np.array([0.0, 1.0]), 3, 0.1, 0.01).tolist() == [0.0, math.inf]


@pytest.mark.parametrize(
    "wrong", [(-1, 0.1, 0.0), (3, -0.1, 0.0), (3, 0.1, -1.0), (3, math.inf, 0.0), (3, math.nan, 0.0)]
)
def test_what_cannot_be_is_refused(wrong: tuple[float, float, float]) -> None:
    for attempt in (chance_over, quantile_s):
        with pytest.raises(
            ValueError, match=r"^ahead, release_rate and abandon_rate must be 0 or more and finite"
        ):
            attempt(0.5, *wrong)
        with pytest.raises(
            ValueError, match=r"^(ahead|release_rate|abandon_rate) must be 0 or more and finite"
        ):
            attempt(np.array([0.5]), *wrong)
    with pytest.raises(ValueError, match=r"^ahead, release_rate and abandon_rate must be"):
        mean_s(*wrong)


def test_no_time_and_no_share_is_refused() -> None:
    for t in (math.nan, np.array([1.0, math.nan])):
        with pytest.raises(ValueError, match=r"^t_s must be a number, got nan$"):
            chance_over(t, 3, 0.1, 0.01)
    with pytest.raises(ValueError, match=r"^share must lie in \[0, 1\], got 1\.5$"):
        quantile_s(1.5, 3, 0.1)
    with pytest.raises(ValueError, match=r"^share must lie in \[0, 1\], got nan$"):
        quantile_s(math.nan, 3, 0.1)


RELEASE = 0.05
ABANDONS = [0.0, 1e-15, 1e-12, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 3.0]


@pytest.mark.parametrize("ahead", [0, 1, 2, 5, 40, 41, 300])
@pytest.mark.parametrize("abandon", ABANDONS)
def test_to_fifty_digits_from_no_abandonment_on(ahead: int, abandon: float) -> None:
    release = RELEASE * (1 + ahead / 40)
    centre = mean_s(ahead, release, abandon)
    for part in (0.02, 0.3, 0.9, 1.0, 1.2, 2.5):
        t = centre * part
        few, _ = departures(ahead, t, release, abandon)
        assert error(chance_over(t, ahead, release, abandon), few) < ACCURATE
        assert error(float(chance_over(np.array(t), ahead, release, abandon)), few) < ACCURATE


def test_abandonment_too_rare_to_matter_changes_nothing() -> None:
    for ahead in (3, 41, 2.5):
        assert chance_over(60.0, ahead, 0.1, 1e-300) == pytest.approx(
            chance_over(60.0, ahead, 0.1), rel=1e-15
        )
        assert quantile_s(0.9, ahead, 0.1, 1e-300) == pytest.approx(quantile_s(0.9, ahead, 0.1), rel=1e-15)
        assert mean_s(ahead, 0.1, 1e-300) == pytest.approx(mean_s(ahead, 0.1), rel=1e-15)


@pytest.mark.parametrize("ahead", [0, 5, 40, 41])
def test_when_all_others_have_long_hung_up_only_the_release_counts(ahead: int) -> None:
    """Patience of 1 s, a release each 1000 s: e^(-theta t) is no number any more, the chance is."""
    few, many = departures(ahead, 1500.0, 0.001, 1.0)
    for t in (1500.0, np.array([1500.0])):
        assert error(np.ravel(chance_over(t, ahead, 0.001, 1.0))[0], few) < ACCURATE
    assert quantile_s(float(many), ahead, 0.001, 1.0) == pytest.approx(1500.0, rel=1e-11)


def test_deep_in_the_tail_the_plain_sum_gives_way_in_time() -> None:
    few, _ = departures(40, 700.0, 1.0, 0.0)
    assert error(chance_over(700.0, 40, 1.0, 0.0), few) < ACCURATE


@pytest.mark.parametrize("abandon", ABANDONS)
@pytest.mark.parametrize("ahead", [0, 7, 40, 41, 2000])
def test_the_mean_is_the_sum_of_the_mean_steps(ahead: int, abandon: float) -> None:
    exact = math.fsum(1.0 / (RELEASE + j * abandon) for j in range(ahead + 1))
    assert mean_s(ahead, RELEASE, abandon) == pytest.approx(exact, rel=1e-14)
    assert mean_s(np.array([float(ahead)]), RELEASE, abandon)[0] == pytest.approx(exact, rel=2e-14)


@given(st.floats(0.0, 50.0), releases, abandons)
def test_half_a_contact_ahead_lies_between_none_and_one(ahead: float, release: float, abandon: float) -> None:
    below, above = math.floor(ahead), math.floor(ahead) + 1
    t = mean_s(ahead, release, abandon)
    assert mean_s(below, release, abandon) * (1 - 1e-12) <= t <= mean_s(above, release, abandon) * (1 + 1e-12)
    assert chance_over(t, below, release, abandon) <= chance_over(t, ahead, release, abandon) + 1e-12
    assert chance_over(t, ahead, release, abandon) <= chance_over(t, above, release, abandon) + 1e-12


@given(shares, aheads, releases, abandons)
@example(0.1, 5, 0.05, 0.01)  # few have lost patience by then
@example(0.9, 5, 0.05, 0.01)  # most have
def test_the_quantile_inverts_the_chance(share: float, ahead: int, release: float, abandon: float) -> None:
    t = quantile_s(share, ahead, release, abandon)
    assert chance_over(t, ahead, release, abandon) == pytest.approx(1.0 - share, rel=1e-9)
    assert quantile_s(np.array([share]), ahead, release, abandon)[0] == pytest.approx(t, rel=1e-12)


@given(st.floats(0.1, 3.0), aheads, releases, abandons)
def test_numbers_and_arrays_agree(part: float, ahead: int, release: float, abandon: float) -> None:
    t = part * mean_s(ahead, release, abandon)
    plain = chance_over(t, ahead, release, abandon)
    assume(plain > 1e-250)
    many = chance_over(np.array([t, t]), np.array([ahead, ahead]), release, abandon)
    assert many.tolist() == pytest.approx([plain, plain], rel=1e-11)


@given(st.floats(0.1, 3.0), aheads, releases, abandons, st.floats(1.0, 2.0))
def test_more_ahead_hurts_and_more_release_or_abandonment_helps(
    part: float, ahead: int, release: float, abandon: float, more: float
) -> None:
    t = part * mean_s(ahead, release, abandon)
    base = chance_over(t, ahead, release, abandon)
    assert chance_over(t, ahead + 1, release, abandon) >= base * (1.0 - ACCURATE)
    assert chance_over(t, ahead, release * more, abandon) <= base * (1.0 + ACCURATE)
    assert chance_over(t, ahead, release, abandon * more) <= base * (1.0 + ACCURATE)
    assert chance_over(t * more, ahead, release, abandon) <= base * (1.0 + ACCURATE)
