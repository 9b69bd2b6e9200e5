"""A clock that runs faster than time, so that a demo shows an afternoon while one drinks a coffee."""

from __future__ import annotations

import asyncio

from queuewatch.ports import Clock

STEP_S = 0.1
"""Until the lead begins, sleepers look so often whether it has."""


class FastClock:
    """A `ports.Clock` that starts near the present of another and runs `speed` times as fast.

    A whole service on such a clock is consistent with itself: its waits and thresholds are seconds of this
    clock. Only what lies outside (a browser, a broker) sees times that run ahead of its own.

    With a lead it starts so many seconds before the present of `base`, runs like `base` until `go`, and then
    catches up with the moment at which it was made: there is something to be seen of the time before.

    Args:
        base: The clock it is made from.
        speed: Seconds of this clock per second of `base`, > 0.
        lead_s: How much there is to catch up with, seconds.
        lead_speed: How fast, > 0.

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
        self._gone = not lead_s
        # From a moment of `base` on: what this clock shows then, and how fast it runs.
        first_speed = speed if self._gone else 1.0
        self._marks = [(self.live_at, self.live_at - lead_s, first_speed)]

    def go(self) -> None:
        """Begin to catch up."""
        if not self._gone:
            now, shown = self._base.now(), self.now()
            over_at = now + (self.live_at - shown) / self._lead_speed
            self._marks = [(now, shown, self._lead_speed), (over_at, self.live_at, self._speed)]
            self._gone = True

    def now(self) -> float:
        """The present on this clock, in seconds since the epoch."""
        base_now = self._base.now()
        began_at, shown, speed = [mark for mark in self._marks if mark[0] <= base_now][-1]
        return shown + (base_now - began_at) * speed

    async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
        """Wait until this clock shows `at`, or until `wake` is set; True when woken."""
        while not self._gone:
            step_at = min(self._base_at(at), self._base.now() + STEP_S)
            if await self._base.sleep_until(step_at, wake):
                return True
            if self.now() >= at:
                return False
        return await self._base.sleep_until(self._base_at(at), wake)

    def _base_at(self, at: float) -> float:
        """What `base` shows when this clock shows `at`."""
        began_at, shown, speed = next((mark for mark in self._marks[::-1] if mark[1] <= at), self._marks[0])
        return began_at + (at - shown) / speed
