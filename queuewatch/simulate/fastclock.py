"""A clock that runs faster than time, so that a demo shows an afternoon while one drinks a coffee."""

from __future__ import annotations

import asyncio

from queuewatch.ports import Clock


class FastClock:
    """A `ports.Clock` that starts at the present of another and runs `speed` times as fast.

    A whole service on such a clock is consistent with itself: its waits and thresholds are seconds of this
    clock. Only what lies outside (a browser, a broker) sees times that run ahead of its own.

    Args:
        base: The clock it is made from.
        speed: Seconds of this clock per second of `base`, > 0.

    Raises:
        ValueError: `speed` is not greater than 0.
    """

    def __init__(self, base: Clock, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"the speed of a clock must be greater than 0, not {speed}")
        self._base = base
        self._start_at = base.now()
        self._speed = speed

    def now(self) -> float:
        """The present on this clock, in seconds since the epoch."""
        return self._start_at + (self._base.now() - self._start_at) * self._speed

    async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
        """Wait until this clock shows `at`, or until `wake` is set; True when woken."""
        return await self._base.sleep_until(self._start_at + (at - self._start_at) / self._speed, wake)
