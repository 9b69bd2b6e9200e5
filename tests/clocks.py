"""The clocks of all tests: one that a test moves, and one moved by who sleeps on it. Neither takes time."""

from __future__ import annotations

import asyncio

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z


async def turn() -> None:
    """Let everybody else go on, once."""
    turned = asyncio.Event()
    asyncio.get_running_loop().call_soon(turned.set)
    await turned.wait()


async def settle() -> None:
    """Let everybody go on until nobody has anything left to do; time stands still."""
    for _ in range(25):
        await turn()


class HandClock:
    """A clock that stands still until it is moved; who sleeps on it is woken in the order of time."""

    def __init__(self, at: float = NOON) -> None:
        self.at = at
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> float:
        return self.at

    @property
    def sleeping_until(self) -> list[float]:
        """When those who sleep want to be woken."""
        return sorted(at for at, _ in self._sleepers)

    async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
        if wake is not None and wake.is_set():
            return True
        if at <= self.at:
            return False
        due = asyncio.Event()
        self._sleepers.append((at, due))
        waits = [asyncio.create_task(one.wait()) for one in (due, wake) if one is not None]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._sleepers = [one for one in self._sleepers if one[1] is not due]
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return not due.is_set()

    async def move(self, to: float) -> None:
        """Let time pass, and everybody who is due act."""
        await settle()
        while dues := [one for one in self._sleepers if one[0] <= to and not one[1].is_set()]:
            at, due = min(dues, key=lambda one: one[0])
            self.at = max(self.at, at)
            due.set()
            await settle()
        self.at = to
        await settle()

    async def jump(self, seconds: float) -> None:
        """Set the clock: who sleeps is woken when they would have been, for they sleep by another."""
        await settle()
        self.at += seconds
        self._sleepers = [(at + seconds, due) for at, due in self._sleepers]

    async def move_by(self, seconds: float) -> None:
        """Let so much time pass."""
        await self.move(self.at + seconds)


class HastyClock(HandClock):
    """A clock that is moved by those who sleep on it; who waits for something else, too, waits for that.

    Attributes:
        slept: How long each who slept wanted to, seconds.
    """

    def __init__(self, at: float = NOON) -> None:
        super().__init__(at)
        self.slept: list[float] = []

    async def sleep_until(self, at: float, wake: asyncio.Event | None = None) -> bool:
        if wake is not None:
            await wake.wait()
            return True
        self.slept.append(at - self.at)
        self.at = max(self.at, at)
        await turn()
        return False
