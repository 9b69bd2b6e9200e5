"""What may go into a queueing formula: numbers and arrays of them, checked and brought to one shape."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = float | FloatArray | NDArray[np.integer[Any]]


def checked(name: str, values: ArrayLike, *, above: float | None = None, never: bool = False) -> FloatArray:
    """Return ``values`` as an array of floats, each at least 0.

    Args:
        name: What the values are, for the error.
        values: A number or an array of any shape.
        above: Instead of "at least 0", each value has to be above this one.
        never: Whether infinity is allowed (a patience that never ends).

    Raises:
        ValueError: A value is not a number, too small, or infinite without ``never``.
    """
    array = np.asarray(values, dtype=np.float64)
    if not array.size:
        return array
    least, most = float(array.min()), float(array.max())
    enough = least >= 0.0 if above is None else least > above
    if not enough or (most == np.inf and not never):
        bound = "0 or more" if above is None else f"above {above:g}"
        wrong = most if enough else least
        raise ValueError(f"{name} must be {bound}{'' if never else ' and finite'}, got {wrong:g}")
    return array


def checked_agents(values: ArrayLike) -> NDArray[Any]:
    """Return numbers of agents as an array, of integers if they came as such, else of floats.

    Raises:
        ValueError: A number of agents is negative, infinite, or not whole.
    """
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        checked("agents", array.min(initial=0))
        return array
    array = checked("agents", array)
    if not (whole := np.rint(array) == array).all():
        raise ValueError(f"agents must be whole numbers, got {float(array[~whole].flat[0]):g}")
    return array


def checked_shares(name: str, values: ArrayLike) -> FloatArray:
    """Return shares as an array of floats in [0, 1].

    Raises:
        ValueError: A value is not a number or outside [0, 1].
    """
    array = np.asarray(values, dtype=np.float64)
    fits = (array >= 0.0) & (array <= 1.0)
    if not fits.all():
        raise ValueError(f"{name} must lie in [0, 1], got {float(array[~fits].flat[0]):g}")
    return array
