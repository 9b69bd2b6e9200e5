"""A clock that is moved by hand: who sleeps on it moves it."""

from __future__ import annotations

import asyncio


class HandClock:
    def __init__(self, at: float) -> None:
        self.at = at
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
        if wake is not None and wake.is_set():
            return True
        self.slept.append(at - self.at)
        self.at = max(self.at, at)
        return False
