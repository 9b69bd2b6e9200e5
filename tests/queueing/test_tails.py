"""The Poisson tails against 50-digit arithmetic, each side of every border between methods."""

from decimal import Decimal, localcontext

import mpmath
import numpy as np
import pytest

from queuewatch.queueing.tails import SUMMED_BELOW, UNIFORM_FROM, lower_tail, upper_ratio

ACCURATE = 1e-12
NEGLIGIBLE, TOO_MUCH = Decimal("1e-40"), Decimal("1.797e308")
NEAR_ONE = [1.0 - 1e-12, 1.0 - 1e-9, 1.0 - 1e-6, 0.999, 1.0, 1.0 + 1e-12, 1.0 + 1e-6, 1.001]
RATIOS = [
    1e-6,
    1e-3,
    0.1,
    0.4999999,
    0.5,
    0.5000001,
    0.8,
    0.95,
    *NEAR_ONE,
    1.1,
    1.4999999,
    1.5,
    1.5000001,
    3.0,
    50.0,
]
AGENTS = [1, 2, 3, 10, int(SUMMED_BELOW) - 1, int(SUMMED_BELOW), int(SUMMED_BELOW) + 1, 300, 2000, 10_000]
REAL = [1e-3, 0.3, 1.0, 5.5, UNIFORM_FROM - 0.25, UNIFORM_FROM, UNIFORM_FROM + 0.25, 700.3, 1e5]


def log_pmf(x: mpmath.mpf, y: mpmath.mpf) -> mpmath.mpf:
    return x * mpmath.log(y) - y - mpmath.loggamma(x + 1)


def lower_ratio(x: Decimal, y: Decimal) -> Decimal:
    """Return M(1, x + 1, y) as the sum of its positive terms."""
    term = total = Decimal(1)
    k = 0
    while term > total * NEGLIGIBLE or x + k < y:
        k += 1
        term *= y / (x + k)
        total += term
    return total


@pytest.mark.parametrize("agents", AGENTS)
def test_the_upper_ratio_is_the_sum_of_its_terms(agents: int) -> None:
    loads = np.array([agents * ratio for ratio in RATIOS])
    found = upper_ratio(np.full(len(loads), float(agents)), loads)
    with localcontext(prec=50):
        for load, value in zip(loads.tolist(), found.tolist(), strict=True):
            term = total = Decimal(1)
            for j in range(agents, 0, -1):
                term *= j / Decimal(load)
                total += term
                if total > TOO_MUCH or (term < total * NEGLIGIBLE and j < load):
                    break
            assert value == np.inf if total > TOO_MUCH else abs(Decimal(value) / total - 1) < ACCURATE


def test_queues_of_all_sizes_may_be_mixed() -> None:
    agents = np.repeat(np.array(AGENTS, dtype=float), len(RATIOS))
    loads = agents * np.tile(RATIOS, len(AGENTS))
    alone = [float(upper_ratio(agents[i : i + 1], loads[i : i + 1])[0]) for i in range(len(loads))]
    np.testing.assert_allclose(upper_ratio(agents, loads), alone, rtol=ACCURATE)
    few = agents < SUMMED_BELOW
    np.testing.assert_allclose(upper_ratio(agents[few], loads[few]), np.array(alone)[few], rtol=ACCURATE)


@pytest.mark.parametrize("x", REAL)
def test_the_lower_tail_is_right_on_both_sides_of_x(x: float) -> None:
    apart = [2.0 / np.sqrt(x) * factor for factor in (0.999, 1.0, 1.001)]
    excesses = [ratio - 1.0 for ratio in RATIOS] + [-gap for gap in apart if gap < 1.0]
    excess = np.array([e for e in excesses if abs(e) * x < 3e4 or x <= 1e4])
    found = lower_tail(np.full(len(excess), x), np.log1p(excess), excess)
    with mpmath.workdps(50), localcontext(prec=50):
        for e, inverse, leak, mass in zip(excess.tolist(), *(part.tolist() for part in found), strict=True):
            exact_x = mpmath.mpf(x)
            y = exact_x * (1 + mpmath.mpf(e))
            if y < x + 1e5:
                ratio = mpmath.mpf(str(lower_ratio(Decimal(x), Decimal(x) * (1 + Decimal(e)))))
            else:
                ratio = mpmath.gammainc(exact_x, 0, y, regularized=True) / mpmath.exp(log_pmf(exact_x, y))
            exact_mass = ratio * mpmath.exp(log_pmf(exact_x, y))
            assert inverse == 0.0 if ratio > 1e290 else abs(inverse * ratio - 1) < ACCURATE
            assert abs(leak / (1 - (exact_x / y) * (1 - 1 / ratio)) - 1) < ACCURATE
            assert mass == 0.0 if exact_mass < 1e-290 else abs(mass / exact_mass - 1) < ACCURATE
