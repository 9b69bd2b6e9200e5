"""A clock that runs faster than time, so that a demo shows an afternoon while one drinks a coffee."""

from __future__ import annotations

import asyncio

from queuewatch.ports import Clock


class FastClock:
    """A `ports.Clock` that starts near the present of another and runs `speed` times as fast.

    A whole service on such a clock is consistent with itself: its waits and thresholds are seconds of this
    clock. Only what lies outside (a browser, a broker) sees times that run ahead of its own.

    Args:
        base: The clock it is made from.
        speed: Seconds of this clock per second of `base`, > 0.
        lead_s: It starts so many seconds before the present of `base`, which it first catches up with ...
        lead_speed: ... at this speed, > 0.

    Raises:
        ValueError: A speed is not greater than 0.
    """

    def __init__(self, base: Clock, speed: float, *, lead_s: float = 0.0, lead_speed: float = 1.0) -> None:
        if not (speed > 0 and lead_speed > 0):
            raise ValueError(f"the speed of a clock must be greater than 0, not {speed}, {lead_speed}")
        self._base = base
        self._speed, self._lead_speed = speed, lead_speed
        self.live_at = base.now()
        """When the lead is over."""
        self._base_live_at = self.live_at + lead_s / lead_speed

    def now(self) -> float:
        """The present on this clock, in seconds since the epoch."""
        since_s = self._base.now() - self._base_live_at
        return self.live_at + since_s * (self._speed if since_s > 0.0 else self._lead_speed)

    async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
        """Wait until this clock shows `at`, or until `wake` is set; True when woken."""
        since_s = at - self.live_at
        speed = self._speed if since_s > 0.0 else self._lead_speed
        return await self._base.sleep_until(self._base_live_at + since_s / speed, wake)
