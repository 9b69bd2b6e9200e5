"""The machine's clock: it goes on, and waits no longer than it has to."""

from __future__ import annotations

import asyncio

from queuewatch.clock import SystemClock, monotonic
from queuewatch.ports import Clock


def test_the_present_is_after_this_was_written_and_does_not_stand() -> None:
    clock: Clock = SystemClock()
    first = clock.now()
    assert first > 1_795_219_200.0  # 2026-11-21, in seconds since 1970
    assert clock.now() >= first
    assert monotonic() <= monotonic()


async def test_what_is_due_is_not_waited_for() -> None:
    clock = SystemClock()
    assert await clock.sleep_until(clock.now() - 1000.0) is False
    assert await clock.sleep_until(clock.now() - 1000.0, asyncio.Event()) is False


async def test_who_sleeps_can_be_woken() -> None:
    clock = SystemClock()
    alarm = asyncio.Event()
    sleeping = asyncio.create_task(clock.sleep_until(clock.now() + 3600.0, alarm))
    alarm.set()
    assert await sleeping is True


async def test_an_alarm_that_is_set_already_wakes_at_once() -> None:
    clock = SystemClock()
    alarm = asyncio.Event()
    alarm.set()
    assert await clock.sleep_until(clock.now() + 3600.0, alarm) is True
