"""Poisson's law for tests, by its formula: scipy.stats takes a second to load, and nothing else needs it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaln, pdtr, xlogy


def chance(count: Any, mean: float) -> Any:
    """That so many come where `mean` do on average: mean^count e^-mean / count!."""
    return np.exp(xlogy(count, mean) - mean - gammaln(np.asarray(count) + 1.0))


def chance_of_at_most(count: Any, mean: float) -> Any:
    """That no more than so many come."""
    return pdtr(count, mean)
