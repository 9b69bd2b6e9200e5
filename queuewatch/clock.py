"""The only reader of the time, and the only place that waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import time


class SystemClock:
    """The machine's clock. Points in time are seconds since 1970-01-01T00:00:00Z."""

    def now(self) -> float:
        """The present, in seconds since the epoch (UTC)."""
        return time.time()

    async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
        """Wait until `at`, or until `wake` is set.

        Returns:
            True when woken by `wake`, False when the time came.
        """
        delay = max(0.0, at - self.now())
        if wake is None:
            await asyncio.sleep(delay)
            return False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await wake.wait()
                return True
        return False


def monotonic() -> float:
    """Seconds on a clock that never goes back, for measuring how long something took."""
    return time.monotonic()
