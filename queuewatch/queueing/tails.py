"""Tails of the Poisson distribution over their last term: what Erlang's formulas are made of.

With ``pmf(x, y) = e^-y y^x / Gamma(x + 1)`` and the regularised incomplete gamma functions P and Q,

* ``upper_ratio(c, a) = Q(c + 1, a) / pmf(c, a)`` is one over Erlang B, and
* ``lower_tail`` speaks of ``A(x, y) = P(x, y) / pmf(x, y)``, on which Palm (1957) and Mandelbaum & Zeltyn
  (2007, "Service engineering in action: the Palm/Erlang-A queue") build Erlang A.

Neither tail is ever formed from one minus the other, and no factor under- or overflows before the ratio does,
so both keep full precision far out. Near ``y = x`` they follow Temme's uniform expansion (1979, SIAM J. Math.
Anal. 10, 757; DLMF 8.12), elsewhere finite or fast sums and continued fractions of positive terms.

All is plain numpy on blocks that fit the cache (``python -m benchmarks.erlang``). A compiled path was weighed
and left out: the expansion costs a tenth of a microsecond a queue whatever the number of agents, where a
compiled series needs microseconds for thousands; it would gain only on queues of a few agents, for a compiler
in the house.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from scipy import special

from queuewatch.queueing.numbers import BoolArray, FloatArray

UNIFORM_FROM = 48.0
"""Smallest x for Temme's expansion: with seven rows its error there is below 2e-15."""
SUMMED_BELOW = 96.0
"""Fewer agents than this are quicker summed one by one."""
UNIFORM_WITHIN = 0.5
"""Largest ``|y / x - 1|`` for Temme's expansion with the terms kept below."""
_TERMS = (24, 20, 16, 12, 10, 8, 4)
"""How many Taylor coefficients of each row reach 1e-16 for these x and y."""
_ATANH_TERMS = 17
_FRACTION_TERMS = 72
"""Enough for 1e-15 where the fraction is used: y below 48, or x - y above 2 sqrt(y)."""
_LIGHT_TERMS = 24
_SUM_TERMS = 96
"""(2/3)^96 < 1e-16: enough where the load is 1.5 times the agents or more; and no fewer than SUMMED_BELOW."""


def _temme_coefficients() -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]:
    """Return Temme's d[k][n] and the coefficients g[k] of Stirling's series, from exact fractions.

    ``mu - ln(1 + mu) = eta^2 / 2`` gives ``mu = sum alpha_n eta^n``; then ``c_0 = 1/mu - 1/eta`` and
    ``c_k = c_{k-1}' / eta + (-1)^k g_k / mu`` (DLMF 8.12.10), where the poles at eta = 0 have to cancel.
    """
    rows_wanted = len(_TERMS)
    terms = _TERMS[0] + 2 * rows_wanted + 2
    alpha = [Fraction(0), Fraction(1)]
    for n in range(2, terms):
        crossed = sum((j * alpha[j] * alpha[n + 1 - j] for j in range(2, n)), Fraction(0))
        alpha.append((alpha[n - 1] - crossed) / (n + 1))
    first = [(n + 2) * alpha[n + 2] - (n == 0) for n in range(terms - 2)]
    rows, stirling = [first], [1.0]
    for k in range(1, rows_wanted):
        last = rows[-1]
        stirling.append(float(-last[1] if k % 2 == 0 else last[1]))
        rows.append([(n + 2) * last[n + 2] - last[1] * first[n] for n in range(len(last) - 2)])
    kept = tuple(tuple(float(d) for d in row[:n]) for row, n in zip(rows, _TERMS, strict=True))
    return kept, tuple(stirling)


_D, _STIRLING = _temme_coefficients()


class LowerTail(NamedTuple):
    """The lower tail of a Poisson distribution, and what Erlang A reads from it.

    Attributes:
        inverse: ``1 / A(x, y)``, in [0, 1].
        leak: ``1 - (x / y) (1 - 1 / A)``, in [0, 1]: of those who find all agents busy, the
            share that abandons.
        mass: ``P(x, y)``, in [0, 1].
    """

    inverse: FloatArray
    leak: FloatArray
    mass: FloatArray


def _horner(coefficients: tuple[float, ...], at: FloatArray) -> FloatArray:
    value = np.full_like(at, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value *= at
        value += coefficient
    return value


def _deviance(excess: FloatArray) -> FloatArray:
    """Return ``excess - ln(1 + excess)`` for ``|excess| <= 0.5`` without cancellation (Loader 2000)."""
    w = excess / (2.0 + excess)
    series = _horner(tuple(2.0 / (2 * j + 1) for j in range(1, _ATANH_TERMS + 1)), w * w)
    return w * (excess - w * w * series)


class _Uniform(NamedTuple):
    """Temme's expansion at one x and excess: ``z = eta sqrt(x / 2)``, the sum, and the scales around it."""

    z: FloatArray
    correction: FloatArray
    gamma_star: FloatArray
    root: FloatArray


def _uniform(x: FloatArray, excess: FloatArray) -> _Uniform:
    half_square = _deviance(excess)
    eta = np.copysign(np.sqrt(2.0 * half_square), excess)
    over_x = 1.0 / x
    correction = _horner(_D[-1], eta)
    for row in _D[-2::-1]:
        correction *= over_x
        correction += _horner(row, eta)
    z = eta * np.sqrt(0.5 * x)
    return _Uniform(z, correction, _horner(_STIRLING, over_x), np.sqrt((0.5 * np.pi) * x))


def _upper_uniform(agents: FloatArray, load: FloatArray) -> FloatArray:
    u = _uniform(agents, (load - agents) / agents)
    ratio: FloatArray = 1.0 + u.gamma_star * (u.root * special.erfcx(u.z) + u.correction)
    return ratio


def _upper_light(agents: FloatArray, load: FloatArray) -> FloatArray:
    """Return 1 / B where the load is below half of many agents: ``1 / pmf`` less the small other tail."""
    excess = (load - agents) / agents
    stirling = _horner(_STIRLING, 1.0 / agents)
    other = np.zeros_like(load)
    for j in range(_LIGHT_TERMS, 0, -1):
        other = (1.0 + other) * load / (agents + j)
    deviance = excess - np.log(load / agents)
    ratio: FloatArray = np.exp(agents * deviance) * np.sqrt(2.0 * np.pi * agents) * stirling - other
    return ratio


def _upper_same(agents: int, load: FloatArray) -> FloatArray:
    """Return 1 / B, the sum of ``c! / (c - j)! a^-j``, for one number of agents: two operations a term."""
    coefficients = [1.0]
    for j in range(agents):
        coefficients.append(coefficients[-1] * (agents - j))
    return _horner(tuple(coefficients), 1.0 / load)


def _upper_sum(agents: FloatArray, load: FloatArray) -> FloatArray:
    """Return ``1 + c/a (1 + (c-1)/a (1 + ...))``, 96 terms deep at most: Erlang B's inverse recursion."""
    terms = min(_SUM_TERMS, int(agents.max()))
    factor, ratio = 1.0 / load, np.ones_like(load)
    left, step = agents - terms, np.empty_like(load)
    for _ in range(terms):
        left += 1.0
        np.maximum(left, 0.0, out=step)
        step *= factor
        ratio *= step
        ratio += 1.0
    return ratio


def upper_ratio(agents: FloatArray, load: FloatArray) -> FloatArray:
    """Return one over Erlang B.

    Args:
        agents: Whole numbers from 0 on, one dimension.
        load: Erlangs, above 0, the same shape.

    Returns:
        Values from 1 to infinity (where Erlang B is below 1e-308).
    """
    most = agents.max()
    with np.errstate(over="ignore"):
        if most < SUMMED_BELOW:
            return _upper_same(int(most), load) if agents.min() == most else _upper_sum(agents, load)
        summed = (agents < SUMMED_BELOW) | (load > (1.0 + UNIFORM_WITHIN) * agents)
        light = ~summed & (load < UNIFORM_WITHIN * agents)
        ratio = np.empty_like(load)
        for where, evaluate in (
            (summed, _upper_sum),
            (light, _upper_light),
            (~(summed | light), _upper_uniform),
        ):
            if where.any():
                ratio[where] = evaluate(agents[where], load[where])
    return ratio


class _Mean(NamedTuple):
    """The y of P(x, y) in the forms that keep all digits near x and far from it."""

    ratio: FloatArray
    log_ratio: FloatArray
    excess: FloatArray

    def at(self, chosen: BoolArray) -> "_Mean":
        return _Mean(*(form[chosen] for form in self))


def _lower_fraction(x: FloatArray, mean: _Mean) -> LowerTail:
    """Evaluate ``x / A - (x - y) = y / (1 + x - y + 2y / (2 + x - y + ...))``: positive terms for y <= x.

    Perron's fraction of Kummer's function M(1, x + 1, y) (DLMF 13.5). The tail left out is replaced by the
    fixed point of its first step.
    """
    y, gap = x * mean.ratio, -x * mean.excess
    step = gap + _FRACTION_TERMS
    tail = 0.5 * (step + np.sqrt(step * step + (4.0 * (_FRACTION_TERMS + 1)) * y))
    for j in range(_FRACTION_TERMS - 1, 0, -1):
        tail = gap + j + (j + 1) * y / tail
    inverse = (gap + y / tail) / x
    return LowerTail(inverse, 1.0 / tail, _pmf(x, mean) / inverse)


def _lower_uniform(x: FloatArray, mean: _Mean) -> LowerTail:
    u = _uniform(x, mean.excess)
    with np.errstate(over="ignore"):
        inverse = 1.0 / (u.gamma_star * (u.root * special.erfcx(-u.z) - u.correction))
    bell = np.exp(-u.z * u.z) / (2.0 * u.root)
    mass = 0.5 * special.erfc(-u.z) - bell * u.correction
    return LowerTail(inverse, (inverse + mean.excess) / mean.ratio, mass)


def _lower_heavy(x: FloatArray, mean: _Mean) -> LowerTail:
    mass = special.gammainc(x, x * mean.ratio)
    inverse = _pmf(x, mean) / mass
    return LowerTail(inverse, (inverse + mean.excess) / mean.ratio, mass)


def _pmf(x: FloatArray, mean: _Mean) -> FloatArray:
    """Return ``e^-y y^x / Gamma(x + 1)``."""
    few = x < UNIFORM_FROM
    near = np.abs(mean.excess) <= UNIFORM_WITHIN
    deviance = np.where(near, _deviance(np.where(near, mean.excess, 0.0)), mean.excess - mean.log_ratio)
    many = np.where(few, UNIFORM_FROM, x)
    saddle = np.exp(-x * deviance) / (np.sqrt(2.0 * np.pi * many) * _horner(_STIRLING, 1.0 / many))
    log_y = np.log(x) + mean.log_ratio
    direct = np.exp(x * log_y - x * mean.ratio - special.gammaln(x + 1.0))
    return np.where(few, direct, saddle)


def lower_tail(x: FloatArray, log_ratio: FloatArray, excess: FloatArray) -> LowerTail:
    """Return the lower tail of the Poisson distribution with mean y.

    Args:
        x: Above 0, one dimension; need not be whole.
        log_ratio: ``ln(y / x)``, the same shape.
        excess: ``y / x - 1``, the same shape; handed over as well so that no digit is lost where y is near x.
    """
    mean = _Mean(np.where(excess < -UNIFORM_WITHIN, np.exp(log_ratio), 1.0 + excess), log_ratio, excess)
    few = x < UNIFORM_FROM
    gap = -excess * x
    apart = (excess <= 0.0) & (few | (gap * gap >= 4.0 * x * mean.ratio))
    heavy = (excess > 0.0) & (few | (excess > UNIFORM_WITHIN))
    result = LowerTail(np.empty_like(x), np.empty_like(x), np.empty_like(x))
    for where, evaluate in (
        (apart, _lower_fraction),
        (heavy, _lower_heavy),
        (~(apart | heavy), _lower_uniform),
    ):
        if where.any():
            for whole, part in zip(result, evaluate(x[where], mean.at(where)), strict=True):
                whole[where] = part
    return result
