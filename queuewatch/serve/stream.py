"""`GET /v1/stream`: the board as server-sent events, whenever it changed and at least every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import msgspec
from aiohttp import web

from queuewatch.ports import Clock, Desk
from queuewatch.serve import answers
from queuewatch.serve.reads import Reads

PACE_S = 0.25
"""Boards are at least so far apart: four a second are as many as anybody can read."""
HEARTBEAT_S = 5.0
"""After so long without a change the board is sent anyway: waits grow, and it shows that we live."""
STUCK_S = 30.0
"""A reader that takes nothing for so long is let go."""
MAX_READERS = 1000


@dataclass(frozen=True)
class _Frame:
    """A board as it goes over the wire; `made_at` in seconds since the epoch."""

    version: int
    made_at: float
    data: bytes


class Stream:
    """Sends the board to everybody who looks.

    A reader is always sent the newest board, never a queue of old ones, so a slow reader costs the memory of
    one. Readers of the same language share one encoding.

    Args:
        desk: Who knows.
        clock: Paces the boards.
        reads: Finds the language.
        wording: Puts notices into words.
    """

    def __init__(self, desk: Desk, clock: Clock, reads: Reads, wording: answers.Wording) -> None:
        self._desk = desk
        self._clock = clock
        self._reads = reads
        self._wording = wording
        self._frames: dict[str, _Frame] = {}
        self._readers: set[asyncio.Task[None]] = set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send boards until the reader goes away."""
        if len(self._readers) >= MAX_READERS:
            raise web.HTTPServiceUnavailable(text=f"{MAX_READERS} boards are being watched already")
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # nginx would collect the events
            }
        )
        await response.prepare(request)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a handler runs in a task
        self._readers.add(task)
        try:
            await self._feed(response, self._reads.language(request))
        except (ConnectionError, TimeoutError):
            pass  # the reader went away or takes nothing any more
        finally:
            self._readers.discard(task)
        return response

    async def stop(self, _app: web.Application) -> None:
        """Let all readers go: they never leave by themselves, and the service is ending."""
        readers = list(self._readers)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)

    async def _feed(self, response: web.StreamResponse, language: str) -> None:
        await response.write(b"retry: 2000\n\n")
        while True:
            frame = self._frame(language)
            async with asyncio.timeout(STUCK_S):
                await response.write(frame.data)
            await self._clock.sleep_until(frame.made_at + PACE_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._desk.changed(frame.version)
            await self._clock.sleep_until(self._frames[language].made_at + PACE_S)

    def _frame(self, language: str) -> _Frame:
        """The newest board; made anew once the last one is PACE_S old."""
        now = self._clock.now()
        frame = self._frames.get(language)
        if frame is None or not 0 <= now - frame.made_at < PACE_S:
            view = self._desk.board()
            body = msgspec.json.encode(answers.board(view, self._wording, language))
            data = b"event: board\nid: %d\ndata: %b\n\n" % (view.version, body)
            frame = self._frames[language] = _Frame(view.version, now, data)
        return frame
