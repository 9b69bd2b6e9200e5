"""How right estimates of a wait were: proper scores and plain errors, from what was said and what happened.

Pure functions of arrays of the same length, one element a contact. A contact that gave up tells only that its
wait would have been longer: scores of the offered wait (of one who never gives up) weigh those whose outcome
is known by the inverse of their chance to be known (IPCW; Graf, Schmoor, Sauerbrei and Schumacher 1999,
"Assessment and comparison of prognostic classification schemes for survival data").

All functions raise ValueError for arrays of different lengths, and answer nan where nothing is to be scored.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Bin(Struct, frozen=True):
    """Contacts that were given about the same chance: a point of a reliability diagram.

    Attributes:
        contacts: How many, at least 1.
        said: Mean of the chances given, in [0, 1].
        happened: Share to whom it happened, in [0, 1].
    """

    contacts: int
    said: float
    happened: float


def rmse(said: ArrayLike, was: ArrayLike) -> float:
    """Root of the mean squared error, in the unit of the values."""
    return sqrt(_mean(_errors(said, was) ** 2))


def mae(said: ArrayLike, was: ArrayLike) -> float:
    """Mean absolute error, in the unit of the values."""
    return _mean(np.abs(_errors(said, was)))


def bias(said: ArrayLike, was: ArrayLike) -> float:
    """Mean of what was said less what was, in the unit of the values: below 0, too little was said."""
    return _mean(_errors(said, was))


def brier(chances: ArrayLike, happened: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Brier score: mean squared difference of a chance and what happened; in [0, 1], lower is better.

    Args:
        chances: Chances in [0, 1].
        happened: Whether it did.
        weights: One a contact, from `censoring_weights`: the sum is then divided by how many contacts there
            are, not by the sum of the weights. None: each counts 1.
    """
    squares = _errors(chances, np.asarray(happened, dtype=np.bool_)) ** 2
    return _mean(squares if weights is None else _product(squares, weights))


def skill(score: float, reference: float) -> float:
    """The share of the reference's score that is saved: 1 is perfect, 0 as good as it, below 0 worse.

    nan where the reference is perfect already.
    """
    return 1.0 - score / reference if reference > 0.0 else float("nan")


def coverage(low: ArrayLike, high: ArrayLike, was: ArrayLike) -> float:
    """Share of values inside their range, its ends included, in [0, 1]."""
    values = _floats(was)
    return _mean((_errors(values, low) >= 0.0) & (_errors(high, values) >= 0.0))


def kept(promised: ArrayLike, was: ArrayLike) -> float:
    """Share of promises kept, in [0, 1]: the value was not above what had been promised."""
    return _mean(_errors(promised, was) >= 0.0)


def pinball(said: ArrayLike, was: ArrayLike, share: float) -> float:
    """Pinball loss of a quantile, in the unit of the values; lowest for the true quantile.

    Args:
        said: The quantile, one a contact.
        was: What happened.
        share: Which quantile, in [0, 1]: each unit above it costs `share`, each unit below `1 - share`.

    Raises:
        ValueError: `share` is not in [0, 1].
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"share must be in [0, 1], got {share!r}")
    over = -_errors(said, was)
    return _mean(np.maximum(share * over, (share - 1.0) * over))


def reliability(chances: ArrayLike, happened: ArrayLike, bins: int = 10) -> list[Bin]:
    """A reliability diagram: contacts by the chance they were given, in `bins` equal steps; no empty bin."""
    said = _floats(chances)
    came = np.asarray(happened, dtype=np.float64)
    _errors(said, came)
    step = np.minimum((said * bins).astype(np.intp), bins - 1)
    return [
        Bin(int(chosen.sum()), float(said[chosen].mean()), float(came[chosen].mean()))
        for chosen in (step == number for number in range(bins))
        if chosen.any()
    ]


def censoring_weights(endured: ArrayLike, answered: ArrayLike, t: float) -> tuple[Floats, Flags]:
    """Weights and outcomes for scoring P(offered wait > t) where some gave up before it could be known.

    G is the Kaplan-Meier estimate of not having given up. Who was answered by t weighs 1 / G just before the
    answer; who was still there after t weighs 1 / G(t), whatever came later; who gave up by t weighs nothing.

    Args:
        endured: Time from joining to the answer or to giving up, not negative.
        answered: Whether it ended with an answer; otherwise the offered wait is only known to be longer.
        t: The threshold, in the same unit.

    Returns:
        The weights, and whether the wait was longer than t (of no meaning where the weight is 0).
    """
    times = _floats(endured)
    ends_well = np.asarray(answered, dtype=np.bool_)
    _errors(times, ends_well)
    moments, staying = staying_curve(times, ends_well)
    past = times > t
    known = past | ends_well
    before = np.searchsorted(moments, np.where(past, t, times), side="left")
    at_t = np.searchsorted(moments, t, side="right")
    stays = np.concatenate(([1.0], staying))[np.where(past, at_t, before)]
    return np.where(known, 1.0 / np.where(known, stays, 1.0), 0.0), past


def staying_curve(endured: ArrayLike, answered: ArrayLike) -> tuple[Floats, Floats]:
    """Kaplan-Meier: the chance not to have given up, just after each moment at which somebody did.

    Args:
        endured: Time from joining to the answer or to giving up.
        answered: Whether it ended with an answer; an answer at the same moment is held to come first.

    Returns:
        The moments, ascending, and the chances, not rising.
    """
    times = _floats(endured)
    gave_up = ~np.asarray(answered, dtype=np.bool_)
    _errors(times, gave_up)
    moments, counts = np.unique(times[gave_up], return_counts=True)
    # Answers at the very moment are out of the line before those who give up in it: their waits are known.
    there = len(times) - np.searchsorted(np.sort(times), moments, side="left")
    answered_then = np.searchsorted(np.sort(times[~gave_up]), moments, side="right") - np.searchsorted(
        np.sort(times[~gave_up]), moments, side="left"
    )
    return moments, np.cumprod(1.0 - counts / (there - answered_then), dtype=np.float64)


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _errors(said: ArrayLike, was: ArrayLike) -> Floats:
    ours, theirs = _floats(said), _floats(was)
    if ours.shape != theirs.shape:
        raise ValueError(f"there must be one for each, got {ours.shape} and {theirs.shape}")
    return ours - theirs


def _product(values: Floats, weights: ArrayLike) -> Floats:
    _errors(values, weights)
    return values * _floats(weights)


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else float("nan")
