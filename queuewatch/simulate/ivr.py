"""The voice menu and chat widget of a simulated centre: they ask the service what to tell those who wait."""

from __future__ import annotations

import math
import zlib
from collections.abc import Awaitable, Callable, Iterable
from heapq import heappop, heappush
from http import HTTPStatus
from urllib.parse import quote

import aiohttp

from queuewatch.core.facts.events import Abandoned, Answered, Enqueued, Event, Left
from queuewatch.logs import logger
from queuewatch.ports import Clock

GREETING_S = 8.0
"""Everybody is greeted first; who still waits after that is told how long it will be."""
PARTS, TOLD = 3, 2
"""So many in so many: not every line has such a menu."""
_REFUSED = frozenset((HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))
_log = logger("simulate")

Ask = Callable[[str, str, str], Awaitable[int]]
"""Asks what to tell a contact: queue, contact, language. Gives the status of the answer."""


def over_http(session: aiohttp.ClientSession, base_url: str, token: str | None = None) -> Ask:
    """Asks `POST …/promises` of the service at `base_url`, with the bearer `token` (scope `act`) if any."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    async def ask(queue: str, contact: str, language: str) -> int:
        path = f"/v1/queues/{quote(queue, safe='')}/contacts/{quote(contact, safe='')}/promises"
        url = f"{base_url.rstrip('/')}{path}"
        async with session.post(url, params={"lang": language}, headers=headers) as response:
            await response.read()
            return response.status

    return ask


class Ivr:
    """Tells two in three of those who call or chat how long they will wait, unless they are answered first.

    Nothing hangs on it: who cannot be told, because the service is busy or out of reach, is told nothing.
    Where the service refuses (no scope `act`), it is asked about nobody any more.

    Args:
        ask: Asks the service.
        clock: The time of the centre.
    """

    def __init__(self, ask: Ask, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._since = clock.now()
        self._greeted: list[tuple[float, str, str]] = []
        self._languages: dict[tuple[str, str], str] = {}
        self._refused = False

    @property
    def next_at(self) -> float:
        """When somebody has been greeted; infinity: nobody is being greeted."""
        return self._greeted[0][0] if self._greeted else math.inf

    def heed(self, events: Iterable[Event]) -> None:
        """Take in who came and whose wait is over; who came before this began is not there any more."""
        for event in events:
            data, contact = event.data, event.subject
            if isinstance(data, Enqueued):
                if self._tells(event, data):
                    self._languages[data.queue, contact] = data.language or "en"
                    heappush(self._greeted, (event.at + GREETING_S, data.queue, contact))
            elif isinstance(data, Answered | Abandoned | Left):
                self._languages.pop((data.queue, contact), None)

    async def tell(self) -> None:
        """Tell those who have been greeted by now."""
        while self.next_at <= self._clock.now():
            _, queue, contact = heappop(self._greeted)
            language = self._languages.pop((queue, contact), None)
            if language is not None and not self._refused:
                await self._tell(queue, contact, language)

    def _tells(self, event: Event, data: Enqueued) -> bool:
        chosen = zlib.crc32(event.subject.encode()) % PARTS < TOLD
        return chosen and data.channel != "email" and event.at >= self._since

    async def _tell(self, queue: str, contact: str, language: str) -> None:
        try:
            status = await self._ask(queue, contact, language)
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            _log.warning("promise_not_told", error=str(error) or type(error).__name__)
            return
        if status in _REFUSED:
            self._refused = True
            _log.warning("promises_refused", status=status, cure="give the feed a token with the scope 'act'")
