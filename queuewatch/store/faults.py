"""Mistakes of ours while something is written: told in the log with their traceback, now and then."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from queuewatch.clock import monotonic
from queuewatch.logs import logger

EVERY_S = 600.0
"""A mistake at one place of the code is told at once, and then at most so often, seconds."""

_log = logger("store")


def describe(error: BaseException) -> str:
    """What whoever asked for it is told, in one sentence."""
    return f"queuewatch made a mistake writing this down ({_named(error)}); its log has the details"


class Faults:
    """Tells of mistakes.

    Args:
        now: Seconds on a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._told_at: dict[tuple[str, str, int], float] = {}
        self._since: dict[tuple[str, str, int], int] = {}

    def tell(self, error: BaseException, doing: str) -> None:
        """Log a mistake with its traceback and what was to be written, and how often it was made since."""
        frames = traceback.extract_tb(error.__traceback__)
        last = frames[-1] if frames else None
        place = (type(error).__name__, last.filename if last else "", (last.lineno or 0) if last else 0)
        self._since[place] = self._since.get(place, 0) + 1
        if self._now() < self._told_at.get(place, float("-inf")) + EVERY_S:
            return
        self._told_at[place] = self._now()
        _log.error(
            "a mistake of queuewatch's",
            why=_named(error),
            doing=doing,
            count=self._since.pop(place),
            cure="report it with this line; only this failed, all else is written down",
            exc_info=error,
        )


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
