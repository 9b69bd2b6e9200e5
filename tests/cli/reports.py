"""Reports made up for tests."""

from __future__ import annotations

from queuewatch.core.past.reach import Reach
from queuewatch.core.past.report import Decided, Report

NOTHING = Decided(notices={}, alerts={}, issued={}, refused={}, value={}, promises={})

FAR_BACK = Reach(begins_at=-3_000_000.0, before=True, week=True, week_before=True, silent_days=(0, 0))


def made(hours: dict[tuple[int, int], tuple[int, int]]) -> Report:
    return Report(
        begins_at=0.0,
        ends_at=604_800.0,
        thresholds_s=(60.0, 180.0),
        queues=(),
        channels=(),
        hours=hours,
        worst=(),
        turns=(),
        tired=(),
        now=NOTHING,
        before=NOTHING,
        reach=FAR_BACK,
    )
