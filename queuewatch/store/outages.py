"""When the disk takes nothing: one line in the log as it begins, one as it is over, with what it cost."""

from __future__ import annotations

from collections.abc import Callable

from queuewatch.clock import monotonic
from queuewatch.logs import logger

CALM_S = 10.0
"""It is over once nothing has failed for so long: on a nearly full disk little is taken and much is not."""

_log = logger("store")


class Outages:
    """Whether the disk takes what is written, and what was refused since it does not.

    Args:
        now: Seconds on a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._failure: str | None = None
        self._began_s: float | None = None  # None while there is none
        self._well_s = 0.0
        self._told: set[str] = set()
        self._requests = 0
        self._events = 0

    @property
    def failure(self) -> str | None:
        """Why the last transaction could not be written, in one sentence; None when it could."""
        return self._failure

    def failed(self, why: str) -> None:
        """The disk did not take something; told once, and once more where there is another reason."""
        self._end_if_calm()
        if self._began_s is None:
            self._began_s, self._told, self._requests, self._events = self._now(), set(), 0, 0
        self._failure = why
        if why not in self._told:
            self._told.add(why)
            _log.error("not written", why=why)

    def refused(self, events: int) -> None:
        """One who sent so many events was told to come again."""
        self._requests += 1
        self._events += events

    def wrote(self) -> None:
        """The disk took something."""
        if self._failure is not None:
            self._failure = None
            self._well_s = self._now()
        self._end_if_calm()

    def ends(self) -> None:
        """The journal is closed: what is not over by then is told with what it cost so far."""
        if self._failure is not None:
            cost = self._cost(self._now())
            _log.warning("closed while nothing is written", why=self._failure, **cost)
        elif self._began_s is not None:
            self._end()

    def _end_if_calm(self) -> None:
        if self._began_s is not None and self._failure is None and self._now() >= self._well_s + CALM_S:
            self._end()

    def _end(self) -> None:
        _log.info("written again", **self._cost(self._well_s))
        self._began_s = None

    def _cost(self, until_s: float) -> dict[str, float]:
        lasted_s = round(until_s - (self._began_s or 0.0), 1)
        return {"lasted_s": lasted_s, "refused_requests": self._requests, "refused_events": self._events}
