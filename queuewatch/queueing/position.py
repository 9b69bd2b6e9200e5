"""The wait of one in line: some others ahead, all agents busy, those waiting may hang up.

With n ahead, agents releasing r = c mu contacts a second while all are busy, and every waiting contact
abandoning at rate theta, the wait V of one who never hangs up ends with the (n + 1)-th departure: V is the
sum of exponential times with rates ``r + j theta``, j = n ... 0. So e^(-theta V) ~ Beta(r / theta, n + 1),
and without abandonment V ~ Gamma(n + 1, r) (Riordan 1962, "Stochastic Service Systems"; Whitt 1999,
"Predicting queueing delays", Management Science 45). Plain numbers take a short way of a few microseconds,
arrays broadcast.

The number ahead need not be whole: an expected number (of those with priority, say) interpolates.
"""

import math
from typing import Any, overload

import numpy as np
from scipy import special

from queuewatch.queueing.numbers import FloatArray, Numbers, checked, checked_shares

_SUMMED = 40
"""Up to so many ahead a plain sum is quicker than the special functions."""
_DEEP = 600.0
"""Beyond e^-600 a factor could underflow while its product does not."""
_NEAR_GAMMA = 1e-7
"""Correction below which the expansion around the gamma distribution is exact to its square."""
_HALF_LIFE = math.log(2.0)
"""Half of the patient have hung up when the abandon rate times t is this."""
_HALF = 0.5
_LEAST = 1e-250
_SHIFT = 12
"""Digamma's asymptotic series is used from this argument on."""
_DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760)
"""B_2k / 2k: ``psi(x) = ln x - 1 / 2x - sum of these over x^2k`` (DLMF 5.11.2)."""


def release_rate(agents: float, handling_s: float) -> float:
    """Return contacts released a second while all agents are busy: agents over the mean handling time.

    Raises:
        ValueError: ``agents`` is negative or ``handling_s`` is not above 0.
    """
    if not (agents >= 0.0 and handling_s > 0.0):
        raise ValueError(
            f"agents must be 0 or more and handling_s above 0, got {agents!r} and {handling_s!r}"
        )
    return agents / handling_s


def _check(ahead: float, release: float, abandon: float) -> None:
    if not (0.0 <= ahead < math.inf and 0.0 <= release < math.inf and 0.0 <= abandon < math.inf):
        raise ValueError(
            "ahead, release_rate and abandon_rate must be 0 or more and finite, "
            f"got {ahead!r}, {release!r} and {abandon!r}"
        )


def _correction(ahead: Numbers, release: Numbers, abandon: Numbers) -> Any:
    ratio = abandon / (release + 0.5 * ahead * abandon)
    return ahead * (ahead + 1.0) * (ahead + 2.0) / 24.0 * ratio * ratio


def _near_gamma(t: Numbers, ahead: Numbers, release: Numbers, abandon: Numbers) -> Any:
    """Return P(V > t) where the wait is nearly gamma distributed.

    ``(1 - e^-s)^n = e^(-n s / 2) s^n (1 + n s^2 / 24 + ...)`` turns the beta integral into two gamma
    integrals (Wise 1950, Biometrika 37), both positive, and there is no limit to take as patience grows.
    """
    correction = _correction(ahead, release, abandon)
    u = (release + 0.5 * ahead * abandon) * t
    return (special.gammaincc(ahead + 1.0, u) + correction * special.gammaincc(ahead + 3.0, u)) / (
        1.0 + correction
    )


def _beta_soon(t: Numbers, ahead: Numbers, release: Numbers, abandon: Numbers) -> Any:
    """Return P(V > t) from the side that is exact while few have lost patience."""
    return special.betaincc(ahead + 1.0, release / abandon, -np.expm1(-abandon * t))


def _beta_late(t: Numbers, ahead: Numbers, release: Numbers, abandon: Numbers) -> Any:
    """Return P(V > t) from the side that is exact when most have lost patience."""
    return special.betainc(release / abandon, ahead + 1.0, np.exp(-abandon * t))


def _beta_last(t: Numbers, ahead: Numbers, release: Numbers, abandon: Numbers) -> Any:
    """Return P(V > t) where e^(-theta t) all but underflows: one term of the integral."""
    x = release / abandon
    return np.exp(-release * t - np.log(x) - special.betaln(x, ahead + 1.0))


def _chance_plain(t: float, ahead: float, release: float, abandon: float) -> float:
    if t <= 0.0 or release == 0.0:
        return 1.0
    if math.isnan(t):
        raise ValueError("t_s must be a number, got nan")
    if _correction(ahead, release, abandon) <= _NEAR_GAMMA:
        return float(_near_gamma(t, ahead, release, abandon))
    decay = abandon * t
    side = _beta_soon if decay < _HALF_LIFE else _beta_late if decay < _DEEP else _beta_last
    return float(side(t, ahead, release, abandon))


def _chance(t_s: Numbers, ahead: Numbers, release: Numbers, abandon: Numbers) -> FloatArray:
    t, n, r, theta = np.broadcast_arrays(
        np.asarray(t_s, dtype=np.float64),
        checked("ahead", ahead),
        checked("release_rate", release),
        checked("abandon_rate", abandon),
    )
    if np.isnan(t).any():
        raise ValueError("t_s must be a number, got nan")
    chance = np.ones(t.shape)
    ongoing = (t > 0.0) & (r > 0.0)
    near = ongoing & (_correction(n, np.where(ongoing, r, 1.0), theta) <= _NEAR_GAMMA)
    far = ongoing & ~near
    soon, last = far & (theta * t < _HALF_LIFE), far & (theta * t >= _DEEP)
    late = far & ~(soon | last)
    for where, side in ((near, _near_gamma), (soon, _beta_soon), (late, _beta_late), (last, _beta_last)):
        chance[where] = side(t[where], n[where], r[where], theta[where])
    return chance


def _sum_over(t: float, ahead: int, release: float, abandon: float) -> float:
    """Return P(V > t) as the chance of at most n departures by t: a negative binomial or Poisson sum."""
    decay = abandon * t
    effective = -math.expm1(-decay) / abandon if decay else t
    term = total = 1.0
    for k in range(1, ahead + 1):
        term *= (release + (k - 1) * abandon) * effective / k
        total += term
    return min(total * math.exp(-release * t), 1.0)


@overload
def chance_over(t_s: float, ahead: float, release_rate: float, abandon_rate: float = ...) -> float: ...  # type: ignore[overload-overlap]
@overload
def chance_over(
    t_s: Numbers, ahead: Numbers, release_rate: Numbers, abandon_rate: Numbers = ...
) -> FloatArray: ...
def chance_over(
    t_s: Numbers, ahead: Numbers, release_rate: Numbers, abandon_rate: Numbers = 0.0
) -> float | FloatArray:
    """Return the chance that the wait still to come is longer than t.

    Args:
        t_s: Seconds from now; below 0 the chance is 1 (a threshold passed already).
        ahead: Contacts in front, 0 or more, not necessarily whole.
        release_rate: Contacts released a second while all agents are busy; 0 is "nobody works".
        abandon_rate: One over the mean patience in seconds; 0 is "nobody hangs up".

    Returns:
        Chances in [0, 1], precise relative to themselves far into the tail.

    Raises:
        ValueError: An argument is not a number or out of its range.
    """
    if (
        isinstance(t_s, float | int)
        and isinstance(ahead, float | int)
        and isinstance(release_rate, float | int)
        and isinstance(abandon_rate, float | int)
    ):
        _check(ahead, release_rate, abandon_rate)
        whole = int(ahead)
        if whole == ahead <= _SUMMED and 0.0 < release_rate * t_s <= _DEEP:
            return _sum_over(t_s, whole, release_rate, abandon_rate)
        return _chance_plain(t_s, ahead, release_rate, abandon_rate)
    return _chance(t_s, ahead, release_rate, abandon_rate)


def _mean(ahead: Numbers, release: Numbers, abandon: Numbers) -> Any:
    """Return ``(psi(x + n + 1) - psi(x)) / theta``, x = r / theta, by a form that has its limit at theta = 0.

    The first twelve steps of the digamma recurrence are taken as they are, the rest by its asymptotic series,
    in rates instead of their quotient: every term that matters is positive, and none is divided by theta.
    """
    length = (ahead + 1.0) * abandon
    steps: Any = 0.0
    for i in range(_SHIFT):
        near = release + i * abandon
        steps = steps + length / (near * (near + length))
    far = release + _SHIFT * abandon
    q = length / far
    log_ratio = np.where(q > 0.0, np.log1p(q) / np.where(q > 0.0, q, 1.0), 1.0)
    series: Any = 0.0
    inverse, shrunk = abandon / far, far / (far + length)
    for k in range(len(_DIGAMMA), 0, -1):
        series = series + _DIGAMMA[k - 1] * inverse ** (2 * k - 1) * (1.0 - shrunk ** (2 * k))
    return (ahead + 1.0) / far * log_ratio + 0.5 * q / (far + length) + series / far + steps


@overload
def mean_s(ahead: float, release_rate: float, abandon_rate: float = ...) -> float: ...  # type: ignore[overload-overlap]
@overload
def mean_s(ahead: Numbers, release_rate: Numbers, abandon_rate: Numbers = ...) -> FloatArray: ...
def mean_s(ahead: Numbers, release_rate: Numbers, abandon_rate: Numbers = 0.0) -> float | FloatArray:
    """Return the mean wait still to come, in seconds: the sum of ``1 / (r + j theta)``, j = 0 ... n.

    Args:
        ahead: As in ``chance_over``.
        release_rate: As in ``chance_over``; at 0 the wait is infinite.
        abandon_rate: As in ``chance_over``.

    Raises:
        ValueError: An argument is not a number or out of its range.
    """
    if (
        isinstance(ahead, float | int)
        and isinstance(release_rate, float | int)
        and isinstance(abandon_rate, float | int)
    ):
        _check(ahead, release_rate, abandon_rate)
        if release_rate == 0.0:
            return math.inf
        whole = int(ahead)
        if whole == ahead <= _SUMMED:
            return sum([1.0 / (release_rate + j * abandon_rate) for j in range(whole + 1)])
        return float(_mean(ahead, release_rate, abandon_rate))
    n, r, theta = np.broadcast_arrays(
        checked("ahead", ahead), checked("release_rate", release_rate), checked("abandon_rate", abandon_rate)
    )
    return np.where(r > 0.0, _mean(n, np.where(r > 0.0, r, 1.0), theta), np.inf)


def _quantile_near_gamma(share: Numbers, ahead: Numbers, release: Numbers, abandon: Numbers) -> Any:
    """Return the quantile where the wait is nearly gamma distributed: the gamma quantile, put right once."""
    shape = ahead + 1.0
    u = special.gammaincinv(shape, share)
    stretch = 1.0 + _correction(ahead, release, abandon) / shape * (1.0 + u / (shape + 1.0))
    return u * stretch / (release + 0.5 * ahead * abandon)


def _quantile_beta(share: Numbers, ahead: Numbers, release: Numbers, abandon: Numbers) -> Any:
    """Return the quantile from the beta distribution of e^(-theta V), or of its complement while small."""
    x, shape = release / abandon, ahead + 1.0
    soon, late = special.betaincinv(shape, x, share), special.betaincinv(x, shape, 1.0 - share)
    first = (np.log1p(-share) + np.log(x) + special.betaln(x, shape)) / x
    log_late = np.where(late > _LEAST, np.log(np.maximum(late, _LEAST)), first)
    return -np.where(soon < _HALF, np.log1p(-np.minimum(soon, _HALF)), log_late) / abandon


@overload
def quantile_s(share: float, ahead: float, release_rate: float, abandon_rate: float = ...) -> float: ...  # type: ignore[overload-overlap]
@overload
def quantile_s(
    share: Numbers, ahead: Numbers, release_rate: Numbers, abandon_rate: Numbers = ...
) -> FloatArray: ...
def quantile_s(
    share: Numbers, ahead: Numbers, release_rate: Numbers, abandon_rate: Numbers = 0.0
) -> float | FloatArray:
    """Return the time in seconds within which the wait still to come ends with the given chance.

    Args:
        share: The chance, in [0, 1]; 0 gives 0 and 1 gives infinity.
        ahead: As in ``chance_over``.
        release_rate: As in ``chance_over``; at 0 every quantile above 0 is infinite.
        abandon_rate: As in ``chance_over``.

    Raises:
        ValueError: An argument is not a number or out of its range.
    """
    if (
        isinstance(share, float | int)
        and isinstance(ahead, float | int)
        and isinstance(release_rate, float | int)
        and isinstance(abandon_rate, float | int)
    ):
        _check(ahead, release_rate, abandon_rate)
        if not 0.0 < share < 1.0 or release_rate == 0.0:
            return math.inf if checked_shares("share", share) > 0.0 else 0.0
        if _correction(ahead, release_rate, abandon_rate) <= _NEAR_GAMMA:
            return float(_quantile_near_gamma(share, ahead, release_rate, abandon_rate))
        soon = float(special.betaincinv(ahead + 1.0, release_rate / abandon_rate, share))
        if soon < _HALF:
            return -math.log1p(-soon) / abandon_rate
        late = float(special.betaincinv(release_rate / abandon_rate, ahead + 1.0, 1.0 - share))
        if late > _LEAST:
            return -math.log(late) / abandon_rate
        return float(_quantile_beta(share, ahead, release_rate, abandon_rate))
    p, n, r, theta = np.broadcast_arrays(
        checked_shares("share", share),
        checked("ahead", ahead),
        checked("release_rate", release_rate),
        checked("abandon_rate", abandon_rate),
    )
    wait = np.where(p > 0.0, np.inf, 0.0)
    inner = (p > 0.0) & (p < 1.0) & (r > 0.0)
    near = inner & (_correction(n, np.where(inner, r, 1.0), theta) <= _NEAR_GAMMA)
    for where, side in ((near, _quantile_near_gamma), (inner & ~near, _quantile_beta)):
        wait[where] = side(p[where], n[where], r[where], theta[where])
    return wait
