"""A fact that the core cannot take in is a bug: it ends the service, and does not vanish in a callback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from queuewatch.ports import Group


class Loud:
    """Heeds what the journal has written, and fails where that fails.

    Args:
        heed: Takes a group of facts in, called back by the journal.
    """

    def __init__(self, heed: Callable[[Group], None]) -> None:
        self._heed = heed
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def heed(self, group: Group) -> None:
        """Take a group in; whatever escapes is also told to `run`."""
        try:
            self._heed(group)
        except Exception as error:
            if not self._broken.done():
                self._broken.set_exception(error)
            raise

    async def run(self) -> None:
        """Wait for the first failure, and raise it."""
        await self._broken
