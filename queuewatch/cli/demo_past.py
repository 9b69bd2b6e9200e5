"""Eight weeks that the demo's centre has behind it, and what its planner told of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta, timezone
from itertools import groupby

import numpy as np

from queuewatch.app import Past
from queuewatch.core.plan.accuracy import packed
from queuewatch.core.plan.calendar import Calendar
from queuewatch.core.state.history import Written
from queuewatch.planning.hindsight import foretold
from queuewatch.ports import JournalFailedError
from queuewatch.simulate.past import past_rows, zone_offset_s
from queuewatch.simulate.scenario import HISTORY_S, LIVE_S, demo_centre, demo_rules
from queuewatch.store.intervals import IntervalStore

SITE = "default"
ZONE = "the demo's clock"
"""What the planner calls its zone, which is none of this world."""
_LENGTH_S = 1800
_MORNINGS = 14  # a week of forecasts made a week before, and that week's own
_DAY_S = 86_400
_DAYS_AT_ONCE = 4


def demo_past(live_at: float, seed: int) -> Past:
    """The demo's past, and the zone in which its clocks show ten when it goes live.

    Args:
        live_at: When the demo begins.
        seed: Of all chance.
    """
    offset_s = zone_offset_s(live_at, LIVE_S)
    zone = timezone(timedelta(seconds=offset_s), ZONE)

    async def tell(store: IntervalStore) -> None:
        rng = np.random.default_rng(seed)
        rules = demo_rules()
        try:
            centre = demo_centre(live_at, rng)
            for queue in centre.queues:
                thresholds_s = rules.of(queue.name).thresholds_s
                until = live_at - HISTORY_S
                # The centre's week, which is another than the calendar's: today is its Tuesday, so that what
                # comes today is what is forecast for today.
                rows = await asyncio.to_thread(
                    past_rows, queue, thresholds_s, until, utc_offset_s=centre.utc_offset_s, rng=rng
                )
                for some in _portions(rows):
                    await store.save(SITE, {queue.name: queue.channel}, some)
                await _keep(store, queue.name, Calendar(zone=zone), live_at)
        except JournalFailedError:
            return  # the demo ends, and its folder with it

    return Past(zone, tell)


def _portions(rows: list[Written]) -> Iterator[list[Written]]:
    """Some days at a time: what happens meanwhile need not wait long for the disk.

    The last first: whoever asks in between is told of a shorter past, and asks a longer one later.
    """
    for _, some in groupby(reversed(rows), lambda one: one.key[0] // (_DAYS_AT_ONCE * _DAY_S)):
        yield list(some)


async def _keep(store: IntervalStore, queue: str, calendar: Calendar, live_at: float) -> None:
    today = calendar.day_of(live_at)
    mornings = [today - timedelta(days=back) for back in range(_MORNINGS, 0, -1)]

    def made() -> list[tuple[float, bytes]]:
        past = store.history(SITE, queue)
        if past is None:
            return []
        return [(one.made_at, packed(one)) for one in foretold(past, calendar, _LENGTH_S, mornings)]

    for made_at, body in await asyncio.to_thread(made):
        await store.keep(SITE, queue, made_at, body)
