"""`GET /v1/stream`: the board as server-sent events, whenever it changed and at least every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import msgspec
from aiohttp import web

from queuewatch.ports import Clock, Desk
from queuewatch.serve import answers
from queuewatch.serve.problems import ProblemError
from queuewatch.serve.reads import Reads

PACE_S = 0.25
"""Boards are so far apart on average: four a second are as many as anybody can read.

After a quiet moment one may follow the last at once, so that an event right after a heartbeat need not wait.
"""
SHARED_S = 0.02
"""Readers who come within so many seconds share a board."""
HEARTBEAT_S = 5.0
"""After so long without a change the board is sent anyway: waits grow, and it shows that we live."""
STUCK_S = 30.0
"""A reader that takes nothing for so long is let go."""
MAX_READERS = 1000


HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would collect the events
}


@dataclass(frozen=True)
class _Frame:
    """A board as it goes over the wire.

    Attributes:
        version: Of the board.
        made_at: When it was made, seconds since the epoch.
        paid_at: When the pace would have had the one after it, had none come early.
        next_at: From when on there may be another.
        data: Its bytes.
    """

    version: int
    made_at: float
    paid_at: float
    next_at: float
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
        stuck_s: A reader that takes nothing for so long is let go, seconds.
    """

    def __init__(
        self, desk: Desk, clock: Clock, reads: Reads, wording: answers.Wording, *, stuck_s: float = STUCK_S
    ) -> None:
        self._stuck_s = stuck_s
        self._desk = desk
        self._clock = clock
        self._reads = reads
        self._wording = wording
        self._frames: dict[str, _Frame] = {}
        self._readers: set[asyncio.Task[None]] = set()

    @property
    def readers(self) -> int:
        """How many are looking."""
        return len(self._readers)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send boards until the reader goes away."""
        if len(self._readers) >= MAX_READERS:
            raise ProblemError(503, f"{MAX_READERS} boards are being watched already; close some")
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        task = asyncio.current_task()
        if request.method == "HEAD" or task is None:
            return response
        self._readers.add(task)
        try:
            async with contextlib.aclosing(self.boards(self._reads.language(request))) as boards:
                async for board in boards:
                    async with asyncio.timeout(self._stuck_s):
                        await response.write(board)
        except ConnectionError:
            pass  # the reader went away
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()  # closing properly would wait for the reader again
        finally:
            self._readers.discard(task)
        return response

    async def stop(self, _app: web.Application) -> None:
        """Let all readers go: they never leave by themselves, and the service is ending."""
        readers = list(self._readers)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)

    async def boards(self, language: str) -> AsyncGenerator[bytes]:
        """The board as events, when there is something new, and as a heartbeat; without an end."""
        while True:
            frame = self._frame(language)
            yield frame.data
            await self._changed(frame)
            await self._clock.sleep_until(frame.next_at)

    async def _changed(self, frame: _Frame) -> None:
        """Wait until the board is another one than in the frame, or the heartbeat is due."""
        moved = asyncio.Event()
        watch = asyncio.create_task(self._desk.changed(frame.version), name="stream: board changed")
        watch.add_done_callback(lambda _: moved.set())
        try:
            await self._clock.sleep_until(frame.made_at + HEARTBEAT_S, moved)
            if watch.done():
                watch.result()  # what the desk could not do must not pass for a change
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    def _frame(self, language: str) -> _Frame:
        """The newest board; made anew once the pace allows another."""
        now = self._clock.now()
        frame = self._frames.get(language)
        if frame is None or not frame.made_at <= now < frame.next_at:
            view = self._desk.board()
            body = msgspec.json.encode(answers.board(view, self._wording, language))
            data = b"event: board\nid: %d\nretry: 2000\ndata: %b\n\n" % (view.version, body)
            paid_at = now if frame is None else max(now, min(frame.paid_at, now + 2 * PACE_S))
            frame = _Frame(view.version, now, paid_at + PACE_S, max(paid_at, now + SHARED_S), data)
            self._frames[language] = frame
        return frame
