"""Forecasts of past mornings, made afterwards from what was known then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from queuewatch.core.plan.accuracy import KEPT_DAYS, Kept, keep
from queuewatch.core.plan.calendar import Calendar
from queuewatch.core.plan.outlook import foresee, understand
from queuewatch.core.state.history import QueueHistory


def foretold(
    past: QueueHistory, calendar: Calendar, length_s: int, mornings: Sequence[date]
) -> Iterator[Kept]:
    """What would have been told on each of some mornings; learned once, on the first of them.

    Args:
        past: Of the queue.
        calendar: Its days.
        length_s: Of an interval.
        mornings: Ascending.

    Raises:
        NoForecastError: There was nothing to forecast from by then.
    """
    first = float(calendar.begins_at(mornings[0]))
    model = understand(_until(past, first), calendar, length_s, first, horizon_days=KEPT_DAYS)
    for morning in mornings:
        at = float(calendar.begins_at(morning))
        yield keep(foresee(model, _until(past, at), at, horizon_days=KEPT_DAYS))


def _until(past: QueueHistory, at: float) -> QueueHistory:
    return replace(past, until=at, intervals=[one for one in past.intervals if one.start < at])
