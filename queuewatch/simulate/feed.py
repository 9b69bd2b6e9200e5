"""Events over HTTP to a queuewatch: in batches, each repeated until it is durable there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import aiohttp
import msgspec
import numpy as np
from msgspec import Struct

from queuewatch.core.facts.events import Event
from queuewatch.core.facts.wire import to_cloudevent
from queuewatch.logs import logger
from queuewatch.ports import Clock

BATCH = 500
GIVE_UP_AFTER_S = 120.0
LONGEST_PAUSE_S = 10.0
_CONTENT_TYPE = "application/cloudevents-batch+json"
_log = logger("simulate")


class Answer(Struct, frozen=True):
    """What the service said: the HTTP status, after how many seconds to come again, and its sentence."""

    status: int
    retry_after_s: float | None = None
    detail: str = ""


class FeedError(Exception):
    """The service does not take events; the text says where, why, and what to do."""


Send = Callable[[bytes], Awaitable[Answer]]
"""Delivers a body; raises OSError, TimeoutError or aiohttp.ClientError when the service was not reached."""


def over_http(session: aiohttp.ClientSession, base_url: str, token: str | None = None) -> Send:
    """Sends bodies to `POST /v1/events` of the service at `base_url`, with the bearer `token` if any."""
    url = f"{base_url.rstrip('/')}/v1/events"
    headers = {"Content-Type": _CONTENT_TYPE}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"

    async def send(body: bytes) -> Answer:
        async with session.post(url, data=body, headers=headers) as response:
            detail = "" if response.ok else (await response.text())[:500]
            return Answer(response.status, _seconds(response.headers.get("Retry-After", "")), detail)

    return send


def _seconds(retry_after: str) -> float | None:
    """`Retry-After` in seconds; a date, or nothing, leaves it to the back-off."""
    return float(retry_after) if retry_after.isdecimal() else None


class Feed:
    """Hands events to a service, in order, and comes back as often as it takes.

    Args:
        send: Delivers one body.
        clock: The real time, in which the service's `Retry-After` is meant.
        rng: Spreads the pauses.
    """

    def __init__(self, send: Send, clock: Clock, rng: np.random.Generator) -> None:
        self._send = send
        self._clock = clock
        self._rng = rng

    async def post(self, events: Sequence[Event]) -> None:
        """Returns once all of them are durable.

        Raises:
            FeedError: The service refuses to listen, or was out of reach for too long.
        """
        for start in range(0, len(events), BATCH):
            batch = events[start : start + BATCH]
            await self._deliver(msgspec.json.encode([to_cloudevent(one) for one in batch]))

    async def _deliver(self, body: bytes) -> None:
        give_up_at = self._clock.now() + GIVE_UP_AFTER_S
        pause_s, wrong = 0.25, ""
        while self._clock.now() < give_up_at:
            retry_after_s = None
            try:
                answer = await self._send(body)
            except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
                wrong = f"it is not reached ({str(error) or type(error).__name__})"
            else:
                if _settled(answer):
                    return
                retry_after_s = answer.retry_after_s
                wrong = f"it answers {answer.status} {answer.detail}".rstrip()
            if retry_after_s is None:
                retry_after_s = pause_s * self._rng.uniform(0.5, 1.0)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            await self._clock.sleep_until(self._clock.now() + retry_after_s)
        raise FeedError(f"the service has taken no events for {GIVE_UP_AFTER_S:g} s: {wrong}; is it running?")


def _settled(answer: Answer) -> bool:
    """Whether the batch needs no further attempt.

    Raises:
        FeedError: No attempt will ever succeed.
    """
    if answer.status < 300:  # noqa: PLR2004  # the border of success
        return True
    if answer.status == 422:  # noqa: PLR2004  # some events were refused, the others are kept
        _log.warning("events_refused", detail=answer.detail)
        return True
    if answer.status in {401, 403}:
        raise FeedError(f"the service answers {answer.status}; give the feed a token with the scope 'ingest'")
    if 400 <= answer.status < 500 and answer.status not in {408, 429}:  # noqa: PLR2004  # client errors
        raise FeedError(f"the service does not take the events: {answer.status} {answer.detail}".rstrip())
    return False
