"""What was refused of each source: counted by reason, the last in words, and told in the log now and then."""

from __future__ import annotations

import re
from collections.abc import Sequence

from queuewatch.core.view import RefusedView
from queuewatch.logs import logger
from queuewatch.ports import Refused

EVERY_S = 600.0
"""A source's refusals for one reason are told in the log at once, and then at most so often, seconds."""

NOT_WRITTEN = "not_written"
"""The reason of what a failing disk did not take; the journal says in the log when that begins and ends."""

_LONGEST = 300  # characters of a sentence that is kept
_IDENTIFIER = re.compile(
    r"(?P<time>\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?)"
    r"|[^\s\"'<>|]+@[^\s\"'<>|]+|\+?\d(?:[ ().\-/]{0,2}\d){5,}"
)

_log = logger("service.refusals")


class Refusals:
    """Counts, and keeps the last sentence of each source and reason: an integrator reads what to mend."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, RefusedView]] = {}
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def note(self, source: str, refused: Sequence[Refused], now: float, *, times: int = 1) -> None:
        """These were refused, each so often; what looks like a customer's number or address is left out."""
        for one in refused:
            reasons = self._of.setdefault(source, {})
            known = reasons.get(one.reason)
            count = times if known is None else known.count + times
            detail = _IDENTIFIER.sub(lambda found: found["time"] or "***", one.detail)[:_LONGEST]
            reasons[one.reason] = RefusedView(reason=one.reason, count=count, at=now, detail=detail)
            if one.reason != NOT_WRITTEN:
                self._log(source, reasons[one.reason], now)

    def of(self) -> dict[str, tuple[RefusedView, ...]]:
        """Source → what was refused, one entry a reason, the latest first."""
        return {
            source: tuple(sorted(reasons.values(), key=lambda one: -one.at))
            for source, reasons in self._of.items()
        }

    def _log(self, source: str, last: RefusedView, now: float) -> None:
        at, count = self._told.get((source, last.reason), (float("-inf"), 0))
        if now - at >= EVERY_S:
            self._told[source, last.reason] = now, last.count
            _log.info(
                "refused", source=source, reason=last.reason, detail=last.detail, count=last.count - count
            )
