"""The machine's clock: whether it jumps, and whether it is behind what is written down already."""

from __future__ import annotations

from collections.abc import Callable

from queuewatch.core.facts.wire import rfc3339
from queuewatch.logs import logger
from queuewatch.ports import Clock

_log = logger("service.timekeeping")

LOOK_EVERY_S = 5.0
BACK_S = 5.0
"""NTP sets clocks right by less than this without a jump, seconds."""
FORWARD_S = 60.0
"""A machine that is busy, or stood still for a moment, is late by less than this, seconds."""


def behind(latest_at: float, now: float) -> str | None:
    """What is wrong where the clock is behind the latest fact; None where it is not.

    Args:
        latest_at: When the journal was last written, by this clock.
        now: The present.
    """
    if latest_at - now <= BACK_S:
        return None
    return (
        f"the clock of this machine is {latest_at - now:.0f} s behind what was written down last, at"
        f" {rfc3339(latest_at)}: until it is past that, nothing is decided by how long somebody waits;"
        " set it by NTP, or, if it is right and was ahead before, bring a backup of the journal back"
    )


class Timekeeper:
    """Says in the log what becomes of the clock.

    Args:
        clock: The machine's.
        trouble: What is wrong with it now, in one sentence; None where nothing is.
    """

    def __init__(self, clock: Clock, trouble: Callable[[], str | None]) -> None:
        self._clock = clock
        self._trouble = trouble

    async def run(self) -> None:
        """Look now and then; ends only when cancelled."""
        was_behind = False
        while True:
            trouble = self._trouble()
            if trouble and not was_behind:
                _log.error("clock behind", why=trouble)
            elif was_behind and not trouble:
                _log.info("clock caught up")
            was_behind = trouble is not None
            due_at = self._clock.now() + LOOK_EVERY_S
            await self._clock.sleep_until(due_at)
            self._look_for_a_jump(self._clock.now() - due_at)

    def _look_for_a_jump(self, ahead_s: float) -> None:
        if not -BACK_S <= ahead_s <= FORWARD_S:
            cure = "keep it right by NTP; waits are wrong by as much until those who wait now are gone"
            _log.warning("clock jumped", by_s=round(ahead_s), cure=cure)
