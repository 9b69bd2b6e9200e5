"""Exponential smoothing of daily levels by the package statsforecast: one more method to try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from queuewatch.config import ConfigError
from queuewatch.queueing.forecasting.days import Floats
from queuewatch.queueing.forecasting.methods import Fitted
from queuewatch.queueing.forecasting.table import CLOSED, Ahead, Table

_MEMORY_DAYS = 56.0  # in which the shape of a weekday forgets half
_WEEKS_FOR_A_SEASON = 3


@dataclass(frozen=True)
class ExponentialSmoothing:
    """The level of each day, smoothed exponentially with the week as season, spread as its weekday is.

    Source: Hyndman, Koehler, Snyder, Grose (2002), A state space framework for automatic forecasting using
    exponential smoothing methods, IJF 18:439-454, as statsforecast's `AutoETS` has it: additive errors, an
    additive season, trend as it finds it.

    Attributes:
        model: Makes the model: takes `season_length` and `model`.
    """

    model: Callable[..., Any]
    needs: int = 15

    @property
    def name(self) -> str:
        """`exponential smoothing`."""
        return "exponential smoothing"

    def fit(self, table: Table) -> Fitted:  # noqa: ARG002 -- learns anew each day, in milliseconds
        """Nothing is learned beforehand."""
        return self._forecast

    def _forecast(self, table: Table, ahead: Ahead) -> Floats:
        opened = np.flatnonzero(ahead.role != CLOSED)
        said = np.zeros((len(ahead.role), table.roots.shape[1]))
        if not len(opened):
            return said
        level = np.linalg.norm(table.roots, axis=1)
        week = len(set(table.role.tolist()))
        seasonal = week > 1 and len(level) >= _WEEKS_FOR_A_SEASON * week
        smoothing = self.model(season_length=week if seasonal else 1, model="AZA" if seasonal else "AZN")
        levels = np.maximum(smoothing.forecast(level, h=len(opened))["mean"], 0.0)
        for day, size in zip(opened, levels, strict=True):
            said[day] = size * _shape(table, int(ahead.role[day]))
        return said


def _shape(table: Table, role: int) -> Floats:
    """Shape (intervals,): how a weekday's roots are spread, as a vector of length 1."""
    fresh = table.weight * 0.5 ** ((table.number[-1] - table.number) / _MEMORY_DAYS)
    same = table.role == role
    mean = np.average(table.roots, axis=0, weights=fresh * same if same.any() else fresh)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9))


def exponential_smoothing() -> ExponentialSmoothing:
    """The method.

    Raises:
        ConfigError: The package is not there.
    """
    try:
        models = import_module("statsforecast.models")
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"planner.statsforecast is true, but the package {error.name} is missing; install it with: "
            "pip install 'queuewatch[statsforecast]'"
        ) from None
    return ExponentialSmoothing(models.AutoETS)
