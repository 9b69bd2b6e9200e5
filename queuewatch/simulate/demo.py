"""The demo's feed: since yesterday evening at once, then the morning as it happens, with waits promised."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import aiohttp
import numpy as np

from queuewatch.clock import SystemClock
from queuewatch.core.facts.events import Event
from queuewatch.logs import logger
from queuewatch.ports import Clock
from queuewatch.simulate import ivr
from queuewatch.simulate.events import events
from queuewatch.simulate.feed import BATCH, Feed, over_http
from queuewatch.simulate.ivr import Ivr
from queuewatch.simulate.run import simulate
from queuewatch.simulate.scenario import HISTORY_S, SHOW_S, demo_centre

DEFAULT_SPEED = 10.0
DEFAULT_SEED = 1
# A service learns from 20 contacts a second at most: with this pause from all of a batch of the past.
PAUSE_S = 5.0
_log = logger("simulate")


async def demo_feed(
    base_url: str,
    *,
    seed: int = DEFAULT_SEED,
    clock: Clock,
    token: str | None = None,
    real_clock: Clock | None = None,
    live_at: float | None = None,
    begin: Callable[[], None] = lambda: None,
    on_live: Callable[[], None] = lambda: None,
) -> None:
    """Play the demo's centre to a service, through its ordinary HTTP ingest, and promise waits in its name.

    The simulated present is `clock`'s: events bear its times and are told when they have come. What happened
    before the first moment (since the evening before) is told at once, with its past times. For a faster show
    give the service and the feed the same `FastClock`: then 60 s and 180 s remain 60 s and 180 s of the
    centre.

    Args:
        base_url: Of the service, such as `http://127.0.0.1:8080`.
        seed: Of all chance in the centre; the course of the first 40 minutes is the same for all.
        clock: The service's clock.
        token: A bearer token with the scope `ingest`, and `promise` for the promises.
        real_clock: For pauses after a failed delivery; the machine's by default.
        live_at: When the show begins, if not now.
        begin: Called when everything is ready to be played.
        on_live: Called when what was past from the beginning is told.

    Raises:
        FeedError: The service does not take the events.
    """
    live_at = clock.now() if live_at is None else live_at
    told = await asyncio.to_thread(demo_events, live_at, seed)
    begin()
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        feed = Feed(
            over_http(session, base_url, token), real_clock or SystemClock(), np.random.default_rng(seed)
        )
        pause_s = PAUSE_S if live_at > clock.now() else 0.0
        await play(
            told, feed, clock, Ivr(ivr.over_http(session, base_url, token), clock), pause_s, on_live=on_live
        )


def demo_events(live_at: float, seed: int) -> Iterator[Event]:
    """The events of the demo in the order of time, from `HISTORY_S` before `live_at` to `SHOW_S` after it."""
    rng = np.random.default_rng(seed)
    centre = demo_centre(live_at, rng)
    return events(simulate(centre, live_at - HISTORY_S, live_at + SHOW_S, rng))


async def play(
    told: Iterator[Event],
    feed: Feed,
    clock: Clock,
    menu: Ivr,
    pause_s: float = 0.0,
    *,
    on_live: Callable[[], None] = lambda: None,
) -> None:
    """Hand over each event when its time has come, those whose time is past at once, to the last one.

    In between `menu` tells those who wait. After a batch of the past comes a pause of so many seconds; at its
    end `on_live` is called.
    """
    started_at = clock.now()
    behind = True
    due: list[Event] = []

    async def hand_over() -> None:
        nonlocal due
        await feed.post(due)
        menu.heed(due)
        due = []

    for event in told:
        if event.at > clock.now() or len(due) == BATCH:
            await hand_over()
            if behind:
                await clock.sleep_until(clock.now() + pause_s)
        if behind and event.at > started_at:
            behind = False
            _log.info("demo_is_live")
            on_live()
        while event.at > clock.now():
            await clock.sleep_until(min(event.at, menu.next_at))
            await menu.tell()
        due.append(event)
    await hand_over()
